"""What the public tables are made of: columns that name a public field each, and the tables they stand in.

Headings are the import's own wherever it reads the same thing, so that a file that left comes back unchanged.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.timezone import localdate

from .. import text

AT_ONCE = 200  # versions a query
YES, NO = "はい", "いいえ"
Value = str | int | None


@dataclass(frozen=True)
class Column:
    """A column: heading, ASCII key, meaning; `paths` lead from the table's rows to its fields.

    `told` makes a cell of their values; `empty` says what a blank cell means ("" where there is none);
    `codes` names the list of the code table that its values come from.
    """

    heading: str
    key: str
    meaning: str
    paths: tuple[str, ...]
    told: Callable[..., Value] = lambda value: value
    empty: str = ""
    codes: str = ""
    kind: str = "文字列"
    width: int = 16


@dataclass(frozen=True)
class Table:
    """A table with one row per row of `rows_of()`, for the versions that `version` leads to.

    It asks nobody whether a version is public: a Catalogue says which ones there are.
    """

    name: str
    key: str
    description: str
    rows_of: Callable[[], QuerySet]
    version: str  # the path from a row to its version
    columns: tuple[Column, ...]
    order: tuple[str, ...] = ()

    @property
    def headings(self) -> list[str]:
        return [column.heading for column in self.columns]

    def count(self, ids: list[int]) -> int:
        """How many rows these versions have."""
        pieces = (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
        return sum(self._rows(some).count() for some in pieces)

    def _rows(self, some):
        return self.rows_of().filter(**{f"{self.version}__in": some})

    def rows(self, ids: list[int]) -> Iterator[list[Value]]:
        """The cells of these versions' rows, version by version in this order. One query per 200 versions."""
        paths = list(dict.fromkeys(path for column in self.columns for path in column.paths))
        at = {path: number for number, path in enumerate(paths, 1)}
        cells = [(column.told, [at[path] for path in column.paths]) for column in self.columns]
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            found: dict[int, list] = {pk: [] for pk in some}
            for values in (
                self._rows(some).order_by(*self.order).values_list(self.version, *paths).iterator(2_000)
            ):
                found[values[0]].append(values)
            for pk in some:
                for values in found.pop(pk):
                    yield [told(*[values[place] for place in places]) for told, places in cells]


def iso(day: date | datetime | None) -> str | None:
    """`2022-10-01`; of a moment, the day in Japan."""
    if isinstance(day, datetime):
        day = localdate(day)
    return f"{day:%Y-%m-%d}" if day else None


def era(day: date | datetime | None) -> str | None:
    """The same day as JIS X 0301 writes it in the Japanese era: `R04.10.01`."""
    if isinstance(day, datetime):
        day = localdate(day)
    return text.era_date(day) if day else None


def yes(flag: bool) -> str:
    return YES if flag else NO
