"""The gazetteer: what a reader types for a municipality → those of the 1,788 it can mean."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from . import text
from .models import REGIONS, Municipality, region_of

MOST_LETTERS = 100
# What may be left off a name, and how it then ends in the reading.
ENDINGS = {
    "都": ["と"], "府": ["ふ"], "県": ["けん"], "市": ["し"], "区": ["く"], "町": ["ちょう", "まち"],
    "村": ["むら", "そん"],
}  # fmt: skip


@dataclass(frozen=True)
class Gazetteer:
    """Every municipality by all it's called. `words` is the catalogue's stamp of shared words."""

    words: UUID
    every: list[Municipality]

    def find(self, typed: str) -> list[Municipality]:
        """A code (with or without its check digit), name or reading → what it can mean; [] for nothing known.

        A whole name goes before one without its ending, and 郡 is read past: 北海道茅部郡森町 is 北海道森町.
        """
        folded = re.sub(r"[\s-]", "", text.fold(legible(typed)))
        if re.fullmatch(r"[0-9]{5,6}", folded):
            return [one for one in self.every if one.code.startswith(folded)]
        without_county = [
            re.sub(rf"(?<={before})[^都道府県]+郡", "", folded) for before in ("^", "[都道府県]")
        ]
        for name in dict.fromkeys([folded, *without_county]):
            if found := self._whole.get(name) or self._short.get(name):
                return found
        return []

    def prefecture(self, digits: str) -> Municipality | None:
        """The prefecture with these two digits."""
        return next((one for one in self._prefectures if one.prefecture_code == digits), None)

    def regions(self) -> dict[str, list[Municipality]]:
        """The name of each region → its prefectures."""
        names = {key: name for key, (name, _) in REGIONS.items()}
        return _grouped((names[region_of(one.prefecture_code)], one) for one in self._prefectures)

    def within(self, prefecture: Municipality) -> dict[str, list[Municipality]]:
        """A prefecture's municipalities by kind, itself first."""
        here = prefecture.prefecture_code
        return _grouped((one.get_kind_display(), one) for one in self.every if one.prefecture_code == here)

    @cached_property
    def _prefectures(self):
        return [one for one in self.every if one.kind == Municipality.Kind.PREFECTURE]

    @cached_property
    def _whole(self):
        """Folded name or reading → municipalities; each also with its prefecture before it."""
        return _grouped(
            (name, one)
            for one in self.every
            for name in self._with_prefecture(one, text.fold(one.name), text.fold(one.reading))
        )

    @cached_property
    def _short(self):
        """The same without 市, 町, 県 …"""
        return _grouped(
            (name, one)
            for one in self.every
            for ending in ENDINGS.get(one.name[-1], ())
            for name in self._with_prefecture(
                one, text.fold(one.name[:-1]), text.fold(one.reading).removesuffix(ending)
            )
        )

    def _with_prefecture(self, one, name, reading):
        names = {name, reading}
        if one.kind != Municipality.Kind.PREFECTURE:
            above = self.prefecture(one.prefecture_code)
            names |= {text.fold(above.name) + name, text.fold(above.reading) + reading}
        return names


def _grouped(pairs):
    groups = defaultdict(list)
    for key, one in pairs:
        if one not in groups[key]:
            groups[key].append(one)
    return dict(groups)


def legible(typed: str) -> str:
    """What was typed as it can be shown again: without control characters and not endless."""
    return "".join(filter(str.isprintable, typed)).strip()[:MOST_LETTERS]


_kept: Gazetteer | None = None


def current(words: UUID) -> Gazetteer:
    """The gazetteer under this stamp; one query where it has moved."""
    global _kept
    if _kept is None or _kept.words != words:
        _kept = Gazetteer(words, list(Municipality.objects.all()))
    return _kept
