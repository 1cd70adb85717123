"""The admin's first page: what waits, for whom, in few queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from cases.admin.dashboard import dashboard
from cases.models import Case, CaseVersion, Municipality


def _desks(user):
    return {desk.key: desk for desk in dashboard(user)["desks"]}


def _listed(user, key):
    return [entry.version for entry in _desks(user)[key].entries]


def test_a_draft_waits_for_those_who_wrote_it(draft, editor, publisher):
    assert _listed(editor, "drafts") == [draft]
    assert _listed(publisher, "drafts") == []
    draft.written(by=publisher)
    assert _listed(publisher, "drafts") == [draft]


def test_what_is_in_review_waits_for_publishers_and_is_marked_for_its_writer(
    draft, editor, publisher, new_case
):
    draft.submit(by=editor)
    other = new_case("shiken", publish=False)
    other.written(by=publisher)
    other.submit(by=publisher)
    entries = _desks(publisher)["review"].entries
    assert [(entry.version, entry.own) for entry in entries] == [(draft, False), (other, True)]
    assert "henshu さんが提出" in entries[0].note
    assert _listed(editor, "review") == [draft], "an editor sees what they have handed in"
    assert _listed(editor, "drafts") == []


def test_what_was_sent_back_stands_apart_with_its_reason_until_it_is_handed_in_again(
    draft, editor, publisher
):
    draft.submit(by=editor)
    draft.return_(by=publisher, reason="頁を足してください")
    entry = _desks(editor)["returned"].entries[0]
    assert entry.version == draft
    assert entry.note.endswith("kokai さんから：頁を足してください")
    assert _listed(editor, "drafts") == []
    draft.submit(by=editor)
    assert _listed(editor, "returned") == []
    draft.take_back(by=editor)
    assert _listed(editor, "returned") == []
    assert _listed(editor, "drafts") == [draft]


@pytest.mark.parametrize(
    ("checked", "due", "listed"),
    [(None, None, True), (0, None, True), (0, 30, True), (0, 31, False), (0, -400, True), (None, 90, True)],
)
def test_a_public_case_is_due_30_days_ahead_or_while_nobody_has_checked_it(
    checked, due, listed, new_case, editor
):
    today = localdate()
    new_case(
        "shiken",
        checked_on=None if checked is None else today,
        check_due_on=None if due is None else today + timedelta(days=due),
    )
    assert _desks(editor)["due"].count == 15 + listed


def test_a_list_shows_ten_and_counts_the_rest(editor):
    desk = _desks(editor)["due"]
    assert (len(desk.entries), desk.count, desk.more) == (10, 15, 5)


def test_what_was_published_last_comes_first(draft, editor, publisher):
    draft.submit(by=editor)
    draft.publish(by=publisher)
    entry = _desks(editor)["recent"].entries[0]
    assert entry.version == draft
    assert "に公開" in entry.note


def test_the_page_says_calmly_where_nothing_waits(client, publisher):
    client.force_login(publisher)
    page = client.get("/admin/").text
    for words in (
        "差し戻されたものはありません。",
        "書きかけの下書きはありません。",
        "審査を待っているものはありません。",
    ):
        assert words in page
    assert "確認の時期が来た事例（15）" in page
    assert "ほかに5件あります" in page


def test_the_page_leads_to_the_drafts_and_the_review(client, publisher, draft, editor):
    client.force_login(editor)
    assert f'href="/admin/cases/caseversion/{draft.pk}/change/"' in client.get("/admin/").text
    draft.written(by=publisher)
    draft.submit(by=editor)
    client.force_login(publisher)
    page = client.get("/admin/").text
    assert f'href="/admin/cases/caseversion/{draft.pk}/review/"' in page
    assert "自分が書いたもの" in page


def test_the_lists_cost_at_most_ten_queries_however_many_cases_there_are(toba, publisher, administrator):
    with CaptureQueriesContext(connection) as few:
        dashboard(publisher)
    codes = Municipality.objects.values_list("pk", flat=True)[:60]
    cases = Case.objects.bulk_create([Case(slug=f"shiken-{code}", municipality_id=code) for code in codes])
    common = {
        "number": 1,
        "field": toba.field,
        "tier": toba.tier,
        "summary": "試験用の事例",
        "source": toba.source,
    }
    states = ["draft", "in_review"]
    CaseVersion.objects.bulk_create(
        [
            CaseVersion(case=case, status=states[at % 2], created_by=publisher, **common)
            for at, case in enumerate(cases)
        ]
    )
    with CaptureQueriesContext(connection) as many:
        found = _desks(publisher)
    assert {key: found[key].count for key in ("drafts", "review")} == {"drafts": 30, "review": 30}
    assert len(few) <= len(many) <= 10
