"""The text of one cell: letters cleaned, numbers as the sheet shows them."""

import math
import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from openpyxl.styles.numbers import BUILTIN_FORMATS

from ..dates import serial_day
from .limits import MOST_LETTERS

TOO_LONG = f"文字が多すぎます。一つのセルは{MOST_LETTERS:,}文字までです。"

# Numbered formats of a Japanese Excel, which writes no code for them (ECMA-376 part 1, 18.8.30, ja-jp).
JAPANESE_FORMATS = (
    dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 54, 57, 58), "yyyy/m/d")
    | dict.fromkeys((32, 33), "h:mm:ss")
    | dict.fromkeys((34, 52, 55), "yyyy/m")
    | dict.fromkeys((35, 53, 56), "m/d")
)
FORMATS = JAPANESE_FORMATS | BUILTIN_FORMATS

# Line ends of all kinds are one; what has no shape is dropped, as it comes along when people copy from elsewhere.
_LINE_ENDS = dict.fromkeys(map(ord, "\r\v\f\x85\u2028\u2029"), "\n")
_SHAPELESS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF])
_CONTROLS = _SHAPELESS | _LINE_ENDS | {ord("\n"): "\n", ord("\t"): " "}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_NUMBER = re.compile(r"[-+]?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][-+]?[0-9]{1,4})?")
_NOT_SHOWN_AS_NUMBER = re.compile(
    r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|general|(?:g/)?標準|am/pm|a/p|e[+-]'
)


def clean(text: str) -> str:
    """NFC, line ends as `\\n`, a tab as a space, other control characters dropped, no white space around.

    Raises ValueError with a Japanese sentence for NUL and for more than 32,767 letters.
    """
    if _CONTROL.search(text):
        if "\0" in text:
            raise ValueError("使えない制御文字（NUL）があります。打ち直してください。")
        text = text.replace("\r\n", "\n").translate(_CONTROLS)
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > MOST_LETTERS:
        raise ValueError(TOO_LONG)
    return text


def unescape(text: str) -> str:
    """A text of a workbook, cleaned. What XML can't hold is spelt `_x000D_` there, a real `_x` `_x005F_x`.

    Raises ValueError as clean() does.
    """
    if len(text) > MOST_LETTERS * len("_x000D_"):
        raise ValueError(TOO_LONG)
    return clean(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text)


def number(raw: str, code: str, *, since_1904: bool = False) -> str:
    """A number as the format `code` shows it: `2022-10-01`, `2022-10`, `12.5%`, `013105`, `9:30`, else `1200.5`.

    A day's time is told only if the sheet shows it. Raises ValueError with a Japanese sentence.
    """
    value = float(raw) if _NUMBER.fullmatch(raw) else math.nan
    if not math.isfinite(value):
        raise ValueError("数として読み取れない値です。打ち直してください。")
    kind = _kind(code)
    if kind == "percent":
        return _decimal(value * 100) + "%"
    if kind == "zeros":
        return _decimal(value).zfill(len(code))
    if kind == "number":
        return _decimal(value)
    if kind == "yearless":
        raise ValueError("年の見えない日付です。「2022-10-01」のように、年から書いてください。")
    return _moment(value, kind, code, since_1904)


@lru_cache(maxsize=1_000)
def _kind(code):
    """What a number format shows; only the first section, the one for what is above zero, is looked at."""
    if len(code) > 255:
        return "number"
    if re.fullmatch("0{2,30}", code):
        return "zeros"
    signs = set(_NOT_SHOWN_AS_NUMBER.sub("", code.lower()).partition(";")[0])
    if "%" in signs:
        return "percent"
    year, clock = signs & set("yeg"), signs & set("hs")
    if year and "d" in signs:
        return "moment" if clock else "day"
    if year:
        return "month" if "m" in signs else "year"
    if clock:
        return "yearless" if "d" in signs else "clock"
    return "yearless" if signs & set("md") else "number"


def _moment(value, kind, code, since_1904):
    seconds = round(value * 86_400)
    days, rest = divmod(seconds, 86_400)
    if kind == "clock" and days >= 0:
        return _time(seconds if "[h" in code.lower() else rest)
    try:
        day = serial_day(days, since_1904=since_1904)
    except (ValueError, OverflowError):
        raise ValueError("日付として読み取れない数です。「2022-10-01」のように書いてください。") from None
    if kind == "month":
        return f"{day:%Y-%m}"
    if kind == "year":
        return f"{day.year}年度" if "年度" in code else f"{day.year}年"
    return f"{day} {_time(rest)}" if rest and kind == "moment" else str(day)


def _time(seconds):
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}" + (f":{rest % 60:02}" if rest % 60 else "")


def _decimal(value):
    """Fifteen digits, as Excel keeps them, without exponent or needless zeros."""
    text = format(Decimal(f"{value:.15g}"), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
