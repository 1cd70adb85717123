"""Dates as people type them, in either calendar → date. Pure."""

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from .text import ERAS, fold

EARLIEST = ERAS[-1][0]  # text.era_year() knows no era before
LATEST = date(2099, 12, 31)  # later ones are slips: 2202 for 2022
MOST_LETTERS = 60

LETTERS = {"r": "令和", "h": "平成", "s": "昭和"}
ERA = "(?P<era>令和|平成|昭和|[rhs])?(?P<year>元|[0-9]{1,4})"
IN_WORDS = re.compile(ERA + "年(?:(?P<fiscal>度)|(?:(?P<month>[0-9]{1,2})月(?:(?P<day>[0-9]{1,2})日)?)?)")
IN_MARKS = re.compile(
    ERA + "(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?:(?P=mark)(?P<day>[0-9]{1,2}))?(?P<fiscal>)"
)
BOTH_CALENDARS = re.compile(r"([^()]*)\(([^()]*)\)")


class _Span(NamedTuple):
    first: date
    last: date
    precision: str
    era: str | None


def read_day(text: str) -> date:
    """One day: `2022-10-01`, `2022/10/1`, `令和4年10月1日`, `R4.10.1`, Excel's `44835` … → date.

    Width and spaces don't matter. Raises ValueError with a Japanese sentence saying what to write instead.
    """
    first, precision = read_period(text)
    if precision != "day":
        raise ValueError(
            f"「{_echo(text)}」には日がありません。「2022年10月1日」のように、日まで書いてください。"
        )
    return first


def read_period(text: str) -> tuple[date, str]:
    """A day, month, year or fiscal year, as read_day() and `2022年10月`, `令和4年`, `2022/10`, `令和4年度`.

    → (its first day, `day` | `month` | `year` | `fiscal_year`), as cases.text.period() takes them; what that
    prints, `2022年度（令和4年度）`, is read back. Raises ValueError with a Japanese sentence.
    """
    plain = "" if len(text) > MOST_LETTERS else "".join(fold(text).split())
    if plain.startswith("#"):
        raise ValueError(f"「{_echo(text)}」はExcelのエラー値です。正しい日付に直してください。")
    if "%" in plain:
        raise ValueError(f"「{_echo(text)}」は割合で、日付ではありません。")
    if re.fullmatch("[0-9]{5}", plain):
        return _within(serial_day(int(plain)), text), "day"
    both = BOTH_CALENDARS.fullmatch(plain)
    span = _span(both[1] if both else plain, text)
    if both and not _agree(span, _span(both[2], text)):
        raise ValueError(f"「{_echo(text)}」は、西暦と元号が食い違っています。")
    return _within(span.first, text), span.precision


def serial_day(number: int, *, since_1904: bool = False) -> date:
    """The day Excel means by `number`; day 60 of its 1900 never was. ValueError or OverflowError if there is none."""
    if since_1904:
        number += 1462
    if number < 1 or number == 60:
        raise ValueError(f"no such day: {number}")
    return date(1899, 12, 30) + timedelta(days=number + (number < 60))


def _span(plain, text):
    """`plain` in one calendar → its first and last day, precision and era; ValueError names the whole `text`."""
    found = IN_WORDS.fullmatch(plain) or IN_MARKS.fullmatch(plain)
    era = found and found["era"] and LETTERS.get(found["era"], found["era"])
    if not found or not _whole(found, era):
        raise ValueError(
            f"「{_echo(text)}」は日付として読み取れません。"
            "「2022-10-01」「2022年10月1日」「令和4年10月1日」のように書いてください。"
        )
    year = 1 if found["year"] == "元" else int(found["year"])
    if era:
        year += next(offset for _, name, offset in ERAS if name == era)
    try:
        span = _days(year, found["month"], found["day"], found["fiscal"])
    except ValueError:
        raise ValueError(f"「{_echo(text)}」という日はありません。") from None
    if era and not _overlaps(span, era):
        raise ValueError(f"「{_echo(text)}」は{era}ではありません。元号と年を確かめてください。")
    return span._replace(era=era)


def _whole(found, era):
    """Is the year as long as its calendar writes it? `2022.10` isn't taken: as a number it loses its zero."""
    if era:
        return len(found["year"]) <= 2 and found["year"] not in ("0", "00")
    is_number = found.groupdict().get("mark") == "." and not found["day"]
    return len(found["year"]) == 4 and not is_number


def _days(year, month, day, is_fiscal):
    if is_fiscal:
        return _Span(date(year, 4, 1), date(year + 1, 3, 31), "fiscal_year", None)
    if not month:
        return _Span(date(year, 1, 1), date(year, 12, 31), "year", None)
    first = date(year, int(month), int(day or 1))
    if day:
        return _Span(first, first, "day", None)
    return _Span(first, first.replace(day=monthrange(year, first.month)[1]), "month", None)


def _overlaps(span, era):
    """Did some day of `span` lie in `era`?"""
    ends = date.max
    for begins, name, _ in ERAS:
        if name == era:
            return span.first < ends and begins <= span.last
        ends = begins
    return False


def _agree(span, other):
    """`2022年10月1日（令和4年）`: the same year in the other calendar, or all of it again."""
    if bool(span.era) == bool(other.era):
        return False
    if not (_overlaps(span, span.era or other.era) and _overlaps(other, span.era or other.era)):
        return False
    if other.precision == "year":
        return span.precision != "fiscal_year" and span.first.year == other.first.year
    return span[:3] == other[:3]


def _within(day, text):
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"「{_echo(text)}」は、昭和元年12月25日から2099年までの日付ではありません。")
    return day


def _echo(text):
    shown = "".join(letter for letter in text[:30] if letter.isprintable())
    return shown + "…" if len(text) > 30 else shown
