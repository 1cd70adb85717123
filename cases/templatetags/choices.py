"""{% choices facet %}: the choices of a facet, some 130 on a page, at the cost of none."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()
GAP = "\uffff"  # where the count goes: no letter of any text


@register.simple_tag
def choices(facet):
    """Each value's components/choice.html, a line each."""
    lines = []
    for value in facet.values:
        before, after = _around_count(facet.key, value.key, value.name, value.selected, not value.count)
        lines.append(f"{before}{value.count}{after}")
    return SafeString("".join(lines))


@lru_cache(maxsize=2_000)
def _around_count(facet, key, name, selected, is_empty):
    """A choice as its template draws it, once: what stands before its count, and after."""
    context = {"facet": facet, "key": key, "name": name, "selected": selected, "is_empty": is_empty}
    drawn = render_to_string("components/choice.html", context | {"count": GAP})
    before, _, after = drawn.lstrip("\n").rpartition(GAP)
    return before, after
