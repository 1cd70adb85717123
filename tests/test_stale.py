"""No lost update: a stale save is stopped, says whose save came first, and keeps what was typed."""

import pytest
from django.db import transaction

from cases.admin import stale
from cases.models import Case, CaseVersion, Source, Stale, Statement, fingerprint, refuse_if_stale
from tests.forms import change_url, sent_back


@pytest.fixture
def opened(client, editor, draft):
    """The editor's open page of the draft, as what it would send."""
    client.force_login(editor)
    return sent_back(client, draft)


def _saves(client, user, row, **changes):
    client.force_login(user)
    answer = client.post(change_url(row), sent_back(client, row) | {**changes, "_save": "1"})
    assert answer.status_code == 302, answer.context["errors"]


def test_a_stale_save_is_stopped_and_shows_whose_and_what(client, editor, publisher, draft, opened):
    _saves(client, publisher, draft, summary="公開担当が先に直した概要")
    client.force_login(editor)
    page = client.post(change_url(draft), opened | {"summary": "編集者が後で直した概要", "_save": "1"})
    draft.refresh_from_db()
    assert (page.status_code, draft.summary) == (200, "公開担当が先に直した概要")
    assert "kokai さんが先に保存しています" in page.text
    assert 'value="編集者が後で直した概要"' in page.text
    assert "<del><span" in page.text
    assert "概要" in page.text


def test_the_same_button_pressed_again_after_seeing_the_difference_saves(
    client, editor, publisher, draft, opened
):
    _saves(client, publisher, draft, summary="先に直した概要")
    client.force_login(editor)
    page = client.post(change_url(draft), opened | {"summary": "後で直した概要", "_save": "1"})
    seen = page.context["adminform"].form["seen"].value()
    client.post(change_url(draft), opened | {"summary": "後で直した概要", "seen": seen, "_save": "1"})
    draft.refresh_from_db()
    assert draft.summary == "後で直した概要"


def test_a_part_changed_meanwhile_makes_the_whole_form_stale(client, editor, publisher, draft, opened, state):
    state(draft, "outlook", "先に加えた記述")
    client.force_login(editor)
    page = client.post(change_url(draft), opened | {"statements-0-text": "後で直した記述", "_save": "1"})
    assert not Statement.objects.filter(text="後で直した記述").exists()
    assert "後で直した記述" in page.text
    assert "記述：先に加えた記述" in page.text


def test_a_row_deleted_meanwhile_is_told(client, editor, draft, opened):
    draft.links.create(title="試験用のリンク", url="https://example.jp/")
    client.force_login(editor)
    opened = sent_back(client, draft)
    draft.links.get(title="試験用のリンク").delete()
    page = client.post(change_url(draft), opened | {"_save": "1"})
    assert "先に消された行が1つあります" in page.text


def test_a_button_on_a_stale_page_does_nothing(client, editor, publisher, draft):
    draft.submit(by=editor)
    client.force_login(publisher)
    opened = sent_back(client, draft)
    draft.take_back(by=editor)
    draft.summary = "審査中に書き換えた概要"
    draft.save()
    draft.submit(by=editor)
    page = client.post(change_url(draft), opened | {"_act": "publish"})
    draft.refresh_from_db()
    assert (page.status_code, draft.status) == (200, "in_review")
    assert "先に保存しています" in page.text


def test_a_save_of_what_went_into_review_meanwhile_keeps_what_was_typed(
    client, editor, publisher, draft, opened
):
    draft.submit(by=editor)
    answer = client.post(change_url(draft), opened | {"summary": "書きかけの概要", "_save": "1"})
    draft.refresh_from_db()
    assert answer.status_code == 409
    assert draft.summary != "書きかけの概要"
    assert "いま「審査中」です" in answer.text
    assert "書きかけの概要" in answer.text


def test_a_statements_own_page_is_guarded_with_its_version(client, editor, publisher, draft):
    statement = draft.statements.first()
    client.force_login(editor)
    opened = sent_back(client, statement)
    _saves(client, publisher, draft, summary="先に直した概要")
    client.force_login(editor)
    page = client.post(change_url(statement), opened | {"text": "後で直した記述", "_save": "1"})
    statement.refresh_from_db()
    assert (page.status_code, statement.text == "後で直した記述") == (200, False)
    assert "kokai さんが先に保存しています" in page.text


def test_sources_and_words_are_guarded_too(client, administrator, editor):
    source = Source.objects.create(key="shiken", title="試験用の出典")
    client.force_login(editor)
    opened = sent_back(client, source)
    _saves(client, administrator, source, published="2023年3月")
    client.force_login(editor)
    page = client.post(change_url(source), opened | {"published": "2024年", "_save": "1"})
    source.refresh_from_db()
    assert (page.status_code, source.published) == (200, "2023年3月")
    assert "kanri さんが先に保存しています" in page.text


def test_a_row_changed_meanwhile_is_not_deleted(client, editor, publisher, draft):
    client.force_login(editor)
    for row, statement in ((draft, draft.statements.first()), (draft.statements.last(), None)):
        address = change_url(row).replace("/change/", "/delete/")
        seen = client.get(address).context["seen"]
        if statement:
            Statement.objects.filter(pk=statement.pk).update(text="消えてはいけない書き直し")
        else:
            _saves(client, publisher, draft, summary="消えてはいけない概要")
            client.force_login(editor)
        page = client.post(address, {"post": "yes", "seen": seen}, follow=True)
        assert "消していません" in page.text
        assert type(row).objects.filter(pk=row.pk).exists()


def test_no_list_offers_to_delete_several_rows_at_once(client, administrator):
    client.force_login(administrator)
    for name in ("statement", "source", "synonym", "wording", "tool", "case"):
        assert "delete_selected" not in client.get(f"/admin/cases/{name}/").text


def test_whose_case_it_is_counts_as_what_was_seen_and_written(client, publisher, new_case, editor):
    version = new_case("shiken", publish=False)
    before = fingerprint(version)
    client.force_login(publisher)
    client.post(
        change_url(version.case), sent_back(client, version.case) | {"municipality": "131016", "_save": "1"}
    )
    assert fingerprint(version) != before
    assert version.is_own_text_of(publisher)


def test_a_source_that_public_pages_cite_is_changed_by_who_may_publish(client, editor, publisher):
    source = Source.objects.get(key="report")
    client.force_login(editor)
    assert client.post(change_url(source), {"title": "書き換え", "seen": ""}).status_code == 403
    _saves(client, publisher, source, published="2023年3月")
    source.refresh_from_db()
    assert source.published == "2023年3月"


def test_a_save_that_says_nothing_of_what_it_saw_is_stale(client, editor, draft, opened):
    del opened["seen"]
    page = client.post(change_url(draft), opened | {"summary": "見ずに書いた概要", "_save": "1"})
    draft.refresh_from_db()
    assert (page.status_code, draft.summary == "見ずに書いた概要") == (200, False)


def test_what_is_shown_is_never_older_than_what_counts_as_seen(client, editor, draft, monkeypatch):
    """A save between the fingerprint and the reading makes the form stale, not the other way round."""
    client.force_login(editor)

    def saved_just_after(row):
        made = fingerprint(row)
        CaseVersion.objects.filter(pk=draft.pk).update(summary=f"その間に直した概要 {made}")
        return made

    monkeypatch.setattr(stale, "fingerprint", saved_just_after)
    opened = sent_back(client, draft)
    monkeypatch.undo()
    assert opened["summary"] == f"その間に直した概要 {opened['seen']}"
    page = client.post(change_url(draft), opened | {"_save": "1"})
    assert "先に保存しています" in page.text


def test_every_save_counts_its_writer_and_looking_does_not(client, editor, publisher, administrator, draft):
    _saves(client, publisher, draft, summary="公開担当が直した概要")
    _saves(client, administrator, draft)  # nothing changed
    assert set(draft.writers.all()) == {publisher}
    assert draft.is_own_text_of(editor), "who made the draft wrote it too"
    assert not draft.is_own_text_of(administrator)


def test_a_row_added_between_the_check_and_the_insert_is_told_in_words(client, editor, monkeypatch):
    """Two at once, as on PostgreSQL: neither check has seen the other's row."""
    client.force_login(editor)
    checks = []

    def seen_nothing(case, exclude=None):
        checks.append(case)
        if len(checks) > 1:
            monkeypatch.undo()
            case.validate_unique(exclude)

    monkeypatch.setattr(Case, "validate_unique", seen_nothing)
    empty = {f"versions-{total}_FORMS": "0" for total in ("TOTAL", "INITIAL")}
    page = client.post(
        "/admin/cases/case/add/", {**empty, "slug": "toba-ibasho", "municipality": "242110", "_save": "1"}
    )
    assert (page.status_code, len(checks)) == (200, 2)
    assert "既に存在します" in page.text


@pytest.mark.parametrize("change", ["statement", "citation", "theme", "photo", "silence", "status"])
def test_the_fingerprint_of_a_version_covers_its_parts(change, draft, state, editor):
    statement = state(draft, "outlook", "試験用の記述")
    before = fingerprint(draft)
    assert fingerprint(draft) == before
    if change == "statement":
        Statement.objects.filter(pk=statement.pk).update(text="別の記述")
    elif change == "citation":
        statement.citations.update(place="9頁")
    elif change == "theme":
        statement.themes.add("koho")
    elif change == "photo":
        draft.photos.create(image="photographs/x.jpg", width=1, height=1, decorative=True)
    elif change == "silence":
        draft.silences.update(note="試験用の補足")
    else:
        draft.submit(by=editor)
    assert fingerprint(draft) != before
    with pytest.raises(Stale), transaction.atomic():
        refuse_if_stale(draft, before)
