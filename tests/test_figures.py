"""The cross-tab and the table of tools."""

from cases import figures
from cases.catalogue import Catalogue
from cases.models import Tier


def _crosstab():
    return figures.crosstab(Catalogue())


def test_the_crosstab_has_24_cells_of_which_12_are_empty():
    cells = [cell for row in _crosstab().rows for cell in row.cells]
    assert len(cells) == 24
    assert sum(cell.count == 0 for cell in cells) == 12
    assert sum(cell.count for cell in cells) == _crosstab().total == 15


def test_heads_count_their_rows_and_columns():
    table = _crosstab()
    assert [(head.field, head.count) for head in table.heads] == [("居場所", 7), ("相談", 7), ("自立支援", 1)]
    assert [row.count for row in table.rows] == [3, 2, 2, 1, 1, 2, 2, 2]
    for row in table.rows:
        assert row.count == sum(cell.count for cell in row.cells)


def test_a_cell_names_its_few_cases_and_its_query_finds_them():
    from django.http import QueryDict

    for row in _crosstab().rows:
        for cell in row.cells:
            found = Catalogue(QueryDict(cell.query))
            assert [version.case.slug for version in found.versions()] == [slug for slug, _ in cell.cases]


def test_an_empty_cell_leads_to_its_nearest_neighbour():
    cell = _crosstab().rows[-1].cells[2]
    assert (cell.field, cell.tier, cell.count) == ("自立支援", "市区町村5万人未満", 0)
    assert (cell.neighbour.tier, cell.neighbour.count) == ("政令指定都市", 1)
    assert cell.neighbour.query == "field=jiritsu&tier=designated_city"


def test_a_cell_with_many_cases_names_none(new_case):
    for number in range(3):
        new_case(f"shiken-{number}", tier=Tier.objects.get(pk="city_lt50k"))
    cell = _crosstab().rows[-1].cells[0]
    assert (cell.count, cell.cases) == (4, [])


def test_a_field_outside_the_table_gets_a_column_once_it_has_a_case(new_case):
    from cases.models import Field

    new_case("shiken", field=Field.objects.get(pk="joho"))
    assert [head.field for head in _crosstab().heads] == ["居場所", "相談", "自立支援", "情報提供・窓口周知"]


def test_line_stands_in_both_of_its_families():
    families = figures.tool_families(Catalogue())
    assert {family.key: [(tool.key, tool.count) for tool in family.tools] for family in families} == {
        "virtual-space": [("virtual-office", 1)],
        "chat-tool": [("discord", 1)],
        "web-meeting": [("zoom", 5), ("video-talk", 1), ("line-call", 1)],
        "online-game": [("minecraft", 1)],
        "chat-sns": [("line", 1)],
        "sns": [("line", 4)],
    }
