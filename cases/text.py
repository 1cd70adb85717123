"""Japanese text: eras and dates as an official writes them, and what search takes for the same. Pure."""

import re
import unicodedata
from datetime import date
from functools import lru_cache
from itertools import groupby

ERAS = (
    (date(2019, 5, 1), "令和", 2018),
    (date(1989, 1, 8), "平成", 1988),
    (date(1926, 12, 25), "昭和", 1925),
)
LETTERS = {"令和": "R", "平成": "H", "昭和": "S"}


def era_year(day: date) -> str:
    """The year of `day` in the Japanese era, 元年 for the first: `令和4年`. ValueError before 昭和."""
    era, number = _in_era(day)
    return f"{era}{'元' if number == 1 else number}年"


def era_date(day: date) -> str:
    """The day as JIS X 0301 writes it in the Japanese era: `R04.10.01`. ValueError before 昭和."""
    era, number = _in_era(day)
    return f"{LETTERS[era]}{number:02}.{day:%m.%d}"


def _in_era(day):
    """The era of a day, and the number of its year."""
    for first_day, era, offset in ERAS:
        if day >= first_day:
            return era, day.year - offset
    raise ValueError(f"no era before 1926-12-25: {day}")


def full_date(day: date) -> str:
    """Both calendars, the Western first: `2026年11月23日（令和8年）`."""
    return f"{day.year}年{day.month}月{day.day}日（{era_year(day)}）"


def period(first_day: date, precision: str) -> str:
    """A date known as exactly as its source gives it.

    `precision` is `day`, `month`, `year` or `fiscal_year` (April to March); `first_day` is the first
    day of that span. → `2022年度（令和4年度）`.
    """
    era = era_year(first_day)
    return {
        "day": full_date(first_day),
        "month": f"{first_day.year}年{first_day.month}月（{era}）",
        "year": f"{first_day.year}年（{era}）",
        "fiscal_year": f"{first_day.year}年度（{era}度）",
    }[precision]


def _table():
    """Code point → what search reads it as: hiragana for katakana, one dash, today's form of old kanji."""
    table = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
    table |= (
        {ord(small): "け" for small in "ヶヵ"} | {ord(dash): "-" for dash in "‐‑‒–—―−"} | {ord("〜"): "~"}
    )
    old, new = "髙﨑邊邉齋齊澤櫻濱國廣龍嶋眞惠榮學會藝圓", "高崎辺辺斎斎沢桜浜国広竜島真恵栄学会芸円"
    return table | dict(zip(map(ord, old), new, strict=True))


FOLDED = _table()


def fold(text: str) -> str:
    """What search compares: width, case, kana and old kanji made one. `ＺＯＯＭ` → `zoom`, `ｺﾞﾄｳ` → `ごとう`."""
    return unicodedata.normalize("NFKC", text).casefold().translate(FOLDED)


_fold_letter = lru_cache(maxsize=10_000)(fold)  # a language has few letters


def mark(text: str, words: list[str]) -> list[tuple[str, bool]]:
    """Cut `text` where one of the folded `words` stands in it → (piece, is it one?), the original letters kept."""
    whole = fold(text)
    words = [word for word in words if word and word in whole]
    if not words:  # nearly every text: cutting it into letters costs a hundred times as much
        return [(text, False)]
    letters = re.findall(r".[\u0300-\u036f\u3099\u309a\uff9e\uff9f]*", text, re.S)  # a letter with its marks
    folded = [_fold_letter(letter) for letter in letters]
    if "".join(folded) != whole:
        return [(text, False)]  # letters that fold only together: better unmarked than wrongly marked
    start_of = [number for number, piece in enumerate(folded) for _ in piece]
    marked = [False] * len(letters)
    for word in words:
        at = whole.find(word)
        while at >= 0:
            for number in range(start_of[at], start_of[at + len(word) - 1] + 1):
                marked[number] = True
            at = whole.find(word, at + 1)
    return [
        ("".join(letters[number] for number, _ in group), is_marked)
        for is_marked, group in groupby(enumerate(marked), key=lambda pair: pair[1])
    ]
