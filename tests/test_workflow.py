"""Draft → review → publish, and what stays frozen ever after."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from cases.models import (
    Case,
    CaseVersion,
    CatalogueStamp,
    Citation,
    Edition,
    Enquiry,
    Link,
    Municipality,
    PreviewLink,
    Silence,
    Statement,
    ToolUse,
    Transition,
    frozen,
)

Status = CaseVersion.Status
ACTS = {
    "submit": {},
    "take_back": {},
    "return_": {"reason": "出典の頁を足してください。"},
    "publish": {},
    "withdraw": {"reason": "自治体からの申し出"},
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


@pytest.fixture
def version_in(new_case, administrator):
    """A version in the state asked for, brought there by its own acts."""

    def make(status):
        version = new_case("shiken", publish=False)
        path = {
            "draft": [],
            "in_review": ["submit"],
            "published": ["submit", "publish"],
            "withdrawn": ["submit", "publish", "withdraw"],
            "superseded": ["submit", "publish", "revise"],
        }[status]
        for act in path:
            after = getattr(version, act)(by=administrator, **ACTS[act])
        if status == "superseded":
            after.submit(by=administrator)
            after.publish(by=administrator)
            version.refresh_from_db()
        assert version.status == status
        return version

    return make


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("act", ACTS)
def test_an_act_starts_only_from_its_state(act, status, version_in, administrator):
    version = version_in(status)
    before = list(Transition.objects.values_list())
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
        assert list(Transition.objects.values_list()) == before


def test_every_change_records_who_when_and_why(draft, editor, publisher):
    draft.submit(by=editor)
    draft.return_(by=publisher, reason="  出典の頁を足してください。 ")
    steps = list(draft.transitions.values_list("from_status", "to_status", "by__username", "reason"))
    assert steps == [
        ("draft", "in_review", "henshu", ""),
        ("in_review", "draft", "kokai", "出典の頁を足してください。"),
    ]
    assert all(step.at for step in draft.transitions.all())


@pytest.mark.parametrize("act", ["return_", "withdraw"])
def test_a_reason_is_asked_for(act, version_in, administrator):
    version = version_in("in_review" if act == "return_" else "published")
    with pytest.raises(ValidationError, match="理由"):
        getattr(version, act)(by=administrator, reason="  ")


@pytest.mark.parametrize(
    ("act", "status"), [("publish", "in_review"), ("return_", "in_review"), ("withdraw", "published")]
)
def test_an_editor_does_not_decide_what_is_public(act, status, version_in, editor):
    version = version_in(status)
    with pytest.raises(PermissionDenied):
        getattr(version, act)(by=editor, **ACTS[act])
    version.refresh_from_db()
    assert version.status == status


def test_publishing_a_revision_makes_the_old_version_a_former_one(toba, draft, editor, publisher):
    draft.submit(by=editor)
    draft.publish(by=publisher)
    toba.refresh_from_db()
    assert (toba.status, draft.status) == ("superseded", "published")
    assert CaseVersion.objects.published().get(case=toba.case) == draft


def test_a_failed_publication_leaves_the_old_version_public(toba, draft, editor, publisher, state):
    draft.submit(by=editor)
    Statement.objects.create(version=draft, item_id="effects", text="出典のない記述")
    with pytest.raises(ValidationError, match="出典がありません"):
        draft.publish(by=publisher)
    toba.refresh_from_db()
    draft.refresh_from_db()
    assert (toba.status, draft.status) == ("published", "in_review")


def test_a_revision_is_a_full_copy(toba, draft, state, editor, publisher):
    challenge = state(draft, "challenges", "課題")
    state(draft, "remedies", "工夫", answers=challenge)
    Link.objects.create(version=draft, title="リンク", url="https://example.jp/")
    draft.submit(by=editor)
    draft.publish(by=publisher)
    copy = draft.revise(by=editor)

    def content(version):
        statements = version.statements.all()
        return {
            "facts": [version.summary, version.tier_id, version.field_id, version.trial, version.surveyed_on],
            "statements": [
                (one.item_id, one.text, one.position, one.confidence, one.answers and one.answers.text)
                for one in statements
            ],
            "citations": [
                (cited.source_id, cited.place) for one in statements for cited in one.citations.all()
            ],
            "silences": list(version.silences.values_list("item", "kind", "note")),
            "tools": list(version.tool_uses.values_list("tool", "family", "main", "open_ended")),
            "links": list(version.links.values_list("title", "url")),
        }

    assert content(copy) == content(draft)
    assert copy.statements.get(item="remedies").answers.version == copy
    assert (copy.number, copy.status, copy.created_by) == (3, "draft", editor)


def test_only_one_version_is_open(toba, draft, editor):
    with pytest.raises(ValidationError, match="公開していない版がもうあります"):
        toba.revise(by=editor)
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseVersion.objects.bulk_create([_twin(draft, number=9)])


def test_only_one_version_is_published(toba):
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseVersion.objects.bulk_create([_twin(toba, number=9)])


def _twin(version, number):
    twin = CaseVersion.objects.get(pk=version.pk)
    twin.pk, twin.number = None, number
    return twin


@pytest.mark.parametrize("status", ["published", "superseded", "withdrawn"])
def test_code_refuses_to_change_a_frozen_version(status, version_in):
    version = version_in(status)
    version.summary = "別の概要"
    for change in (
        version.save,
        version.delete,
        lambda: Statement.objects.create(version=version, item_id="effects", text="後から"),
        lambda: Silence.objects.create(version=version, item_id="effects", kind="none"),
    ):
        with pytest.raises(ValidationError, match="公開した版は変えられません"):
            change()


def _frozen_rows(version):
    """One row of every table that a published version holds, with a column to change."""
    return {
        "cases_caseversion": (version.pk, "summary"),
        "cases_statement": (version.statements.first().pk, "text"),
        "cases_citation": (Citation.objects.filter(statement__version=version).first().pk, "place"),
        "cases_silence": (version.silences.first().pk, "note"),
        "cases_tooluse": (version.tool_uses.first().pk, "tool_id"),
        "cases_transition": (version.transitions.first().pk, "reason"),
        "cases_case": (version.case_id, "slug"),
    }


TABLES = ["caseversion", "statement", "citation", "silence", "tooluse", "transition", "case"]


@pytest.mark.parametrize("table", [f"cases_{table}" for table in TABLES])
def test_the_database_refuses_to_change_what_is_published(table, toba):
    key, column = _frozen_rows(toba)[table]
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = 'x' WHERE id = %s", [key])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [key])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE" if connection.vendor == "postgresql" else "SELECT 1")
        connection.check_constraints()


@pytest.mark.parametrize("model", [Statement, Silence, ToolUse, Link])
def test_the_database_refuses_to_add_to_what_is_published(model, toba, draft):
    rows = {
        Statement: Statement(version=toba, item_id="effects", text="後から"),
        Silence: Silence(version=toba, item_id="updates", kind="none"),
        ToolUse: ToolUse(version=toba, tool_id="line", family_id="sns"),
        Link: Link(version=toba, title="後から", url="https://example.jp/"),
    }
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        model.objects.bulk_create([rows[model]])


def test_the_database_refuses_to_publish_what_was_withdrawn(version_in):
    version = version_in("withdrawn")
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseVersion.objects.filter(pk=version.pk).update(status="published")


def test_the_database_refuses_to_move_a_part_into_a_published_version(toba, draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.filter(version=draft).update(version=toba)


def test_the_database_keeps_the_address_of_a_case_that_was_public(toba):
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=toba.case_id).update(municipality="422118")


def test_every_part_of_a_version_is_frozen_with_it():
    """A new part must join frozen.PARTS, and copy_content."""
    parts = {relation.related_model for relation in CaseVersion._meta.related_objects}
    parts -= {Transition, PreviewLink, Enquiry, Edition}  # they are about a version, not of it
    assert parts == set(frozen.PARTS)


def test_a_draft_can_be_changed_and_deleted(draft):
    Statement.objects.filter(version=draft).update(text="書き直し")
    draft.delete()
    assert not CaseVersion.objects.filter(pk=draft.pk).exists()


def test_a_remedy_answers_a_challenge_and_nothing_else_does(draft, state):
    challenge = state(draft, "challenges", "課題")
    with pytest.raises(IntegrityError), transaction.atomic():
        state(draft, "effects", "効果", answers=challenge)


def test_a_remedy_that_answers_no_challenge_of_its_version_stops_publication(toba, draft, state, editor):
    elsewhere = toba.statements.first()
    state(draft, "remedies", "工夫", answers=elsewhere)
    with pytest.raises(ValidationError) as refused:
        draft.submit(by=editor)
    assert "別の版の課題" in " ".join(refused.value.messages)
    assert "課題でない記述" in " ".join(refused.value.messages)


def test_a_statement_ends_the_silence_of_its_item(draft, state):
    assert draft.silences.filter(item="voices").exists()
    state(draft, "voices", "利用者の声")
    assert not draft.silences.filter(item="voices").exists()


def test_an_item_is_not_both_told_and_silent(draft, state, editor):
    state(draft, "voices", "利用者の声")
    Silence.objects.create(version=draft, item_id="voices", kind="not_stated")
    with pytest.raises(ValidationError, match="出典に記載なし"):
        draft.submit(by=editor)


def test_a_service_status_needs_its_evidence(draft):
    draft.service_status = "ended"
    with pytest.raises(IntegrityError), transaction.atomic():
        draft.save()
    draft.service_evidence = "2026年11月の照会への回答"
    draft.save()


def test_a_survey_date_needs_its_precision(draft):
    draft.surveyed_precision = ""
    with pytest.raises(IntegrityError), transaction.atomic():
        draft.save()


@pytest.mark.parametrize("act", ["publish", "withdraw"])
def test_a_public_change_moves_the_stamp(act, version_in, administrator):
    version = version_in("in_review" if act == "publish" else "published")
    before = CatalogueStamp.current()
    getattr(version, act)(by=administrator, **ACTS[act])
    assert CatalogueStamp.current() != before


def test_renaming_what_public_pages_name_moves_the_stamp():
    before = CatalogueStamp.current()
    Municipality.objects.get(code="242110").save()
    assert CatalogueStamp.current() != before


def test_a_draft_does_not_move_the_stamp(toba, editor):
    before = CatalogueStamp.current()
    toba.revise(by=editor).submit(by=editor)
    assert CatalogueStamp.current() == before
