"""Bytes of an .xlsx or a CSV → book, in one bounded pass: unlike for tables.read(), what is wrong is no reason to stop."""

import csv
import io
import re
from contextlib import suppress

from ..tables.cells import FORMATS, number
from ..tables.package import DAMAGED, Package
from ..tables.problems import Refusal
from .book import CSV, XLSX, Book, Budget, Cell, Page

OBJECTS = re.compile(
    r"^xl/(media|drawings|charts|embeddings|ctrlProps|diagrams)/[^/]+\.(?!rels$|vml$)[a-z]+$"
)
NOTES = re.compile(r"^xl/(comments|threadedComments)")
REFERENCE = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")
OTHER_KINDS = (b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\xff\xfe", b"\xfe\xff", b"<")
MOST_MERGES = 1_000


def open_book(content: bytes) -> Book:
    """Raises Refusal (TooLarge for what would take too long), or one of package.NOT_SOUND, for what can't be one."""
    if content.startswith(b"PK"):
        return _workbook(Package(content))
    start = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise Refusal("空のファイルです。")
    if start.startswith(OTHER_KINDS) or b"\0" in start:
        raise Refusal("Excel（.xlsx）でもCSVでもありません。")
    return _commas(content)


def _commas(content):
    text, encoding = _decoded(content)
    page, budget, row, line, wide = Page(), Budget(), 0, 0, 0
    records = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row, record in enumerate(records, 1):
            if records.line_num - line > 1:
                page.long.append(row)
            line, wide = records.line_num, wide or len(record)
            if record and len(record) != wide:
                page.broken.append((row, f"{wide}列のはずが{len(record)}列です"))
            budget.take(row, len(record), len(record), len("".join(record)))
            if found := {column: Cell(text) for column, text in enumerate(record, 1) if text}:
                page.rows[row] = found
    except csv.Error:
        page.broken.append((row + 1, "引用符の使い方が正しくありません"))
    return Book(CSV, [page], encoding)


def _decoded(content):
    """The text and its encoding's name."""
    has_mark = content.startswith(b"\xef\xbb\xbf")
    for encoding, name in (
        ("utf-8-sig", f"UTF-8（BOM{'あり' if has_mark else 'なし'}）"),
        ("cp932", "Shift_JIS"),
    ):
        try:
            return content.decode(encoding), name
        except UnicodeDecodeError:
            continue
    raise Refusal("文字コードがUTF-8でもShift_JISでもありません。")


def _workbook(package):
    main = next((part for _, kind, part in package.relations("") if kind == "officeDocument"), "")
    if main not in package.names or not main.endswith(".xml"):
        raise Refusal(DAMAGED)
    if any(name.lower().endswith("vbaproject.bin") for name in package.names):
        raise Refusal("マクロが入っています。")
    listed, related = package.elements(main), package.relations(main)
    part_of_kind = {kind: part for _, kind, part in related}
    part_of_key = {key: part for key, kind, part in related if kind == "worksheet" and part in package.names}
    since_1904 = any(
        tag == "workbookPr" and given.get("date1904") in ("1", "true") for _, tag, given in listed
    )
    codes, looks = _styles(package, part_of_kind.get("styles"))
    strings = _strings(package, part_of_kind.get("sharedStrings"))
    book, budget = Book(XLSX, [], looks=looks), Budget()
    book.objects = sorted(name for name in package.names if OBJECTS.match(name))
    book.notes = sorted(name for name in package.names if NOTES.match(name))
    for parent, tag, given in listed:
        key = next((value for name, value in given.items() if name.rpartition(":")[2] == "id"), "")
        if (parent, tag) == ("sheets", "sheet") and key in part_of_key:
            walk = _Walk(given.get("name", ""), strings, codes, since_1904, budget)
            walk.page.is_hidden = given.get("state", "visible") != "visible"
            package.walk(part_of_key[key], walk.start, walk.end, walk.text)
            book.pages.append(walk.page)
    if not any(page.rows for page in book.pages):
        raise Refusal("表がないか、空です。")
    return book


def _styles(package, part):
    """Style → its number format; style → what it looks like (bold, italic, colour of letters, fill)."""
    if part not in package.names:
        return [], {}
    formats, fonts, fills, codes, looks = dict(FORMATS), [], [], [], {}
    for parent, tag, given in package.elements(part):
        if (parent, tag) == ("numFmts", "numFmt"):
            formats[int(given.get("numFmtId", "0")[:9])] = given.get("formatCode", "")
        elif (parent, tag) == ("fonts", "font"):
            fonts.append([])
        elif parent == "font" and fonts and tag in ("b", "i", "color", "strike"):
            fonts[-1].append((tag, *sorted(given.items())))
        elif (parent, tag) == ("fills", "fill"):
            fills.append([])
        elif parent in ("fill", "patternFill") and fills and tag in ("patternFill", "fgColor"):
            fills[-1].append((tag, *sorted(given.items())))
        elif (parent, tag) == ("cellXfs", "xf"):
            font, fill = (int(given.get(name, "0")[:9]) for name in ("fontId", "fillId"))
            looks[len(codes)] = tuple(map(tuple, (*fonts[font : font + 1], *fills[fill : fill + 1])))
            codes.append(formats.get(int(given.get("numFmtId", "0")[:9]), "General"))
    return codes, looks


def _strings(package, part):
    """The texts that cells share, without the readings beside them."""
    if part not in package.names:
        return []
    strings, pieces, reads, budget = [], [], False, Budget()

    def start(name, given, parents):
        nonlocal reads
        reads = name == "t" and "rPh" not in parents

    def text(data):
        if reads:
            pieces.append(data)

    def end(name):
        nonlocal reads
        reads = False
        if name == "si":
            strings.append("".join(pieces))
            budget.take(0, 0, 1, len(strings[-1]))
            pieces.clear()

    package.walk(part, start, end, text)
    return strings


class _Walk:
    """One sheet as it is walked through."""

    def __init__(self, name, strings, codes, since_1904, budget):
        self.page, self.strings, self.codes = Page(name), strings, codes
        self.since_1904, self.budget = since_1904, budget
        self.row = self.column = 0
        self.cell, self.pieces, self.reads, self.calculated = None, [], False, False

    def start(self, name, given, parents):
        parent = parents[-1] if parents else ""
        self.reads = self.cell is not None and (
            (name == "v" and parent == "c") or (name == "t" and "is" in parents and "rPh" not in parents)
        )
        if name == "c":
            found = REFERENCE.fullmatch(given.get("r", ""))
            self.column = _column(found[1]) if found else self.column + 1
            self.cell, self.calculated = given, False
            self.pieces.clear()
        elif name == "f" and parent == "c":
            self.calculated = True
        elif name == "row":
            self.row, self.column = int(given.get("r", str(self.row + 1))[:9]), 0
            if _is_hidden(given):
                self.page.hidden_rows.append(self.row)
        elif name == "col" and _is_hidden(given):
            self.page.hidden_columns += range(int(given["min"][:5]), min(int(given["max"][:5]), 200) + 1)
        elif name == "mergeCell" and len(self.page.merged) < MOST_MERGES:
            self.page.merged.append(given.get("ref", ""))
        elif name == "conditionalFormatting":
            self.page.has_rules = True

    def text(self, data):
        if self.reads:
            self.pieces.append(data)

    def end(self, name):
        self.reads = False
        if name == "c" and self.cell is not None:
            if self.pieces or self.calculated:
                cell = self._made("".join(self.pieces))
                self.budget.take(self.row, self.column, 1, len(cell.text))
                self.page.rows.setdefault(self.row, {})[self.column] = cell
            self.cell = None

    def _made(self, raw):
        kind, style = self.cell.get("t", "n"), int(self.cell.get("s", "0")[:9])
        if kind == "s":
            raw = self.strings[int(raw)] if raw.isdecimal() and int(raw[:9]) < len(self.strings) else ""
        if kind != "n":
            return Cell(raw, False, self.calculated, style)
        code = self.codes[style] if style < len(self.codes) else "General"
        with suppress(ValueError):  # else told as it stands: no rule asks what it means
            raw = number(raw.strip(), code, since_1904=self.since_1904)
        return Cell(raw, True, self.calculated, style)


def _is_hidden(given):
    return given.get("hidden") in ("1", "true") or given.get("collapsed") in ("1", "true")


def _column(name):
    value = 0
    for letter in name:
        value = value * 26 + ord(letter) - ord("A") + 1
    return value
