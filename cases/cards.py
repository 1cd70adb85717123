"""Cards of published versions, read and drawn once each: what is published never changes.

They're kept with the index, and so until its stamp moves.
"""

from dataclasses import dataclass, replace
from html import escape
from uuid import uuid4

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from . import matches
from .drawn import filled
from .index import Index
from .models import Statement
from .search import Word
from .sheet import Card, card

MOST = 5_000  # about 4 KB each
GAP = uuid4().hex  # stands where a search marks its words: no text holds it


@dataclass(frozen=True)
class Drawn:
    """A card and its HTML, cut where title, summary and what was found stand."""

    card: Card
    pieces: list[str]

    def filled(self, title: str, summary: str, found: str = "") -> SafeString:
        """The card with these, as HTML."""
        before, between, after, end = self.pieces
        return SafeString("".join((before, title, between, summary, after, found, end)))


def shown(ids: list[int], index: Index) -> list[SafeString]:
    """The cards of these published versions as HTML, in order."""
    return [one.filled(escape(one.card.title), escape(one.card.summary)) for one in read(ids, index).values()]


def found(ids: list[int], index: Index, words: list[Word]) -> list[SafeString]:
    """The same with the words marked that were searched for, and where else they stand; one query more."""
    told = {pk: [] for pk in ids}
    rows = Statement.objects.filter(version__in=ids).order_by("item__position", "position", "pk")
    for pk, item, text in rows.values_list("version_id", "item__name", "text"):
        told[pk].append((item, text))
    return [_marked(one, matches.match(one.card, told[pk], words)) for pk, one in read(ids, index).items()]


def _marked(drawn, match):
    statements = [
        filled("components/found-statement.html", item=item, text=html) for item, html in match.statements
    ]
    notes = [filled("components/found-note.html", note=note) for note in match.notes]
    elsewhere = ""
    if statements or notes:
        told = {"statements": SafeString("".join(statements)), "notes": SafeString("".join(notes))}
        elsewhere = filled("components/found.html", more=match.more_statements, **told)
    return drawn.filled(match.title, match.summary, elsewhere)


def read(ids: list[int], index: Index) -> dict[int, Drawn]:
    """The cards of these published versions, in order; a constant number of queries, none where all are kept."""
    here = {pk: index.cards.get(pk) for pk in ids}  # another thread may empty what is kept meanwhile
    missing = [pk for pk, drawn in here.items() if drawn is None]
    if missing:
        for version in index.published().with_card().filter(pk__in=missing):
            here[version.pk] = _drawn(card(version), index)
        if len(index.cards) >= MOST:
            index.cards.clear()
        index.cards.update((pk, here[pk]) for pk in missing if here[pk])
    return {pk: drawn for pk, drawn in here.items() if drawn}


def _drawn(card, index):
    gaps = {"card": replace(card, title=GAP, summary=GAP), "found": GAP, "items": index.items}
    return Drawn(card, render_to_string("components/card.html", gaps).split(GAP))
