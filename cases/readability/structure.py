"""What level 1 of the rules asks: how a table is laid out. Each check: book → (where, words) of what is wrong."""

import re
from itertools import groupby

from ..tables.problems import letters
from .book import CSV, XLSX, Book

NOTE = re.compile("^(※|＊|\\*|注|備考|出典|資料)")
NO_NAME = re.compile(r"[\W\d_]*")
TWO_SPACES = re.compile("[ \u3000]{2,}")
LIST = re.compile("[、，,・／/;；]")
SHORT = 12
TWO_NUMBERS = re.compile(r"\s*[0-9,.]+\s*[（(]\s*[0-9,.]+\s*[)）]\s*")
OWN_CODES = re.compile("[\ue000-\uf8ff]")
IN_CP932_ONLY = re.compile("[\u2460-\u2473\u2160-\u217f\u3220-\u3243\u3280-\u32fe\u3300-\u33ff\u2116\u2121]")


def one_table(book: Book):
    for page in book.pages:
        for block in _blocks(page)[1:]:
            first = page.rows[block[0]]
            if len(block) > 1 and len(first) > 1 and not any(cell.is_number for cell in first.values()):
                yield page.at(block[0]), "空の行の下から、別の表が始まっています"


def undivided(book: Book):
    for page in book.pages:
        blocks = _blocks(page)
        for before, after in zip(blocks, blocks[1:], strict=False):
            yield page.at(before[-1] + 1), f"空の行が{after[0] - before[-1] - 1}行あります"
        used = {column for cells in page.rows.values() for column in cells}
        for column in sorted(set(range(1, page.width)) - used):
            yield page.at(page.heading_row, column), "空の列があります"


def _blocks(page):
    """The rows with something in them, in runs without an empty row between."""
    rows = sorted(page.rows)
    return [
        [row for _, row in run] for _, run in groupby(enumerate(rows), key=lambda pair: pair[1] - pair[0])
    ]


def nothing_around(book: Book):
    for page in book.pages:
        for row in [row for row in page.rows if row < page.heading_row]:
            yield page.at(row), "表の上に、表でないものがあります"
        for row, cells in page.body:
            text = next(iter(cells.values())).text
            if len(cells) == 1 and page.width > 2 and NOTE.match(text.strip()):
                yield page.at(row), "表のなかに、注や備考の行があります"
    for name in book.notes:
        yield name, "セルにメモ（コメント）が付いています"


def headed(book: Book):
    for page in book.pages:
        for column, cells in page.columns.items():
            heading = page.headings.get(column, "")
            if cells and not heading.strip():
                yield page.at(page.heading_row, column), "項目名がありません"
            elif cells and NO_NAME.fullmatch(heading):
                yield page.at(page.heading_row, column), f"「{heading}」からは内容が分かりません"


def unpadded(book: Book):
    for page in book.pages:
        for row, cells in page.rows.items():
            for column, cell in cells.items():
                if reason := _padding(cell.text):
                    yield page.at(row, column), reason


def _padding(text):
    if text != text.strip():
        return "先頭か末尾に、空白か改行があります"
    if "\n" in text or "\r" in text or "\t" in text:
        return "セルのなかに、改行かタブがあります"
    if TWO_SPACES.search(text) or "\u3000" in text:
        return "全角の空白か、続けた空白があります"
    return ""


def one_value(book: Book):
    for page in book.pages:
        for row, cells in page.body:
            for column, cell in cells.items():
                if not cell.is_number and _several(cell.text):
                    yield page.at(row, column), "一つのセルに、幾つもの値があります"


def _several(text):
    parts = [part.strip() for part in LIST.split(text)]
    listed = (
        len(parts) > 2
        and all(0 < len(part) <= SHORT and not part.isdecimal() for part in parts)
        and "。" not in text
    )
    return listed and "://" not in text or bool(TWO_NUMBERS.fullmatch(text))


def common_letters(book: Book):
    for page in book.pages:
        for row, cells in page.rows.items():
            for column, cell in cells.items():
                if OWN_CODES.search(cell.text):
                    yield page.at(row, column), "外字があります"
                elif book.encoding == "Shift_JIS" and IN_CP932_ONLY.search(cell.text):
                    yield page.at(row, column), "機種依存文字があります"


def without_objects(book: Book):
    for name in book.objects:
        yield name, "画像・図形・グラフなどがあります"


def plain_looks(book: Book):
    for page in book.pages:
        for column, cells in page.columns.items():
            looks = {book.looks.get(cell.style, ()) for _, cell in cells}
            if len(looks) > 1:
                yield f"{page.at(page.heading_row, column)}の列", "太字や色などの書式が、行によって違います"
        if page.has_rules:
            yield f"「{page.name}」", "条件付き書式があります"


def unmerged(book: Book):
    for page in book.pages:
        for place in page.merged:
            yield f"「{page.name}」{place}", "セルが結合されています"


def nothing_hidden(book: Book):
    for page in book.pages:
        if page.is_hidden:
            yield f"「{page.name}」", "シートが非表示です"
        for row in page.hidden_rows:
            if row <= max(page.rows, default=0):
                yield page.at(row), "行が非表示か、折りたたまれています"
        for column in page.hidden_columns:
            if column <= page.width:
                yield f"「{page.name}」{letters(column)}列", "列が非表示か、折りたたまれています"


def a_row_a_line(book: Book):
    for page in book.pages:
        for row in page.long:
            yield page.at(row), "一つの行が、改行で分かれています"


def quoted(book: Book):
    for page in book.pages:
        for row, reason in page.broken:
            yield page.at(row), reason


CHECKS = {
    "L1-02": one_table,
    "L1-03": undivided,
    "L1-04": nothing_around,
    "L1-05": headed,
    "L1-06": unpadded,
    "L1-07": one_value,
    "L1-08": common_letters,
    "L1-10": without_objects,
    "L1-11": plain_looks,
    "L1-12": unmerged,
    "L1-13": nothing_hidden,
    "L1-14": a_row_a_line,
    "L1-15": quoted,
}
ONLY = dict.fromkeys(("L1-10", "L1-11", "L1-12", "L1-13", "L2-06"), XLSX) | dict.fromkeys(
    ("L1-14", "L1-15"), CSV
)
