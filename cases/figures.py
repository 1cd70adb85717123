"""Numbers to look at, as data: templates draw them, on screen and on paper alike."""

from dataclasses import dataclass
from itertools import product
from urllib.parse import urlencode

from .catalogue import Catalogue


@dataclass(frozen=True)
class Neighbour:
    """Where an empty cell leads: the nearest tier with a case of the same field."""

    field: str
    tier: str
    count: int
    query: str


@dataclass(frozen=True)
class Cell:
    """One field in one tier. `cases` names the first few (slug, municipality)."""

    field: str
    tier: str
    count: int
    query: str
    cases: list[tuple[str, str]]
    neighbour: Neighbour | None


@dataclass(frozen=True)
class Row:
    tier: str
    count: int
    query: str
    cells: list[Cell]


@dataclass(frozen=True)
class Head:
    field: str
    count: int
    query: str


@dataclass(frozen=True)
class CrossTab:
    """Tiers down, fields across (three columns fit a phone); `total` is how many cases it counts."""

    heads: list[Head]
    rows: list[Row]
    total: int


NAMED_IN_CELL = 3
MOST_NEIGHBOURS = 4
MOST_KEPT = 5_000


def crosstab(catalogue: Catalogue) -> CrossTab:
    """Field × tier of the selected cases, for the fields of the report's table and any other with a case."""
    field_names, tier_names = catalogue.index.names["field"], catalogue.index.names["tier"]
    in_table = catalogue.index.in_table
    fields = [key for key in field_names if key in in_table or catalogue.count(field=key)]
    few = 0
    for field, tier in product(fields, tier_names):
        if catalogue.count(field=field, tier=tier) <= NAMED_IN_CELL:
            few |= catalogue.having(field=field, tier=tier)
    named = {}
    for field, tier, *case in _named(catalogue, few):
        named.setdefault((field, tier), []).append(tuple(case))

    def cell(field, tier):
        count = catalogue.count(field=field, tier=tier)
        near = None if count else catalogue.nearest(field, tier)
        neighbour = _neighbour(catalogue, field, near) if near else None
        query = urlencode({"field": field, "tier": tier})
        return Cell(
            field_names[field], tier_names[tier], count, query, named.get((field, tier), []), neighbour
        )

    return CrossTab(
        heads=[
            Head(field_names[field], catalogue.count(field=field), urlencode({"field": field}))
            for field in fields
        ],
        rows=[
            Row(
                tier_names[tier],
                catalogue.count(tier=tier),
                urlencode({"tier": tier}),
                [cell(field, tier) for field in fields],
            )
            for tier in tier_names
        ],
        total=catalogue.total,
    )


def _named(catalogue, within):
    """(field, tier, slug, municipality) of each case; kept with the index, so that most pages need no query."""
    kept, ids = catalogue.index.named, catalogue.ids(within=within)
    here = {pk: kept[pk] for pk in ids if pk in kept}
    if missing := [pk for pk in ids if pk not in here]:
        rows = catalogue.published().filter(pk__in=missing)
        rows = rows.values_list("pk", "field", "tier", "case__slug", "case__municipality__name")
        read = {pk: told for pk, *told in rows}
        if len(kept) >= MOST_KEPT:
            kept.clear()
        kept.update(read)
        here |= read
    return [here[pk] for pk in ids if pk in here]


def _neighbour(catalogue, field, tier):
    return Neighbour(
        catalogue.index.names["field"][field],
        catalogue.index.names["tier"][tier],
        catalogue.count(field=field, tier=tier),
        urlencode({"field": field, "tier": tier}),
    )


def neighbours(catalogue: Catalogue) -> list[Neighbour]:
    """For a selection that found nothing: the cells of field × tier nearest to what was chosen."""
    whole = Catalogue(edition=catalogue.index.edition)
    cells = {}
    for tier in catalogue.selected.get("tier", ()):
        for field in catalogue.selected.get("field", whole.index.in_table):
            here = tier if whole.count(field=field, tier=tier) else whole.nearest(field, tier)
            if here:
                cells[field, here] = _neighbour(whole, field, here)
    return list(cells.values())[:MOST_NEIGHBOURS]


@dataclass(frozen=True)
class UsedTool:
    key: str
    name: str
    count: int


@dataclass(frozen=True)
class UsedFamily:
    """A family with the tools that cases use within it; `count` cases use the family."""

    key: str
    name: str
    count: int
    tools: list[UsedTool]


def tool_families(catalogue: Catalogue) -> list[UsedFamily]:
    """Every family and its tools, in the vocabulary's order; a tool may stand in two families."""
    names = catalogue.index.names
    return [
        UsedFamily(
            family,
            name,
            catalogue.count(family=family),
            [
                UsedTool(tool, names["tool"][tool], count)
                for tool in names["tool"]
                if (count := (catalogue.bitmap & catalogue.index.used.get((family, tool), 0)).bit_count())
            ],
        )
        for family, name in names["family"].items()
    ]


def related_tools(catalogue: Catalogue, facet: str, key: str) -> list[UsedTool]:
    """The tools used within a family (`facet` is "family"), or the families a tool is used in."""
    other = "tool" if facet == "family" else "family"
    related = []
    for one, name in catalogue.index.names[other].items():
        pair = (key, one) if facet == "family" else (one, key)
        if count := (catalogue.bitmap & catalogue.index.used.get(pair, 0)).bit_count():
            related.append(UsedTool(one, name, count))
    return related
