"""Editions: frozen for ever, cited by every page, compared with what came later."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from cases import editions, index
from cases.catalogue import Catalogue
from cases.models import BUNDLE, AuditEntry, CaseVersion, Edition, EditionFile

CANARY = "試験用の、改めた概要"


@pytest.fixture
def edition(publisher):
    return Edition.freeze("2026-10", "試験用の号です。", by=publisher)


@pytest.fixture
def revised(toba, editor, publisher):
    """鳥羽市's case published anew with another summary: revised(summary)."""

    def revise(summary=CANARY):
        draft = CaseVersion.objects.published().get(case=toba.case).revise(by=editor, reason="試験用の改訂")
        draft.summary = summary
        draft.save()
        draft.submit(by=editor)
        draft.publish(by=publisher)
        return draft

    return revise


# Freezing


def test_an_edition_holds_what_was_public_and_nothing_later(edition, revised, new_case):
    before = set(CaseVersion.objects.published().values_list("pk", flat=True))
    revised()
    new_case("shiken-later")
    assert set(edition.versions.values_list("pk", flat=True)) == before
    assert Catalogue(edition=edition).total == 15
    assert Catalogue().total == 16
    assert set(Catalogue(edition=edition).ids()) == before


def test_freezing_is_written_in_the_audit_log(edition):
    entry = AuditEntry.objects.get(act="edition")
    assert (entry.who, entry.about) == ("kokai", "2026-10版")
    assert "15件" in entry.detail


def test_only_who_may_publish_freezes(editor):
    with pytest.raises(PermissionDenied):
        Edition.freeze("2026-10", by=editor)
    assert not Edition.objects.exists()


@pytest.mark.parametrize(
    "label", ["2026-13", "2026-1", "26-10", "2026-10-0", "2026-10\n2", "号", "", "2026-10-100"]
)
def test_a_malformed_label_is_refused(label, publisher):
    with pytest.raises(ValidationError):
        Edition.freeze(label, by=publisher)


def test_a_label_is_used_once(edition, publisher):
    with pytest.raises(ValidationError):
        Edition.freeze("2026-10", by=publisher)
    assert Edition.freeze("2026-10-2", by=publisher).label == "2026-10-2"


def test_an_empty_catalogue_is_no_edition(publisher):
    for version in CaseVersion.objects.published():
        version.withdraw(by=publisher, reason="試験")
    with pytest.raises(ValidationError, match="公開中の事例がない"):
        Edition.freeze("2026-10", by=publisher)


def test_the_proposed_label_is_always_free(publisher):
    for _ in range(3):
        Edition.freeze(Edition.next_label(), by=publisher)
    assert len({edition.label[:7] for edition in Edition.objects.all()}) == 1


def _file(edition, name):
    return EditionFile(edition=edition, name=name, title="試験用", size=1, sha256="0" * 64)


@pytest.mark.parametrize(
    "change",
    [
        lambda edition, draft: Edition.objects.filter(pk=edition.pk).update(note="あとから"),
        lambda edition, draft: Edition.objects.filter(pk=edition.pk).update(label="2026-12"),
        lambda edition, draft: Edition.objects.filter(pk=edition.pk).delete(),
        lambda edition, draft: edition.versions.add(draft),
        lambda edition, draft: edition.versions.remove(edition.versions.first()),
        lambda edition, draft: edition.versions.through.objects.all().update(caseversion=draft),
        lambda edition, draft: _file(edition, "more.csv").save(),
        lambda edition, draft: edition.files.update(sha256="1" * 64),
        lambda edition, draft: edition.files.all().delete(),
    ],
)
def test_the_database_refuses_every_later_change(change, edition, draft):
    EditionFile.objects.bulk_create([_file(edition, "cases.csv"), _file(edition, BUNDLE)])
    with pytest.raises(DatabaseError), transaction.atomic():
        change(edition, draft)


def test_files_are_withdrawn_once_with_a_reason(edition, publisher, editor):
    with pytest.raises(PermissionDenied):
        edition.withdraw_files(by=editor, reason="試験用の理由")
    with pytest.raises(ValidationError):
        edition.withdraw_files(by=publisher, reason=" ")
    edition.withdraw_files(by=publisher, reason="試験用の理由")
    with pytest.raises(ValidationError):
        edition.withdraw_files(by=publisher, reason="もう一度")
    with pytest.raises(DatabaseError), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(files_withdrawn_at=None, files_withdrawn_because="")
    assert "試験用の理由" in AuditEntry.objects.filter(act="edition").first().detail


# How pages name and cite it


def _line(page):
    return re.sub(r"<[^>]+>", "", re.search(r'<p class="edition-line">.*?</p>', page, re.S).group())


@pytest.mark.parametrize(
    "path", ["/", "/cases/", "/cases/toba-ibasho/", "/tools/zoom/", "/topics/results/", "/about/", "/near/"]
)
def test_every_page_names_its_edition_until_the_next_publication(path, client, edition, revised):
    line = _line(client.get(path).text)
    assert f"2026-10版（{editions.day(edition.frozen_at)}）" in line
    assert "/editions/2026-10/" in line
    revised()
    line = _line(client.get(path).text)
    assert f"{editions.day(None)}時点（号なし）" in line
    assert "2026-10" not in line


def test_naming_the_edition_costs_no_query(edition, django_assert_num_queries):
    index.current()
    with django_assert_num_queries(1):
        assert editions.stamp(index.current()).startswith("2026-10版")


def test_a_version_names_the_editions_that_hold_it(client, edition, revised):
    revised()
    assert "2026-10版" in _line(client.get("/cases/toba-ibasho/v1/").text)
    assert "号はありません" in _line(client.get("/cases/toba-ibasho/v2/").text)


def test_a_new_word_in_the_vocabulary_leaves_today_the_edition_it_is(edition):
    from cases.models import Synonym

    Synonym.objects.create(word="試験語", means="Zoom")
    assert index.current().label == "2026-10"


# Its pages


def test_the_page_of_an_edition_stays_byte_for_byte(client, edition, revised, new_case, publisher):
    before = client.get("/editions/2026-10/").content
    revised()
    new_case("shiken-later")
    Edition.freeze("2026-11", by=publisher)
    assert client.get("/editions/2026-10/").content == before
    text = before.decode()
    assert text.count("（第1版）") == 15
    assert 'href="/cases/toba-ibasho/v1/"' in text
    assert "試験用の号です。" in text
    assert CANARY not in client.get("/cases/toba-ibasho/v1/").text


def test_a_withdrawn_version_vanishes_from_the_edition(client, edition, toba, publisher):
    toba.withdraw(by=publisher, reason="試験")
    text = client.get("/editions/2026-10/").text
    assert "鳥羽" not in text
    assert "ほかに1件" in text
    changes = client.get("/editions/2026-10/changes/").text
    assert "鳥羽" not in changes
    assert "取り下げた事例" in changes
    assert Catalogue(edition=edition).total == 14


def test_what_was_withdrawn_is_not_shown_as_a_difference(client, edition, toba, revised, publisher):
    revised()
    CaseVersion.objects.get(pk=toba.pk).withdraw(by=publisher, reason="試験")
    text = client.get("/editions/2026-10/changes/").text
    assert "前の版は取り下げた" in text
    assert toba.summary not in text


def test_the_list_names_every_edition(client, edition, publisher, revised):
    revised()
    Edition.freeze("2026-11", by=publisher)
    text = client.get("/editions/").text
    assert text.index("2026-11版</a>") < text.index("2026-10版</a>")


def test_an_unknown_edition_is_not_found(client, edition):
    for path in ("/editions/2026-12/", "/editions/2026-12/changes/", "/editions/2026-10/changes/?since=2026-10",
                 "/editions/2026-10/changes/?since=x", "/editions/2026-10/nonesuch.csv", "/editions/2026-99/"):  # fmt: skip
        assert client.get(path).status_code == 404, path


# What has changed


def test_changes_until_today_are_told_case_by_case_and_item_by_item(client, edition, revised, new_case):
    assert "変わったところはありません" in client.get("/editions/2026-10/changes/").text
    revised()
    new_case("shiken-later")
    text = client.get("/editions/2026-10/changes/").text
    assert re.search(r"内容が変わった事例 <b>1件", text)
    assert re.search(r"加わった事例 <b>1件", text)
    assert re.search(r"同じ版の事例 <b>14件", text)
    assert "第1版から第2版へ" in text
    assert "試験用の改訂" in text
    assert "<h4>概要" in text
    assert 'href="/cases/shiken-later/v1/"' in text


def test_changes_between_two_editions_end_with_the_newer(client, edition, revised, publisher):
    revised()
    Edition.freeze("2026-11", by=publisher)
    revised("さらに後の概要")
    text = client.get("/editions/2026-11/changes/?since=2026-10").text
    assert "2026-10版から2026-11版までの違い" in text
    assert "さらに後の概要" not in text
    assert "さらに後" in client.get("/editions/2026-11/changes/").text
    assert "?since=2026-10" in client.get("/editions/2026-11/").text


def test_changes_can_be_cut_to_a_case(client, edition, revised):
    revised()
    assert "第1版から第2版へ" in client.get("/editions/2026-10/changes/?case=toba-ibasho").text
    assert "変わったところはありません" in client.get("/editions/2026-10/changes/?case=goto-sodan").text


@pytest.mark.parametrize("page", ["", "0", "2", "99999999999", "-1", "１", "x", "%00"])
def test_any_page_number_is_answered(page, client, edition, revised):
    revised()
    assert client.get(f"/editions/2026-10/changes/?page={page}").status_code == 200


def test_many_changes_are_read_page_by_page(edition, monkeypatch, revised, client, editor, publisher):
    monkeypatch.setattr(editions, "CHANGES_A_PAGE", 1)
    revised()
    other = CaseVersion.objects.published().get(case__slug="goto-sodan").revise(by=editor)
    other.submit(by=editor)
    other.publish(by=publisher)
    first, second = (client.get(f"/editions/2026-10/changes/?page={page}").text for page in (1, 2))
    assert 'rel="next" href="?page=2"' in first
    assert ("case-toba-ibasho" in first, "case-goto-sodan" in second) == (True, True)
    assert "case-goto-sodan" not in first


# What is pasted from a paper


@pytest.mark.parametrize(
    "typed",
    [
        "2026-10版・鳥羽市",
        "２０２６年１０月版　とば",
        "2026/10 三重県 鳥羽市",
        "「三重県鳥羽市のオンライン居場所」第1版、ひきこもり支援 オンライン活用事例集 2026-10版",
        "2026-10-24 時点、242110",
        "2026ー10号：鳥羽",
    ],
)
def test_a_pasted_citation_leads_to_what_has_changed_there(typed, client, edition):
    answer = client.get("/editions/", {"q": typed})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/editions/2026-10/changes/?case=toba-ibasho"


def test_a_pasted_edition_alone_leads_to_all_of_its_changes(client, edition):
    assert client.get("/editions/", {"q": "2026-10版"}).headers["Location"] == "/editions/2026-10/changes/"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("鳥羽市", "号が読み取れません"),
        ("2031-05版・鳥羽市", "2031-05版という号はありません"),
        ("2026-10版・札幌市", "札幌市の事例はありません"),
        ("<script>\x00", "号が読み取れません"),
        ("あ" * 5000, "号が読み取れません"),
    ],
)
def test_what_cannot_be_followed_is_told(typed, told, client, edition):
    answer = client.get("/editions/", {"q": typed})
    assert answer.status_code == 200
    assert told in answer.text
    assert "<script>\x00" not in answer.text


# The editors' pages


def test_a_publisher_freezes_in_the_admin(client, publisher, monkeypatch, django_capture_on_commit_callbacks):
    begun = []
    monkeypatch.setattr("cases.bundle.start", begun.append)
    client.force_login(publisher)
    assert f'value="{Edition.next_label()}"' in client.get("/admin/cases/edition/add/").text
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/admin/cases/edition/add/", {"label": "2026-10", "note": "試験用"})
    edition = Edition.objects.get()
    assert answer.headers["Location"] == f"/admin/cases/edition/{edition.pk}/change/"
    assert (edition.label, edition.by, edition.versions.count()) == ("2026-10", publisher, 15)
    assert begun == [edition]
    assert LogEntry.objects.filter(object_id=edition.pk).exists()
    page = client.get(answer.headers["Location"]).text
    assert "作成中：始めるところ" in page and "ファイルを作る</button>" not in page
    monkeypatch.setattr("cases.admin.edition.STARTING", timedelta(0))
    page = client.get(answer.headers["Location"]).text
    assert "まだありません" in page and "ファイルを作る</button>" in page


def test_the_admin_refuses_a_taken_label_and_an_empty_catalogue_in_words(client, publisher, edition):
    client.force_login(publisher)
    answer = client.post("/admin/cases/edition/add/", {"label": "2026-10", "note": ""})
    assert answer.status_code == 200
    assert Edition.objects.count() == 1
    for version in CaseVersion.objects.published():
        version.withdraw(by=publisher, reason="試験")
    assert (
        "公開中の事例がない"
        in client.post("/admin/cases/edition/add/", {"label": "2026-11", "note": ""}).text
    )


def test_an_editor_looks_at_editions_and_changes_none(client, editor, edition):
    client.force_login(editor)
    page = client.get(f"/admin/cases/edition/{edition.pk}/change/")
    assert page.status_code == 200
    assert "取り下げる" not in page.text
    for path in ("add/", f"{edition.pk}/files/", f"{edition.pk}/files/withdraw/", f"{edition.pk}/delete/"):
        assert client.post(f"/admin/cases/edition/{path}", {"_reason": "試験"}).status_code == 403
    edition.refresh_from_db()
    assert edition.files_withdrawn_at is None


def test_who_withdraws_a_case_is_told_of_the_editions_that_hold_it(client, publisher, edition, toba):
    client.force_login(publisher)
    data = {"_act": "withdraw", "_reason": "試験用の理由"}
    answer = client.post(f"/admin/cases/caseversion/{toba.pk}/change/", data, follow=True)
    assert "2026-10版のファイルには、この版の内容が残っています" in answer.text
    page = client.get(f"/admin/cases/edition/{edition.pk}/change/").text
    assert "後で取り下げた事例が1件" in page
