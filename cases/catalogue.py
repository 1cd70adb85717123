"""THE query: parameters → cases, facet counts, chips, refused values. Nobody else filters cases."""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlencode

from django.utils.datastructures import MultiValueDict

from . import index, search
from .models import CaseVersion, Edition
from .parameters import read

PAGE_SIZE = 20
OPEN_FACETS = ("field", "tier", "family", "tool")
DEFAULT_SORT = "report"


class FacetValue(NamedTuple):
    """One choice of a facet; `count` leaves out the facet's own choices. A page has some 130 of them."""

    key: str
    name: str
    count: int
    selected: bool


@dataclass(frozen=True)
class Facet:
    key: str
    name: str
    values: list[FacetValue]

    @property
    def is_folded(self) -> bool:
        """Whether the panel keeps it folded until something of it is chosen."""
        return self.key not in OPEN_FACETS

    @property
    def selected(self) -> list[FacetValue]:
        return [value for value in self.values if value.selected]


@dataclass(frozen=True)
class Sort:
    key: str
    name: str
    selected: bool
    query: str


@dataclass(frozen=True)
class Chip:
    """A chosen value; `query` is the selection without it, `gain` what that would find."""

    facet: str
    name: str
    query: str
    gain: int


@dataclass(frozen=True)
class Page:
    """One page of results; `queries` of the neighbours are None at the ends."""

    number: int
    count: int
    ids: list[int]
    first: int
    last: int
    previous_query: str | None
    next_query: str | None


@lru_cache(maxsize=1_000)
def _pair(parameter, value):
    """`tool=zoom`; a page links to some twenty selections of several values each."""
    return urlencode({parameter: value})


class Catalogue:
    """A selection of published cases: of those public today, or of those that `edition` holds.

    `parameters` maps a parameter to its list of values, as a request's query does. What can't be
    understood is left out and named in `errors` (messages in Japanese by parameter): pages show
    them, files and the API refuse. With `item`, its statements make the cases and the themes there are.
    An edition is for reading through, not for searching by words: there, `q` is refused.
    """

    def __init__(
        self, parameters: Mapping | None = None, *, item: str | None = None, edition: Edition | None = None
    ):
        whole = index.of(edition) if edition else index.current()
        self.index = whole.of_item(item) if item else whole
        data = parameters if hasattr(parameters, "getlist") else MultiValueDict(parameters or {})
        self.errors: dict[str, list[str]]
        values, self.errors = read(data, self.index)
        self.selected: dict[str, list[str]] = {}
        for facet in index.FACETS:
            chosen = set(data.getlist(facet))
            known = [value for value in self.index.names[facet] if value in chosen]
            if known:
                self.selected[facet] = known
        self.q: str = values.get("q") or ""
        if self.q and edition:
            self.q, self.errors["q"] = "", ["号の中は、言葉では探せません。"]
        self.words: list[search.Word] = search.words(self.q, self.index)
        self._found: int = search.find(self.words, self.index) & self.index.all
        self.sort: str = values.get("sort") or DEFAULT_SORT
        self.page_asked: int = values.get("page") or 1

    def _matching(self, selected, found=None):
        """The bitmap of a selection: OR within a facet, AND across facets, and all words found."""
        found = self._found if found is None else found
        for facet, values in selected.items():
            either = 0
            for value in values:
                either |= self.index.bits(facet, value)
            found &= either
        return found

    def only(self, ids: Iterable[int]) -> "Catalogue":
        """Of this selection, the cases whose versions have these primary keys."""
        narrowed = copy(self)
        for name in [name for name, kept in vars(Catalogue).items() if isinstance(kept, cached_property)]:
            vars(narrowed).pop(name, None)
        bits = (self.index.bit_of[pk] for pk in ids if pk in self.index.bit_of)
        narrowed._found = self._found & index.bitmap(bits, self.size)
        return narrowed

    @cached_property
    def bitmap(self) -> int:
        return self._matching(self.selected)

    @cached_property
    def total(self) -> int:
        """How many cases are selected."""
        return self.bitmap.bit_count()

    @property
    def size(self) -> int:
        """How many cases there are at all."""
        return len(self.index.ids)

    def having(self, **values: str) -> int:
        """The bitmap of those selected cases that have all these values, one per facet."""
        return self.bitmap & self._matching({facet: [value] for facet, value in values.items()})

    def count(self, **values: str) -> int:
        """How many of the selected cases have all these values, one per facet."""
        return self.having(**values).bit_count()

    def query(
        self, selected: dict | None = None, *, q: str | None = None, sort: str | None = None, page: int = 1
    ) -> str:
        """A selection (this one, by default) as a query string, in one canonical order."""
        selected = self.selected if selected is None else selected
        q = self.q if q is None else q
        pairs = [urlencode({"q": q})] if q else []
        pairs += [
            _pair(facet, value)
            for facet, names in self.index.names.items()
            if facet in selected
            for value in names
            if value in selected[facet]
        ]
        sort = sort or self.sort
        if sort != DEFAULT_SORT:
            pairs.append(_pair("sort", sort))
        if page > 1:
            pairs.append(f"page={page}")
        return "&".join(pairs)

    def _toggled(self, facet, value):
        chosen = self.selected.get(facet, [])
        after = [one for one in chosen if one != value] if value in chosen else [*chosen, value]
        return {**self.selected, facet: after} if after else self._without(facet)

    def _without(self, facet):
        return {key: values for key, values in self.selected.items() if key != facet}

    @cached_property
    def facets(self) -> list[Facet]:
        """Every facet with its values; of the prefectures, those that have a case or are chosen."""
        facets = []
        for facet, label in index.FACETS.items():
            others = self._matching(self._without(facet))
            chosen, bits = self.selected.get(facet, ()), self.index.bitmaps[facet]
            values = [
                FacetValue(value, name, (others & bits.get(value, 0)).bit_count(), value in chosen)
                for value, name in self.index.names[facet].items()
                if facet != "pref" or value in bits or value in chosen
            ]
            facets.append(Facet(facet, label, values))
        return facets

    @cached_property
    def chips(self) -> list[Chip]:
        """What was searched for and the chosen values, each with what dropping it would find."""
        chips = []
        if self.q:
            gain = self._matching(self.selected, self.index.all).bit_count()
            chips.append(Chip("検索の言葉", self.q, self.query(q=""), gain))
        return chips + [
            Chip(
                index.FACETS[facet],
                self.index.names[facet][value],
                self.query(without := self._toggled(facet, value)),
                self._matching(without).bit_count(),
            )
            for facet, values in self.selected.items()
            for value in values
        ]

    @cached_property
    def sorts(self) -> list[Sort]:
        """The sort orders; `query` asks for this selection in that order."""
        return [Sort(key, name, key == self.sort, self.query(sort=key)) for key, name in index.SORTS.items()]

    def ids(
        self, first: int = 0, most: int | None = None, *, within: int | None = None, sort: str | None = None
    ) -> list[int]:
        """The selected versions (or those of the bitmap `within`) in order (or by `sort`), as primary keys."""
        bitmap = self.bitmap if within is None else within
        octets = bitmap.to_bytes(self.size // 8 + 1, "little")
        chosen = (bit for bit in self.index.orders[sort or self.sort] if octets[bit >> 3] >> (bit & 7) & 1)
        return [self.index.ids[bit] for bit in islice(chosen, first, None if most is None else first + most)]

    def published(self):
        """The versions that cases are chosen from (a queryset): where the rest of a chosen one is read."""
        return self.index.published()

    def versions(self, *place, **order) -> list[CaseVersion]:
        """The versions that `ids` names, for cards, in a constant number of queries."""
        ids = self.ids(*place, **order)
        found = self.published().with_card().in_bulk(ids)
        return [found[pk] for pk in ids if pk in found]

    @cached_property
    def page(self) -> Page:
        """The page asked for; beyond the last, the last."""
        count = max(1, -(-self.total // PAGE_SIZE))
        number = min(self.page_asked, count)
        first = (number - 1) * PAGE_SIZE
        return Page(
            number=number,
            count=count,
            ids=self.ids(first, PAGE_SIZE),
            first=first + 1 if self.total else 0,
            last=min(first + PAGE_SIZE, self.total),
            previous_query=self.query(page=number - 1) if number > 1 else None,
            next_query=self.query(page=number + 1) if number < count else None,
        )

    def nearest(self, field: str, tier: str) -> str | None:
        """The tier nearest to `tier`, in the tiers' order, that has a case of `field`; None without any."""
        tiers = list(self.index.names["tier"])
        here = tiers.index(tier)
        having = [one for one in tiers if one != tier and self.count(field=field, tier=one)]
        return min(having, key=lambda one: (abs(tiers.index(one) - here), -tiers.index(one)), default=None)
