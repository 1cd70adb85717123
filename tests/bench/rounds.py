"""The pages of a casebook and its peers, measured round by round, so that noise meets all alike."""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count, cycle, permutations, repeat
from statistics import median
from urllib.parse import quote

from tests.bench.load import Round, measure
from tests.bench.served import Address, Site, memory

CONNECTIONS = 16
FEWEST = 20  # answers that a percentile rests on, however long they take
NAIVE_UP_TO = 2_000  # cases: beyond, a naive answer takes seconds
KEPT = {"entrance, kept": "/", "finder, kept": "/cases/", "case, kept": "/cases/toba-ibasho/"}
FILTERS = (
    "field=ibasho", "field=sodan", "tier=prefecture", "tier=ward_ge300k", "tier=city_50k_100k", "tier=city_lt50k",
    "tool=zoom", "tool=line", "page=1",
)  # fmt: skip
FILTERED = "/cases/?" + "&".join(FILTERS)
TWO_LETTERS = ["相談", "家族", "参加", "窓口", "匿名", "録画", "予算", "離島", "仕事", "画面"]


@dataclass
class Page:
    """What was measured of one page: rounds over many connections and over one; queries where they were counted."""

    many: list[Round] = field(default_factory=list)
    one: list[Round] = field(default_factory=list)
    queries: int | None = None

    @property
    def octets(self) -> int:
        return self.many[-1].octets

    @property
    def rate(self) -> float:
        """Answers a second, by the median of the rounds."""
        return median(one.rate for one in self.many)

    def percentile(self, share: float) -> float:
        """Milliseconds over one connection, by the median of the rounds."""
        return median(one.percentile(share) for one in self.one)

    def times(self, other: "Page") -> float:
        """How many times as many answers a second as `other`, by the median of the rounds."""
        pairs = zip(self.many, other.many, strict=True)
        return median(mine.rate / theirs.rate for mine, theirs in pairs)


@dataclass
class Size:
    """Everything measured at one size on one database; `start` in seconds, `memory` in MB (all, without files)."""

    database: str
    size: int
    start: float
    memory: tuple[float, float]
    pages: dict[str, Page]


def measured(site: Site, size: int, rounds: int, seconds: float) -> Size:
    """Serve the casebook beside its peers, and measure every page of all of them."""
    words = site.inside("drawn")
    with site.served() as (process, start), ExitStack() as stack:

        def peer(application):
            return stack.enter_context(site.peer(f"tests.bench.{application}:application", process))

        asked = {name: (site.address, repeat(path)) for name, path in KEPT.items()}
        asked |= {name: (site.address, paths) for name, paths in _computed(words).items()}
        for address, paths in asked.values():
            measure(address, paths, connections=CONNECTIONS, seconds=seconds / 2)
        bare, plain = peer("bare"), peer("plain")
        for name in KEPT:
            asked[name.replace("kept", "bare")] = bare, repeat(_of_size(site.address, KEPT[name]))
        asked["plain Django, like the list"] = plain, repeat(_of_size(site.address, FILTERED))
        if size <= NAIVE_UP_TO:
            asked["naive list"] = peer("naive"), repeat(FILTERED)
        pages = {name: Page() for name in asked}
        for _ in range(rounds):
            for name, (address, paths) in asked.items():
                pages[name].many.append(measure(address, paths, connections=CONNECTIONS, seconds=seconds))
            for name, (address, paths) in asked.items():
                pages[name].one.append(measure(address, paths, connections=1, seconds=seconds, fewest=FEWEST))
        taken = memory(process)
    ours = {name: paths for name, (address, paths) in asked.items() if address == site.address}
    # The same case at every size: some hold less to ask for.
    paths = {name: next(paths) for name, paths in ours.items() if name != "case"}
    counted = site.inside("queries", *paths.values())
    for name, path in paths.items():
        pages[name].queries = counted[path]
    return Size(site.name, size, start, taken, pages)


def _computed(words) -> dict[str, Iterator[str]]:
    """Addresses that were never asked for before, so that nothing kept answers: page → paths, one after the other.

    The list is always the same, its conditions in another order; a case has a parameter that it doesn't know.
    """
    orders = list(permutations(FILTERS))
    random.Random(0).shuffle(orders)
    slugs, pieces = cycle(words["slugs"]), list(dict.fromkeys(words["pieces"]))
    return {
        "list": ("/cases/?" + "&".join(order) for order in cycle(orders)),
        "case": (f"/cases/{next(slugs)}/?n={number}" for number in count()),
        "two-letter search": cycle(f"/cases/?q={quote(word)}" for word in TWO_LETTERS),
        "long search": cycle(f"/cases/?q={quote(piece)}" for piece in pieces),
    }


def _of_size(address: Address, path: str) -> str:
    """The path at which a peer answers with as many bytes as the casebook does at `path`."""
    return f"/{measure(address, repeat(path), connections=1, seconds=0).octets}"
