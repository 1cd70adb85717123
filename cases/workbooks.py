"""Tables → bytes of an .xlsx that an official can fill in: texts stay texts, choices drop down. Pure."""

import io
import re
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from .escapes import harmless

DEFINITIONS = "項目定義"
CHOICES = "選択肢"
CITED, CODES, CHANGES, ABOUT = "出典", "コード表", "変更履歴", "説明"  # of what is given out (exports)
# Sheets that explain a table and hold none to read.
BESIDE = (DEFINITIONS, CHOICES, CITED, CODES, CHANGES, ABOUT)
MOST_LETTERS = 32_767  # of a cell, in UTF-16 as Excel counts
CHOICES_TOLD = 20

LINE_ENDS = re.compile("\r\n|[\r\v\f]")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # `_x000D_` would be read as a carriage return
A4 = 9
GOTHIC = "游ゴシック"
LINE = Side(style="thin", color="808080")
HEAVY = Side(style="medium", color="000000")


@dataclass(frozen=True)
class Column:
    """A column: its heading, its key in our data, what it means, its `width` in letters of half width.

    `choices` drop down. `filled=False`: left for the reader of the table to fill in, and marked for it.
    """

    heading: str
    key: str
    meaning: str
    width: int = 16
    required: bool = False
    choices: tuple[str, ...] = ()
    filled: bool = True


@dataclass(frozen=True)
class Sheet:
    """A table: lines `above` the headings, rows in the order of the columns, empty `spare_rows` to write in.

    `header` stands at the head of each printed page.
    """

    name: str
    columns: tuple[Column, ...]
    rows: list[list[str | int | None]]
    above: tuple[str, ...] = ()
    landscape: bool = True
    spare_rows: int = 0
    header: str = ""


def workbook(sheets: list[Sheet], *, definitions: bool = True) -> bytes:
    """`sheets` as bytes of an .xlsx; with `definitions` a last sheet says what each column is.

    A text stays that text, whatever it begins with; line breaks are kept as `\\n`, letters that XML can't hold
    are dropped. tables.read(…, heading_row=len(above) + 1, skip=(DEFINITIONS, CHOICES)) reads it back.
    Raises ValueError with a Japanese sentence for a text longer than a cell holds.
    """
    book = Workbook(write_only=True)
    book.properties.creator = "casebook"
    for style in _styles():
        book.add_named_style(style)
    lists = _lists(sheets)
    for sheet in sheets:
        _write(book, sheet, lists)
    if definitions:
        _write(book, _definitions(sheets), {})
    if lists:
        _write_lists(book, lists)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _styles():
    """What a cell can be. A cell to fill in is told from the others by its heavy frame, not only by its colour."""
    box = Border(LINE, LINE, LINE, LINE)
    heavy = Border(HEAVY, HEAVY, HEAVY, HEAVY)
    wrapped = Alignment(vertical="top", wrap_text=True)
    yellow = PatternFill("solid", "FFF9DB")
    grey = PatternFill("solid", "E7E7E7")
    plain, bold = Font(name=GOTHIC, size=11), Font(name=GOTHIC, size=11, bold=True)
    yield NamedStyle("above", plain, number_format="@")
    yield NamedStyle("title", Font(name=GOTHIC, size=14, bold=True), number_format="@")
    yield NamedStyle("heading", bold, grey, box, wrapped, "@")
    yield NamedStyle("heading to fill", bold, yellow, heavy, wrapped, "@")
    yield NamedStyle("text", plain, border=box, alignment=wrapped, number_format="@")
    yield NamedStyle("number", plain, border=box, alignment=wrapped, number_format="0")
    yield NamedStyle("to fill", plain, yellow, heavy, wrapped, "@")


def _write(book, sheet, lists):
    page = book.create_sheet(sheet.name)
    heading_row = len(sheet.above) + 1
    last_row = heading_row + len(sheet.rows) + sheet.spare_rows
    page.freeze_panes = f"A{heading_row + 1}"
    for number, column in enumerate(sheet.columns, 1):
        page.column_dimensions[get_column_letter(number)].width = column.width
    _set_paper(page, sheet, heading_row)
    for validation in _validations(sheet.columns, heading_row + 1, last_row, lists):
        page.data_validations.append(validation)
    for number, line in enumerate(sheet.above):
        page.append([_cell(page, line, "above" if number else "title", f"「{sheet.name}」{number + 1}行目")])
    page.append(
        _cell(page, column.heading, "heading" if column.filled else "heading to fill", column.heading)
        for column in sheet.columns
    )
    empty = [None] * len(sheet.columns)
    for number, row in enumerate([*sheet.rows, *[empty] * sheet.spare_rows], heading_row + 1):
        page.append(
            _cell(page, value, _style(value, column), f"「{sheet.name}」{number}行目「{column.heading}」")
            for value, column in zip(row, sheet.columns, strict=True)
        )


def _style(value, column):
    if not column.filled:
        return "to fill"
    return "number" if isinstance(value, int) else "text"


def _cell(page, value, style, place):
    """A cell of `value`, a text where it's one: openpyxl would make a formula of `=1`, an error of `#N/A`."""
    if isinstance(value, str):
        value = _writable(value, place)
    cell = WriteOnlyCell(page, value)
    cell.style = style
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value.startswith("'")  # that who edits the cell in Excel keeps it
    return cell


def _writable(text, place):
    text = harmless(NOT_IN_XML.sub("", LINE_ENDS.sub("\n", text)))
    if len(text) > MOST_LETTERS // 2 and len(text.encode("utf-16-le")) // 2 > MOST_LETTERS:
        raise ValueError(f"表{place}の文字が多すぎます。Excelの一つのセルは{MOST_LETTERS:,}文字までです。")
    return LOOKS_ESCAPED.sub("_x005F_", text)


def _set_paper(page, sheet, heading_row):
    """A4, one page wide, the headings again and the page's number on each."""
    page.page_setup.paperSize = A4
    page.page_setup.orientation = "landscape" if sheet.landscape else "portrait"
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.print_title_rows = f"{heading_row}:{heading_row}"
    page.oddHeader.right.text = sheet.header.replace("&", "&&") or None
    page.oddFooter.center.text = "&A　&P / &N"


def _lists(sheets):
    """Each different list of choices → its column (from 1) on the sheet of choices."""
    found = {}
    for sheet in sheets:
        for column in sheet.columns:
            if column.choices:
                found.setdefault(column.choices, len(found) + 1)
    return found


def _validations(columns, first_row, last_row, lists):
    """The drop-downs, which refer to the sheet of choices as Excel allows 255 letters in place; and the prompts."""
    if last_row < first_row:
        return
    for number, column in enumerate(columns, 1):
        if not column.choices and column.filled:
            continue
        validation = DataValidation(allow_blank=True)
        if column.choices:
            at = get_column_letter(lists[column.choices])
            validation.type = "list"
            validation.formula1 = f"{quote_sheetname(CHOICES)}!${at}$1:${at}${len(column.choices)}"
            validation.showErrorMessage = True
            validation.errorTitle, validation.error = "選べない値です", "一覧にある値から選んでください。"
        if not column.filled:
            validation.showInputMessage = True
            validation.promptTitle, validation.prompt = f"記入：{column.heading}"[:32], column.meaning[:255]
        letter = get_column_letter(number)
        validation.add(f"{letter}{first_row}:{letter}{last_row}")
        yield validation


def _write_lists(book, lists):
    page = book.create_sheet(CHOICES)
    page.sheet_state = "hidden"
    for row in range(max(map(len, lists))):
        page.append(
            _cell(page, choices[row] if row < len(choices) else None, "text", f"「{CHOICES}」")
            for choices in lists
        )


def _definitions(sheets):
    columns = (
        Column("表", "", "", 14),
        Column("項目名", "", "", 22),
        Column("キー", "", "", 20),
        Column("意味", "", "", 60),
        Column("必須", "", "", 8),
        Column("選べる値", "", "", 50),
    )
    rows = [
        [
            sheet.name,
            each.heading,
            each.key,
            each.meaning,
            "必須" if each.required else "",
            _told(each.choices),
        ]
        for sheet in sheets
        for each in sheet.columns
    ]
    return Sheet(DEFINITIONS, columns, rows)


def _told(choices):
    more = len(choices) - CHOICES_TOLD
    return "、".join(choices[:CHOICES_TOLD]) + (f"…（ほか{more:,}件は一覧から選べます）" if more > 0 else "")
