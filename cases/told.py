"""Who says what: the statements of a page's cases under some items, each case's in one piece."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from .catalogue import Catalogue
from .models import CaseVersion, Statement
from .record import Claim, Numbers, claim


@dataclass(frozen=True)
class Told:
    """What one case says of an item; `place` is where in its page."""

    slug: str
    title: str
    municipality: str
    place: str
    claims: list[Claim]


def ordered(catalogue: Catalogue, facets: Sequence[str], first: int, most: int) -> int:
    """The bitmap of the selected cases `first` … `first + most`, in the order of facets, then the report's."""
    chosen = seen = 0
    for values in product(*(catalogue.index.names[facet] for facet in facets)):
        cell = catalogue.having(**dict(zip(facets, values, strict=True)))
        chosen |= _some(cell, first - seen, first - seen + most)
        seen += cell.bit_count()
    return chosen


def _some(bitmap, first, end):
    """Of the bits that are set, those numbered `first` … `end`, in the report's order."""

    def below(number):
        """How low bits must lie to be one of the first `number`."""
        return bisect_left(
            range(bitmap.bit_length()), number, key=lambda bits: (bitmap & ((1 << bits) - 1)).bit_count()
        )

    if end <= 0 or first >= bitmap.bit_count():
        return 0
    return bitmap & ((1 << below(end)) - 1) & -(1 << below(max(first, 0)))


def statements(catalogue: Catalogue, ids: Iterable[int], items: Iterable[str]) -> list[Statement]:
    """The statements of these versions under these items, with all that is told of them; three queries."""
    published = catalogue.published().filter(pk__in=ids)
    found = Statement.objects.filter(version__in=published, item__in=items)
    versions = ("version__case__municipality", "version__field", "version__tier")
    return list(found.select_related("item", *versions).prefetch_related("citations", "themes"))


def told(
    version: CaseVersion, own: list[Statement], item: str, numbers: Numbers, themes: Iterable[str] = ()
) -> Told:
    """What a version, by its `own` statements, says of `item` (about one of `themes`, if there are any).

    A remedy stands with the challenge that it answers.
    """
    kept = [
        one
        for one in own
        if one.item_id == item and (not themes or any(theme.key in themes for theme in one.themes.all()))
    ]
    if item == "remedies":
        pairs = {
            one: [other for other in kept if other.answers_id == one.pk]
            for one in own
            if any(other.answers_id == one.pk for other in kept)
        }
        pairs |= {one: [] for one in kept if not one.answers_id}
    else:
        pairs = {one: [other for other in own if other.answers_id == one.pk] for one in kept}
    claims = [claim(one, remedies, numbers) for one, remedies in pairs.items()]
    # On its case's page, a remedy that answers a challenge stands under 課題.
    place = next(iter(pairs)).item_id if pairs else item
    return Told(version.case.slug, version.title, version.case.municipality.full_name, place, claims)
