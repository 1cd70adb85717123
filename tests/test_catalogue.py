"""The one query, held against a plain reading of the report's table."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import fixtures, index
from cases.catalogue import Catalogue
from cases.models import CaseVersion, Field, Style, Tier, Tool, ToolFamily

TABLE = fixtures.rows("report_table_3_1.csv")
FACTS = fixtures.document("public_facts.json")["facts"]
REGION_OF = {
    f"{code:02}": key
    for key, codes in {
        "hokkaido": [1], "tohoku": range(2, 8), "kanto": range(8, 15), "chubu": range(15, 24), "kinki": range(24, 31),
        "chugoku": range(31, 36), "shikoku": range(36, 40), "kyushu-okinawa": range(40, 48),
    }.items()
    for code in codes
}  # fmt: skip
VOCABULARY = fixtures.document("vocabulary.json")
KEYS = {
    facet: [term["key"] for term in VOCABULARY[model]]
    for facet, model in {
        "field": "Field",
        "tier": "Tier",
        "family": "ToolFamily",
        "tool": "Tool",
        "style": "Style",
    }.items()
} | {
    "pref": sorted(REGION_OF),
    "region": list(dict.fromkeys(REGION_OF.values())),
    "trial": ["yes"],
    "status": ["continuing", "changed", "ended", "unconfirmed"],
    "has": [term["key"] for term in VOCABULARY["Item"]],
    "theme": [term["key"] for term in VOCABULARY["Theme"]],
}
NAMES = {
    model: {term["name"]: term["key"] for term in terms}
    for model, terms in VOCABULARY.items()
    if model not in ("Source", "Synonym")
}


def _values(row):
    """A row of the table as facet → its values, worked out without the catalogue."""
    told = [fact for fact in FACTS if fact["municipality"] == row["code"]]
    return {
        "field": {NAMES["Field"][row["field"].removeprefix("オンライン")]},
        "tier": {row["class_key"]},
        "family": {NAMES["ToolFamily"][row["tool_family"]]},
        "tool": {NAMES["Tool"][row["tool"]]},
        "style": {NAMES["Style"][row["style"]]} if row["style"] else set(),
        "pref": {row["code"][:2]},
        "region": {REGION_OF[row["code"][:2]]},
        "trial": {"yes"} if row["trial"] else set(),
        "status": {"unconfirmed"},
        "has": {fact["item"] for fact in told},
        "theme": {
            one["theme"]
            for one in fixtures.rows("themes.csv")
            for fact in told
            if fact["text"] == one["statement"] and fact["item"] != "related"
        },
    }


ROWS = [(row["code"], _values(row)) for row in TABLE]


def _found(selection):
    """The codes that a selection finds: OR within a facet, AND across facets."""
    return [
        code
        for code, values in ROWS
        if all(values[facet] & set(chosen) for facet, chosen in selection.items() if chosen)
    ]


def _codes(catalogue):
    return [version.case.municipality_id for version in catalogue.versions()]


selections = st.fixed_dictionaries(
    {}, optional={facet: st.lists(st.sampled_from(keys), max_size=4) for facet, keys in KEYS.items()}
)
on_one_casebook = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100
)


@on_one_casebook
@given(selections)
def test_any_selection_finds_what_the_table_says_and_counts_leave_out_their_own_facet(selection):
    catalogue = Catalogue(selection)
    assert _codes(catalogue) == _found(selection)
    assert catalogue.total == len(_found(selection))
    assert catalogue.errors == {}
    for facet in catalogue.facets:
        others = {key: values for key, values in selection.items() if key != facet.key}
        for value in facet.values:
            assert value.count == len(_found({**others, facet.key: [value.key]})), (facet.key, value.key)
            assert value.selected == (value.key in selection.get(facet.key, []))


@on_one_casebook
@given(selections)
def test_a_query_leads_back_to_its_selection_and_a_chip_to_the_selection_without_it(selection):
    from django.http import QueryDict

    catalogue = Catalogue(selection)
    again = Catalogue(QueryDict(catalogue.query()))
    assert again.selected == catalogue.selected
    assert again.query() == catalogue.query()
    for chip in catalogue.chips:
        without = Catalogue(QueryDict(chip.query))
        assert without.total == chip.gain
        assert sum(map(len, without.selected.values())) == sum(map(len, catalogue.selected.values())) - 1


def test_every_value_of_the_vocabulary_is_offered_even_with_no_case():
    counts = {facet.key: {value.key: value.count for value in facet.values} for facet in Catalogue().facets}
    for facet in ("field", "tier", "family", "tool", "style"):
        assert list(counts[facet]) == KEYS[facet]
    assert counts["field"] == {"ibasho": 7, "sodan": 7, "jiritsu": 1, "joho": 0}
    assert counts["style"] == {"on-screen": 3, "text": 4}


def test_of_the_prefectures_those_with_a_case_or_chosen_are_offered():
    def offered(**selection):
        return [
            value.key
            for facet in Catalogue(selection).facets
            if facet.key == "pref"
            for value in facet.values
        ]

    assert offered() == sorted({row["code"][:2] for row in TABLE})
    assert "01" in offered(pref=["01"])


def test_a_small_town_using_zoom_is_found():
    found = Catalogue({"tier": ["city_lt50k"], "tool": ["zoom"]})
    assert [version.case.slug for version in found.versions()] == ["toba-ibasho"]


@pytest.mark.parametrize(
    ("sort", "first"),
    [("report", "kyoto-pref-ibasho"), ("code", "saitama-jiritsu"), ("reading", "ibaraki-sodan")],
)
def test_the_order_is_the_one_asked_for(sort, first):
    found = Catalogue({"sort": [sort]})
    assert found.versions()[0].case.slug == first
    assert len(found.versions()) == 15


def test_the_newest_publication_comes_first(draft, editor, publisher):
    draft.submit(by=editor)
    draft.publish(by=publisher)
    assert Catalogue({"sort": ["new"]}).versions()[0] == draft


def test_what_is_unknown_is_named_and_left_out_and_the_rest_kept():
    catalogue = Catalogue({"field": ["ibasho", "foo", "bar"], "sort": ["up"], "page": ["0"]})
    assert catalogue.selected == {"field": ["ibasho"]}
    assert catalogue.total == 7
    assert catalogue.errors == {
        "field": ["分野「foo」はありません。", "分野「bar」はありません。"],
        "sort": ["指定された並び順はありません。"],
        "page": ["ページは1から始まる数で指定してください。"],
    }


def test_a_long_unknown_value_is_shortened():
    assert Catalogue({"tool": ["あ" * 1000]}).errors["tool"] == [f"ツール「{'あ' * 39}…」はありません。"]


def test_pages_divide_the_whole_and_a_page_too_far_is_the_last(new_case):
    for number in range(30):
        new_case(f"shiken-{number}", tier=Tier.objects.get(pk="city_ge300k"))
    pages = [Catalogue({"page": [str(number)]}).page for number in (1, 2, 3, 99)]
    assert [(page.number, page.count, page.first, page.last) for page in pages] == [
        (1, 3, 1, 20), (2, 3, 21, 40), (3, 3, 41, 45), (3, 3, 41, 45),
    ]  # fmt: skip
    seen = [pk for page in pages[:3] for pk in page.ids]
    assert len(seen) == len(set(seen)) == 45
    assert [page.next_query for page in pages[:3]] == ["page=2", "page=3", None]
    assert [page.previous_query for page in pages[:3]] == [None, "", "page=2"]


def test_a_draft_counts_nowhere(new_case):
    new_case("shitagaki", publish=False)
    assert Catalogue().total == 15


def test_a_publication_and_a_withdrawal_are_seen_at_once(new_case, publisher):
    version = new_case("shiken")
    assert Catalogue().total == 16
    version.withdraw(by=publisher, reason="試験")
    assert Catalogue().total == 15


def test_the_index_asks_a_constant_number_of_queries(new_case, django_assert_num_queries, monkeypatch):
    for cases in (0, 40):
        for number in range(cases):
            new_case(f"shiken-{number}")
        monkeypatch.setattr(index, "_kept", None)
        with django_assert_num_queries(5):
            index.current()
        with django_assert_num_queries(1):
            index.current()


def test_the_nearest_cell_is_in_the_nearest_tier_that_has_one():
    catalogue = Catalogue()
    assert catalogue.nearest("ibasho", "city_50k_100k") == "city_lt50k"
    assert catalogue.nearest("jiritsu", "city_lt50k") == "designated_city"
    assert catalogue.nearest("joho", "prefecture") is None


def test_a_casebook_without_cases_answers(publisher):
    for version in CaseVersion.objects.published():
        version.withdraw(by=publisher, reason="試験")
    catalogue = Catalogue({"q": ["相談"], "field": ["sodan"]})
    assert catalogue.total == catalogue.size == 0
    assert catalogue.page.ids == []
    assert {value.count for facet in catalogue.facets for value in facet.values} == {0}


def test_keys_are_those_that_stand_in_published_urls():
    assert [set(model.objects.values_list("key", flat=True)) for model in (Field, Tier, ToolFamily, Tool, Style)] == [
        {"ibasho", "sodan", "jiritsu", "joho"},
        {"prefecture", "designated_city", "ward_ge300k", "ward_lt300k", "city_ge300k", "city_110k_300k", "city_50k_100k", "city_lt50k"},
        {"virtual-space", "chat-tool", "web-meeting", "online-game", "chat-sns", "sns"},
        {"virtual-office", "discord", "zoom", "minecraft", "line", "video-talk", "line-call"},
        {"on-screen", "text"},
    ]  # fmt: skip
