"""One version in full, as the public may read it: its facts, statements, silences, numbered sources."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.timezone import localdate

from . import text
from .models import Case, CaseVersion, Item, Source, Statement
from .sheet import COLUMNS, NOT_STATED


@dataclass(frozen=True)
class NumberedSource:
    """A source as this record cites it; `places` are the parts of it that are cited, `read_day` is `read_on`."""

    number: int
    title: str
    url: str
    published: str
    read_on: str
    reading: str
    places: list[str]
    key: str
    read_day: date | None


@dataclass(frozen=True)
class Claim:
    """One statement with the numbers of its sources; a challenge carries the remedies that answer it.

    `themes` are the keys and names of what it is about.
    """

    text: str
    sources: list[int]
    remedies: list["Claim"]
    themes: list[tuple[str, str]]


@dataclass(frozen=True)
class Entry:
    """One item: its claims, or the words of its silence; 未入力 items have no entry."""

    key: str
    name: str
    claims: list[Claim]
    silence: str


@dataclass(frozen=True)
class Group:
    key: str
    name: str
    entries: list[Entry]

    @property
    def told(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.claims]

    @property
    def silent(self) -> dict[str, list[Entry]]:
        """The entries without a claim, by the words of their silence."""
        silent = {}
        for entry in self.entries:
            if not entry.claims:
                silent.setdefault(entry.silence, []).append(entry)
        return silent


@dataclass(frozen=True)
class Fact:
    """A column of the sheet with this version's value and the number of its source (None: needs none)."""

    key: str
    name: str
    value: str
    source: int | None


@dataclass(frozen=True)
class ToolFact:
    """A tool in use, under the kind of means that the source puts it in."""

    name: str
    family: str
    main: bool


@dataclass(frozen=True)
class Photograph:
    """A picture: `widths` are (file name, pixels) of its copies, the narrowest first, itself last."""

    name: str
    widths: list[tuple[str, int]]
    width: int
    height: int
    alt: str
    caption: str
    credit: str
    licence: str


@dataclass(frozen=True)
class Record:
    """All that the public may read of one version."""

    slug: str
    number: int
    title: str
    municipality: str
    prefecture: str  # before the name in `municipality`; "" for a prefecture itself
    name: str
    reading: str
    code: str
    summary: str
    summary_source: int
    published_on: date | None
    reason: str  # of the revision
    facts: list[Fact]
    tools: list[ToolFact]
    groups: list[Group]  # the report's five
    beside: Group  # what became known beside the report
    sources: list[NumberedSource]
    photographs: list[Photograph]
    links: list[tuple[str, str]]
    items: int
    items_filled: int


@dataclass(frozen=True)
class PublicVersion:
    """One version that has a public page: its number, when it was published and why; the labels of the editions
    that hold it, the newest first.
    """

    number: int
    published_on: date
    reason: str
    held_by: list[str]


def public_versions(case: Case) -> list[PublicVersion]:
    """Every version of `case` that has a public page, today's first. One query."""
    rows = CaseVersion.objects.readable().filter(case=case)
    rows = rows.order_by("-number", "-editions__frozen_at", "-editions")
    rows = rows.values_list("number", "published_at", "reason", "editions__label")
    return [
        PublicVersion(number, localdate(at), reason, [label for *_, label in held if label])
        for (number, at, reason), held in groupby(rows, key=lambda row: row[:3])
    ]


def record(version: CaseVersion, items: int | None = None) -> Record:
    """A version from `with_content()` → its record; without the number of `items`, one further query."""
    return _record(version, Numbers(), _hearing_items() if items is None else items)


def records(versions: list[CaseVersion], items: int | None = None) -> list[Record]:
    """Several versions with one numbering of sources: the last record's list holds those of all."""
    numbers, items = Numbers(), _hearing_items() if items is None else items
    return [_record(version, numbers, items) for version in versions]


def each(versions: list[CaseVersion]) -> list[Record]:
    """Several versions, each with its own numbering of sources; one further query for all of them."""
    items = _hearing_items()
    return [_record(version, Numbers(), items) for version in versions]


def _hearing_items():
    return Item.objects.exclude(group=Item.Group.BESIDE).count()


def _record(version, numbers, items):
    municipality = version.case.municipality
    summary_source = numbers.of(version.source, version.source_place)
    facts = [_fact(version, column, numbers) for column in COLUMNS]
    groups = {key: _group(version, key, name, numbers) for key, name in Item.Group.choices}
    return Record(
        slug=version.case.slug,
        number=version.number,
        title=version.title,
        municipality=municipality.full_name,
        prefecture=municipality.above,
        name=municipality.name,
        reading=municipality.reading,
        code=municipality.code,
        summary=version.summary,
        summary_source=summary_source,
        published_on=version.published_at and localdate(version.published_at),
        reason=version.reason,
        facts=facts,
        tools=[ToolFact(str(use), use.family.name, use.main) for use in version.tool_uses.all()],
        groups=[group for key, group in groups.items() if key != Item.Group.BESIDE],
        beside=groups[Item.Group.BESIDE],
        sources=numbers.sources(),
        photographs=[
            Photograph(
                photo.image.name.rpartition("/")[2],
                photo.widths,
                photo.width,
                photo.height,
                "" if photo.decorative else photo.alt,
                photo.caption,
                photo.credit,
                photo.licence,
            )
            for photo in version.photos.all()
        ],
        links=[(link.title, link.url) for link in version.links.all()],
        items=items,
        items_filled=version.items_filled,
    )


def _fact(version, column, numbers):
    value = column.of(version)
    source = getattr(version, column.source) if column.source and value != NOT_STATED else None
    return Fact(column.key, column.name, value, numbers.of(source) if source else None)


class Numbers:
    """Numbers sources in the order in which a page first cites them."""

    def __init__(self):
        self._cited: dict[Source, tuple[int, list[str]]] = {}

    def of(self, source: Source, place: str = "") -> int:
        """Cite `source` at `place` → its number."""
        number, places = self._cited.setdefault(source, (len(self._cited) + 1, []))
        if place and place not in places:
            places.append(place)
        return number

    def sources(self) -> list[NumberedSource]:
        """Every source cited so far."""
        return [
            NumberedSource(
                number,
                source.title,
                source.url,
                source.published,
                text.full_date(source.read_on) if source.read_on else "",
                source.get_reading_display(),
                places,
                source.key,
                source.read_on,
            )
            for source, (number, places) in self._cited.items()
        ]


def claim(statement: Statement, remedies: list[Statement], numbers: Numbers) -> Claim:
    """A statement with its citations and themes at hand, and the remedies that answer it → a claim."""
    sources = dict.fromkeys(numbers.of(cited.source, cited.place) for cited in statement.citations.all())
    answers = [claim(remedy, [], numbers) for remedy in remedies]
    themes = [(theme.key, theme.name) for theme in statement.themes.all()]
    return Claim(statement.text, list(sources), answers, themes)


def _group(version, key, name, numbers):
    """One group's entries in the items' order. A remedy that answers a challenge stands with it."""
    statements = [statement for statement in version.statements.all() if statement.item.group == key]
    silences = [silence for silence in version.silences.all() if silence.item.group == key]
    items = {row.item for row in (*statements, *silences)}

    def answering(statement):
        return [other for other in statements if other.answers_id == statement.pk]

    entries = []
    for item in sorted(items, key=lambda item: item.position):
        own = [one for one in statements if one.item_id == item.pk and not one.answers_id]
        claims = [claim(one, answering(one), numbers) for one in own]
        silence = next((one for one in silences if one.item_id == item.pk), None)
        if claims or silence:
            entries.append(Entry(item.pk, item.name, claims, _silence(silence)))
    return Group(key, name, entries)


def _silence(silence):
    if silence is None:
        return ""
    words = silence.get_kind_display()
    return f"{words}（{silence.note}）" if silence.note else words
