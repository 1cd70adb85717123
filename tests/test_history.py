"""Every version at its address for ever; the history of a case in the admin, and the way back to an old version."""

import io
import re

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image

from cases.models import CaseVersion, Link, Photo, Silence, Statement

CANARY = "まだ公開していない試験の言葉"
UNKNOWN = "/cases/nonesuch/"


@pytest.fixture
def second(draft, editor, publisher):
    """鳥羽市's second edition, which differs in text, photograph and link; the first is 旧版 now."""
    draft.summary, draft.reason = "試験用に改めた概要", "試験用の改訂の理由"
    draft.save()
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(file, "JPEG")
    image = ContentFile(file.getvalue(), "a.jpg")
    Photo.objects.create(version=draft, image=image, alt="試験用の写真", credit="試験", licence="CC0")
    Link.objects.create(version=draft, title="試験用のリンク", url="https://example.jp/")
    draft.submit(by=editor)
    draft.publish(by=publisher)
    return draft


def _history(case):
    return reverse("admin:cases_case_history", args=[case.pk])


def _take_up(client, version):
    address = reverse("admin:cases_case_take_up", args=[version.case_id, version.number])
    return client.post(address, follow=True)


def _messages(answer):
    return " ".join(map(str, answer.context["messages"]))


# In public


def test_an_old_edition_keeps_its_page_and_says_which_is_todays(client, toba, second):
    page = client.get("/cases/toba-ibasho/v1/")
    assert page.status_code == 200
    assert toba.summary in page.text
    assert second.summary not in page.text
    assert "これは第1版（旧版）です" in page.text
    assert 'content="noindex' in page.text
    assert re.search(r'rel="canonical" href="[^"]+/cases/toba-ibasho/"', page.text)
    assert 'href="/cases/toba-ibasho/v1/changes/"' in page.text


def test_todays_edition_has_its_own_address_with_no_banner(client, second):
    page = client.get("/cases/toba-ibasho/v2/")
    assert second.summary in page.text
    assert "旧版" not in page.text
    assert "noindex" not in page.text
    assert re.search(r'rel="canonical" href="[^"]+/cases/toba-ibasho/"', page.text)
    assert "試験用の改訂の理由" in page.text


def test_a_case_page_names_its_version_for_ever_and_lists_the_earlier_ones(client, toba, second):
    text = client.get("/cases/toba-ibasho/").text
    assert re.search(r'<span class="citation">[^<]*第2版[^<]*<a href="/cases/toba-ibasho/v2/">', text)
    listed = re.search(r'id="versions-title".*?</ol>', text, re.S).group()
    assert re.findall(r'href="/cases/toba-ibasho/v(\d)/"', listed) == ["2", "1"]
    assert "試験用の改訂の理由" in listed


def test_a_case_with_one_edition_lists_none(client):
    text = client.get("/cases/toba-ibasho/").text
    assert 'href="/cases/toba-ibasho/v1/"' in text
    assert "版の履歴" not in text


def test_what_has_changed_since_an_edition_is_shown(client, toba, second):
    page = client.get("/cases/toba-ibasho/v1/changes/")
    assert page.status_code == 200
    assert 'content="noindex' in page.text
    assert "試験用の写真" in page.text
    assert re.search(r"<ins>.*?試験用のリンク</ins>", page.text)
    for address in re.findall(r'<img src="(/photographs/[^"]+)"', page.text):
        assert client.get(address).status_code == 200
    assert client.get("/cases/toba-ibasho/v2/changes/").status_code == 404, "today's has changed in nothing"


def test_the_photograph_of_an_old_edition_is_still_served(client, second, editor, publisher):
    name = second.photos.get().image.name.rpartition("/")[2]
    third = second.revise(by=editor)
    third.photos.all().delete()
    third.submit(by=editor)
    third.publish(by=publisher)
    assert client.get(f"/photographs/{name}").status_code == 200
    CaseVersion.objects.get(pk=second.pk).withdraw(by=None, reason="試験")
    assert client.get(f"/photographs/{name}").status_code == 404


@pytest.mark.parametrize(
    "tail",
    [
        "v2/",
        "v3/",
        "v0/",
        "v01/",
        "v9999999999/",
        "v-1/",
        "v1.0/",
        "v１/",
        "v/",
        "v2/changes/",
        "v3/changes/",
    ],
)
def test_no_other_number_leads_anywhere(tail, client, draft, editor):
    draft.summary = CANARY
    draft.save()
    answer = client.get(f"/cases/toba-ibasho/{tail}")
    assert (answer.status_code, answer.text) == (404, client.get(UNKNOWN).text)


def test_a_draft_is_on_no_page_of_the_editions(client, second, editor):
    third = second.revise(by=editor, reason=CANARY)
    third.summary = CANARY
    third.save()
    Statement.objects.filter(version=third).update(text=CANARY)
    Silence.objects.filter(version=third).update(note=CANARY)
    third.submit(by=editor)
    for tail in ("", "v1/", "v2/", "v3/", "v1/changes/", "v2/changes/", "v3/changes/"):
        assert CANARY not in client.get(f"/cases/toba-ibasho/{tail}").text, tail
    assert "/v3/" not in client.get("/cases/toba-ibasho/").text


def test_a_withdrawn_case_takes_all_its_editions_with_it(client, second, publisher):
    CaseVersion.objects.published().get(pk=second.pk).withdraw(by=None, reason="試験")
    unknown = client.get(UNKNOWN).text
    for tail in ("", "v1/", "v2/", "v1/changes/"):
        answer = client.get(f"/cases/toba-ibasho/{tail}")
        assert (answer.status_code, answer.text) == (404, unknown), tail


def test_a_withdrawn_edition_is_gone_alone(client, toba, second):
    CaseVersion.objects.get(pk=toba.pk).withdraw(by=None, reason="試験")
    assert client.get("/cases/toba-ibasho/v1/").status_code == 404
    assert "版の履歴" not in client.get("/cases/toba-ibasho/").text


def test_feeds_and_sitemaps_name_todays_edition_only(client, second):
    for address in ("/feed/", "/sitemap.xml"):
        text = client.get(address).text
        assert "/v1/" not in text
        assert "/v2/" not in text


# In the admin


def test_every_version_is_listed_with_who_when_and_why(as_editor, second, editor):
    third = second.revise(by=editor, reason="試験用の三つ目の理由")
    third.written(by=editor)
    page = as_editor.get(_history(second.case))
    listed = re.findall(
        r"第(\d)版（(\w+)）", re.search(r'<ol class="versions">.*?</ol>', page.text, re.S).group()
    )
    assert dict(listed) == {"3": "下書き", "2": "公開中", "1": "旧版"}
    for words in ("試験用の三つ目の理由", "試験用の改訂の理由", "審査中 → 公開中", "henshu", "kokai"):
        assert words in page.text
    assert 'href="/cases/toba-ibasho/v1/"' in page.text
    assert 'href="/cases/toba-ibasho/v3/"' not in page.text


def test_any_two_versions_are_compared(as_editor, toba, second, editor):
    third = second.revise(by=editor)
    third.summary = "試験用の三つ目の概要"
    third.save()
    for old, new, words in (("1", "3", "三つ目の概要"), ("3", "1", "三つ目の概要"), ("1", "2", "改めた概要")):
        page = as_editor.get(_history(second.case), {"old": old, "new": new})
        shown = page.context["beside"]
        assert (shown.old.number, shown.new.number) == (int(old), int(new))
        assert words in page.text
        assert re.search(rf'name="old" value="{old}" checked', page.text)
        assert re.search(rf'name="new" value="{new}" checked', page.text)


@pytest.mark.parametrize(
    "chosen", [{"old": "1"}, {"old": "1", "new": "1"}, {"old": "x", "new": "99"}, {"new": "\x00"}]
)
def test_a_choice_of_less_than_two_versions_is_told_in_words(chosen, as_editor, second):
    page = as_editor.get(_history(second.case), chosen)
    assert page.status_code == 200
    assert "違う版を一つずつ選んでください" in page.text


def test_an_old_version_is_copied_into_a_new_draft(as_editor, toba, second, editor):
    answer = _take_up(as_editor, toba)
    draft = toba.case.versions.get(status="draft")
    assert "第1版の内容で下書きを作りました" in _messages(answer)
    assert (draft.number, draft.summary, draft.created_by) == (3, toba.summary, editor)
    assert draft.reason == "第1版の内容に戻す"
    assert not draft.photos.exists()
    assert list(draft.statements.values_list("text", flat=True)) == list(
        toba.statements.values_list("text", flat=True)
    )


def test_a_withdrawn_version_can_be_taken_up_again(as_editor, toba):
    toba.withdraw(by=None, reason="試験")
    _take_up(as_editor, toba)
    assert toba.case.versions.get(status="draft").summary == toba.summary


def test_while_a_version_is_open_no_other_is_made_and_that_is_told(as_editor, toba, second, editor):
    second.revise(by=editor)
    answer = _take_up(as_editor, toba)
    assert "公開していない版がもうあります" in _messages(answer)
    assert toba.case.versions.count() == 3


def test_a_draft_is_not_taken_up(as_editor, draft):
    answer = _take_up(as_editor, draft)
    assert "版からは改訂を始められません" in _messages(answer)
    assert draft.case.versions.count() == 2


def test_taking_up_needs_the_right_and_a_post(client, toba, django_user_model, editor):
    address = reverse("admin:cases_case_take_up", args=[toba.case_id, 1])
    assert client.post(address).status_code in (302, 403)
    client.force_login(django_user_model.objects.create_user("dare", is_staff=True))
    assert client.post(address).status_code == 403
    assert client.get(_history(toba.case)).status_code == 403
    client.force_login(editor)
    assert client.get(address).status_code == 405
    assert client.post(reverse("admin:cases_case_take_up", args=[toba.case_id, 99])).status_code == 404
    assert toba.case.versions.count() == 1


def test_a_case_without_a_version_has_a_history_page_too(as_editor, toba):
    from cases.models import Case

    case = Case.objects.create(slug="shiken", municipality_id="012025")
    assert as_editor.get(_history(case)).status_code == 200
