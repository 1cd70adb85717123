"""The editor's task, through the forms of the admin."""

import io
from pathlib import Path

import pytest
from django.urls import reverse
from PIL import Image

from cases.models import Case, CaseVersion, Statement, ToolUse, fingerprint
from tests.forms import change_url, sent_back

PARTS = ["tool_uses", "statements", "silences", "photos", "links", "transitions"]


def test_a_case_is_revised_reviewed_and_published(client, editor, publisher, toba):
    client.force_login(editor)
    answer = client.post(change_url(toba), {"_act": "revise"}, follow=True)
    draft = toba.case.versions.get(status="draft")
    assert "この下書きで改訂を始められます" in answer.text
    data = sent_back(client, draft)
    row = int(data["statements-TOTAL_FORMS"]) - 1
    data |= {
        f"statements-{row}-item": "outlook",
        f"statements-{row}-text": "試験用の記述",
        f"statements-{row}-source": str(draft.source_id),
        f"statements-{row}-place": "12頁",
        "_act": "submit",
    }
    answer = client.post(change_url(draft), data, follow=True)
    assert "審査に出しました" in answer.text
    assert client.post(change_url(draft), {"_act": "publish"}).status_code == 403
    client.force_login(publisher)
    answer = client.post(change_url(draft), {**sent_back(client, draft), "_act": "publish"}, follow=True)
    assert "公開しました" in answer.text
    published = CaseVersion.objects.published().get(case=toba.case)
    assert published == draft
    statement = published.statements.get(item="outlook")
    assert (statement.text, statement.citations.get().place) == ("試験用の記述", "12頁")
    assert not published.silences.filter(item="outlook").exists()
    assert published.statements.count() == toba.statements.count() + 1


def test_a_published_version_is_shown_but_not_offered_for_change(as_publisher, toba):
    page = as_publisher.get(change_url(toba))
    assert 'name="_save"' not in page.text
    assert 'name="summary"' not in page.text
    assert toba.summary in page.text
    assert "三重県 報道発表「電子居場所」の開設" in page.text
    assert "改訂を始める" in page.text


def test_a_forged_save_of_a_published_version_is_refused(as_publisher, toba):
    answer = as_publisher.post(change_url(toba), {"summary": "書き換え", "_save": "1"})
    assert answer.status_code == 403
    toba.refresh_from_db()
    assert toba.summary != "書き換え"


@pytest.mark.parametrize("act", ["publish", "return_", "withdraw"])
def test_an_editor_cannot_press_a_publishers_button(act, as_editor, toba, draft, editor):
    draft.submit(by=editor)
    target = toba if act == "withdraw" else draft
    assert f'value="{act}"' not in as_editor.get(change_url(target)).text
    assert as_editor.post(change_url(target), {"_act": act, "_reason": "理由"}).status_code == 403
    assert {toba.case.versions.get(pk=pk).status for pk in (toba.pk, draft.pk)} == {"published", "in_review"}


def test_extra_fields_of_a_form_change_no_state(as_editor, draft):
    data = sent_back(as_editor, draft) | {"status": "published", "published_at": "2026-01-01", "number": "9"}
    as_editor.post(change_url(draft), {**data, "created_by": "1", "_save": "1"})
    draft.refresh_from_db()
    assert (draft.status, draft.published_at, draft.number) == ("draft", None, 2)


def test_an_editor_takes_back_before_changing_what_is_in_review(as_editor, draft, editor):
    draft.submit(by=editor)
    assert as_editor.post(change_url(draft), {"summary": "書き換え", "_save": "1"}).status_code == 403
    answer = as_editor.post(change_url(draft), {"_act": "take_back"}, follow=True)
    assert "下書きに戻しました" in answer.text
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_draft_sent_back_keeps_the_reason(as_publisher, draft, editor):
    draft.submit(by=editor)
    refused = as_publisher.post(
        change_url(draft), {**sent_back(as_publisher, draft), "_act": "return_"}, follow=True
    )
    assert "理由を書いてください" in refused.text
    data = sent_back(as_publisher, draft) | {"_act": "return_", "_reason": "頁を足してください"}
    assert "頁を足してください" in as_publisher.post(change_url(draft), data, follow=True).text
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_pressing_twice_is_told_in_words(as_publisher, draft, editor, publisher):
    draft.submit(by=editor)
    draft.publish(by=publisher)
    answer = as_publisher.post(change_url(draft), {"_act": "publish"}, follow=True)
    assert "この版はいま「公開中」なので" in answer.text


def test_what_stands_in_the_way_is_named_and_what_was_typed_is_kept(as_editor, draft):
    statement = Statement.objects.create(version=draft, item_id="effects", text="出典のない記述")
    data = sent_back(as_editor, draft) | {"summary": "直した概要", "_act": "submit"}
    page = as_editor.post(change_url(draft), data)
    assert page.status_code == 200, "the form stays open: the statement's source is required"
    assert "直した概要" in page.text
    statement.delete()
    draft.silences.create(item_id="support", kind="none")
    data = sent_back(as_editor, draft) | {"summary": "直した概要", "_act": "submit"}
    answer = as_editor.post(change_url(draft), data, follow=True)
    assert "「支援内容」には記述があるのに" in answer.text
    draft.refresh_from_db()
    assert (draft.status, draft.summary) == ("draft", "直した概要")


def test_a_remedy_is_offered_the_challenges_of_its_own_version(as_editor, draft, state):
    challenge = state(draft, "challenges", "参加者が増えない")
    page = as_editor.get(change_url(draft))
    statements = next(
        formset for formset in page.context["inline_admin_formsets"] if formset.formset.model is Statement
    )
    for form in statements.formset.forms:
        assert list(form.fields["answers"].queryset) == [challenge]


def test_a_wholly_new_case_is_made(as_editor, toba):
    answer = as_editor.post(
        reverse("admin:cases_case_add"),
        {
            "slug": "hakodate-ibasho",
            "municipality": "012025",
            "versions-TOTAL_FORMS": 0,
            "versions-INITIAL_FORMS": 0,
            "_continue": "1",
        },
        follow=True,
    )
    assert "最初の版を作る" in answer.text
    case = Case.objects.get(slug="hakodate-ibasho")
    empty = {f"{part}-{total}_FORMS": "0" for part in PARTS for total in ("TOTAL", "INITIAL")}
    answer = as_editor.post(
        reverse("admin:cases_caseversion_add"),
        {
            **empty,
            "case": case.pk, "summary": "試験用の事例", "field": "ibasho", "tier": "city_110k_300k",
            "source": toba.source_id, "service_status": "unconfirmed",
            "tool_uses-TOTAL_FORMS": "1", "tool_uses-0-tool": "zoom", "tool_uses-0-family": "web-meeting",
            "tool_uses-0-main": "on",
        },
        follow=True,
    )  # fmt: skip
    version = case.versions.get()
    assert (version.number, version.status, version.created_by.username) == (1, "draft", "henshu")
    assert version.tool_uses.get().tool_id == "zoom"


def test_two_main_tools_are_refused_in_words(as_editor, draft):
    ToolUse.objects.create(version=draft, tool_id="discord", family_id="chat-tool")
    data = sent_back(as_editor, draft) | {"tool_uses-1-main": "on", "_save": "1"}
    page = as_editor.post(change_url(draft), data)
    assert "「主」は一つだけ" in page.text
    assert draft.tool_uses.filter(main=True).count() == 1


def test_a_second_open_version_is_refused_in_words(as_editor, toba, draft):
    answer = as_editor.post(change_url(toba), {"_act": "revise"}, follow=True)
    assert "公開していない版がもうあります" in answer.text
    data = {"case": toba.case_id, "summary": "二つ目", "field": "ibasho", "tier": "city_lt50k", "source": toba.source_id,
            "service_status": "unconfirmed", **{f"{part}-{total}_FORMS": "0" for part in PARTS for total in ("TOTAL", "INITIAL")}}  # fmt: skip
    page = as_editor.post(reverse("admin:cases_caseversion_add"), data)
    assert page.status_code == 200
    assert "公開していない版がもうあります" in page.text


def _picture(**how):
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(file, "JPEG", **how)
    file.seek(0)
    file.name = "IMG_0001.JPG"
    return file


def _photo_form(client, version, file):
    data = sent_back(client, version)
    return data | {
        "photos-TOTAL_FORMS": "1",
        "photos-0-image": file,
        "photos-0-alt": "会場の机と画面",
        "photos-0-credit": "試験",
        "photos-0-licence": "CC0",
        "photos-0-position": "0",
        "_save": "1",
    }


def test_a_photograph_is_rewritten_named_anew_and_public_only_with_its_version(
    as_publisher, draft, editor, administrator, client
):
    exif = Image.Exif()
    exif[0x010F] = "CAMERA-MAKER"
    as_publisher.post(
        change_url(draft), _photo_form(as_publisher, draft, _picture(exif=exif, comment=b"SECRET"))
    )
    photo = draft.photos.get()
    kept = Path(photo.image.path).read_bytes()
    assert b"CAMERA-MAKER" not in kept
    assert b"SECRET" not in kept
    assert "IMG_0001" not in photo.image.name
    assert (photo.width, photo.height) == (60, 40)
    address = reverse("photograph", args=[photo.image.name.rpartition("/")[2]])
    assert client.get(address).status_code == 404
    draft.submit(by=editor)
    draft.publish(by=administrator)  # the one who added the photograph may not
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.content == kept


def test_what_is_no_photograph_is_refused_in_words_and_the_rest_of_the_form_kept(as_editor, draft):
    file = io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    file.name = "photo.png"
    page = as_editor.post(change_url(draft), _photo_form(as_editor, draft, file))
    assert "写真として読み取れません" in page.text
    assert "会場の机と画面" in page.text
    assert not draft.photos.exists()


def test_a_photograph_needs_a_description_or_the_word_decorative(as_editor, draft):
    data = _photo_form(as_editor, draft, _picture())
    page = as_editor.post(change_url(draft), {**data, "photos-0-alt": ""})
    assert "代替テキストを書くか、「装飾」を選んでください" in page.text


def test_an_editor_deletes_own_drafts_only(as_editor, draft, new_case, toba, administrator):
    others = (
        toba.case.versions.model.objects.published().get(case__slug="goto-sodan").revise(by=administrator)
    )
    for version, status in ((draft, 302), (others, 403), (toba, 403)):
        address = reverse("admin:cases_caseversion_delete", args=[version.pk])
        assert as_editor.post(address, {"post": "yes", "seen": fingerprint(version)}).status_code == status
    assert not CaseVersion.objects.filter(pk=draft.pk).exists()
    assert CaseVersion.objects.filter(pk__in=[others.pk, toba.pk]).count() == 2


def test_a_statement_can_have_more_sources(as_editor, draft):
    statement = draft.statements.first()
    address = reverse("admin:cases_statement_change", args=[statement.pk])
    assert as_editor.get(address).status_code == 200
    published = CaseVersion.objects.published().get(case__slug="edogawa-ibasho").statements.first()
    address = reverse("admin:cases_statement_change", args=[published.pk])
    assert as_editor.post(address, {"text": "書き換え"}).status_code == 403


@pytest.mark.parametrize("name", ["case", "caseversion", "source", "municipality", "tool", "item", "field"])
def test_the_lists_answer_and_can_be_searched(name, as_editor):
    address = reverse(f"admin:cases_{name}_changelist")
    assert as_editor.get(address).status_code == 200
    if name not in ("field", "tool"):
        assert as_editor.get(address, {"q": "鳥羽"}).status_code == 200


def test_an_editor_has_no_way_to_users_and_groups(as_editor):
    for address in ("/admin/auth/user/", "/admin/auth/group/"):
        assert as_editor.get(address).status_code == 403


def test_the_address_of_a_published_case_is_not_offered_for_change(as_editor, toba):
    page = as_editor.get(reverse("admin:cases_case_change", args=[toba.case_id]))
    assert 'name="slug"' not in page.text
