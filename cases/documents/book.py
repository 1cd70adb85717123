"""A catalogue → the data of the printed casebook: its cases, its cross-tab, its indexes."""

from datetime import date

from django.db.models import Max
from django.utils.timezone import localdate

from .. import figures
from ..catalogue import Catalogue
from ..index import FACETS
from ..record import each
from . import matter

MOST_CASES = 100  # of a volume: some 300 pages, set in 5 s and 0.5 GB
MOST_LEADING = 30  # cases of a volume in which marks are links: thousands of them double its time
ROWS = (
    "あ行 ぁ-お",
    "か行 か-ご",
    "さ行 さ-ぞ",
    "た行 た-ど",
    "な行 な-の",
    "は行 は-ぽ",
    "ま行 ま-も",
    "や行 ゃ-よ",
    "ら行 ら-ろ",
    "わ行 ゎ-ん",
)
OTHERS = "その他"


def data(catalogue: Catalogue, volume: int = 1) -> tuple[dict, date | None]:
    """The data of one volume of the book, and the day on which the newest of its cases was published."""
    first = (volume - 1) * MOST_CASES
    ids = catalogue.ids(first, MOST_CASES)
    found = catalogue.published().with_content().in_bulk(ids)
    versions = [found[pk] for pk in ids if pk in found]
    places = dict(zip((version.pk for version in versions), each(versions), strict=True))
    whole = {
        "chosen": chosen(catalogue),
        "total": catalogue.total,
        "first": first + 1,
        "last": first + len(places),
        "marks_lead": len(places) <= MOST_LEADING,
        "crosstab": _crosstab(catalogue),
        "cases": [matter.case(record) for record in places.values()],
        "indexes": _indexes(catalogue, places),
    }
    return whole, max((record.published_on for record in places.values()), default=None)


def chosen(catalogue: Catalogue) -> list[str]:
    """What a catalogue selects by, in words."""
    return [f"{chip.facet}：{chip.name}" for chip in catalogue.chips]


def newest(catalogue: Catalogue) -> date | None:
    """When the newest of the selected cases was published."""
    at = catalogue.published().aggregate(at=Max("published_at"))["at"]
    return at and localdate(at)


def _crosstab(catalogue):
    table = figures.crosstab(catalogue)
    return {
        "heads": [{"name": f"オンライン\n{head.field}", "count": head.count} for head in table.heads],
        "rows": [
            {
                "name": row.tier,
                "count": row.count,
                "cells": [
                    {"count": cell.count, "names": [name for _, name in cell.cases]} for cell in row.cells
                ],
            }
            for row in table.rows
        ],
        "total": table.total,
    }


def _indexes(catalogue, places):
    """By tier, tool, field and municipality: each term with the cases to be found under it."""
    indexes = [_index(catalogue, facet, places) for facet in ("tier", "tool", "field")]
    rows = {}
    for pk in catalogue.ids(sort="reading"):
        if pk in places:
            record = places[pk]
            name = f"{record.municipality}（{record.reading}）"
            rows.setdefault(_row(record.reading), []).append(_entry(record, name))
    names = [*(row.split()[0] for row in ROWS), OTHERS]
    terms = [{"name": name, "cases": rows[name]} for name in names if name in rows]
    return [*indexes, {"name": "自治体名から引く", "terms": terms}]


def _index(catalogue, facet, places):
    terms = []
    for value, name in catalogue.index.names[facet].items():
        ids = catalogue.ids(within=catalogue.having(**{facet: value}))
        if found := [places[pk] for pk in ids if pk in places]:
            cases = [_entry(record, record.municipality, telling_field=facet != "field") for record in found]
            terms.append({"name": f"オンライン{name}" if facet == "field" else name, "cases": cases})
    return {"name": f"{FACETS[facet]}から引く", "terms": terms}


def _entry(record, name, telling_field=True):
    field = matter.fact(record, "field").removeprefix("オンライン")
    return {"slug": record.slug, "name": name, "field": field if telling_field else ""}


def _row(reading):
    """The row of the syllabary that a reading begins in."""
    for row in ROWS:
        name, span = row.split()
        if reading and span[0] <= reading[0] <= span[-1]:
            return name
    return OTHERS
