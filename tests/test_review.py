"""The review page, the preview as the public will see it, and links to it for outsiders."""

import io
import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from cases.models import AuditEntry, CaseVersion, Photo, PreviewLink, Silence, Statement

CANARY = "まだ公開していない試験の言葉"


def _page(version, name="review"):
    return reverse(f"admin:cases_caseversion_{name}", args=[version.pk])


def _press(client, version, act, **more):
    """Press a button of the review page as it's shown now."""
    seen = client.get(_page(version)).context["seen"]
    return client.post(_page(version), {"_act": act, "seen": seen, **more}, follow=True)


def _buttons(answer):
    return re.findall(r'name="_act" value="(\w+)"', answer.text)


def _messages(answer):
    return " ".join(map(str, answer.context["messages"]))


@pytest.fixture
def reviewed(draft, editor):
    """The draft with new words and a photograph, handed in."""
    draft.summary, draft.reason = CANARY, "試験用の改訂の理由"
    draft.save()
    file = io.BytesIO()
    Image.new("RGB", (600, 400), "teal").save(file, "JPEG")
    Photo.objects.create(
        version=draft,
        image=ContentFile(file.getvalue(), "a.jpg"),
        alt="試験用の写真",
        credit="試験",
        licence="CC0",
    )
    draft.submit(by=editor)
    return draft


@pytest.fixture
def link(reviewed, editor):
    return PreviewLink.make(reviewed, by=editor, days=3)


def _door(link):
    return reverse("preview", args=[link.token])


def _file(version):
    return version.photos.get().image.name.rpartition("/")[2]


# The page


def test_it_says_who_when_and_why_and_shows_what_differs(as_publisher, reviewed, editor, publisher):
    reviewed.return_(by=publisher, reason="試験用の差し戻しの理由")
    reviewed.submit(by=editor)
    page = as_publisher.get(_page(reviewed))
    assert page.status_code == 200
    for words in (
        "henshu",
        "試験用の改訂の理由",
        "試験用の差し戻しの理由",
        "第1版（公開中）",
        "第2版（審査中）",
    ):
        assert words in page.text
    assert re.search(rf"<ins>.*?{CANARY}</ins>", page.text)
    assert re.search(r"<del>.*?Web会議システム.*?</del>", page.text)
    assert "変わらない項目（" in page.text


def test_a_first_version_is_said_to_be_all_new(as_publisher, new_case):
    version = new_case("shiken", publish=False, summary="試験用の初めての概要")
    page = as_publisher.get(_page(version))
    assert "公開中の版がないので、すべてが新しい内容です" in page.text
    assert "<del>" not in page.text


def test_what_stands_in_the_way_is_named_before_the_button_is_pressed(as_publisher, draft):
    Statement.objects.create(version=draft, item_id="effects", text="出典のない記述")
    assert "「効果」の記述に出典がありません" in as_publisher.get(_page(draft)).text


def test_the_photographs_of_both_versions_are_shown_side_by_side(as_publisher, reviewed, editor, publisher):
    reviewed.publish(by=publisher)
    new = reviewed.revise(by=editor)
    new.photos.update(caption="試験用に改めた説明")
    page = as_publisher.get(_page(new))
    shown = re.findall(r'<img src="([^"]+)"', page.text)
    assert len(shown) == 2
    assert {address.split("/photographs/")[0] for address in shown} == {
        f"/admin/cases/caseversion/{version.pk}" for version in (reviewed, new)
    }
    for address in shown:
        assert as_publisher.get(address).headers["Content-Type"] == "image/jpeg"


def test_a_version_in_review_is_published_from_here(as_publisher, reviewed):
    answer = _press(as_publisher, reviewed, "publish")
    assert "公開しました" in _messages(answer)
    assert CaseVersion.objects.published().get(case=reviewed.case) == reviewed


def test_a_version_is_sent_back_with_a_reason_and_not_without(as_publisher, reviewed):
    assert "理由を書いてください" in _messages(_press(as_publisher, reviewed, "return_", _reason=" "))
    reviewed.refresh_from_db()
    assert reviewed.status == "in_review"
    assert "差し戻しました" in _messages(_press(as_publisher, reviewed, "return_", _reason="試験用の理由"))
    reviewed.refresh_from_db()
    assert reviewed.status == "draft"


def test_what_was_changed_since_the_page_was_opened_is_not_published(as_publisher, reviewed):
    seen = as_publisher.get(_page(reviewed)).context["seen"]
    CaseVersion.objects.filter(pk=reviewed.pk).update(summary="その間に書き換えた概要")
    answer = as_publisher.post(_page(reviewed), {"_act": "publish", "seen": seen}, follow=True)
    assert "この画面を開いた後で、" in _messages(answer)
    assert "その間に書き換えた概要" in answer.text
    reviewed.refresh_from_db()
    assert reviewed.status == "in_review"
    assert "公開しました" in _messages(_press(as_publisher, reviewed, "publish"))


def test_a_post_that_says_nothing_of_what_was_seen_does_nothing(as_publisher, reviewed):
    as_publisher.post(_page(reviewed), {"_act": "publish"})
    reviewed.refresh_from_db()
    assert reviewed.status == "in_review"


def test_a_publisher_is_told_in_words_that_own_text_is_anothers_to_publish(as_publisher, draft, publisher):
    draft.written(by=publisher)
    draft.submit(by=publisher)
    page = as_publisher.get(_page(draft))
    assert "自分が書いた版なので、ほかの公開担当が公開します。" in page.text
    assert "publish" not in _buttons(page)
    assert "自分が書いた版は" in _messages(_press(as_publisher, draft, "publish"))
    draft.refresh_from_db()
    assert draft.status == "in_review"


def test_where_a_setting_allows_it_own_text_may_be_published(as_publisher, draft, publisher, settings):
    settings.SELF_APPROVAL = True
    draft.written(by=publisher)
    draft.submit(by=publisher)
    assert "publish" in _buttons(as_publisher.get(_page(draft)))


def test_an_editor_reads_the_page_but_has_no_publishers_button(as_editor, reviewed):
    assert _buttons(as_editor.get(_page(reviewed))) == ["take_back"]
    seen = as_editor.get(_page(reviewed)).context["seen"]
    for act in ("publish", "return_", "nonesuch", ""):
        assert (
            as_editor.post(_page(reviewed), {"_act": act, "seen": seen, "_reason": "試験"}).status_code == 403
        )
    reviewed.refresh_from_db()
    assert reviewed.status == "in_review"


def test_an_old_version_can_be_withdrawn_here_and_its_address_leads_nowhere(
    as_publisher, toba, reviewed, publisher
):
    reviewed.publish(by=publisher)
    toba.refresh_from_db()
    assert as_publisher.get("/cases/toba-ibasho/v1/").status_code == 200
    assert "取り下げました" in _messages(_press(as_publisher, toba, "withdraw", _reason="試験用の理由"))
    assert as_publisher.get("/cases/toba-ibasho/v1/").status_code == 404
    assert as_publisher.get("/cases/toba-ibasho/").status_code == 200


PAGES = ["review", "preview"]


@pytest.mark.parametrize("name", PAGES)
def test_who_has_no_rights_gets_no_page(name, client, reviewed, django_user_model):
    assert client.get(_page(reviewed, name)).status_code == 302
    client.force_login(django_user_model.objects.create_user("dare", is_staff=True))
    assert client.get(_page(reviewed, name)).status_code == 403
    assert client.post(_page(reviewed, "make_link"), {"days": "1"}).status_code == 403
    unknown = reverse(f"admin:cases_caseversion_{name}", args=[99999])
    assert client.get(unknown).status_code == 403, "nobody learns which versions there are"
    assert (
        client.get(f"/admin/cases/caseversion/{reviewed.pk}/photographs/{_file(reviewed)}").status_code == 403
    )


@pytest.mark.parametrize("name", PAGES)
def test_a_version_that_is_not_there_is_not_found(name, as_editor):
    assert as_editor.get(reverse(f"admin:cases_caseversion_{name}", args=[99999])).status_code == 404


def test_reading_the_pages_changes_nothing(as_publisher, reviewed, link):
    before = (AuditEntry.objects.count(), reviewed.transitions.count(), PreviewLink.objects.valid().count())
    revoke = reverse("admin:cases_caseversion_revoke_link", args=[reviewed.pk, link.pk])
    assert as_publisher.get(_page(reviewed)).status_code == 200
    assert as_publisher.get(_page(reviewed, "preview")).status_code == 200
    assert as_publisher.get(_page(reviewed, "make_link")).status_code == 405
    assert as_publisher.get(revoke).status_code == 405
    after = (AuditEntry.objects.count(), reviewed.transitions.count(), PreviewLink.objects.valid().count())
    assert after == before


# The preview


def test_the_preview_is_the_public_page_with_a_banner(as_editor, reviewed, publisher):
    preview = as_editor.get(_page(reviewed, "preview"))
    assert preview.templates[0].name == "cases/preview.html"
    assert "公開前の下見" in preview.text
    assert "noindex" in preview.text
    assert "no-store" in preview.headers["Cache-Control"]
    shown = re.search(r'src="([^"]+/photographs/[^"]+)"', preview.text).group(1)
    assert as_editor.get(shown).status_code == 200
    reviewed.publish(by=publisher)
    public = as_editor.get("/cases/toba-ibasho/")

    def body(answer):
        """What stands between the head of a case and its foot, addresses of photographs aside."""
        whole = answer.text[answer.text.index("<h1") : answer.text.index('<ol class="group-body sources">')]
        whole = re.sub(r'<p class="case-ways site-only">.*?</p>', "", whole, flags=re.S)
        return re.sub(r"\s+", "", re.sub(r'"[^"]*/photographs/[^"]*"', "", whole))

    assert body(preview) == body(public)


def test_a_photograph_is_shown_with_its_own_version_only(as_editor, reviewed, toba):
    assert (
        as_editor.get(f"/admin/cases/caseversion/{reviewed.pk}/photographs/{_file(reviewed)}").status_code
        == 200
    )
    assert (
        as_editor.get(f"/admin/cases/caseversion/{toba.pk}/photographs/{_file(reviewed)}").status_code == 404
    )


# Links for outsiders


def test_a_link_is_made_shown_and_revoked(as_editor, client, reviewed):
    answer = as_editor.post(_page(reviewed, "make_link"), {"days": "3"}, follow=True)
    link = PreviewLink.objects.get()
    assert timedelta(days=2) < link.expires_at - timezone.now() <= timedelta(days=3)
    assert f"{_door(link)}" in answer.text
    revoke = reverse("admin:cases_caseversion_revoke_link", args=[reviewed.pk, link.pk])
    answer = as_editor.post(revoke, follow=True)
    assert "取り消しました" in _messages(answer)
    assert _door(link) not in answer.text
    client.logout()
    assert client.get(_door(link)).status_code == 404


@pytest.mark.parametrize("days", ["0", "8", "12", "-1", "", "abc", "９", "1" * 5000])
def test_a_link_for_any_other_time_is_refused_in_words(days, as_editor, reviewed):
    answer = as_editor.post(_page(reviewed, "make_link"), {"days": days}, follow=True)
    assert "1〜7日" in _messages(answer)
    assert not PreviewLink.objects.exists()


def test_a_public_version_gets_no_link(as_editor, toba):
    assert "下見してもらうリンク" not in as_editor.get(_page(toba)).text
    as_editor.post(_page(toba, "make_link"), {"days": "1"})
    assert not PreviewLink.objects.exists()


def test_a_link_of_another_version_is_not_revoked_under_this_one(as_editor, toba, link):
    address = reverse("admin:cases_caseversion_revoke_link", args=[toba.pk, link.pk])
    assert as_editor.post(address).status_code == 404
    assert PreviewLink.objects.valid().get() == link


def test_an_outsider_reads_the_draft_and_its_photographs_by_the_link(client, reviewed, link):
    answer = client.get(_door(link))
    assert answer.status_code == 200
    assert CANARY in answer.text
    assert "公開前の下見" in answer.text
    shown = re.search(r'src="([^"]+/photographs/[^"]+)"', answer.text).group(1)
    srcset = re.search(r'srcset="([^"]+)"', answer.text).group(1)
    pictures = {shown, *(one.split()[0] for one in srcset.split(", "))}
    assert len(pictures) > 1
    for address in (_door(link), *pictures):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert not answer.cookies
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert client.head(address).status_code == 200
        assert client.post(address).status_code == 405


def test_no_canonical_address_and_no_linked_data_is_told_of_a_draft(client, link):
    text = client.get(_door(link)).text
    assert 'rel="canonical"' not in text
    assert "ld+json" not in text
    assert "/v2/" not in text


SPOILS = {
    "expired": lambda link: PreviewLink.objects.filter(pk=link.pk).update(expires_at=timezone.now()),
    "revoked": lambda link: link.revoke(by=link.created_by),
    "published": lambda link: link.version.publish(by=None),
    "deleted": lambda link: CaseVersion.objects.get(pk=link.version_id).delete(),
    "tampered": lambda link: None,
}


@pytest.mark.parametrize("how", SPOILS)
def test_a_spoilt_link_leads_where_every_unknown_address_leads(how, client, reviewed, link):
    address, name = _door(link), _file(reviewed)
    assert client.get(address).status_code == 200
    SPOILS[how](link)
    if how == "tampered":
        address = address.replace(link.key, link.key[:-1] + ("0" if link.key[-1] != "0" else "1"))
    unknown = client.get("/cases/nonesuch/")
    for spoilt in (address, f"{address}photographs/{name}"):
        answer = client.get(spoilt)
        assert (answer.status_code, answer.text) == (404, unknown.text)
        assert not answer.cookies


def test_a_link_opens_the_photographs_of_its_version_only(client, link, new_case, reviewed):
    other = new_case("shiken", publish=False)
    photo = reviewed.photos.get().copy_to(other)
    assert photo.image.name == reviewed.photos.get().image.name
    theirs = PreviewLink.make(other, by=link.created_by, days=1)
    reviewed.photos.get().delete()
    assert client.get(f"{_door(theirs)}photographs/{_file(other)}").status_code == 200
    assert client.get(f"{_door(link)}photographs/{_file(other)}").status_code == 404


@pytest.mark.parametrize(
    "token", ["x", "x:y", ":", "%00", "a" * 5000, "%E3%81%82:%E3%81%82", "..", "%2e%2e%2fadmin"]
)
def test_any_other_token_is_not_found(token, client, link):
    assert client.get(f"/preview/{token}/").status_code == 404


def test_no_public_page_names_the_door(client, link):
    for address in (
        "/",
        "/cases/",
        "/cases/toba-ibasho/",
        "/robots.txt",
        "/sitemap.xml",
        "/sitemap-1.xml",
        "/feed/",
    ):
        assert "/preview/" not in client.get(address).text


def test_silences_of_a_draft_are_in_its_preview_only(client, link, reviewed):
    Silence.objects.filter(version=reviewed).update(note=CANARY)
    assert client.get(_door(link)).text.count(CANARY) > 1
    assert CANARY not in client.get("/cases/toba-ibasho/").text
    assert client.get("/cases/toba-ibasho/v2/").status_code == 404
