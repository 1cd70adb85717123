"""Any selection of cases as files, for programs and for the meeting: Catalogue → bytes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from ..catalogue import Catalogue
from .commas import csv_of
from .paper import comparison, meeting
from .selection import Refused, selection
from .tables import TABLES
from .terms import STUDY, TERMS, citation
from .workbook import DEFINED, cases_xlsx, codes, definitions

__all__ = [
    "CSV", "DEFINED", "FILES", "STUDY", "TABLES", "TERMS", "XLSX", "File", "Refused", "citation", "codes",
    "comparison", "definitions", "selection",
]  # fmt: skip

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class File:
    """A file that can be made of any catalogue: `content(catalogue, stamp)` → its bytes, in pieces.

    `stamp` says of when or which edition it is, in words: editions.stamp().
    `for_programs`: whether it follows the rules of machine readability, and is held against them.
    """

    name: str
    title: str
    media_type: str
    description: str
    content: Callable[[Catalogue, str], Iterable[bytes]]
    for_programs: bool = True


def _csv(table, catalogue: Catalogue, stamp: str) -> Iterator[bytes]:
    """A CSV has no place for a stamp around its table: the file's name tells it."""
    return csv_of(table, catalogue.ids())


FILES: dict[str, File] = {
    f"{table.key}.csv": File(f"{table.key}.csv", f"{table.name}（CSV）", CSV, table.description, partial(_csv, table))
    for table in TABLES
} | {
    "cases.xlsx": File(
        "cases.xlsx", "データのExcel", XLSX,
        "上の表のすべてに、項目定義・コード表・変更履歴・説明を付けて一つにしたものです。値だけで、数式やマクロはありません。",
        cases_xlsx,
    ),
    "meeting.xlsx": File(
        "meeting.xlsx", "会議用のExcel", XLSX,
        "読むため、印刷するためのものです（A4横）。「本市の場合」を書き込む欄があります。機械で読むためのものではありません。",
        meeting, for_programs=False,
    ),
}  # fmt: skip
