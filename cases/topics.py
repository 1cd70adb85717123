"""Topics: one item, or one tool, read across the cases, with sources numbered once a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import groupby
from operator import or_

from . import index
from .catalogue import Catalogue, Facet, Page
from .models import Edition, Item
from .record import NumberedSource, Numbers
from .sheet import Card, card
from .told import Told, ordered, statements, told

PAGE_SIZE = 50
TOOL_CASES = 20
FILTERS = ("theme", "field", "tier")
PAIR = ("challenges", "remedies")
ABOUT_A_TOOL = ("suited", "unsuited", "equipment", "introduction")


@dataclass(frozen=True)
class Term:
    """A word of the vocabulary and how many cases speak of it."""

    key: str
    name: str
    count: int


@dataclass(frozen=True)
class Group:
    name: str
    terms: list[Term]


@dataclass(frozen=True)
class Overview:
    """Every item in the report's groups, every theme, and of how many cases."""

    groups: list[Group]
    themes: list[Term]
    size: int


def overview(catalogue: Catalogue) -> Overview:
    """What there is to read across the cases of the whole catalogue."""
    terms = {key: [] for key in Item.Group}
    for item in Item.objects.all():
        terms[item.group].append(Term(item.key, item.name, catalogue.count(has=item.key)))
    themes = catalogue.index.names["theme"].items()
    return Overview(
        groups=[Group(group.label, terms[group]) for group in Item.Group if terms[group]],
        themes=[Term(key, name, catalogue.count(theme=key)) for key, name in themes],
        size=catalogue.size,
    )


@dataclass(frozen=True)
class TierPart:
    name: str
    cases: list[Told]


@dataclass(frozen=True)
class FieldPart:
    """The cases of one field on this page; `count` are those on all pages."""

    key: str
    name: str
    count: int
    tiers: list[TierPart]


class Filter(Facet):
    """A facet of a short panel, which needs no folding."""

    is_folded = False


@dataclass(frozen=True)
class Topic:
    """One item in the selected cases: who says what, by field, then tier."""

    key: str
    name: str
    group: str
    beside: bool
    catalogue: Catalogue
    page: Page
    fields: list[FieldPart]
    sources: list[NumberedSource]

    @property
    def told(self) -> int:
        """How many cases there are with a statement of the item, selected or not."""
        return self.catalogue.index.all.bit_count()

    @cached_property
    def facets(self) -> list[Filter]:
        """What the item's statements can be cut by, the themes first, and whatever else is chosen."""
        facets = []
        for facet in sorted(self.catalogue.facets, key=lambda facet: facet.key != "theme"):
            having = {one: self._having(facet.key, one.key) for one in facet.values}
            cuts = any(0 < count < self.told for count in having.values())
            if facet.selected or (facet.key in FILTERS and cuts):
                values = [one for one, count in having.items() if count or one.selected]
                facets.append(Filter(facet.key, facet.name, values))
        return facets

    def _having(self, facet, value):
        return (self.catalogue.index.all & self.catalogue.index.bits(facet, value)).bit_count()

    @property
    def others(self) -> list[Term]:
        """The other items that some case speaks of."""
        return self._others(lambda item: self.catalogue.index.bits("has", item))

    @property
    def themed(self) -> list[Term]:
        """The other items with a statement about one of the chosen themes."""
        chosen, themed = self.catalogue.selected.get("theme", []), self.catalogue.index.themed
        return self._others(lambda item: reduce(or_, (themed.get((item, one), 0) for one in chosen), 0))

    @property
    def theme_query(self) -> str:
        """The chosen themes alone, as a query string."""
        return self.catalogue.query({"theme": self.catalogue.selected.get("theme", [])})

    def _others(self, bits):
        names = self.catalogue.index.names["has"]
        terms = [Term(key, name, bits(key).bit_count()) for key, name in names.items() if key != self.key]
        return [term for term in terms if term.count]


def read_item(
    item: Item, parameters: Mapping, edition: Edition | None = None, *, most: int = PAGE_SIZE
) -> Topic:
    """The topic of `item` for a request's query (a MultiValueDict): facets as the finder's, and `page`.

    Of what is public today, or of what `edition` holds; `most` cases a page.
    """
    wanted = {key: parameters.getlist(key) for key in (*index.FACETS, "page") if key in parameters}
    catalogue = Catalogue(wanted, item=item.key, edition=edition)
    count = max(1, -(-catalogue.total // most))
    number = min(catalogue.page_asked, count)
    first = (number - 1) * most
    ids = catalogue.ids(within=ordered(catalogue, ("field", "tier"), first, most))
    numbers = Numbers()
    spoken = _spoken(catalogue, statements(catalogue, ids, PAIR if item.key in PAIR else [item.key]))
    fields = _fields(catalogue, spoken, item.key, numbers)
    page = Page(
        number=number,
        count=count,
        ids=ids,
        first=first + 1 if catalogue.total else 0,
        last=first + len(ids),
        previous_query=catalogue.query(page=number - 1) if number > 1 else None,
        next_query=catalogue.query(page=number + 1) if number < count else None,
    )
    return Topic(
        key=item.key,
        name=item.name,
        group=item.get_group_display(),
        beside=item.group == Item.Group.BESIDE,
        catalogue=catalogue,
        page=page,
        fields=fields,
        sources=numbers.sources(),
    )


def _spoken(catalogue, found):
    """Statements → {version: its statements}, by field, then tier, then the report's order."""
    fields, tiers = (list(catalogue.index.names[facet]) for facet in ("field", "tier"))

    def place(statement):
        version = statement.version
        return (
            fields.index(version.field_id),
            tiers.index(version.tier_id),
            catalogue.index.bit_of[version.pk],
        )

    in_order = sorted(found, key=place)
    return {version: list(own) for version, own in groupby(in_order, lambda statement: statement.version)}


def _fields(catalogue, spoken, item, numbers):
    """Who says what of `item`, by field, then tier."""
    parts = {}
    for version, own in spoken.items():
        one = told(version, own, item, numbers, catalogue.selected.get("theme", ()))
        if one.claims:
            parts.setdefault(version.field, {}).setdefault(version.tier, []).append(one)
    return [
        FieldPart(
            field.key,
            f"オンライン{field.name}",
            catalogue.count(field=field.key),
            [TierPart(tier.name, cases) for tier, cases in by_tier.items()],
        )
        for field, by_tier in parts.items()
    ]


@dataclass(frozen=True)
class TierCards:
    """The cases of one tier, of which `count` there are."""

    name: str
    count: int
    cards: list[Card]


@dataclass(frozen=True)
class ItemTold:
    key: str
    name: str
    cases: list[Told]


@dataclass(frozen=True)
class ToolReading:
    """A tool's (or family's) first cases by tier, and what they say of it; `silent` items nobody speaks of."""

    tiers: list[TierCards]
    items: list[ItemTold]
    silent: list[str]
    sources: list[NumberedSource]
    shown: int


def read_tool(catalogue: Catalogue) -> ToolReading:
    """The cases that use a tool (the selection of `catalogue`), and what their sources say of it."""
    tier_names, item_names = catalogue.index.names["tier"], catalogue.index.names["has"]
    versions = catalogue.versions(within=ordered(catalogue, ("tier",), 0, TOOL_CASES))
    found = statements(catalogue, [version.pk for version in versions], ABOUT_A_TOOL)
    own = {version: [one for one in found if one.version_id == version.pk] for version in versions}
    numbers, items = Numbers(), []
    for item in ABOUT_A_TOOL:
        says = [told(version, own[version], item, numbers) for version in versions]
        items.append(ItemTold(item, item_names[item], [one for one in says if one.claims]))
    tiers = [
        TierCards(
            name,
            catalogue.count(tier=tier),
            [card(version) for version in versions if version.tier_id == tier],
        )
        for tier, name in tier_names.items()
    ]
    return ToolReading(
        tiers=[tier for tier in tiers if tier.cards],
        items=[item for item in items if item.cases],
        silent=[item.name for item in items if not item.cases],
        sources=numbers.sources(),
        shown=len(versions),
    )
