"""Cards of published versions as HTML, rendered once each: what is published never changes."""

from django.template.loader import render_to_string

from . import sheet
from .index import Index

MOST = 5_000  # about 1.5 KB each


def shown(ids: list[int], index: Index) -> list[str]:
    """The cards of these published versions, in order; a constant number of queries, none where all are kept.

    They're kept with the index, and so until its stamp moves.
    """
    here = {pk: index.cards.get(pk) for pk in ids}  # another thread may empty what is kept meanwhile
    missing = [pk for pk, card in here.items() if card is None]
    if missing:
        for version in index.published().with_card().filter(pk__in=missing):
            context = {"card": sheet.card(version), "items": index.items}
            here[version.pk] = render_to_string("components/card.html", context)
        if len(index.cards) >= MOST:
            index.cards.clear()
        index.cards.update((pk, here[pk]) for pk in missing if here[pk])
    return [card for card in here.values() if card]
