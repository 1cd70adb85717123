"""Cards of published versions as HTML, rendered once each: what is published never changes."""

from django.template.loader import render_to_string

from . import sheet
from .index import Index
from .models import CaseVersion

MOST = 5_000  # about 1.5 KB each


def shown(ids: list[int], index: Index) -> list[str]:
    """The cards of these published versions, in order; a constant number of queries, none where all are kept.

    They're kept with the index, and so until its stamp moves.
    """
    missing = [pk for pk in ids if pk not in index.cards]
    if missing and len(index.cards) + len(missing) > MOST:
        index.cards.clear()
        missing = ids
    if missing:
        for version in CaseVersion.objects.published().with_card().filter(pk__in=missing):
            context = {"card": sheet.card(version), "items": index.items}
            index.cards[version.pk] = render_to_string("components/card.html", context)
    return [index.cards[pk] for pk in ids if pk in index.cards]
