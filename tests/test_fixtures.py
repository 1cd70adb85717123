"""The loaded casebook against the report's table and the public facts, row by row."""

import pytest

from cases import fixtures
from cases.models import Case, CaseVersion, Citation, Item, Silence, Statement

TABLE = fixtures.rows("report_table_3_1.csv")
FACTS = fixtures.document("public_facts.json")


def test_fifteen_cases_are_published_as_version_1():
    published = CaseVersion.objects.published()
    assert published.count() == CaseVersion.objects.count() == 15
    assert set(published.values_list("number", flat=True)) == {1}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["municipality_as_printed"])
def test_a_case_is_exact_to_its_row_of_the_table(row):
    version = CaseVersion.objects.published().get(case__municipality=row["code"])
    use = version.tool_uses.get()
    assert {
        "order": str(version.case.report_number),
        "field": f"オンライン{version.field.name}",
        "municipality_as_printed": version.case.municipality.full_name,
        "code": version.case.municipality_id,
        "summary_as_printed": version.summary,
        "class_as_printed": version.tier.name,
        "class_key": version.tier_id,
        "tool_family": use.family.name,
        "tool": use.tool.name,
        "tool_open_ended": "等" if use.open_ended else "",
        "style": version.style.name if version.style else "",
        "trial": "試行" if version.trial else "",
    } == row
    assert (version.source.key, version.source_place) == ("report", "図表3-1")


def test_every_public_fact_stands_under_its_item_with_its_source():
    loaded = {
        (statement.version.case.municipality_id, statement.item_id, statement.text, citation.source.key)
        for statement in Statement.objects.all()
        for citation in statement.citations.all()
    }
    assert loaded == {
        (fact["municipality"], fact["item"], fact["text"], fact["source"]) for fact in FACTS["facts"]
    }


def test_every_statement_has_a_source_and_every_source_the_day_it_was_read():
    assert not Statement.objects.filter(citations=None).exists()
    assert not Citation.objects.filter(source__read_on=None).exists()


def test_every_hearing_item_has_a_statement_or_says_that_the_sources_are_silent():
    hearing = set(Item.objects.exclude(group="beside").values_list("key", flat=True))
    assert len(hearing) == 21
    for version in CaseVersion.objects.published():
        told = set(version.statements.values_list("item", flat=True)) & hearing
        silent = set(version.silences.values_list("item", flat=True))
        assert told | silent == hearing
        assert not told & silent
    assert set(Silence.objects.values_list("kind", flat=True)) == {"not_stated"}


def test_nothing_is_claimed_to_have_been_checked():
    for version in CaseVersion.objects.published():
        assert version.checked_on is None
        assert version.service_status == "unconfirmed"


def test_the_tier_is_the_printed_one_not_the_census_band():
    toshima = CaseVersion.objects.published().get(case__slug="toshima-sodan")
    assert (toshima.tier_id, toshima.case.municipality.band) == ("ward_lt300k", "ge300k")


def test_line_is_in_the_family_that_each_row_prints():
    families = CaseVersion.objects.published().filter(tool_uses__tool="line")
    assert dict(families.values_list("case__slug", "tool_uses__family")) == {
        "shinagawa-ibasho": "chat-sns",
        "miyazaki-pref-sodan": "sns",
        "kanagawa-pref-sodan": "sns",
        "toyoake-sodan": "sns",
        "kameoka-sodan": "sns",
    }


def test_loading_again_touches_nothing_that_an_editor_changed(draft):
    Case.objects.filter(slug="goto-sodan").update(report_number=None)
    draft.summary = "編集者が書いた概要"
    draft.save()
    assert fixtures.load() == 0
    draft.refresh_from_db()
    assert draft.summary == "編集者が書いた概要"
    assert Case.objects.get(slug="goto-sodan").report_number is None
