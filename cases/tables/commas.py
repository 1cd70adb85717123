"""A CSV file → grid. Its encoding is found out or the file is refused: nothing is guessed into wrong letters."""

import csv
import io
import re

from .cells import clean
from .limits import MOST_COLUMNS, MOST_LETTERS, MOST_ROWS
from .problems import Grid, Refusal

ADVICE = "Excelで「CSV UTF-8（コンマ区切り）」か .xlsx 形式で保存し直してください。"
BYTE_ORDER = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
# Lead bytes of CP932 that EUC-JP never has. Without any, half of EUC-JP would pass for half-width kana.
ONLY_CP932 = re.compile(rb"[\x81-\x8d\x90-\x9f]")
UNASSIGNED = re.compile("[\x80\xa0\uf8f0-\uf8f3]")  # what Python makes of bytes that CP932 gives no letter
THREE_BYTES = re.compile(rb"[\xe3-\xe9][\x80-\xbf][\x80-\xbf]")  # kana and kanji in UTF-8


def grid(content: bytes, heading_row: int) -> Grid:
    """Comma-separated text in UTF-8 or CP932, quoted as RFC 4180 has it, any line end. Raises Refusal.

    Rows are counted as Excel does: one with line breaks in its cells is one.
    """
    made = Grid("")
    records = csv.reader(io.StringIO(_decoded(content), newline=""), strict=True)
    number, headings = 0, []
    try:
        for number, record in enumerate(records, 1):
            if not any(record):
                continue
            if number > heading_row + MOST_ROWS:
                raise Refusal(f"{MOST_ROWS:,}行を超えます。分けてください。")
            if any(record[MOST_COLUMNS:]):
                raise Refusal(f"{number}行目が{MOST_COLUMNS}列を超えます。列を減らしてください。")
            if number == heading_row:
                _check_commas(record)
                headings = record
            _take(made, number, record)
            if number > heading_row:
                _check_width(made, number, record, headings)
    except csv.Error as error:
        raise Refusal(f"{number + 1}行目を読み取れません。{_reason(str(error))}") from None
    return made


def _take(made, number, record):
    for column, typed in enumerate(record[:MOST_COLUMNS], 1):
        try:
            if text := clean(typed):
                made.rows.setdefault(number, {})[column] = text
        except ValueError as fault:
            made.faults.add(number, column, str(fault))


def _check_width(made, number, record, headings):
    fewest = max((column for column, heading in enumerate(headings, 1) if heading), default=0)
    if len(record) < fewest or any(record[len(headings) :]):
        made.faults.add(
            number,
            None,
            f"見出しは{fewest}列ですが、この行は{len(record)}列です。コンマや引用符を確かめてください。",
        )


def _check_commas(record):
    for mark, name in (("\t", "タブ"), (";", "セミコロン（;）")):
        if len(record) == 1 and mark in record[0]:
            raise Refusal(f"{name}で区切られています。コンマで区切ったCSVだけを読めます。{ADVICE}")


def _reason(error):
    if "end of data" in error:
        return '引用符（"）が閉じられていません。'
    if "field limit" in error:
        return f'引用符（"）の閉じ忘れか、長すぎるセルがあります。一つのセルは{MOST_LETTERS:,}文字までです。'
    return '引用符（"）の使い方が正しくありません。セルの中の「"」は「""」と書きます。'


def _decoded(content):
    """UTF-8, or CP932 where it can be nothing else; Refusal for what would be read as other letters."""
    if content.startswith(BYTE_ORDER):
        raise Refusal(f"文字コードがUTF-16かUTF-32です。{ADVICE}")
    if b"\0" in content:
        raise Refusal(f"文字の表ではないか、文字コードがUTF-16です（NULがあります）。{ADVICE}")
    if b"\x1b" in content:
        raise Refusal(f"文字コードがISO-2022-JP（JIS）のようです。{ADVICE}")
    if content.isascii() and _is_utf_7(content):
        raise Refusal(f"文字コードがUTF-7のようです。{ADVICE}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        beyond_ascii = len(re.sub(rb"[\x00-\x7f]+", b"", content))
        if content.startswith(b"\xef\xbb\xbf") or 6 * len(THREE_BYTES.findall(content)) > beyond_ascii:
            raise Refusal(
                f"{_line(content, error)}行目あたりの文字が壊れています（UTF-8）。{ADVICE}"
            ) from None
    if not ONLY_CP932.search(content):
        raise Refusal(f"文字コードがEUC-JPか、分からないものです。{ADVICE}")
    try:
        text = content.decode("cp932")
    except UnicodeDecodeError as error:
        raise Refusal(
            f"{_line(content, error)}行目あたりの文字が壊れています（Shift_JIS）。{ADVICE}"
        ) from None
    if found := UNASSIGNED.search(text):
        raise Refusal(
            f"{text.count(chr(10), 0, found.start()) + 1}行目あたりに、Shift_JISにない文字があります。{ADVICE}"
        )
    return text


def _is_utf_7(content):
    if not re.search(rb"\+[A-Za-z0-9+/]{2}", content):
        return False
    try:
        return content.decode("utf-7") != content.decode("ascii")
    except UnicodeDecodeError:
        return False


def _line(content, error):
    return content.count(b"\n", 0, error.start) + 1
