"""What leaves the house."""

import pytest
from django.apps import apps

from cases import sheet
from cases.models import CaseVersion, Citation, Silence, Source, ToolUse
from cases.record import record

CONTENT = {*sheet.PUBLIC, *sheet.PRIVATE}


@pytest.mark.parametrize(
    "model", list(apps.get_app_config("cases").get_models()), ids=lambda model: model.__name__
)
def test_every_field_is_public_or_private_on_purpose(model):
    if model.__name__ in ("CatalogueStamp", "Field", "Tier", "Style", "Theme", "Synonym"):
        return
    if model in sheet.INNER:
        assert model not in CONTENT
        return
    fields = {field.name for field in (*model._meta.concrete_fields, *model._meta.many_to_many)}
    public, private = sheet.PUBLIC.get(model, set()), sheet.PRIVATE.get(model, set())
    assert not public & private
    assert public | private == fields


@pytest.fixture
def record_of():
    def make(version):
        return record(CaseVersion.objects.with_content().get(pk=version.pk))

    return make


def _claims(made):
    return {entry.key: entry.claims for group in (*made.groups, made.beside) for entry in group.entries}


def test_a_record_has_the_groups_of_the_casebook_in_its_order(toba, record_of):
    made = record_of(toba)
    assert [group.name for group in made.groups] == [
        "内容",
        "実施状況",
        "実施方法",
        "効果・課題と工夫",
        "今後の展開",
    ]
    assert made.beside.name == "報告書のほかに分かったこと"
    assert sum(len(group.entries) for group in made.groups) == made.items == 21
    assert made.items_filled == 7


def test_sources_are_numbered_in_the_order_of_the_page(toba, record_of):
    made = record_of(toba)
    assert made.summary_source == 1
    assert [(source.number, source.title) for source in made.sources] == [
        (1, Source.objects.get(key="report").title),
        (2, "三重県 報道発表「電子居場所」の開設"),
        (3, "三重県「三重県ひきこもり支援推進計画について」"),
    ]
    assert made.sources[0].places == ["図表3-1"]
    assert [claim.sources for claim in _claims(made)["support"]] == [[2]]
    assert [claim.sources for claim in _claims(made)["related"]] == [[3]]


def test_a_source_cited_at_two_places_has_one_number(draft, record_of, state):
    statement = state(draft, "effects", "効果")
    Citation.objects.create(statement=statement, source=Source.objects.get(key="report"), place="9頁")
    made = record_of(draft)
    assert _claims(made)["effects"][0].sources == [1]
    assert made.sources[0].places == ["図表3-1", "8頁", "9頁"]


def test_a_remedy_stands_with_the_challenge_it_answers(draft, record_of, state):
    challenge = state(draft, "challenges", "参加者が増えない")
    state(draft, "remedies", "広報を変えた", answers=challenge)
    state(draft, "remedies", "どの課題とも結び付かない工夫")
    claims = _claims(record_of(draft))
    assert [(one.text, [remedy.text for remedy in one.remedies]) for one in claims["challenges"]] == [
        ("参加者が増えない", ["広報を変えた"])
    ]
    assert [one.text for one in claims["remedies"]] == ["どの課題とも結び付かない工夫"]


def test_the_three_silences_stay_apart(draft, record_of):
    draft.silences.filter(item="voices").update(kind="none")
    draft.silences.filter(item="results").delete()
    draft.silences.filter(item="privacy").delete()
    entries = {entry.key: entry for group in record_of(draft).groups for entry in group.entries}
    assert entries["voices"].silence == "該当なし"
    assert entries["activity"].silence == "出典に記載なし"
    assert "privacy" not in entries


def test_the_silence_about_the_support_does_not_deny_the_tables_summary(record_of):
    kyoto = CaseVersion.objects.published().get(case__slug="kyoto-pref-ibasho")
    entries = {entry.key: entry for group in record_of(kyoto).groups for entry in group.entries}
    assert entries["support"].silence == "出典に記載なし（図表3-1の概要を除く）"
    assert entries["message"].silence == "出典に記載なし"


@pytest.mark.parametrize("slug", ["toba-ibasho", "toyoake-sodan", "kyoto-pref-ibasho"])
def test_facts_are_told_in_words(slug):
    version = CaseVersion.objects.with_content().get(case__slug=slug)
    facts = {fact.key: fact.value for fact in record(version).facts}
    assert facts["surveyed"] == "2022年度（令和4年度）"
    assert facts["checked"] == "まだ確認していません"
    assert facts["status"] == "未確認"
    assert facts["style"] == {"toyoake-sodan": "テキストベース"}.get(slug, "出典に記載なし")
    assert facts["tool"] == {"toba-ibasho": "Zoom", "toyoake-sodan": "LINE等"}.get(slug, "バーチャルオフィス")


def test_a_second_tool_stands_after_the_main_one(draft, record_of):
    ToolUse.objects.create(version=draft, tool_id="discord", family_id="chat-tool")
    facts = {fact.key: fact.value for fact in record_of(draft).facts}
    assert facts["tool"] == "Zoom、Discord"
    assert facts["family"] == "Web会議システム、チャットコミュニケーションツール"


def test_an_editors_confidence_does_not_leave_the_house(toba, record_of):
    assert {statement.confidence for statement in toba.statements.all()} == {"high", "medium"}
    assert "confidence" not in repr(record_of(toba))
    assert "medium" not in repr(record_of(toba))


def test_a_record_costs_a_constant_number_of_queries(toba, django_assert_max_num_queries):
    for version in CaseVersion.objects.published():
        with django_assert_max_num_queries(9):
            record(CaseVersion.objects.with_content().get(pk=version.pk))


def test_a_card_counts_the_hearing_items_only(new_case):
    cards = {
        version.case.slug: sheet.card(version) for version in CaseVersion.objects.published().with_card()
    }
    assert cards["toba-ibasho"].items_filled == 7
    assert cards["edogawa-ibasho"].items_filled == 0
    assert cards["goto-sodan"].reading == "ごとうし"
    assert cards["toyoake-sodan"].labels == ["オンライン相談", "SNS：LINE等", "テキストベース"]
    assert cards["toba-ibasho"].labels == ["オンライン居場所", "Web会議システム：Zoom", "試行"]


def test_silence_kinds_have_the_words_of_the_domain():
    assert [kind.label for kind in Silence.Kind] == ["出典に記載なし", "該当なし"]


def test_a_versions_parts_are_read_with_their_terms_and_nothing_more(toba):
    """Django makes related managers anew from their class: terms kept on an instance would be lost."""
    read = str(toba.statements.all().query).partition("WHERE")[0]
    assert "JOIN" in read
    assert "cases_item" in read
    assert "cases_caseversion" not in read
