"""Help while writing: what is hinted at, what isn't, and that nothing of it is a wall."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils.timezone import localdate

from cases import hints
from cases.models import CaseVersion, Item, Link, Municipality, Photo, Source, Wording
from cases.text import fold
from tests.forms import change_url, sent_back


def _hints(version, kind=None):
    found = hints.hints(CaseVersion.objects.with_content().get(pk=version.pk))
    return [hint for hint in found if kind in (None, hint.kind)]


def _words(version, kind):
    return [(hint.about, hint.words) for hint in _hints(version, kind)]


# Wording


def test_a_word_of_the_list_is_found_wherever_it_is_written(draft, state):
    state(draft, "support", "試験用：社会復帰を目指す")
    draft.summary, draft.reason = "登校拒否の相談", "試験用：片親を改めた"
    draft.save()
    Link.objects.create(version=draft, title="健常者との交流", url="https://example.jp/")
    draft.silences.filter(item="challenges").update(note="怠けの語を除く")
    Photo.objects.bulk_create(
        [Photo(version=draft, image="photographs/x.jpg", width=1, height=1, alt="連れ出す人", caption="甘え")]
    )
    found = _words(draft, "言葉づかい")
    assert found == [
        ("概要", "「登校拒否」→ 不登校"),
        ("「支援内容」の記述", "「社会復帰」→ 社会参加、人とのつながりが増えること"),
        ("「課題」の補足", "「怠け」→ （使わない）"),
        ("写真の代替テキスト", "「連れ出す」→ 本人の望みに合わせて一緒に出かける"),
        ("写真の説明", "「甘え」→ （使わない）"),
        ("関連リンクの題名", "「健常者」→ 障害のない人"),
        ("改訂の理由", "「片親」→ ひとり親"),
    ]  # fmt: skip


def test_a_word_is_found_in_any_width_and_not_again_inside_a_longer_one(draft, state):
    state(draft, "support", "試験用：８０５０問題の当事者、ヒキコモリ予備軍")
    words = [words for _, words in _words(draft, "言葉づかい")]
    assert words == [
        "「8050問題の当事者」→ 80代の親と50代の子の世帯",
        "「ひきこもり予備軍」→ 今後、支援を必要とするかもしれない人",
    ]


def test_every_word_of_the_list_has_something_gentler_and_a_reason():
    wordings = list(Wording.objects.all())
    assert len(wordings) >= 25
    folded = [fold(wording.word) for wording in wordings]
    assert len(set(folded)) == len(folded)
    for wording in wordings:
        assert wording.reason.endswith(("。", "）。"))
        assert not [word for word in folded if word in fold(wording.gentler)], wording


def test_the_fifteen_cases_speak_gently():
    for version in CaseVersion.objects.published():
        assert not _hints(version, "言葉づかい"), version


# Counts of one to four


@pytest.mark.parametrize(
    "text",
    ["参加者は3人", "参加者は３名", "利用は一人だった", "延べ二名", "数人が参加", "若干名", "4人に1人", "2～3人", "3世帯を訪ねた", "毎月2家族",
     "職員2名が支え、参加者は3人"],
)  # fmt: skip
def test_counts_of_one_to_four_are_hinted_at_in_a_small_town(text, draft, state):
    state(draft, "results", f"試験用：{text}")
    hint = next(iter(_hints(draft, "少人数の数")))
    assert hint.about == "「実績」の記述"
    assert "5人未満" in hint.reason


@pytest.mark.parametrize(
    "text",
    ["参加者は30人", "13人", "延べ104名", "11～30万人", "1人1台の端末", "一人ひとりに合わせて", "一人一人", "一人暮らし", "第三人称",
     "十二人", "0.3人", "3人材", "職員2名の体制", "相談員が1人", "スタッフは３名", "1名称", "5人未満", "2時間", "1人あたり", "月に4回"],
)  # fmt: skip
def test_other_numbers_raise_no_alarm(text, draft, state):
    state(draft, "results", f"試験用：{text}")
    assert not _hints(draft, "少人数の数")


@pytest.mark.parametrize(
    ("kind", "band", "hinted"),
    [("city", "lt50k", True), ("town", "", True), ("village", "lt50k", True), ("city", "50k-100k", False), ("prefecture", "", False)],
)  # fmt: skip
def test_only_small_towns_are_warned_of_identification(kind, band, hinted, draft, state):
    Municipality.objects.filter(case=draft.case_id).update(kind=kind, band=band)
    state(draft, "results", "試験用：参加者は3人")
    assert bool(_hints(draft, "少人数の数")) is hinted


# Freshness, sources, items, reason, photographs


@pytest.mark.parametrize(
    ("checked", "due", "said"),
    [
        (None, None, ["まだ確認していません"]),
        (-10, 300, []),
        (-365, None, []),
        (-366, None, ["から1年を過ぎています"]),
        (-10, 0, []),
        (-10, -1, ["を過ぎています"]),
        (None, -1, ["まだ確認していません", "を過ぎています"]),
    ],
)
def test_freshness_is_hinted_at(checked, due, said, draft):
    today = localdate()
    draft.checked_on = None if checked is None else today + timedelta(days=checked)
    draft.check_due_on = None if due is None else today + timedelta(days=due)
    draft.save()
    found = _hints(draft, "情報の新しさ")
    assert len(found) == len(said)
    assert all(hint.words.endswith(words) for hint, words in zip(found, said, strict=True))


def test_a_source_with_neither_of_its_dates_is_named_once(draft, state):
    assert not _hints(draft, "出典の日付")
    Source.objects.filter(key="report").update(published="", read_on=None)
    state(draft, "effects", "試験用の記述")
    assert [about for about, _ in _words(draft, "出典の日付")] == [
        f"出典「{Source.objects.get(key='report').title}」"
    ]
    Source.objects.filter(key="report").update(read_on=localdate())
    assert not _hints(draft, "出典の日付")


def test_items_nobody_has_got_to_are_named(draft):
    assert not _hints(draft, "調査項目")
    draft.silences.filter(item__in=["effects", "challenges"]).delete()
    assert _words(draft, "調査項目") == [("未入力の2項目", "効果、課題")]


def test_a_revision_without_its_reason_is_hinted_at_and_a_first_version_is_not(draft, new_case):
    assert _words(draft, "改訂の理由") == [("改訂の理由", "書かれていません")]
    draft.reason = "試験用の理由"
    draft.save()
    assert not _hints(draft, "改訂の理由")
    assert not _hints(new_case("shiken", publish=False), "改訂の理由")


def test_a_photograph_without_a_caption_is_hinted_at_unless_it_is_decoration(draft):
    Photo.objects.bulk_create(
        [
            Photo(version=draft, image="photographs/a.jpg", width=1, height=1, alt="試験", position=1),
            Photo(version=draft, image="photographs/b.jpg", width=1, height=1, decorative=True, position=2),
        ]
    )
    assert _words(draft, "写真") == [("1枚目の写真", "説明がありません")]


# How far the items are


def test_the_coverage_counts_every_item_of_the_report_once(draft, state):
    draft.silences.filter(item="effects").delete()
    draft.silences.filter(item="failure").update(kind="none")
    state(draft, "updates", "試験用の、報告書の後の動き")  # stands beside the report's items
    found = hints.coverage(CaseVersion.objects.with_content().get(pk=draft.pk))
    counts = {share.words: share.count for share in found.shares}
    assert counts == {"記述あり": 7, "出典に記載なし": 12, "該当なし": 1, "未入力": 1}
    assert found.total == sum(counts.values()) == Item.objects.exclude(group="beside").count()
    starts = [share.start for share in found.shares]
    assert starts == [0, 7, 19, 20]
    lessons = dict(found.groups)["効果・課題と工夫"]
    assert {item.name: item.words for item in lessons}["不成功要因"] == "該当なし"
    assert {item.name: item.state for item in lessons}["効果"] == "blank"


def test_hints_ask_the_database_twice(draft, state, django_assert_num_queries):
    for number in range(10):
        state(draft, "results", f"試験用：社会復帰 {number}")
    version = CaseVersion.objects.with_content().get(pk=draft.pk)
    with django_assert_num_queries(2):
        assert hints.hints(version)


def test_a_version_full_of_hints_is_published_all_the_same(draft, state, administrator):
    state(draft, "results", "試験用：社会復帰した人は3人")
    assert _hints(draft)
    draft.submit(by=administrator)
    draft.publish(by=administrator)
    assert draft.status == "published"


def test_the_page_of_a_version_tells_its_hints_and_its_coverage(draft, state, client, editor):
    state(draft, "results", "試験用：社会復帰した人は3人")
    client.force_login(editor)
    page = client.get(change_url(draft)).text
    for words in (
        "「社会復帰」→ 社会参加",
        "「3人」",
        "書かれていません",
        "記述あり 7項目",
        "出典に記載なし 14項目",
        "未入力 0項目",
    ):
        assert words in page
    answer = client.post(change_url(draft), sent_back(client, draft) | {"_save": "1"})
    assert answer.status_code == 302


@pytest.mark.parametrize("group", ["編集者", "公開担当"])
def test_both_groups_keep_the_list_of_words(group, client, django_user_model):
    user = django_user_model.objects.create_user("kotoba", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    answer = client.post(
        "/admin/cases/wording/add/", {"word": "試験の言い方", "gentler": "試験", "reason": "試験のためです。"}
    )
    assert answer.status_code == 302
    assert Wording.objects.filter(word="試験の言い方").exists()
    assert "試験の言い方" in client.get("/admin/cases/wording/", {"q": "試験の"}).text
