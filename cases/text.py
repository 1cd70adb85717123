"""Japanese text: eras and dates as an official writes them. Pure."""

from datetime import date

ERAS = (
    (date(2019, 5, 1), "令和", 2018),
    (date(1989, 1, 8), "平成", 1988),
    (date(1926, 12, 25), "昭和", 1925),
)


def era_year(day: date) -> str:
    """The year of `day` in the Japanese era, 元年 for the first: `令和4年`. ValueError before 昭和."""
    for first_day, era, offset in ERAS:
        if day >= first_day:
            number = day.year - offset
            return f"{era}{'元' if number == 1 else number}年"
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
