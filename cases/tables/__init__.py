"""Bytes of an uploaded .xlsx or .csv → tables of text. Pure: no models, no files.

What a cell says is taken as the editor sees it, or the file is refused; see cells.clean() and cells.number().
Nothing hidden, merged or calculated is read. limits.py says how large a file may be.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from . import commas, spreadsheet
from .limits import MOST_BYTES, MOST_ROWS
from .package import DAMAGED, NOT_SOUND
from .problems import MOST_TOLD, Refusal, Unreadable, echo, letters

__all__ = ["MOST_ROWS", "Row", "Table", "Unreadable", "read"]

KINDS = "Excel（.xlsx）かCSV（.csv）のファイルを選んでください。"
OTHER_KINDS = (
    (b"%PDF", "PDFです。"),
    (b"\x89PNG", "画像です。"),
    (b"\xff\xd8\xff", "画像です。"),
    (b"GIF8", "画像です。"),
    (b"<", "ウェブページ（HTML）かXMLです。"),
    (b"{\\rtf", "リッチテキストです。"),
)


@dataclass(frozen=True)
class Row:
    """One row of a table: its `number` as Excel counts (from 1), its `cells` heading → text ("" for empty)."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A sheet (`name` "" for CSV): headings, rows without the wholly empty ones, texts `above` the headings."""

    name: str
    headings: list[str]
    rows: list[Row]
    above: list[str]


def read(
    content: bytes,
    file_name: str,
    *,
    heading_row: int = 1,
    sheets: Collection[str] | None = None,
    skip: Collection[str] = (),
) -> list[Table]:
    """`content` of an uploaded file → its tables, in the order of the sheets; sheets with nothing in them left out.

    Only the `sheets` of these names are read, if given, and none named in `skip`. What the content is decides
    how it is read, not the name. Raises Unreadable with every problem, each naming file, sheet, row and column.
    """
    name = echo(file_name) or "ファイル"
    try:
        grids = _grids(content, file_name, heading_row, lambda sheet: _is_wanted(sheet, sheets, skip))
    except Refusal as refusal:
        raise Unreadable([f"{name}：{refusal}"]) from refusal
    except NOT_SOUND as error:
        raise Unreadable([f"{name}：{DAMAGED}"]) from error
    tables, problems, count = [], [], 0
    for grid in grids:
        headings = _headings(grid, heading_row)
        problems += _sentences(grid, headings, name)
        count += grid.faults.count
        tables.append(_table(grid, headings, heading_row))
    if count > MOST_TOLD:
        problems = [*problems[:MOST_TOLD], f"{name}：ほかに{count - MOST_TOLD:,}か所あります。"]
    if not tables:
        wanted = "・".join(f"「{sheet}」" for sheet in sheets or ())
        problems = [f"{name}：表{wanted}がないか、空です。"]
    if problems:
        raise Unreadable(problems)
    return tables


def _is_wanted(sheet, sheets, skip):
    return sheet not in skip and (sheets is None or sheet in sheets)


def _grids(content, file_name, heading_row, is_wanted):
    """The grids of whatever kind of file `content` is, without the empty ones."""
    if len(content) > MOST_BYTES:
        raise Refusal("ファイルは10MBまでです。使わない表や写真を消すか、分けてください。")
    if not content.strip():
        raise Refusal("空のファイルです。")
    if content.startswith(b"PK"):
        grids = spreadsheet.grids(content, heading_row, is_wanted)
        return [grid for grid in grids if grid.rows or grid.faults.count]
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Refusal("パスワードが掛かっています。外して保存し直してください。")
        raise Refusal("古いExcelの形式（.xls）です。.xlsx 形式で保存し直してください。")
    for start, kind in OTHER_KINDS:
        if content[:1000].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(start):
            raise Refusal(kind + KINDS)
    if not file_name.lower().endswith(".csv"):
        raise Refusal("中身がExcelの表ではありません。" + KINDS)
    grid = commas.grid(content, heading_row)
    return [grid] if grid.rows or grid.faults.count else []


def _headings(grid, heading_row):
    """Column → heading; adds the faults of headings: none, twice, or missing over data."""
    headings, seen = grid.rows.get(heading_row, {}), {}
    if not headings:
        grid.faults.add(heading_row, None, "見出しの行が空です。この行に項目名を書いてください。")
        return {}
    for column, heading in headings.items():
        first = seen.setdefault(_key(heading), column)
        if first != column:
            grid.faults.add(heading_row, column, f"同じ見出しが{letters(first)}列にもあります。")
    bare = {}
    for row, cells in grid.rows.items():
        if row > heading_row:
            for column in cells.keys() - headings.keys() - bare.keys():
                bare[column] = row
    for column, row in sorted(bare.items()):
        grid.faults.add(row, column, "この列には見出しがありません。項目名を書くか、列を消してください。")
    return headings


def _key(heading):
    """What two headings are compared by: width and white space make no difference."""
    return "".join(unicodedata.normalize("NFKC", heading).split())


def _sentences(grid, headings, name):
    """The faults of `grid`: `x.xlsx の表「記述」3行目・D列「並び順」：…`."""
    where = f"{name} の" + (f"表「{echo(grid.name)}」" if grid.name else "")
    for row, column, sentence in sorted(grid.faults.told, key=lambda fault: (fault[0], fault[1] or 0)):
        place = f"{row}行目"
        if column:
            place += f"・{letters(column)}列"
            place += f"「{echo(headings[column])}」" if column in headings else ""
        yield f"{where}{place}：{sentence}"


def _table(grid, headings, heading_row):
    order = sorted(headings.items())
    rows = [
        Row(number, {heading: cells.get(column, "") for column, heading in order})
        for number, cells in sorted(grid.rows.items())
        if number > heading_row
    ]
    above = [
        text for number, cells in sorted(grid.rows.items()) if number < heading_row for text in cells.values()
    ]
    return Table(grid.name, [heading for _, heading in order], rows, above)
