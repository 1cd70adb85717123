"""Two to four cases side by side: the sheet's columns and the hearing's items, row by row."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlencode

from django.utils.datastructures import MultiValueDict

from . import index
from .index import Index
from .models import CaseVersion
from .record import Claim, NumberedSource, Record, records
from .sheet import NOT_STATED

FEWEST, MOST = 2, 4
MOST_READ = 50  # slugs of one address
MOST_TO_CHOOSE = 200  # cases in one list to choose from
# Parameter → its one value, and what it does. Each is a link, so that all of it works without script.
OPTIONS = {
    "only": ("different", "違う項目だけ"),
    "view": ("cases", "縦横を入れ替える"),
    "own": ("1", "「本市の場合」の欄を付ける"),
}
PAIRED = "課題の欄に、課題と組にして記載"


@dataclass(frozen=True)
class Column:
    """A compared case; `without` is the query of the comparison that leaves it out."""

    record: Record
    without: str


@dataclass(frozen=True)
class Cell:
    """What one case tells in one row: its claims, or the words of its silence ("" for 未入力)."""

    claims: list[Claim]
    silence: str = ""

    @property
    def words(self) -> tuple:
        """What is compared: the words alone, without the numbers of their sources."""
        return self.silence, *((one.text, *(remedy.text for remedy in one.remedies)) for one in self.claims)


@dataclass(frozen=True)
class Row:
    key: str
    name: str
    cells: list[Cell]

    @property
    def differs(self) -> bool:
        return len({cell.words for cell in self.cells}) > 1


@dataclass(frozen=True)
class Group:
    """Rows under one heading of the casebook."""

    key: str
    name: str
    rows: list[Row]
    columns: list[Column]

    @property
    def by_case(self) -> list[tuple[Column, list[Cell]]]:
        """The same the other way round: each case with its cells."""
        turned = zip(*(row.cells for row in self.rows), strict=True)
        return [(column, list(cells)) for column, cells in zip(self.columns, turned, strict=True)]


@dataclass(frozen=True)
class Option:
    name: str
    on: bool
    query: str


class Comparison:
    """What an address asks to compare.

    `parameters` are `ids` (slugs, by comma or repeated, in order) and OPTIONS. What can't be followed is
    left out and told in `errors`, in Japanese. The items and their order are those of the index `today`.
    """

    def __init__(self, parameters: Mapping | None = None, today: Index | None = None):
        self.index = today or index.current()
        data = parameters if hasattr(parameters, "getlist") else MultiValueDict(parameters or {})
        asked = [slug for value in data.getlist("ids") for slug in re.split(r"[,、\s]+", value) if slug]
        asked = list(dict.fromkeys(asked))[:MOST_READ]
        sound = [slug for slug in asked if re.fullmatch(r"[a-z0-9-]{1,60}", slug)]
        published = CaseVersion.objects.published().filter(case__slug__in=sound).with_content()
        by_slug = {version.case.slug: version for version in published} if sound else {}
        found = [by_slug[slug] for slug in asked if slug in by_slug]
        self.versions: list[CaseVersion] = found[:MOST]
        self.slugs = [version.case.slug for version in self.versions]
        self.on = [name for name, (value, _) in OPTIONS.items() if data.get(name) == value]
        unknown = "、".join(f"「{_short(slug)}」" for slug in asked if slug not in by_slug)
        self.errors = [f"次の事例は公開されていません：{_short(unknown, 200)}"] if unknown else []
        if len(found) > MOST:
            left = "、".join(version.title for version in found[MOST:])
            self.errors.append(f"比べられるのは{MOST}件までです。次の事例は外しました：{_short(left, 200)}")
        self.errors += [
            f"見せ方の指定「{name}={_short(data[name])}」はありません。"
            for name in OPTIONS
            if data.get(name) and name not in self.on
        ]

    def query(self, slugs: list[str] | None = None, on: list[str] | None = None) -> str:
        """These slugs and options (this comparison's, by default) as a query string."""
        slugs, on = self.slugs if slugs is None else slugs, self.on if on is None else on
        pairs = [("ids", ",".join(slugs))] if slugs else []
        return urlencode([*pairs, *((name, OPTIONS[name][0]) for name in OPTIONS if name in on)], safe=",")

    @property
    def complete(self) -> bool:
        """Are there enough cases for a table?"""
        return len(self.versions) >= FEWEST

    @property
    def refusals(self) -> list[str]:
        """What a file of it is refused for, in Japanese: pages are lenient, files are not."""
        return self.errors or (
            [] if self.complete else [f"比べる事例を{FEWEST}件から{MOST}件、「ids」に書いてください。"]
        )

    @property
    def full(self) -> bool:
        return len(self.versions) == MOST

    @property
    def transposed(self) -> bool:
        return "view" in self.on

    @property
    def own(self) -> bool:
        """Is a blank column wanted for the reader's own municipality?"""
        return "own" in self.on

    @property
    def only_different(self) -> bool:
        return "only" in self.on

    @property
    def options(self) -> list[Option]:
        """Every option with the query that switches it."""
        return [
            Option(
                label,
                name in self.on,
                self.query(
                    on=[one for one in self.on if one != name] if name in self.on else [*self.on, name]
                ),
            )
            for name, (_, label) in OPTIONS.items()
        ]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a form that adds a case must send along: (parameter, value)."""
        return [("ids", slug) for slug in self.slugs] + [(name, OPTIONS[name][0]) for name in self.on]

    @cached_property
    def columns(self) -> list[Column]:
        return [
            Column(record, self.query([slug for slug in self.slugs if slug != record.slug]))
            for record in records(self.versions, self.index.items)
        ]

    @property
    def width(self) -> int:
        """How many columns the usual view has."""
        return 1 + len(self.columns) + self.own

    @property
    def sources(self) -> list[NumberedSource]:
        """The sources of all, numbered through."""
        return self.columns[-1].record.sources

    @cached_property
    def all_groups(self) -> list[Group]:
        """The facts, the report's five groups and what became known beside it; no row that none tells."""
        compared = [column.record for column in self.columns]
        summary = [_told(one.summary, one.summary_source) for one in compared]
        facts = zip(*(one.facts for one in compared), strict=True)
        rows = [Row("summary", "概要", summary)]
        rows += [Row(same[0].key, same[0].name, [_fact(one) for one in same]) for same in facts]
        groups = [Group("facts", "取組のあらまし", rows, self.columns)]
        for parts in zip(*([*one.groups, one.beside] for one in compared), strict=True):
            names = {entry.key: entry.name for part in parts for entry in part.entries}
            rows = [
                Row(key, names[key], [_cell(part, key) for part in parts])
                for key in self.index.names["has"]
                if key in names
            ]
            groups.append(Group(parts[0].key, parts[0].name, rows, self.columns))
        return [group for group in groups if group.rows]

    @cached_property
    def groups(self) -> list[Group]:
        """The groups to show: all rows, or those that differ."""
        if not self.only_different:
            return self.all_groups
        differing = [
            replace(group, rows=[row for row in group.rows if row.differs]) for group in self.all_groups
        ]
        return [group for group in differing if group.rows]

    @property
    def counts(self) -> tuple[int, int]:
        """How many rows differ, of how many."""
        rows = [row for group in self.all_groups for row in group.rows]
        return sum(row.differs for row in rows), len(rows)

    @property
    def unworked(self) -> bool:
        """Is any cell shown 未入力? Then the table says what its dash means."""
        return any(cell == Cell([]) for group in self.groups for row in group.rows for cell in row.cells)

    def choices(self) -> list[CaseVersion]:
        """The cases that can be added, in the report's order; [] where they are too many for one list."""
        some = CaseVersion.objects.published().select_related("case__municipality", "field")
        some = list(some.order_by()[: MOST_TO_CHOOSE + 1])  # unordered: of 100,000 none need be sorted
        if len(some) > MOST_TO_CHOOSE:
            return []
        some.sort(key=lambda one: (one.case.report_number or math.inf, one.case.slug))
        return [version for version in some if version.case.slug not in self.slugs]


def _fact(fact):
    return Cell([], NOT_STATED) if fact.value == NOT_STATED else _told(fact.value, fact.source)


def _told(words, source):
    return Cell([Claim(words, [source] if source else [], remedies=[], themes=[])])


def _cell(group, key):
    """One item of one record. Remedies that all stand with their challenges leave no entry of their own."""
    entries = {entry.key: entry for entry in group.entries}
    if key in entries:
        return Cell(entries[key].claims, entries[key].silence)
    challenges = entries["challenges"].claims if "challenges" in entries else []
    paired = key == "remedies" and any(claim.remedies for claim in challenges)
    return Cell([], PAIRED if paired else "")


def _short(value, most=40):
    value = "".join(filter(str.isprintable, value))
    return value if len(value) <= most else value[: most - 1] + "…"
