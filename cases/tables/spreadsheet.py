"""The sheets of an .xlsx → grids, in one bounded pass each.

Not by openpyxl: it unfolds what a file claims (a cell at XFD1048576, a merge of all cells, six million strings)
before anyone can say no, and read_only it doesn't tell hidden rows and columns or merged cells.
"""

import re
from collections.abc import Callable, Iterator

from .cells import FORMATS, number, unescape
from .limits import LAST_ROW, MOST_CELLS, MOST_COLUMNS, MOST_ROWS, MOST_STRINGS, MOST_TEXT
from .package import DAMAGED, Package
from .problems import Grid, Refusal, echo

_CELL = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")
_DIGITS = re.compile("[0-9]{1,9}")
_RANGE = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?")
_MACROS = "マクロの入ったファイルは受け取りません。マクロのない .xlsx 形式で保存し直してください。"


def grids(content: bytes, heading_row: int, is_wanted: Callable[[str], bool]) -> Iterator[Grid]:
    """The sheets whose name `is_wanted`, as far as anything stands in them. Raises Refusal."""
    package = Package(content)
    workbook = _workbook(package)
    listed = package.elements(workbook)
    relations = package.relations(workbook)
    since_1904 = any(
        name == "workbookPr" and attributes.get("date1904") in ("1", "true") for _, name, attributes in listed
    )
    styles = _styles(package, relations)
    strings = _strings(package, relations)
    budget = {"cells": MOST_CELLS, "text": MOST_TEXT}
    for name, part, is_hidden in _sheets(listed, relations):
        if not is_wanted(name):
            continue
        sheet = _Sheet(name, heading_row, strings, styles, since_1904, budget)
        package.walk(part, sheet.start, sheet.end, sheet.text)
        sheet.finish()
        if sheet.grid.rows and is_hidden:
            raise Refusal(f"表「{echo(name)}」が非表示です。再表示するか、消してください。")
        yield sheet.grid


def _workbook(package):
    """The main part of a plain workbook; other kinds of Office file are refused by name."""
    names = {name.lower() for name in package.names}
    if any(name.endswith("vbaproject.bin") for name in names):
        raise Refusal(_MACROS)
    if "mimetype" in names and "content.xml" in names:
        raise Refusal("LibreOfficeなどの形式（.ods）です。.xlsx 形式で保存し直してください。")
    if "[Content_Types].xml" not in package.names:
        raise Refusal(DAMAGED)
    for _, kind, part in package.relations(""):
        if kind == "officeDocument" and part in package.names:
            types = {
                attributes.get("PartName", "").lstrip("/"): attributes.get("ContentType", "")
                for _, _, attributes in package.elements("[Content_Types].xml")
            }
            if "macro" in types.get(part, "").lower():
                raise Refusal(_MACROS)
            if part.endswith(".xml") and "sheet" in types.get(part, "sheet"):
                return part
            break
    raise Refusal("Excelの表ではありません。.xlsx 形式の表を選んでください。")


def _sheets(listed, relations):
    """The worksheets in their order: (name, part, is it hidden?). Charts have no cells and are passed over."""
    kinds = {key: (kind, part) for key, kind, part in relations}
    found = []
    for parent, tag, attributes in listed:
        if (parent, tag) != ("sheets", "sheet"):
            continue
        key = next((value for name, value in attributes.items() if name.rpartition(":")[2] == "id"), "")
        kind, part = kinds.get(key, ("", ""))
        if not kind:
            raise Refusal(DAMAGED)
        if kind == "worksheet":
            hidden = attributes.get("state", "visible") != "visible"
            found.append((unescape(attributes.get("name", "")), part, hidden))
    for field in (0, 1):
        if len({sheet[field] for sheet in found}) < len(found):
            raise Refusal("同じ名前の表があるか、同じ中身を指しています。" + DAMAGED)
    return found


def _styles(package, relations):
    """The number format of each cell style."""
    part = next((part for _, kind, part in relations if kind == "styles"), None)
    if part not in package.names:
        return []
    codes, styles = dict(FORMATS), []
    for parent, name, attributes in package.elements(part):
        if name == "numFmt" and parent == "numFmts":
            codes[int(attributes.get("numFmtId", "0")[:9])] = attributes.get("formatCode", "")
        elif name == "xf" and parent == "cellXfs":
            styles.append(int(attributes.get("numFmtId", "0")[:9]))
    return [codes.get(style, "General") for style in styles]


class _Strings:
    """The texts that cells share, each cleaned once for all of them."""

    def __init__(self, raw):
        self.raw = raw
        self.cleaned = {}

    def text(self, index: str) -> str:
        """Raises ValueError in Japanese if the text is faulty, Refusal if there is none."""
        if index not in self.cleaned:
            if not (_DIGITS.fullmatch(index) and int(index) < len(self.raw)):
                raise Refusal(DAMAGED)
            try:
                self.cleaned[index] = unescape(self.raw[int(index)]), None
            except ValueError as fault:
                self.cleaned[index] = "", str(fault)
        text, fault = self.cleaned[index]
        if fault:
            raise ValueError(fault)
        return text


def _strings(package, relations):
    """The texts that cells share, without the readings (rPh) which Japanese Excel keeps beside them."""
    part = next((part for _, kind, part in relations if kind == "sharedStrings"), None)
    if part not in package.names:
        return _Strings([])
    strings, pieces, reads = [], [], False

    def start(name, attributes, parents):
        nonlocal reads
        if name == "si":
            if len(strings) >= MOST_STRINGS:
                raise Refusal(f"文字の入ったセルが{MOST_STRINGS:,}種類を超えます。分けてください。")
            pieces.clear()
        reads = name == "t" and "rPh" not in parents

    def text(data):
        if reads:
            pieces.append(data)

    def end(name):
        nonlocal reads
        reads = False
        if name == "si":
            strings.append("".join(pieces))

    package.walk(part, start, end, text)
    return _Strings(strings)


class _Sheet:
    """One sheet as it is walked through: `grid` takes its texts and faults."""

    def __init__(self, name, heading_row, strings, styles, since_1904, budget):
        self.grid = Grid(name)
        self.heading_row, self.strings, self.styles = heading_row, strings, styles
        self.since_1904, self.budget = since_1904, budget
        self.row = self.column = 0
        self.hidden_rows, self.hidden_columns, self.merged = set(), [], []
        self.cell, self.has_formula, self.reads, self.pieces = None, False, False, []

    def start(self, name, attributes, parents):
        parent = parents[-1] if parents else ""
        self.reads = self.cell is not None and (
            name == "v" and parent == "c" or name == "t" and "is" in parents and "rPh" not in parents
        )
        if name == "c" and parent == "row":
            self._begin_cell(attributes)
        elif name == "f" and parent == "c":
            self.has_formula = True
        elif name == "row" and parent == "sheetData":
            self._begin_row(attributes)
        elif name == "col" and parent == "cols" and _is_hidden(attributes, "width"):
            self.hidden_columns.append((int(attributes["min"][:9]), int(attributes["max"][:9])))
        elif name == "mergeCell":
            self.merged.append(attributes.get("ref", ""))
        if len(self.merged) + len(self.hidden_columns) > 20_000:
            raise Refusal("結合されたセルや隠れた列が多すぎます。解除してください。")

    def text(self, data):
        if self.reads:
            self.pieces.append(data)

    def end(self, name):
        self.reads = False
        if name == "c" and self.cell is not None:
            if self.has_formula or self.pieces:
                self._end_cell()
            self.cell = None

    def _begin_row(self, attributes):
        number = attributes.get("r", str(self.row + 1))
        before, self.row, self.column = self.row, int(number) if _DIGITS.fullmatch(number) else 0, 0
        if not before < self.row <= LAST_ROW:
            raise Refusal(f"表「{echo(self.grid.name)}」の行の番号が正しくありません。" + DAMAGED)
        if self.row <= self.heading_row + MOST_ROWS and _is_hidden(attributes, "ht"):
            self.hidden_rows.add(self.row)

    def _begin_cell(self, attributes):
        self.budget["cells"] -= 1
        if self.budget["cells"] < 0:
            raise Refusal(
                f"セルが{MOST_CELLS:,}個を超えます。使わない行・列・表を消すか、ファイルを分けてください。"
            )
        reference = attributes.get("r")
        if reference is None:
            self.column += 1
        else:
            found = _CELL.fullmatch(reference)
            column = _column(found[1]) if found else 0
            if not found or int(found[2]) != self.row or column <= self.column:
                raise Refusal(f"表「{echo(self.grid.name)}」のセルの番地が正しくありません。" + DAMAGED)
            self.column = column
        self.cell, self.has_formula = attributes, False
        self.pieces.clear()

    def _end_cell(self):
        try:
            if self.has_formula:
                raise ValueError(
                    "数式が入っています。値に直してから（値として貼り付けて）選び直してください。"
                )
            text = self._value("".join(self.pieces))
        except ValueError as fault:
            if isinstance(fault, Refusal):
                raise
            self._bound()
            self.grid.faults.add(self.row, self.column, str(fault))
            return
        if text:
            self._bound()
            self.budget["text"] -= len(text)
            if self.budget["text"] < 0:
                raise Refusal(f"文字が全部で{MOST_TEXT:,}字を超えます。ファイルを分けてください。")
            self.grid.rows.setdefault(self.row, {})[self.column] = text

    def _bound(self):
        """Refuse the file if something stands beyond the last row or column a table may have."""
        if self.row > self.heading_row + MOST_ROWS:
            raise Refusal(f"表「{echo(self.grid.name)}」が{MOST_ROWS:,}行を超えます。分けてください。")
        if self.column > MOST_COLUMNS:
            raise Refusal(f"表「{echo(self.grid.name)}」が{MOST_COLUMNS}列を超えます。列を減らしてください。")

    def _value(self, raw):
        kind = self.cell.get("t", "n")
        if kind == "s":
            return self.strings.text(raw)
        if kind == "e":
            raise ValueError(f"Excelのエラー値（{echo(raw)}）が入っています。正しい値に直してください。")
        if kind == "b":
            return "TRUE" if raw.strip() in ("1", "true") else "FALSE"
        if kind == "n":
            style = self.cell.get("s", "0")
            style = int(style) if _DIGITS.fullmatch(style) else 0
            code = self.styles[style] if style < len(self.styles) else "General"
            return number(raw.strip(), code, since_1904=self.since_1904)
        if kind not in ("str", "inlineStr", "d"):
            raise Refusal(DAMAGED)
        return unescape(raw).removesuffix("T00:00:00" if kind == "d" else "")

    def finish(self):
        """The faults that only the whole sheet shows: what can't be seen, and merged cells."""
        rows, faults = self.grid.rows, self.grid.faults
        for row in sorted(self.hidden_rows & rows.keys()):
            faults.add(row, None, "この行は隠れています。フィルターや非表示を解除するか、消してください。")
        used = {column: row for row in reversed(rows) for column in rows[row]}
        for column in sorted(used):
            if any(first <= column <= last for first, last in self.hidden_columns):
                faults.add(used[column], column, "この列は隠れています。再表示するか、消してください。")
        for reference in self.merged:
            found = _RANGE.fullmatch(reference)
            if not found:
                raise Refusal(DAMAGED)
            if int(found[4] or found[2]) >= self.heading_row:
                sentence = f"セルが結合されています（{reference}）。結合を解除してください。"
                faults.add(int(found[2]), _column(found[1]), sentence)


def _is_hidden(attributes, size):
    """Hidden, or drawn with no height or width."""
    return attributes.get("hidden") in ("1", "true") or re.fullmatch(r"0+(\.0*)?", attributes.get(size, "1"))


def _column(name):
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
