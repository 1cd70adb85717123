"""What differs between two texts, and between two versions of a case."""

import io
import random
from datetime import date

import pytest
from django.core.files.base import ContentFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cases.difference import difference
from cases.models import CaseVersion, Citation, Link, Photo, Silence, Source, Statement, Style, Theme, ToolUse
from cases.pieces import Piece, pieces
from cases.record import record


def _marked(old, new):
    """The pieces in one line: what went in [- -], what came in {+ +}."""
    frames = {"same": "{}", "del": "[-{}-]", "ins": "{{+{}+}}"}
    return "".join(frames[piece.op].format(piece.text) for piece in pieces(old, new))


# Two texts


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("", "", ""),
        ("同じ文。", "同じ文。", "同じ文。"),
        ("", "新しい文。", "{+新しい文。+}"),
        ("古い文。", "", "[-古い文。-]"),
        ("月に2回開く。", "月に3回開く。", "月に[-2-]{+3+}回開く。"),
        ("Zoomで居場所を開く。", "ZoomやLINEで居場所を開く。", "Zoom{+やLINE+}で居場所を開く。"),
        ("相談員が家庭訪問をする。", "相談員が電話をする。", "相談員が[-家庭訪問-]{+電話+}をする。"),
        ("参加は10人です。", "参加は12人です。", "参加は[-10-]{+12+}人です。"),
    ],
)
def test_what_went_and_what_came_is_marked_letter_by_letter(old, new, marked):
    assert _marked(old, new) == marked


def test_one_or_two_letters_between_two_changes_join_them():
    assert _marked("令和4年10月に始めた。", "令和5年11月に始めた。") == "令和[-4年10-]{+5年11+}月に始めた。"


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("晴れです。曇りです。", "晴れです。雨です。曇りです。", "晴れです。{+雨です。+}曇りです。"),
        ("晴れです。雨です。曇りです。", "晴れです。曇りです。", "晴れです。[-雨です。-]曇りです。"),
        ("今日は晴れです。", "今日は晴れです。明日も晴れです。", "今日は晴れです。{+明日も晴れです。+}"),
    ],
)
def test_a_whole_sentence_that_came_or_went_is_marked_as_a_whole(old, new, marked):
    assert _marked(old, new) == marked


def test_texts_with_nearly_nothing_in_common_replace_each_other():
    assert _marked("出典に記載なし", "窓口に案内を置き、毎月の会議で決めている。") == (
        "[-出典に記載なし-]{+窓口に案内を置き、毎月の会議で決めている。+}"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [("辻\U000e0100さん", "辻\U000e0101さん"), ("か\u3099くせい", "かくせい"), ("は\uff9fん", "はん")],
)
def test_a_letter_is_never_cut_from_its_marks(old, new):
    for piece in pieces(old, new):
        assert not piece.text.startswith(("\u3099", "\uff9f", "\U000e0100", "\U000e0101"))


def test_what_could_not_be_seen_is_shown_by_a_sign():
    assert Piece("ins", "\n").shown == "（改行）\n"
    assert Piece("del", "\u3000").shown == "（空白）"
    assert Piece("same", "一\n二").shown == "一\n二"


LETTERS = st.text(alphabet="あいう。、\n12か\u3099　A", max_size=40)


@given(old=LETTERS, new=LETTERS)
def test_the_pieces_hold_both_texts_whole_and_no_two_of_a_kind_meet(old, new):
    found = pieces(old, new)
    assert "".join(piece.text for piece in found if piece.op != "ins") == old
    assert "".join(piece.text for piece in found if piece.op != "del") == new
    assert all(piece.text for piece in found)
    ops = [piece.op for piece in found]
    assert all(one != other for one, other in zip(ops, ops[1:], strict=False))
    assert ("ins", "del") not in zip(ops, ops[1:], strict=False)


def _long(seed):
    return "".join(
        random.Random(seed).choices("支援相談居場所市町村のはをにがでとして、。参加者月回", k=30_000)
    )  # noqa: S311


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_long(1), _long(2)),
        ("あ" * 30_000, "い" + "あ" * 29_000 + "う"),
        ("。" * 30_000, "い" + "。" * 29_000 + "う"),
        ("あい" * 15_000, "いあ" * 15_000),
    ],
    ids=["unlike", "one letter", "only ends of sentences", "two letters"],
)
def test_hostile_lengths_are_compared_within_bounds_and_nothing_is_lost(old, new, monkeypatch):
    compared = []
    real = pieces.__globals__["SequenceMatcher"]

    class Counting(real):
        def __init__(self, isjunk, a, b, **how):
            compared.append((a, b))
            super().__init__(isjunk, a, b, **how)

    monkeypatch.setitem(pieces.__globals__, "SequenceMatcher", Counting)
    found = pieces(old, new)
    assert "".join(piece.text for piece in found if piece.op != "ins") == old
    assert "".join(piece.text for piece in found if piece.op != "del") == new
    steps = pieces.__globals__["_steps"]
    assert sum(steps(a, b) for a, b in compared) <= 3 * pieces.__globals__["MOST_STEPS"]


def test_in_a_long_text_one_changed_letter_is_one_change():
    old = _long(1)
    found = pieces(old, old[:15_000] + "鬱" + old[15_001:])
    assert [piece.op for piece in found] == ["same", "del", "ins", "same"]
    assert found[2].text == "鬱"


# Two versions


def _record(version):
    return record(CaseVersion.objects.with_content().get(pk=version.pk))


def _changed(old, new):
    """{(heading, row): its kind} of what differs."""
    found = difference(_record(old), _record(new))
    return {(group.name, row.name): row.kind for group in found.groups for row in group.changed}


def test_a_copy_differs_in_nothing(toba, draft):
    found = difference(_record(toba), _record(draft))
    assert found.is_empty
    assert found.same > 20
    assert not found.first


def test_without_an_old_version_everything_is_new(toba):
    found = difference(None, _record(toba))
    assert found.first
    assert {row.kind for group in found.groups for row in group.rows} == {"added"}


def test_one_changed_word_in_one_of_five_statements_is_one_changed_row(draft, state, editor, publisher):
    draft.statements.filter(item="effects").delete()
    texts = [
        "外出が増えた。",
        "家族の負担が軽くなった。",
        "相談につながった。",
        "遠くからも参加できた。",
        "費用が減った。",
    ]
    for position, text in enumerate(texts):
        state(draft, "effects", f"試験用：{text}", position=position)
    draft.submit(by=editor)
    draft.publish(by=publisher)
    new = draft.revise(by=editor)
    changed = new.statements.get(text__contains="家族の負担")
    changed.text = changed.text.replace("家族", "ご家族")
    changed.save()
    assert _changed(draft, new) == {("効果・課題と工夫", "効果（2）"): "changed"}


def test_a_statement_that_came_or_went_leaves_the_others_alone(draft, state, editor, publisher):
    for position, text in enumerate(("一つ目の文。", "まったく別の二つ目。", "三番目に書いたこと。")):
        state(draft, "effects", text, position=position)
    draft.submit(by=editor)
    draft.publish(by=publisher)
    new = draft.revise(by=editor)
    new.statements.get(text="一つ目の文。").delete()
    assert _changed(draft, new) == {("効果・課題と工夫", "効果（1）"): "removed"}


def test_changed_places_are_told(draft, state, editor, publisher):
    for position, text in enumerate(("一つ目の文。", "まったく別の二つ目。")):
        state(draft, "effects", text, position=position)
    draft.submit(by=editor)
    draft.publish(by=publisher)
    new = draft.revise(by=editor)
    new.statements.filter(text="一つ目の文。").update(position=9)
    found = difference(_record(draft), _record(new))
    assert not found.is_empty
    assert [group.name for group in found.groups if group.reordered] == ["効果・課題と工夫"]


def _photo(version, alt, **more):
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(file, "JPEG")
    image = ContentFile(file.getvalue(), "a.jpg")
    return Photo.objects.create(version=version, image=image, alt=alt, credit="試験", licence="CC0", **more)


CHANGES = {
    ("概要", "概要"): lambda version: _set(version, summary="試験用に改めた概要"),
    ("基本の事実", "自治体区分"): lambda version: _set(version, tier_id="city_110k_300k"),
    ("基本の事実", "方式"): lambda version: _set(
        version, style=Style.objects.exclude(pk=version.style_id).first()
    ),
    ("基本の事実", "試行"): lambda version: _set(version, trial=not version.trial),
    ("基本の事実", "支援の現況"): lambda version: _set(
        version, service_status="ended", service_evidence="試験用の回答"
    ),
    ("基本の事実", "調査時点"): lambda version: _set(version, surveyed_on=date(2021, 4, 1)),
    ("基本の事実", "最終確認日"): lambda version: _set(version, checked_on=date(2026, 5, 1)),
    ("使っているツール", "ツール（1）"): lambda version: version.tool_uses.update(main=False),
    ("使っているツール", "ツール（2）"): lambda version: ToolUse.objects.create(
        version=version, tool_id="discord", family_id="chat-tool"
    ),
    ("写真", "写真"): lambda version: version.photos.update(caption="試験用に改めた説明"),
    ("関連リンク", "関連リンク"): lambda version: version.links.update(url="https://example.jp/2"),
    ("版", "改訂の理由"): lambda version: _set(version, reason="試験用の理由"),
}


def _set(version, **values):
    for name, value in values.items():
        setattr(version, name, value)
    version.save()


@pytest.fixture
def full(draft, editor, publisher):
    """A public version that has a photograph and a link too."""
    _photo(draft, "試験用の写真")
    Link.objects.create(version=draft, title="試験用のリンク", url="https://example.jp/1")
    draft.submit(by=editor)
    draft.publish(by=publisher)
    return draft


@pytest.mark.parametrize("row", CHANGES, ids=lambda row: row[1])
def test_every_part_of_the_sheet_shows_its_own_change(row, full, editor):
    new = full.revise(by=editor)
    CHANGES[row](new)
    heading, name = row
    found = _changed(full, new)
    assert (heading, name.partition("（")[0]) in {(one, other.partition("（")[0]) for one, other in found}
    assert {one for one, _ in found} == {heading}


def test_another_photograph_is_a_change_even_where_its_words_stay(full, editor):
    new = full.revise(by=editor)
    new.photos.all().delete()
    _photo(new, "試験用の写真")
    (group,) = [one for one in difference(_record(full), _record(new)).groups if one.name == "写真"]
    (row,) = group.rows
    assert row.kind == "changed"
    assert row.old_photograph.name != row.new_photograph.name


def test_a_silence_that_a_statement_ends_is_one_changed_row(toba, draft, state):
    silence = draft.silences.filter(item__group="effects").first() or draft.silences.first()
    state(draft, silence.item_id, "試験用に分かったこと。")
    rows = [
        row
        for group in difference(_record(toba), _record(draft)).groups
        for row in group.changed
        if row.name == silence.item.name
    ]
    assert [row.kind for row in rows] == ["changed"]
    assert [label for label, _ in rows[0].old] == ["書かない理由"]
    assert "試験用に分かったこと。" in rows[0].new[0][1][0].text


def test_a_note_of_a_silence_is_seen(toba, draft):
    silence = draft.silences.first()
    Silence.objects.filter(pk=silence.pk).update(note="試験用の補足")
    assert silence.item.name in {name for _, name in _changed(toba, draft)}


def test_a_remedy_is_compared_with_its_challenge(draft, state, editor, publisher):
    challenge = state(draft, "challenges", "試験用：参加者が増えない。")
    state(draft, "remedies", "試験用：チラシを置いた。", answers=challenge)
    draft.submit(by=editor)
    draft.publish(by=publisher)
    new = draft.revise(by=editor)
    new.statements.filter(item="remedies").update(text="試験用：ポスターを置いた。")
    found = difference(_record(draft), _record(new))
    (row,) = [row for group in found.groups for row in group.changed]
    assert row.name == "課題"
    assert [part.label for part in row.parts if _differs(part)] == ["工夫"]


def _differs(part):
    return any(piece.op != "same" for piece in part.pieces)


def test_a_remedy_that_came_leaves_the_others_alone(draft, state, editor, publisher):
    challenge = state(draft, "challenges", "試験用：参加者が増えない。")
    state(draft, "remedies", "試験用：チラシを置いた。", answers=challenge, position=5)
    draft.submit(by=editor)
    draft.publish(by=publisher)
    new = draft.revise(by=editor)
    challenge = new.statements.get(item="challenges")
    state(new, "remedies", "窓口で声をかけた。", answers=challenge, position=1)
    found = difference(_record(draft), _record(new))
    (row,) = [row for group in found.groups for row in group.changed]
    came = [part for part in row.parts if _differs(part)]
    assert [part.label for part in came] == ["工夫", "工夫の出典"]
    assert all(piece.op == "ins" for part in came for piece in part.pieces)


def test_another_source_of_a_statement_and_its_theme_are_seen(toba, draft):
    statement = draft.statements.exclude(item__group="beside").first()
    other = Source.objects.exclude(citations__statement=statement).exclude(pk=draft.source_id).first()
    Citation.objects.create(statement=statement, source=other, place="試験用の頁")
    statement.themes.set(Theme.objects.exclude(pk__in=statement.themes.all())[:1])
    found = difference(_record(toba), _record(draft))
    changed = {row.name: row for group in found.groups for row in group.changed}
    labels = {part.label for part in changed[statement.item.name].parts if _differs(part)}
    assert {"出典", "主題"} <= labels
    sources = next(group for group in found.groups if group.name == "出典の一覧")
    assert any("試験用の頁" in piece.text for row in sources.changed for _, text in row.new for piece in text)


def test_two_versions_that_differ_in_everything_have_no_row_alike(full, new_case):
    other = new_case("shiken", publish=False, summary="XYZ", municipality="012025")
    Statement.objects.filter(version=other).delete()
    found = difference(_record(full), _record(other))
    assert {"removed", "changed"} <= {row.kind for group in found.groups for row in group.changed}


def test_texts_made_to_take_minutes_are_marked_by_the_whole():
    """Every other letter is equal: difflib would look again at both sides of each, for 13 s."""
    old = "".join(chr(0x4E00 + number) + "の" for number in range(630))
    new = "".join("の" + chr(0x6E00 + number) for number in range(630))
    assert [piece.op for piece in pieces(old, new)] == ["del", "ins"]
