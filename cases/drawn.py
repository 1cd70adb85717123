"""Templates drawn once, with gaps for what changes: most of a page is the same each time."""

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from .catalogue import Facet

GAP = "\uffff"  # stands on both sides of the name of what goes into a gap: no letter of any text


def filled(template: str, /, **values: Any) -> SafeString:
    """`template` with these values, as it would be rendered with them.

    It's drawn once for each shape: for what isn't text or a number (which has to be hashable), what of these is
    empty, and which others there are. Those go into gaps, so the template may print them or ask whether
    they're there, and nothing else.
    """
    gaps, shape = {}, {}
    for name, value in values.items():
        is_printed = value and isinstance(value, str | int) and value is not True
        (gaps if is_printed else shape)[name] = value
    draw = _drawn.__wrapped__ if settings.DEBUG else _drawn  # there, templates change without a word
    pieces = draw(template, tuple(gaps), tuple(shape.items())).copy()
    for place in range(1, len(pieces), 2):
        value = gaps[pieces[place]]
        pieces[place] = value if isinstance(value, SafeString) else escape(str(value))
    return SafeString("".join(pieces))


@lru_cache(maxsize=1_000)
def _drawn(template, gaps, shape):
    """What stands before, between and after the gaps, and between them the name of each."""
    return render_to_string(template, dict(shape) | {name: GAP + name + GAP for name in gaps}).split(GAP)


def choices(facets: Iterable[Facet]) -> SafeString:
    """What a panel offers: each facet with its choices, some 130 on a page, each drawn once."""
    return SafeString("\n".join(map(_facet, facets)))


def _facet(facet):
    lines = []
    for value in facet.values:
        before, after = _around_count(facet.key, value.key, value.name, value.selected, not value.count)
        lines.append(f"{before}{value.count}{after}")
    return filled(
        "components/facet.html",
        key=facet.key,
        name=facet.name,
        is_folded=facet.is_folded,
        is_open=bool(facet.selected),
        choices=SafeString("".join(lines)),
    )


@lru_cache(maxsize=2_000)
def _around_count(facet, key, name, selected, is_empty):
    """A choice as its template draws it: what stands before its count, and after."""
    context = {"facet": facet, "key": key, "name": name, "selected": selected, "is_empty": is_empty}
    drawn = render_to_string("components/choice.html", context | {"count": GAP})
    before, _, after = drawn.lstrip("\n").rpartition(GAP)
    return before, after
