"""Tables of plain values → the bytes of an .xlsx, row by row: openpyxl takes ten times as long and all of the memory.

Texts stand in their cells as texts, numbers as numbers: no formula, no shared string, no colour, no link. The
same tables give the same bytes: no clock is asked.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from openpyxl.utils import get_column_letter

from ..escapes import LIVE, harmless, one_line

MOST_ROWS = 1_048_576  # of a sheet, as Excel has it
MOST_LETTERS = 32_767  # of a cell
CUT = "…（長いため、ここまで）"
ROWS_A_PIECE = 500
TEXT, HEADING = 1, 2  # styles: the rows differ in none
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # a zip knows none before
ODD = re.compile("[&<>\x00-\x08\n-\x1f\ud800-\udfff\ufffe\uffff]|_x|^" + LIVE.pattern)
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, a heading and a width (in letters of half width) per column, and its rows."""

    name: str
    headings: list[str]
    widths: list[int]
    rows: Iterable[list[str | int | None]]


def workbook(sheets: list[Sheet], *, title: str, stamp: str) -> Iterator[bytes]:
    """The sheets in this order as pieces of an .xlsx; `title` and `stamp` stand in its properties."""
    taken = _Taken()
    with zipfile.ZipFile(taken, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, text in _frame(sheets, title, stamp).items():
            archive.writestr(_entry(name), HEAD + text)
        for number, sheet in enumerate(sheets, 1):
            with archive.open(_entry(f"xl/worksheets/sheet{number}.xml"), "w") as part:
                for piece in _sheet(sheet):
                    part.write(piece.encode())
                    if taken.size > 65_536:
                        yield taken.take()
    yield taken.take()


class _Taken(io.RawIOBase):
    """What the zip writes, until it's taken; it can't go back, so the sizes of its parts follow them."""

    def __init__(self):
        self.pieces, self.size = [], 0

    def writable(self):
        return True

    def write(self, data):
        self.pieces.append(bytes(data))
        self.size += len(data)
        return len(data)

    def take(self) -> bytes:
        taken, self.pieces, self.size = b"".join(self.pieces), [], 0
        return taken


def _entry(name):
    entry = zipfile.ZipInfo(name, FIRST_DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _sheet(sheet):
    """The XML of a sheet in pieces: its first row stays in sight and is repeated on paper."""
    letters = [get_column_letter(number) for number in range(1, len(sheet.headings) + 1)]
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width}" style="{TEXT}" customWidth="1"/>'
        for number, width in enumerate(sheet.widths, 1)
    )
    yield (
        f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>{_row(1, letters, sheet.headings, HEADING)}"
    )
    pieces = []
    for number, row in enumerate(sheet.rows, 2):
        pieces.append(_row(number, letters, row))
        if len(pieces) == ROWS_A_PIECE:
            yield "".join(pieces)
            pieces.clear()
    yield "".join(pieces) + "</sheetData></worksheet>"


def _row(number, letters, row, style=TEXT):
    cells = []
    for letter, value in zip(letters, row, strict=True):
        if isinstance(value, int):
            cells.append(f'<c r="{letter}{number}"><v>{value}</v></c>')
        elif value:
            text = _writable(value) if ODD.search(value) or len(value) > MOST_LETTERS // 2 else value
            cells.append(
                f'<c r="{letter}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
            )
    return f'<row r="{number}">{"".join(cells)}</row>'


def _writable(text):
    """As XML and a cell can hold it, and as no program calculates it. Few texts need a second look: see ODD."""
    text = LOOKS_ESCAPED.sub("_x005F_", NOT_IN_XML.sub("", harmless(one_line(text))))
    octets = text.encode("utf-16-le")  # as Excel counts
    if len(octets) > 2 * MOST_LETTERS:
        text = octets[: 2 * (MOST_LETTERS - len(CUT))].decode("utf-16-le", "ignore") + CUT
    return escape(text)


def _frame(sheets, title, stamp):
    """The parts around the sheets."""
    numbers = range(1, len(sheets) + 1)
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{KIND}.worksheet+xml"/>'
        for number in numbers
    )
    listed = "".join(
        f'<sheet name={quoteattr(sheet.name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, sheet in enumerate(sheets, 1)
    )
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    styles = f'<Relationship Id="rId{len(sheets) + 1}" Type="{RELATIONS}/styles" Target="styles.xml"/>'
    core = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/>'
        '<Override PartName="/docProps/core.xml"'
        ' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
        f"{parts}</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
        f'<Relationship Id="rId2" Type="{PACKAGE}/relationships/metadata/core-properties"'
        ' Target="docProps/core.xml"/></Relationships>',
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{core}" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escape(title)}</dc:title><dc:description>{escape(stamp)}</dc:description>"
        "<dc:creator>casebook</dc:creator><dc:language>ja</dc:language></cp:coreProperties>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}{styles}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">'
        '<fonts count="2"><font><sz val="11"/><name val="游ゴシック"/></font>'
        '<font><b/><sz val="11"/><name val="游ゴシック"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="標準" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
    }
