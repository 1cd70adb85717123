"""The guide's pages: draft → review → publish as cases have it, frozen, and edited as an editor would."""

import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from cases import fixtures
from cases.models import (
    AuditEntry,
    CatalogueStamp,
    GuideCitation,
    GuidePage,
    GuideTransition,
    GuideVersion,
    Source,
    fingerprint,
)
from tests.forms import change_url, sent_back

Status = GuideVersion.Status
CANARY = "まだ公開していない試験の言葉"
ACTS = {
    "submit": {},
    "take_back": {},
    "return_": {"reason": "出典の箇所を足してください。"},
    "publish": {},
    "withdraw": {"reason": "試験用の取り下げの理由"},
    "revise": {},
}
ALLOWED = {
    ("submit", "draft"): "in_review",
    ("take_back", "in_review"): "draft",
    ("return_", "in_review"): "draft",
    ("publish", "in_review"): "published",
    ("withdraw", "published"): "withdrawn",
    ("withdraw", "superseded"): "withdrawn",
    ("revise", "published"): "published",
    ("revise", "superseded"): "superseded",
    ("revise", "withdrawn"): "withdrawn",
}
PATHS = {
    "draft": [],
    "in_review": ["submit"],
    "published": ["submit", "publish"],
    "withdrawn": ["submit", "publish", "withdraw"],
    "superseded": ["submit", "publish", "revise"],
}
BODY = "はじめの段落です。\n\n## 一つ目\n\n試験用の文です。\n\n## 二つ目\n\n[[件数 分野=相談]]"


@pytest.fixture
def version_in(administrator):
    """A version of a page of its own, in the state asked for, made by `by`."""

    def make(status, by=None):
        page = GuidePage.objects.create(slug=f"shiken-{status.replace('_', '-')}", position=900)
        version = GuideVersion.objects.create(
            page=page, title="試験用のページ", lead="試験用のリードです。", body=BODY, created_by=by
        )
        GuideCitation.objects.create(version=version, source=_report(), place="3-3")
        for act in PATHS[status]:
            after = getattr(version, act)(by=administrator, **ACTS[act])
        if status == "superseded":
            after.submit(by=administrator)
            after.publish(by=administrator)
        version.refresh_from_db()
        assert version.status == status
        return version

    return make


@pytest.fixture
def public(version_in):
    return version_in("published")


@pytest.fixture
def draft(public, editor):
    """A revision of the public page, written by the editor."""
    draft = public.revise(by=editor)
    draft.body = BODY.replace("試験用の文", CANARY)
    draft.reason = "試験用の改訂の理由"
    draft.save()
    return draft


def _report():
    return Source.objects.get(key="report")


def _address(version, name):
    return reverse(f"admin:cases_guideversion_{name}", args=[version.pk])


def _save(client, version, **changes):
    """Save the page of `version` as a browser would: lines end in CRLF."""
    sent = sent_back(client, version) | changes
    sent |= {name: sent[name].replace("\n", "\r\n") for name in ("lead", "body")}
    return client.post(change_url(version), sent if "_act" in changes else sent | {"_save": "1"})


def _press(client, version, act, **more):
    seen = client.get(_address(version, "review")).context["seen"]
    return client.post(_address(version, "review"), {"_act": act, "seen": seen, **more}, follow=True)


def _messages(answer):
    return " ".join(map(str, answer.context["messages"]))


# States


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("act", ACTS)
def test_an_act_starts_only_from_its_state(act, status, version_in, administrator):
    version = version_in(status)
    before = list(GuideTransition.objects.values_list())
    if (act, status) in ALLOWED:
        getattr(version, act)(by=administrator, **ACTS[act])
        version.refresh_from_db()
        assert version.status == ALLOWED[act, status]
    else:
        with pytest.raises(ValidationError) as refused:
            getattr(version, act)(by=administrator, **ACTS[act])
        version.refresh_from_db()
        assert version.status == status
        assert version.get_status_display() in refused.value.messages[0]
        assert list(GuideTransition.objects.values_list()) == before


@pytest.mark.parametrize(
    ("act", "status"), [("publish", "in_review"), ("return_", "in_review"), ("withdraw", "published")]
)
def test_an_editor_does_not_decide_what_is_public(act, status, version_in, editor):
    version = version_in(status)
    with pytest.raises(PermissionDenied):
        getattr(version, act)(by=editor, **ACTS[act])


@pytest.mark.parametrize("act", ["return_", "withdraw"])
def test_a_reason_is_asked_for(act, version_in, administrator):
    version = version_in("in_review" if act == "return_" else "published")
    with pytest.raises(ValidationError, match="理由"):
        getattr(version, act)(by=administrator, reason=" ")


@pytest.mark.parametrize(("act", "status"), [("publish", "in_review"), ("withdraw", "published")])
@pytest.mark.parametrize("how", ["created", "wrote"])
def test_nobody_decides_about_their_own_text(how, act, status, version_in, publisher, settings):
    version = version_in(status, by=publisher if how == "created" else None)
    if how == "wrote":
        version.written(by=publisher)
    with pytest.raises(ValidationError, match="自分が書いた版"):
        getattr(version, act)(by=publisher, **ACTS[act])
    settings.SELF_APPROVAL = True
    getattr(version, act)(by=publisher, **ACTS[act])
    assert version.status == ALLOWED[act, status]


def test_publishing_a_revision_makes_the_old_version_a_former_one(public, draft, editor, publisher):
    draft.submit(by=editor)
    draft.publish(by=publisher)
    public.refresh_from_db()
    assert (public.status, draft.status, draft.number) == ("superseded", "published", 2)
    assert GuideVersion.objects.published().get(page=public.page) == draft
    assert set(GuideVersion.objects.readable().filter(page=public.page)) == {public, draft}
    draft.withdraw(by=publisher, reason="試験用の理由")
    assert not GuideVersion.objects.readable().filter(page=public.page).exists()


def test_a_revision_is_a_full_copy(public, editor):
    copy = public.revise(by=editor, reason="試験用")
    told = ("title", "lead", "body")
    assert [getattr(copy, name) for name in told] == [getattr(public, name) for name in told]
    assert list(copy.citations.values_list("source", "place")) == [(_report().pk, "3-3")]
    assert (copy.status, copy.created_by, copy.reason) == ("draft", editor, "試験用")


def test_every_field_of_a_version_is_copied_or_its_own():
    content = {"page", "title", "lead", "body"}
    own = {"id", "number", "status", "published_at", "created_at", "created_by", "reason"}
    assert {field.name for field in GuideVersion._meta.concrete_fields} == content | own
    parts = {relation.related_model for relation in GuideVersion._meta.related_objects}
    assert parts == {GuideCitation, GuideTransition}, "a new part must be copied, and frozen (frozen.py)"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"body": "[[不明なもの]]"}, "[[不明なもの]]"),
        ({"body": "[[件数 分野=ない分野]]"}, "分野「ない分野」はありません"),
        ({"body": "  "}, "「本文」が書かれていません"),
        ({"title": ""}, "「題名」が書かれていません"),
        ({"citations": []}, "出典がありません"),
    ],
)
def test_what_stands_in_the_way_is_told_in_words(wrong, told, draft, editor):
    if "citations" in wrong:
        draft.citations.all().delete()
    else:
        GuideVersion.objects.filter(pk=draft.pk).update(**wrong)
    with pytest.raises(ValidationError) as refused:
        draft.submit(by=editor)
    assert told in " ".join(refused.value.messages)


@pytest.mark.parametrize("act", ["publish", "withdraw"])
def test_a_public_change_moves_the_stamp_and_is_written_down(act, version_in, administrator):
    version = version_in("in_review" if act == "publish" else "published")
    before = CatalogueStamp.current()
    getattr(version, act)(by=administrator, **ACTS[act])
    assert CatalogueStamp.current() != before
    entry = AuditEntry.objects.filter(act=act).first()
    assert (entry.who, entry.about) == ("kanri", str(version))


def test_a_draft_does_not_move_the_stamp(public, editor):
    before = CatalogueStamp.current()
    public.revise(by=editor).submit(by=editor)
    assert CatalogueStamp.current() == before


# Frozen, by constraint and by trigger


@pytest.mark.parametrize("status", ["published", "superseded", "withdrawn"])
def test_code_refuses_to_change_a_frozen_version(status, version_in):
    version = version_in(status)
    for change in (
        version.save,
        version.delete,
        lambda: GuideCitation.objects.create(version=version, source=_report(), place="後から"),
        version.citations.get().save,
        version.citations.get().delete,
    ):
        with pytest.raises(ValidationError, match="公開した版は変えられません"):
            change()


@pytest.mark.parametrize("status", ["published", "superseded", "withdrawn"])
@pytest.mark.parametrize(
    ("table", "column"),
    [("guideversion", "body"), ("guidecitation", "place"), ("guidetransition", "reason")],
)
def test_the_database_refuses_to_change_what_is_published(table, column, status, version_in):
    version = version_in(status)
    rows = {"guidecitation": version.citations, "guidetransition": version.transitions}
    key = rows[table].first().pk if table in rows else version.pk
    for statement in (f"UPDATE cases_{table} SET {column} = 'x'", f"DELETE FROM cases_{table}"):
        with (
            pytest.raises(IntegrityError, match="frozen"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"{statement} WHERE id = %s", [key])


def test_the_database_refuses_what_would_make_a_frozen_version_another(public, draft, version_in):
    withdrawn = version_in("withdrawn")
    late = GuideCitation(version=public, source=_report(), place="後から")
    for change in (
        lambda: GuideCitation.objects.bulk_create([late]),
        lambda: GuideCitation.objects.filter(version=draft).update(version=public),
        lambda: GuideVersion.objects.filter(pk=withdrawn.pk).update(status="published"),
        lambda: GuideVersion.objects.filter(pk=public.pk).update(status="draft"),
        lambda: GuidePage.objects.filter(pk=public.page_id).update(slug="betsu-no-na"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    GuidePage.objects.filter(pk=public.page_id).update(position=901, number="09")


@pytest.mark.parametrize("status", ["draft", "published"])
def test_only_one_version_is_open_and_one_published(status, public, draft):
    twin = GuideVersion.objects.get(page=public.page, status=status)
    twin.pk, twin.number = None, 9
    with pytest.raises(IntegrityError), transaction.atomic():
        GuideVersion.objects.bulk_create([twin])


def test_a_second_open_version_is_refused_in_words(public, draft, editor):
    with pytest.raises(ValidationError, match="公開していない版がもうあります"):
        public.revise(by=editor)


def test_a_draft_may_be_changed_and_deleted(draft):
    GuideCitation.objects.filter(version=draft).update(place="4-3")
    draft.delete()
    assert not GuideVersion.objects.filter(pk=draft.pk).exists()


# In the browser


def test_a_page_is_written_reviewed_and_published_by_two(client, editor, publisher, settings):
    settings.SELF_APPROVAL = False
    _sign_in(client, editor)
    client.post(reverse("admin:cases_guidepage_add"), _page_sent(slug="shiken-no-page", position=950))
    page = GuidePage.objects.get(slug="shiken-no-page")
    assert "最初の版を書く" in client.get(reverse("admin:cases_guidepage_changelist")).text
    add = reverse("admin:cases_guideversion_add") + f"?page={page.pk}"
    assert re.search(rf'<option value="{_report().pk}" selected>', client.get(add).text)
    client.post(add, _version_sent(page))
    version = GuideVersion.objects.get(page=page)
    assert (version.status, version.created_by, version.citations.get().place) == ("draft", editor, "4-3")
    preview = client.get(_address(version, "preview"))
    assert CANARY in preview.text
    assert {"private", "no-store"} <= set(preview.headers["Cache-Control"].split(", "))
    _save(client, version, _act="submit")
    assert client.get("/guide/shiken-no-page/").status_code == 404
    answer = _press(client, version, "publish")
    assert answer.status_code == 403

    client.logout()
    _sign_in(client, publisher)
    assert "公開しました" in _messages(_press(client, version, "publish"))
    client.logout()
    told = client.get("/guide/shiken-no-page/").text
    assert CANARY in told
    assert "4-3" in told
    assert "試験用に書いた題" in client.get("/guide/").text


def _sign_in(client, user):
    sent = {"username": user.get_username(), "password": "a long pass phrase", "next": "/admin/"}
    assert client.post("/admin/login/", sent).status_code == 302


def _page_sent(**page):
    empty = {f"versions-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return {"number": "", "field": "", **empty, **page}


def _version_sent(page):
    return {
        "page": page.pk,
        "title": "試験用に書いた題",
        "lead": "試験用に書いたリードです。",
        "body": BODY.replace("試験用の文", CANARY),
        "reason": "",
        "citations-TOTAL_FORMS": 1,
        "citations-INITIAL_FORMS": 0,
        "citations-0-source": _report().pk,
        "citations-0-place": "4-3",
        "transitions-TOTAL_FORMS": 0,
        "transitions-INITIAL_FORMS": 0,
    }


def test_a_text_with_an_unknown_shortcode_is_not_saved_and_not_lost(as_editor, draft):
    page = _save(as_editor, draft, body="[[ないもの 試験]]")
    assert page.status_code == 200
    assert "[[ないもの 試験]]：使えるのは" in page.text
    assert 'name="body"' in page.text
    draft.refresh_from_db()
    assert CANARY in draft.body


def test_a_word_mistyped_in_a_shortcode_is_answered_with_the_one_that_was_meant(as_editor, draft):
    page = _save(as_editor, draft, body="[[記述 効果 居場書]]", _act="submit")
    assert "分野「居場書」はありません。「居場所」のことですか。" in page.text
    assert "まだ保存していません" in page.text
    assert "[[記述 効果 居場書]]</textarea>" in page.text
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_one_button_saves_and_shows_the_page_as_it_will_be(as_editor, draft):
    sent = sent_back(as_editor, draft) | {"title": "試験用に下見する題", "_preview": ""}
    page = as_editor.post(change_url(draft), sent, follow=True)
    assert page.redirect_chain == [(_address(draft, "preview"), 302)]
    assert "試験用に下見する題" in page.text
    assert f'href="{change_url(draft)}"' in page.text


def test_the_form_names_all_that_a_shortcode_may_name(as_editor, draft):
    told = as_editor.get(change_url(draft)).text
    for name in ("周知", "情報提供・窓口周知", "市区町村5万人未満", "Zoom"):
        assert name in told


def test_the_page_leads_to_its_versions_and_the_first_page_to_the_pages(as_editor, draft, public):
    page = as_editor.get(change_url(public.page)).text
    for version in (draft, public):
        assert f'href="{change_url(version)}"' in page
    assert f'href="{reverse("admin:cases_guidepage_changelist")}"' in as_editor.get("/admin/").text


def test_pressing_a_button_without_changing_a_word_writes_nothing(client, draft, editor, publisher):
    """A browser ends lines its own way: that's no change, and doesn't make a publisher a writer."""
    draft.submit(by=editor)
    client.force_login(publisher)
    _save(client, draft, _act="publish")
    draft.refresh_from_db()
    assert draft.status == "published"
    assert not draft.writers.exists()


def test_who_wrote_a_word_does_not_publish_it(client, draft, editor, publisher):
    draft.submit(by=editor)
    client.force_login(publisher)
    _save(client, draft, title="公開担当が書き直した題")
    assert list(draft.writers.all()) == [publisher]
    page = client.get(_address(draft, "review"))
    assert 'value="publish"' not in page.text
    assert "自分が書いた版なので" in page.text
    assert "自分が書いた版は" in _messages(_press(client, draft, "publish"))


def test_a_stale_save_is_stopped_and_shows_whose_and_what(client, editor, publisher, draft):
    client.force_login(editor)
    opened = sent_back(client, draft)
    client.force_login(publisher)
    _save(client, draft, title="公開担当が先に直した題")
    client.force_login(editor)
    page = client.post(change_url(draft), opened | {"title": "編集者が後で直した題", "_save": "1"})
    draft.refresh_from_db()
    assert (page.status_code, draft.title) == (200, "公開担当が先に直した題")
    assert "kokai さんが先に保存しています" in page.text
    assert 'value="編集者が後で直した題"' in page.text


def test_a_source_added_meanwhile_makes_the_form_and_the_review_stale(client, editor, publisher, draft):
    before = fingerprint(draft)
    draft.submit(by=editor)
    client.force_login(publisher)
    seen = client.get(_address(draft, "review")).context["seen"]
    GuideCitation.objects.create(version=draft, source=_report(), place="4-1")
    assert fingerprint(draft) != before
    answer = client.post(_address(draft, "review"), {"_act": "publish", "seen": seen}, follow=True)
    draft.refresh_from_db()
    assert draft.status == "in_review"
    assert "何もしていません" in _messages(answer)


def test_a_save_of_what_went_into_review_meanwhile_keeps_what_was_typed(client, editor, draft):
    client.force_login(editor)
    opened = sent_back(client, draft)
    draft.submit(by=editor)
    page = client.post(change_url(draft), opened | {"title": "遅れて届いた題", "_save": "1"})
    assert page.status_code == 409
    assert page.context["typed"] == [("題名", "遅れて届いた題")]


def test_the_review_shows_letter_by_letter_what_differs(as_publisher, draft, editor):
    draft.submit(by=editor)
    page = as_publisher.get(_address(draft, "review")).text
    assert re.search(rf"<ins>.*?{CANARY}.*?</ins>", page)
    assert re.search(r"<del>.*?試験用の文.*?</del>", page)
    assert "違いのある項目：2件" in page, "the section and the reason; the other sections are folded away"
    for words in ("henshu", "試験用の改訂の理由", "第1版（公開中）と、第2版（審査中）の違い"):
        assert words in page


def test_a_first_version_is_said_to_be_all_new(as_publisher, version_in):
    page = as_publisher.get(_address(version_in("draft"), "review")).text
    assert "くらべる版がないので、すべてを示します" in page
    assert "<del>" not in page


def test_a_version_is_sent_back_with_a_reason(as_publisher, draft, editor):
    draft.submit(by=editor)
    _press(as_publisher, draft, "return_", _reason="頁を足してください")
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert "頁を足してください" in as_publisher.get(_address(draft, "review")).text


def test_the_history_tells_every_version_and_an_old_one_comes_back(client, public, draft, editor, publisher):
    draft.submit(by=editor)
    draft.publish(by=publisher)
    client.force_login(editor)
    history = reverse("admin:cases_guidepage_history", args=[public.page_id])
    page = client.get(f"{history}?old=1&new=2").text
    for words in ("第1版（旧版）", "第2版（公開中）：試験用の改訂の理由", "kokai", CANARY, "<del>"):
        assert words in page
    assert f'href="/guide/{public.page.slug}/"' in page
    client.post(reverse("admin:cases_guidepage_take_up", args=[public.page_id, 1]))
    again = GuideVersion.objects.get(page=public.page, number=3)
    assert (again.body, again.status, again.reason) == (public.body, "draft", "第1版の内容に戻す")


def test_taking_up_an_old_version_needs_the_right(client, public, django_user_model):
    nobody = django_user_model.objects.create_user("dare", password="a long pass phrase", is_staff=True)
    client.force_login(nobody)
    assert client.post(reverse("admin:cases_guidepage_take_up", args=[public.page_id, 1])).status_code == 403
    for name in ("review", "preview"):
        assert client.get(_address(public, name)).status_code == 403


def test_once_public_a_page_is_moved_by_who_may_publish_and_keeps_its_address(
    client, public, editor, publisher
):
    address = change_url(public.page)
    client.force_login(editor)
    assert client.post(address, {"position": 5, "_save": "1"}).status_code == 403
    client.force_login(publisher)
    assert (
        client.post(address, sent_back(client, public.page) | {"position": 5, "slug": "x"}).status_code == 302
    )
    public.page.refresh_from_db()
    assert (public.page.position, public.page.slug) == (5, "shiken-published")


def test_only_ones_own_draft_is_deleted(client, draft, editor, publisher):
    address = _address(draft, "delete")
    client.force_login(publisher)
    assert client.post(address, {"post": "yes", "seen": fingerprint(draft)}).status_code == 403
    client.force_login(editor)
    client.post(address, {"post": "yes", "seen": fingerprint(draft)})
    assert not GuideVersion.objects.filter(pk=draft.pk).exists()


def test_what_waits_in_the_guide_stands_on_the_first_page(client, draft, editor, publisher):
    draft.submit(by=editor)
    for user in (editor, publisher):
        client.force_login(user)
        assert f'href="{_address(draft, "review")}"' in client.get("/admin/").text


# In public


def test_no_draft_is_on_any_public_page(client, draft, editor, version_in):
    draft.submit(by=editor)
    hidden = version_in("draft")
    withdrawn = version_in("withdrawn")
    for version in (hidden, withdrawn):
        assert client.get(f"/guide/{version.page.slug}/").status_code == 404
    for address in ("/guide/", f"/guide/{draft.page.slug}/", "/sitemap.xml", "/feed/", "/cases/?q=試験"):
        page = client.get(address)
        text = page.text if not page.streaming else b"".join(page).decode()
        assert page.status_code == 200, address
        assert CANARY not in text
        assert hidden.page.slug not in text
        assert withdrawn.page.slug not in text


# Loaded


def test_the_guide_is_loaded_as_published_version_1_and_never_twice():
    table = fixtures.rows("guide.csv")
    loaded = GuideVersion.objects.published()
    assert [version.page.slug for version in loaded] == [row["slug"] for row in table]
    for version, row in zip(loaded, table, strict=True):
        assert (version.number, version.title, version.lead) == (1, row["title"], row["lead"])
        assert [(one.source.key, one.place) for one in version.citations.all()] == [
            ("report", row["sources"])
        ]
        assert (version.page.number, version.page.field_id or "") == (row["number"], row["field"])
        written = (fixtures.FOLDER / f"guide/{row['slug']}.md").read_text(encoding="utf-8")
        assert version.body == written.strip()
        assert version.created_by is None
    assert fixtures.load_guide() == 0
