"""The guide: its pages, with what the published cases say drawn in live through the one Catalogue."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.timezone import localdate

from . import text
from .catalogue import Catalogue
from .index import Index
from .markup import Heading, html, shortcodes
from .models import GuideVersion
from .record import NumberedSource, Numbers
from .search import Word
from .told import Told, statements, told

MOST_CASES = 20  # that one place names; the topic's page has them all
PAIR = ("challenges", "remedies")
FACETS = {
    "分野": "field",
    "自治体区分": "tier",
    "手段の種類": "family",
    "ツール": "tool",
    "方式": "style",
    "項目": "has",
}


@dataclass(frozen=True)
class Entry:
    """One page of the guide in a list; `chapter` is the report's number for it ("02"), or ""."""

    slug: str
    chapter: str
    title: str
    lead: str
    field: str


@dataclass(frozen=True)
class Spoken:
    """What the cases say of an item, `field` alone or all of them (""); `more` cases are on the topic's page."""

    item: str
    item_name: str
    field: str
    field_name: str
    cases: list[Told]
    more: int


@dataclass(frozen=True)
class Count:
    """How many cases have what is asked for, and the query that lists them."""

    count: int
    query: str


@dataclass(frozen=True)
class Stages:
    """The figure of Chapter 05: what it's called, says and rests on, and its two places as rows of a table.

    `drawing` is the template of the picture, an SVG.
    """

    title: str
    description: str
    note: str
    heads: tuple[str, str, str]
    rows: list[tuple[str, str, str]]
    drawing: str = "components/stages.svg"


Part = Spoken | Count | Stages  # what a shortcode stands for


@dataclass(frozen=True)
class Drawn:
    """A text with its live parts: safe HTML, headings, and what the drawn statements cite."""

    html: SafeString
    headings: list[Heading]
    sources: list[NumberedSource]


@dataclass(frozen=True)
class Reading:
    """A page of the guide; `cited` are its own sources, each with the places in it."""

    entry: Entry
    drawn: Drawn
    number: int
    published_on: date | None
    cited: list[tuple[str, list[str]]]


STAGES = Stages(
    title="オンライン支援に期待する役割",
    description="支援の段階が上から下へ二つ並びます。段階そのものと、次の段階へ移るあいだに、ご本人にとっての"
    "利用のしにくさがあります。右にあるオンライン支援から、その三か所すべてへ矢印が向かい、利用のしにくさを埋めます。",
    note="報告書 4-3の文章から、このサイトで作図。二つの段階は、段階と段階の間を示すためのものです。"
    "段階の名と数は、報告書の本文に記載なし。",
    heads=("どこに", "ご本人にとっての利用のしにくさ", "オンライン支援に期待する役割"),
    rows=[
        ("段階そのもの", "その段階の支援を使いにくい", "使いにくさを埋める"),
        ("段階を移るとき", "次の段階へ移るときに使いにくい", "移るあいだの使いにくさを埋める"),
    ],
)


def contents() -> list[Entry]:
    """Every page that is public, in order; one query."""
    return [entry(version) for version in GuideVersion.objects.published()]


def entry(version: GuideVersion) -> Entry:
    page = version.page
    return Entry(page.slug, page.number, version.title, version.lead, page.field_id or "")


def shown(part: Part) -> SafeString:
    """A live part as a page shows it."""
    template, name = _COMPONENTS[type(part)]
    return render_to_string(f"components/{template}.html", {name: part})


_COMPONENTS = {
    Spoken: ("guide-statements", "spoken"),
    Count: ("guide-count", "count"),
    Stages: ("guide-stages", "figure"),
}


def read(version: GuideVersion, catalogue: Catalogue) -> Reading:
    """A version in full, its live parts of what `catalogue` selects."""
    return reads([version], catalogue)[0]


def reads(
    versions: list[GuideVersion], catalogue: Catalogue, show: Callable[[Part], str] = shown
) -> list[Reading]:
    """Several versions, each with its own numbering of sources; their live parts as `show` makes them HTML."""
    live = _Live(catalogue, [version.body for version in versions])
    return [_reading(version, live.draw(version.body, show)) for version in versions]


def _reading(version, drawn):
    cited = {}
    for one in version.citations.all():
        cited.setdefault(one.source.title, []).append(one.place)
    return Reading(
        entry=entry(version),
        drawn=drawn,
        number=version.number,
        published_on=localdate(version.published_at) if version.published_at else None,
        cited=[(title, [place for place in places if place]) for title, places in cited.items()],
    )


def render(body: str, catalogue: Catalogue) -> SafeString:
    """A text as the public would read it, the sources of its live statements at its foot."""
    drawn = _Live(catalogue, [body]).draw(body, shown)
    return render_to_string("components/guide-body.html", {"drawn": drawn})


class _Live:
    """What the shortcodes of some texts stand for; what the cases say is read once for all of them."""

    def __init__(self, catalogue: Catalogue, bodies: Iterable[str]):
        self.catalogue = catalogue
        codes = [code for body in bodies for code in shortcodes(body) if code.name == "記述"]
        wanted, items = set(), set()
        for item, field in filter(None, map(self._asked, codes)):
            wanted.update(self._ids(item, field))
            items.update(PAIR if item in PAIR else [item])
        self.own = {}  # version → its statements
        for one in statements(catalogue, wanted, items) if wanted else []:
            self.own.setdefault(one.version_id, []).append(one)

    def draw(self, body: str, show: Callable[[Part], str]) -> Drawn:
        """Markdown → HTML, with `show` of each live part; sources are numbered once a text."""
        self.numbers = Numbers()
        self.drawn: set[tuple[str, str]] = set()  # (item, field)
        parts = {"記述": self._spoken, "件数": self._count, "図": lambda code: STAGES}

        def draw(code):
            part = parts[code.name](code)
            return show(part) if part else ""

        marked = html(body, draw)
        return Drawn(marked.html, marked.headings, self.numbers.sources())

    def _key(self, facet, word):
        """A value's key by its key or its name."""
        names = self.catalogue.index.names[facet]
        return word if word in names else next((key for key, name in names.items() if name == word), None)

    def _asked(self, code):
        """(item, field or ""), or None where either is unknown."""
        item = self._key("has", code.words[0])
        field = self._key("field", code.words[1]) if len(code.words) > 1 else ""
        return None if item is None or field is None else (item, field)

    def _having(self, item, field):
        return self.catalogue.having(has=item, **({"field": field} if field else {}))

    def _ids(self, item, field):
        return self.catalogue.ids(most=MOST_CASES, within=self._having(item, field))

    def _spoken(self, code):
        """None where it names what there isn't, and where all of it has been told above."""
        if (asked := self._asked(code)) is None:
            return None
        item, field = asked
        ids = [pk for pk in self._ids(item, field) if pk in self.own]
        says = [told(self.own[pk][0].version, self.own[pk], item, self.numbers) for pk in ids]
        says = [one for one in says if one.claims]
        if item == "remedies" and ("challenges", field) in self.drawn:  # their pairs stand there
            says = [replace(one, claims=[own for own in one.claims if not own.remedies]) for one in says]
            if ids and not any(one.claims for one in says):
                return None
        self.drawn.add(asked)
        names = self.catalogue.index.names
        return Spoken(
            item=item,
            item_name=names["has"][item],
            field=field,
            field_name=names["field"].get(field, ""),
            cases=[one for one in says if one.claims],
            more=self._having(item, field).bit_count() - len(ids),
        )

    def _count(self, code):
        values = {}
        for kind, word in code.conditions:
            facet = FACETS[kind]
            if (key := self._key(facet, word)) is None:
                return None
            values[facet] = key
        query = self.catalogue.query({facet: [key] for facet, key in values.items()})
        return Count(self.catalogue.count(**values), query)


def found(words: list[Word], index: Index) -> Iterator[Entry]:
    """The public pages whose title, lead or text holds every word in one of its spellings.

    Their folded texts are kept with the index, and so until its stamp moves; read in one query.
    """
    if words and not index.guide:
        public = GuideVersion.objects.published()
        index.guide.update((one.page.slug, (_folded(one), entry(one))) for one in public)
    for folded, page in index.guide.values() if words else ():
        if all(any(spelling in folded for spelling in word.spellings) for word in words):
            yield page


def _folded(version):
    return text.fold(f"{version.title}\n{version.lead}\n{version.body}")
