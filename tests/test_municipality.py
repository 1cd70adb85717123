"""Municipalities and their codes."""

import pytest
from django.core.exceptions import ValidationError

from cases.models import Municipality, check_code


def test_all_1788_local_governments_are_there_with_a_right_check_digit():
    codes = list(Municipality.objects.values_list("code", flat=True))
    assert len(codes) == 1788
    for code in codes:
        check_code(code)


@pytest.mark.parametrize(
    "code", ["422119", "42211", "4221180", "４２２１１８", "", "abcdef", "42211８", "422118\n"]
)
def test_a_wrong_code_is_refused_in_words(code):
    with pytest.raises(ValidationError) as refused:
        check_code(code)
    assert "団体コード" in refused.value.messages[0]


def test_a_code_keeps_its_leading_zero():
    assert Municipality.objects.get(code="011002").full_name == "北海道札幌市"


def test_a_prefecture_is_named_once():
    assert Municipality.objects.get(code="260002").full_name == "京都府"


def test_towns_of_one_name_are_told_apart_by_their_prefecture():
    names = Municipality.objects.filter(name="森町").order_by("code")
    assert [str(town) for town in names] == ["北海道森町", "静岡県森町"]
