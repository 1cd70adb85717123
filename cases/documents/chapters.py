"""Pages of the guide → the data of their chapters: their safe HTML read back as nested elements, never as text."""

import re
from datetime import date
from html.parser import HTMLParser
from urllib.parse import urljoin

from django.template.loader import render_to_string

from .. import guide
from ..addresses import absolute
from ..catalogue import Catalogue
from ..models import GuideVersion
from . import book, matter
from .letters import legible

DEEPEST = 12  # elements within each other; of what is deeper, the letters alone
LONGEST = 2000  # letters of an address
MOST = 9999  # a list may begin at
EMPTY = {"br", "hr", "live"}
HEADINGS = {"h2", "h3", "h4"}


def data(versions: list[GuideVersion], catalogue: Catalogue) -> tuple[dict, date | None]:
    """The chapters of some versions, and the day on which the newest of them, or of the cases, was published."""
    live = []

    def aside(part):
        live.append(_LIVE[type(part)](part))
        return f'<live part="{len(live) - 1}">'

    readings = guide.reads(versions, catalogue, aside)
    inside = dict(pair for reading in readings for pair in _labels(reading))
    days = [*(reading.published_on for reading in readings), book.newest(catalogue)]
    chapters = [_chapter(reading, live, inside) for reading in readings]
    return {"chapters": chapters}, max(filter(None, days), default=None)


def _labels(reading):
    """Address on the web → label in the document, of a page and its parts."""
    slug = reading.entry.slug
    yield absolute("guide_page", slug), f"guide-{slug}"
    for heading in reading.drawn.headings:
        yield f"{absolute('guide_page', slug)}#{heading.anchor}", f"guide-{slug}-{heading.anchor}"


def _chapter(reading, live, inside):
    slug = reading.entry.slug
    return {
        "slug": slug,
        "number": reading.entry.chapter,
        "title": reading.entry.title,
        "lead": reading.entry.lead,
        "body": _Elements(reading.drawn.html, absolute("guide_page", slug), live, inside).root,
        "cited": [
            f"{title}（箇所：{'、'.join(places)}）" if places else title for title, places in reading.cited
        ],
        "edition": matter.edition(reading),
        "sources": matter.sources(reading.drawn.sources),
    }


class _Elements(HTMLParser):
    """Safe HTML → `root`, whose `of` is a list of strings and of elements, each with its tag and an `of` again.

    Links have a `label` within the document or an `address` of the web, live parts the data of theirs.
    """

    def __init__(self, page, address, live, inside):
        super().__init__()
        self.address, self.live, self.inside = address, live, inside
        self.level = 1  # of the last heading: the chapter's title
        self.root = {"tag": "body", "of": []}
        self.open = [self.root]
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        element = {"tag": tag, "of": []}
        if tag == "live":
            element = self.live[int(given["part"])]
        elif tag == "a":
            element |= self._leading(given.get("href", ""))
        elif tag in HEADINGS:
            element = {"tag": "heading", "of": [{"tag": "place", "anchor": given["id"]}]}
        elif tag == "ol":
            element["start"] = min(int(given.get("start", 1)), MOST)
        elif tag == "li":
            element["ticked"] = "class" in given
        inside = self.open[-1]
        if tag in EMPTY or len(self.open) <= DEEPEST:
            inside["of"].append(element)
        else:
            inside["of"] += element["of"]
            element = inside
        if tag not in EMPTY:
            self.open.append(element)

    def handle_endtag(self, tag):
        element = self.open.pop()
        if tag in HEADINGS and element["tag"] == "heading":  # PDF/UA takes none empty and no level left out
            if _is_seen(element):
                self.level = element["level"] = min(int(tag[1]), self.level + 1)
            else:
                element["tag"] = "body"

    def handle_data(self, data):
        if data.strip() or "\n" not in data:  # what stands between blocks is no text
            data = re.sub(r"(?<=[^\x00-\x7f])\n(?=[^\x00-\x7f])", "", data)  # a line of Japanese goes on
            self.open[-1]["of"].append(re.sub("[ \n]+", " ", data))

    def _leading(self, href):
        try:
            address = urljoin(self.address, href)
        except ValueError:
            return {}
        if label := self.inside.get(address) or self.inside.get(address.partition("#")[0]):
            return {"label": label}
        is_fit = re.match("https?://", address) and len(address) <= LONGEST
        return {"address": address, "outside": address == href} if is_fit else {}


def _is_seen(one):
    """Whether any letter is left of an element."""
    if isinstance(one, str):
        return bool(legible(one).strip())
    return any(map(_is_seen, one["of"])) if "of" in one else one["tag"] != "place"


def _spoken(part):
    query = f"field={part.field}" if part.field else ""
    return {
        "tag": "spoken",
        "item": part.item_name,
        "field": part.field_name,
        "cases": [
            matter.told(one) | {"address": f"{absolute('case', one.slug)}#{one.place}"} for one in part.cases
        ],
        "more": part.more,
        "address": absolute("topic", part.item, query=query),
    }


def _count(part):
    return {"tag": "count", "count": part.count, "address": absolute("finder", query=part.query)}


def _stages(part):
    return {
        "tag": "figure",
        "title": part.title,
        "alt": part.description,
        "note": part.note,
        "heads": part.heads,
        "rows": part.rows,
        "drawing": render_to_string(part.drawing, {"figure": part}),
    }


_LIVE = {guide.Spoken: _spoken, guide.Count: _count, guide.Stages: _stages}
