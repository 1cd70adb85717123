"""An uploaded table as its author left it, for looking at: nothing is cleaned, nothing but danger is refused."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from ..tables.limits import MOST_COLUMNS, MOST_ROWS
from ..tables.problems import Refusal, letters

XLSX, CSV = "xlsx", "csv"
HEADINGS_WITHIN = 30  # rows
MOST_CELLS = 250_000
MOST_TEXT = 10_000_000  # letters of all cells


class TooLarge(Refusal):
    """More than is looked at; the message says how much that is."""


class Budget:
    """What may still be read."""

    def __init__(self):
        self.cells, self.text = MOST_CELLS, MOST_TEXT

    def take(self, row: int, column: int, cells: int, letters: int):
        """Raises TooLarge where what stands up to this row and column is too much."""
        self.cells, self.text = self.cells - cells, self.text - letters
        if row > MOST_ROWS + HEADINGS_WITHIN or column > MOST_COLUMNS:
            raise TooLarge(f"{MOST_ROWS:,}行か{MOST_COLUMNS}列を超えるため、確かめていません。")
        if self.cells < 0 or self.text < 0:
            raise TooLarge(f"{MOST_CELLS:,}セルか{MOST_TEXT:,}字を超えるため、確かめていません。")


class Cell(NamedTuple):
    """What a cell shows; whether it's a number or calculated; which look it has (a key of Book.looks)."""

    text: str
    is_number: bool = False
    has_formula: bool = False
    style: int = 0


@dataclass
class Page:
    """A sheet, or the one table of a CSV: row → column → cell, empty ones left out."""

    name: str = ""
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    is_hidden: bool = False
    has_rules: bool = False  # formats that depend on values
    broken: list[tuple[int, str]] = field(default_factory=list)  # rows of a CSV that aren't as they should be
    long: list[int] = field(default_factory=list)  # rows of a CSV that take several lines

    def at(self, row: int, column: int | None = None) -> str:
        place = f"{letters(column)}{row}" if column else f"{row}行目"
        return f"「{self.name}」{place}" if self.name else place

    @cached_property
    def width(self) -> int:
        return max((column for cells in self.rows.values() for column in cells), default=0)

    @cached_property
    def heading_row(self) -> int:
        """The first of some thirty rows that fills most of the width; 1 if none does."""
        most = max((len(cells) for cells in self.rows.values()), default=0)
        full = (
            row
            for row in sorted(self.rows)
            if row <= HEADINGS_WITHIN and len(self.rows[row]) * 10 >= most * 6
        )
        return next(full, 1)

    @property
    def headings(self) -> dict[int, str]:
        return {column: cell.text for column, cell in self.rows.get(self.heading_row, {}).items()}

    @cached_property
    def body(self) -> list[tuple[int, dict[int, Cell]]]:
        """The rows below the headings."""
        return [(row, cells) for row, cells in sorted(self.rows.items()) if row > self.heading_row]

    @cached_property
    def columns(self) -> dict[int, list[tuple[int, Cell]]]:
        """Column → its cells below the heading, with their rows."""
        found = {column: [] for column in range(1, self.width + 1)}
        for row, cells in self.body:
            for column, cell in cells.items():
                found[column].append((row, cell))
        return found


@dataclass
class Book:
    kind: str
    pages: list[Page]
    encoding: str = ""
    objects: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    looks: dict[int, tuple] = field(default_factory=dict)
