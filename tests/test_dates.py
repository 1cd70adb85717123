"""Dates as people type them, right or refused in words."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import dates, text

OCTOBER_1 = date(2022, 10, 1)


@pytest.mark.parametrize(
    "typed",
    [
        "2022-10-01", "2022/10/1", "2022.10.1", "2022年10月1日", "令和4年10月1日", "R4.10.1", "r4.10.1", "Ｒ４.１０.１",
        "Ｒ４．１０．１", "R4/10/1", "R04-10-01", "令和４年１０月１日", "㋿4年10月1日", "令和 4年 10月 1日",
        "　2022年10月1日\n", "2022－10－01", "2022−10−1", "44835", "４４８３５", "2022年10月1日（令和4年）",
        "令和4年10月1日(2022年)", "2022年10月1日（令和4年10月1日）",
    ],
)  # fmt: skip
def test_one_day_is_read_however_it_is_typed(typed):
    assert dates.read_day(typed) == OCTOBER_1
    assert dates.read_period(typed) == (OCTOBER_1, "day")


@pytest.mark.parametrize(
    ("typed", "first", "precision"),
    [
        ("2022年10月", date(2022, 10, 1), "month"),
        ("令和4年10月", date(2022, 10, 1), "month"),
        ("R4.10", date(2022, 10, 1), "month"),
        ("2022-10", date(2022, 10, 1), "month"),
        ("2022/10", date(2022, 10, 1), "month"),
        ("2022年10月（令和4年）", date(2022, 10, 1), "month"),
        ("2022年", date(2022, 1, 1), "year"),
        ("令和4年", date(2022, 1, 1), "year"),
        ("2022年（令和4年）", date(2022, 1, 1), "year"),
        ("2022年度", date(2022, 4, 1), "fiscal_year"),
        ("令和4年度", date(2022, 4, 1), "fiscal_year"),
        ("Ｒ４年度", date(2022, 4, 1), "fiscal_year"),
        ("2022年度（令和4年度）", date(2022, 4, 1), "fiscal_year"),
        ("令和4年度（2022年度）", date(2022, 4, 1), "fiscal_year"),
        ("令和元年度", date(2019, 4, 1), "fiscal_year"),
        ("2019年度（令和元年度）", date(2019, 4, 1), "fiscal_year"),
        ("平成31年度", date(2019, 4, 1), "fiscal_year"),
        ("令和元年5月", date(2019, 5, 1), "month"),
        ("令和元年", date(2019, 1, 1), "year"),
        ("2019年（令和元年）", date(2019, 1, 1), "year"),
        ("昭和64年", date(1989, 1, 1), "year"),
    ],
)
def test_a_period_is_read_as_exactly_as_it_is_typed(typed, first, precision):
    assert dates.read_period(typed) == (first, precision)
    with pytest.raises(ValueError, match="日まで"):
        dates.read_day(typed)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("平成31年4月30日", date(2019, 4, 30)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("令和1年5月1日", date(2019, 5, 1)),
        ("R元.5.1", date(2019, 5, 1)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("昭和元年12月25日", date(1926, 12, 25)),
        ("2024-02-29", date(2024, 2, 29)),
        ("36526", date(2000, 1, 1)),
        ("2099-12-31", date(2099, 12, 31)),
    ],
)
def test_the_edges_of_eras_and_calendars_are_kept(typed, day):
    assert dates.read_day(typed) == day


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("平成31年5月1日", "平成ではありません"),
        ("令和元年4月", "令和ではありません"),
        ("令和元年4月30日", "令和ではありません"),
        ("昭和64年度", "昭和ではありません"),
        ("平成32年度", "平成ではありません"),
        ("平成元年1月7日", "平成ではありません"),
        ("2022-02-30", "という日はありません"),
        ("2023年2月29日", "という日はありません"),
        ("令和4年13月1日", "という日はありません"),
        ("2022/0/1", "という日はありません"),
        ("0000年", "という日はありません"),
        ("9999年度", "という日はありません"),
        ("2022年10月1日（令和3年）", "食い違って"),
        ("2022年度（令和3年度）", "食い違って"),
        ("2022年度（令和4年）", "食い違って"),
        ("2022年（令和4年度）", "食い違って"),
        ("2019年4月1日（令和元年）", "食い違って"),
        ("2022年10月1日（令和4年10月2日）", "食い違って"),
        ("2022年10月1日（2022年）", "食い違って"),
        ("1926年12月24日", "昭和元年12月25日から"),
        ("2202-10-01", "2099年まで"),
        ("99999", "2099年まで"),
        ("12.5%", "割合"),
        ("１２％", "割合"),
        ("#REF!", "エラー値"),
        ("#N/A", "エラー値"),
        ("", "読み取れません"),
        ("未定", "読み取れません"),
        ("2022", "読み取れません"),
        ("2022.1", "読み取れません"),
        ("22/10/1", "読み取れません"),
        ("4年10月1日", "読み取れません"),
        ("令和2022年", "読み取れません"),
        ("令和0年", "読み取れません"),
        ("大正10年", "読み取れません"),
        ("2022年度10月", "読み取れません"),
        ("2022-10/1", "読み取れません"),
        ("20221001", "読み取れません"),
        ("2022年10月1日（令和4年）（土）", "読み取れません"),
        ("2022-10-01T00:00", "読み取れません"),
        ("٢٠٢٢-١٠-٠١", "読み取れません"),
        ("=TODAY()", "読み取れません"),
    ],
)
def test_what_is_no_date_is_refused_in_words(typed, why):
    for read in (dates.read_day, dates.read_period):
        with pytest.raises(ValueError, match=why):
            read(typed)


@settings(deadline=None)
@given(st.dates(dates.EARLIEST, dates.LATEST), st.sampled_from(["day", "month", "year", "fiscal_year"]))
def test_what_the_site_prints_is_read_back(day, precision):
    first = {
        "day": day,
        "month": day.replace(day=1),
        "year": date(day.year, 1, 1),
        "fiscal_year": date(day.year, 4, 1),
    }[precision]
    if first >= dates.EARLIEST:
        assert dates.read_period(text.period(first, precision)) == (first, precision)


@settings(deadline=None)
@given(st.text() | st.text("0123456789令和年度月日元RHS-/.()（）%#", max_size=20))
def test_any_text_is_a_date_or_refused_in_japanese(typed):
    try:
        first, precision = dates.read_period(typed)
    except ValueError as refusal:
        assert str(refusal).endswith("。")
        assert len(str(refusal)) < 200
    else:
        assert dates.EARLIEST <= first <= dates.LATEST
        assert precision in ("day", "month", "year", "fiscal_year")


@pytest.mark.parametrize("typed", ["1" * 100_000, "令和" * 50_000, "(" * 100_000, "㌖" * 100_000])
def test_a_long_text_is_refused_and_hardly_repeated(typed):
    with pytest.raises(ValueError, match="読み取れません") as refusal:
        dates.read_period(typed)
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    ("number", "day"), [(1, date(1900, 1, 1)), (59, date(1900, 2, 28)), (61, date(1900, 3, 1))]
)
def test_excels_leap_day_of_1900_is_stepped_over(number, day):
    assert dates.serial_day(number) == day
    with pytest.raises(ValueError, match="no such day"):
        dates.serial_day(60)


def test_a_mac_counts_from_1904():
    assert dates.serial_day(0, since_1904=True) == date(1904, 1, 1)
    assert dates.serial_day(43_373, since_1904=True) == OCTOBER_1
