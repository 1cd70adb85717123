"""Japanese text: eras and dates as an official writes them, and what search takes for the same. Pure."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

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
_TO_FOLD = re.compile("[" + re.escape("".join(map(chr, FOLDED))) + "]+")


def fold(text: str) -> str:
    """What search compares: width, case, kana and old kanji made one. `ＺＯＯＭ` → `zoom`, `ｺﾞﾄｳ` → `ごとう`."""
    compared = unicodedata.normalize("NFKC", text).casefold()
    # Few letters are in the table: translating them alone takes a third of the time.
    return _TO_FOLD.sub(lambda found: found[0].translate(FOLDED), compared)


_fold_letter = lru_cache(maxsize=10_000)(fold)  # a language has few letters
# Texts in which each letter folds to one, whatever stands beside it: ASCII, kana, kanji and the signs between.
_ONE_BY_ONE = re.compile("[\n -~、-〃「-】〜ぁ-ゖァ-ヾ一-鿿！-～]*")


def mark(text: str, words: list[str]) -> list[tuple[str, bool]]:
    """Cut `text` where one of the folded `words` stands in it → (piece, is it one?), the original letters kept."""
    whole = fold(text)
    words = [word for word in words if word and word in whole]
    places = _places(text, whole) if words else None
    if places is None:
        return [(text, False)]
    begins, ends = places
    spans = []
    for word in words:
        at = whole.find(word)
        while at >= 0:
            spans.append((begins[at], ends[at + len(word) - 1]))
            at = whole.find(word, at + 1)
    pieces, done = [], 0
    for begin, end in _joined(sorted(spans)):
        pieces += [(text[done:begin], False), (text[begin:end], True)]
        done = end
    pieces.append((text[done:], False))
    return [(piece, is_word) for piece, is_word in pieces if piece]


def _places(text, whole):
    """Where in `text` the letter begins, and where it ends, that each letter of its folded form comes from.

    None where letters fold only together: better unmarked than wrongly marked.
    """
    if _ONE_BY_ONE.fullmatch(text):
        return range(len(text)), range(1, len(text) + 1)
    begins, ends, folded, at = [], [], [], 0
    for letter in re.findall(r".[\u0300-\u036f\u3099\u309a\uff9e\uff9f]*", text, re.S):  # with its marks
        folded.append(_fold_letter(letter))
        begins += [at] * len(folded[-1])
        at += len(letter)
        ends += [at] * len(folded[-1])
    return (begins, ends) if "".join(folded) == whole else None


def _joined(spans):
    """Sorted spans, those that touch or overlap made one."""
    joined = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined
