"""The sheet: what of a case leaves the house, as an allow-list. Page, list, files and PDF all read it.

A model field is private until it's listed in PUBLIC; tests/test_sheet.py makes each one choose.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.timezone import localdate

from . import text
from .models import (
    Case,
    CaseVersion,
    Citation,
    Item,
    Link,
    Municipality,
    Photo,
    Silence,
    Source,
    Statement,
    Tool,
    ToolFamily,
    ToolUse,
    Transition,
)

PUBLIC = {
    Municipality: {"code", "prefecture", "name", "reading", "kind", "band"},
    Case: {"slug", "municipality", "report_number"},
    CaseVersion: {
        "number", "field", "tier", "style", "summary", "trial", "source", "source_place",
        "service_status", "service_evidence", "service_source",
        "surveyed_on", "surveyed_precision", "checked_on", "check_due_on", "published_at",
    },
    Statement: {"item", "text", "answers", "position"},
    Citation: {"source", "place"},
    Silence: {"item", "kind", "note"},
    ToolUse: {"tool", "family", "main", "open_ended"},
    Photo: {"image", "width", "height", "alt", "decorative", "caption", "credit", "licence", "position"},
    Link: {"title", "url", "position"},
    Source: {"key", "title", "url", "published", "read_on", "reading"},
    Tool: {"key", "name", "position"},
    ToolFamily: {"key", "name", "position"},
    Item: {"key", "name", "group", "position"},
}  # fmt: skip
PRIVATE = {
    Case: {"id"},
    CaseVersion: {"id", "case", "status", "created_at", "created_by"},
    Statement: {"id", "version", "confidence"},
    Citation: {"id", "statement"},
    Silence: {"id", "version"},
    ToolUse: {"id", "version"},
    Photo: {"id", "version"},
    Link: {"id", "version"},
    Source: {"id"},
    Transition: {"id", "version", "from_status", "to_status", "by", "at", "reason"},
}

NOT_STATED = Silence.Kind.NOT_STATED.label


@dataclass(frozen=True)
class Column:
    """A fact of a case that fits one cell: its key, its name, and how a version tells it in words."""

    key: str
    name: str
    of: Callable[[CaseVersion], str]


def _tools(version):
    return "、".join(map(str, version.tool_uses.all())) or NOT_STATED


def _families(version):
    return "、".join(dict.fromkeys(use.family.name for use in version.tool_uses.all())) or NOT_STATED


def _survey_date(version):
    if version.surveyed_on is None:
        return NOT_STATED
    return text.period(version.surveyed_on, version.surveyed_precision)


def _checked(version):
    return text.full_date(version.checked_on) if version.checked_on else "まだ確認していません"


def _service(version):
    status = version.get_service_status_display()
    return f"{status}（{version.service_evidence}）" if version.service_evidence else status


COLUMNS = (
    Column("field", "分野", lambda version: f"オンライン{version.field.name}"),
    Column("tier", "自治体区分", lambda version: version.tier.name),
    Column("family", "手段の種類", _families),
    Column("tool", "ツール", _tools),
    Column("style", "方式", lambda version: version.style.name if version.style else NOT_STATED),
    Column("trial", "試行", lambda version: "試行として実施" if version.trial else "試行との記載なし"),
    Column("status", "支援の現況", _service),
    Column("surveyed", "調査時点", _survey_date),
    Column("checked", "最終確認日", _checked),
)


@dataclass(frozen=True)
class Card:
    """A case in a list. `items_filled` of `items` hearing items have a statement."""

    slug: str
    title: str
    municipality: str
    reading: str
    tier: str
    summary: str
    labels: list[str]
    surveyed: str
    checked: str
    items_filled: int


@dataclass(frozen=True)
class NumberedSource:
    """A source as this record cites it; `places` are the parts of it that are cited."""

    number: int
    title: str
    url: str
    published: str
    read_on: str
    reading: str
    places: list[str]


@dataclass(frozen=True)
class Claim:
    """One statement with the numbers of its sources; a challenge carries the remedies that answer it."""

    text: str
    sources: list[int]
    remedies: list["Claim"]


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
    key: str
    name: str
    value: str


@dataclass(frozen=True)
class Photograph:
    name: str
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
    reading: str
    code: str
    summary: str
    summary_sources: list[int]
    published_on: date | None
    facts: list[Fact]
    groups: list[Group]  # the report's five
    beside: Group  # what became known beside the report
    sources: list[NumberedSource]
    photographs: list[Photograph]
    links: list[tuple[str, str]]
    items: int
    items_filled: int


def card(version: CaseVersion) -> Card:
    """A version from `with_card()` → its card; no further query."""
    labels = [f"オンライン{version.field.name}"]
    labels += [f"{use.family}：{use}" for use in version.tool_uses.all()]
    labels += [version.style.name] if version.style else []
    labels += ["試行"] if version.trial else []
    return Card(
        slug=version.case.slug,
        title=version.title,
        municipality=version.case.municipality.full_name,
        reading=version.case.municipality.reading,
        tier=version.tier.name,
        summary=version.summary,
        labels=labels,
        surveyed=_survey_date(version),
        checked=_checked(version),
        items_filled=version.items_filled,
    )


def hearing_items() -> int:
    """How many items the hearing asked about (図表3-2): what `items_filled` is counted against."""
    return Item.objects.exclude(group=Item.Group.BESIDE).count()


def record(version: CaseVersion) -> Record:
    """A version from `with_content()` → its record; one further query."""
    numbers = _Numbers()
    municipality = version.case.municipality
    summary_sources = numbers.of(version.source, version.source_place)
    if version.service_source:
        numbers.of(version.service_source, "")
    groups = {key: _group(version, key, name, numbers) for key, name in Item.Group.choices}
    return Record(
        slug=version.case.slug,
        number=version.number,
        title=version.title,
        municipality=municipality.full_name,
        reading=municipality.reading,
        code=municipality.code,
        summary=version.summary,
        summary_sources=summary_sources,
        published_on=version.published_at and localdate(version.published_at),
        facts=[Fact(column.key, column.name, column.of(version)) for column in COLUMNS],
        groups=[group for key, group in groups.items() if key != Item.Group.BESIDE],
        beside=groups[Item.Group.BESIDE],
        sources=numbers.sources(),
        photographs=[
            Photograph(
                photo.image.name.rpartition("/")[2],
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
        items=hearing_items(),
        items_filled=version.items_filled,
    )


class _Numbers:
    """Numbers sources in the order in which the page first cites them."""

    def __init__(self):
        self._cited: dict[Source, list[str]] = {}

    def of(self, source, place):
        """Cite `source` at `place` → its number, in a list."""
        places = self._cited.setdefault(source, [])
        if place and place not in places:
            places.append(place)
        return [list(self._cited).index(source) + 1]

    def sources(self):
        return [
            NumberedSource(
                number,
                source.title,
                source.url,
                source.published,
                text.full_date(source.read_on) if source.read_on else "",
                source.get_reading_display(),
                places,
            )
            for number, (source, places) in enumerate(self._cited.items(), start=1)
        ]


def _group(version, key, name, numbers):
    """One group's entries in the items' order. A remedy that answers a challenge stands with it."""
    statements = [statement for statement in version.statements.all() if statement.item.group == key]
    silences = [silence for silence in version.silences.all() if silence.item.group == key]
    items = {row.item for row in (*statements, *silences)}

    def claim(statement):
        sources = [
            number for cited in statement.citations.all() for number in numbers.of(cited.source, cited.place)
        ]
        remedies = [claim(other) for other in statements if other.answers_id == statement.pk]
        return Claim(statement.text, sources, remedies)

    entries = []
    for item in sorted(items, key=lambda item: item.position):
        claims = [claim(one) for one in statements if one.item_id == item.pk and not one.answers_id]
        silence = next((one for one in silences if one.item_id == item.pk), None)
        if claims or silence:
            entries.append(Entry(item.pk, item.name, claims, _silence(silence)))
    return Group(key, name, entries)


def _silence(silence):
    if silence is None:
        return ""
    words = silence.get_kind_display()
    return f"{words}（{silence.note}）" if silence.note else words
