"""Dates as an official writes them."""

from datetime import date

import pytest

from cases import text


@pytest.mark.parametrize(
    ("day", "era"),
    [
        (date(2019, 4, 30), "平成31年"),
        (date(2019, 5, 1), "令和元年"),
        (date(2026, 11, 23), "令和8年"),
        (date(1989, 1, 7), "昭和64年"),
        (date(1989, 1, 8), "平成元年"),
        (date(1926, 12, 25), "昭和元年"),
    ],
)
def test_an_era_begins_on_its_day(day, era):
    assert text.era_year(day) == era


def test_there_is_no_era_before_showa():
    with pytest.raises(ValueError, match="1926"):
        text.era_year(date(1926, 12, 24))


@pytest.mark.parametrize(
    ("precision", "words"),
    [
        ("day", "2022年4月1日（令和4年）"),
        ("month", "2022年4月（令和4年）"),
        ("year", "2022年（令和4年）"),
        ("fiscal_year", "2022年度（令和4年度）"),
    ],
)
def test_a_date_is_told_as_exactly_as_it_is_known(precision, words):
    assert text.period(date(2022, 4, 1), precision) == words
