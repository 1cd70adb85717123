"""The paper of the casebook: a selection of cases, one case, a comparison, a topic or the guide → a PDF.

All are PDF/UA-1 (tagged, in Japanese, with bookmarks and embedded fonts) and name in `stamp` the edition or
the day they show, such as 「2026-11版」. The same content under the same stamp gives the same bytes.
What isn't `linked` is for taking along: its addresses of the web are text alone, and the press is waited for.
Anything else raises Busy where the press isn't free in time.
"""

from ..addresses import SITE, absolute
from ..catalogue import Catalogue
from ..comparison import Comparison
from ..exports.terms import STUDY, TERMS
from ..models import CaseVersion, GuideVersion
from ..record import record
from ..topics import Topic
from . import book, chapters, matter
from .printing import Busy, printed

__all__ = ["Busy", "case", "casebook", "comparison", "guide", "guide_page", "topic", "volumes"]

GUIDE = "活用ガイド"


def volumes(catalogue: Catalogue) -> int:
    """Into how many volumes the cases of a catalogue are bound: at most `book.MOST_CASES` in each."""
    return max(1, -(-catalogue.total // book.MOST_CASES))


def casebook(
    catalogue: Catalogue, stamp: str, address: str = "", volume: int = 1, *, linked: bool = True
) -> bytes:
    """The cases of a catalogue as a book: cover, contents, cross-tab, a section a case, index, colophon.

    `address` is where it's read on the web; by default the finder's page of the same selection. Of a book of
    several volumes this is the one asked for: each has its own contents and index.
    """
    address = address or absolute("finder", query=catalogue.query())
    data, day = book.data(catalogue, volume)
    data |= _signed(SITE, stamp, address) | {
        "volume": volume,
        "volumes": volumes(catalogue),
        "linked": linked,
    }
    return printed("casebook", data, day, patient=not linked, keep=not catalogue.q)


def case(version: CaseVersion, stamp: str, *, linked: bool = True) -> bytes:
    """One version from `with_content()`."""
    told = record(version)
    data = _signed(told.title, stamp, absolute("version", told.slug, told.number))
    data |= {"case": matter.case(told), "linked": linked}
    return printed("case", data, told.published_on, patient=not linked)


def comparison(comparison: Comparison, stamp: str) -> bytes:
    """Two to four cases side by side, A4 landscape, with a blank column where it's asked for."""
    records = [column.record for column in comparison.columns]
    title = "、".join(one.title for one in records) + "の比較"
    data = _signed(title, stamp, absolute("compare", query=comparison.query()))
    data |= {
        "columns": [{"title": one.title, "edition": matter.edition(one)} for one in records],
        "own": comparison.own,
        "note": _rows(comparison),
        "unworked": comparison.unworked,
        "groups": [
            {
                "name": group.name,
                "rows": [
                    {
                        "name": row.name,
                        "cells": [
                            {"claims": matter.claims(one.claims), "silence": one.silence} for one in row.cells
                        ],
                    }
                    for row in group.rows
                ],
            }
            for group in comparison.groups
        ],
        "sources": matter.sources(comparison.sources),
    }
    return printed("comparison", data, max(one.published_on for one in records))


def _rows(comparison):
    differing, rows = comparison.counts
    if comparison.only_different:
        return f"{rows}項目のうち、書かれていることの違う{differing}項目を載せています。"
    return f"{rows}項目。うち{differing}項目で、書かれていることが違います。"


def topic(topic: Topic, stamp: str) -> bytes:
    """One item across the cases that `topic` holds."""
    catalogue = topic.catalogue
    address = absolute("topic", topic.key, query=catalogue.query())
    data = _signed(f"項目ごとに読む：{topic.name}", stamp, address)
    data |= {
        "name": topic.name,
        "group": topic.group,
        "beside": topic.beside,
        "chosen": book.chosen(catalogue),
        "total": catalogue.total,
        "shown": len(topic.page.ids),
        "told": topic.told,
        "size": catalogue.size,
        "fields": [
            {
                "name": field.name,
                "count": field.count,
                "tiers": [
                    {"name": tier.name, "cases": [matter.told(one) for one in tier.cases]}
                    for tier in field.tiers
                ],
            }
            for field in topic.fields
        ],
        "sources": matter.sources(topic.sources),
    }
    return printed("topic", data, book.newest(catalogue))


def guide(
    versions: list[GuideVersion], catalogue: Catalogue, stamp: str, address: str = "", *, linked: bool = True
) -> bytes:
    """Versions from `with_content()` as the guide: contents, then each as a chapter, drawn live from `catalogue`.

    `address` is where it's read on the web; by default the guide's contents.
    """
    data, day = chapters.data(versions, catalogue)
    data |= _signed(GUIDE, stamp, address or absolute("guide")) | {"whole": True, "linked": linked}
    return printed("guide", data, day, patient=not linked)


def guide_page(version: GuideVersion, catalogue: Catalogue, stamp: str) -> bytes:
    """One of its pages alone, for a meeting."""
    data, day = chapters.data([version], catalogue)
    data |= _signed(f"{GUIDE}：{version.title}", stamp, absolute("guide_page", version.page.slug))
    return printed("guide", data | {"whole": False}, day)


def _signed(title, stamp, address):
    """What every document says of itself."""
    return {"title": title, "site": SITE, "study": STUDY, "terms": TERMS, "stamp": stamp, "address": address}
