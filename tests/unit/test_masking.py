"""What is taken out of free text, and what has to stay in it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain.masking import IDENTITY_MASK, MOBILE_MASK, mask

MOBILE_DIGITS = "13812345678"


@pytest.mark.parametrize(
    "number",
    [
        MOBILE_DIGITS,
        "138 1234 5678",
        "138-1234-5678",
        "138–1234–5678",
        "138.1234.5678",
        "1381 2345 678",
        "138\u30001234\u30005678",
        "138\u200b1234\u200b5678",
        "+8613812345678",
        "+86 138 1234 5678",
        "86-13812345678",
        "008613812345678",
        "１３８１２３４５６７８",
        "＋８６１３８１２３４５６７８",
        "19912345678",
    ],
)
def test_a_mobile_number_is_masked_however_it_is_written(number):
    assert mask(f"请打{number}找他") == f"请打{MOBILE_MASK}找他"


@pytest.mark.parametrize(
    "number",
    [
        "530111199001011234",
        "53011119900101123X",
        "53011119900101123x",
        "530111 19900101 1234",
        "530111-1990-0101-1234",
        "５３０１１１１９９００１０１１２３Ｘ",
        "530111900101123",
        "110105491231002",
    ],
)
def test_an_identity_number_is_masked_in_both_lengths(number):
    assert mask(f"证号{number}。") == f"证号{IDENTITY_MASK}。"


def test_every_number_of_a_text_is_masked():
    text = "13812345678，13987654321或530111199001011234"
    assert mask(text) == f"{MOBILE_MASK}，{MOBILE_MASK}或{IDENTITY_MASK}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "一处积水",
        "0871-67171717",
        "0871 6717 1717",
        "400-800-1234",
        "12345热线",
        "12812345678",  # no mobile number begins so
        "1381234567",
        "138123456789",
        "2026-11-22 12:00:00",
        "2026-11-22T12:00:00.000+08:00",
        "20261122120000",
        "1795320000000",
        "53011100001310000001",  # 20 digits: a camera of GB/T 28181
        "34020000001320000001",
        "202611201205301234",  # a number made of a date: no province is 20
        "530111199013011234",  # no 13th month
        "102.748512, 25.012345",
        "6222021234567890123",
    ],
)
def test_other_numbers_stay(text):
    assert mask(text) == text


def test_no_grid_code_of_the_region_is_taken_for_an_identity_number(region):
    assert [grid.code for grid in region.grids if mask(grid.code) != grid.code] == []


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(before=st.text(), after=st.text())
def test_no_surrounding_text_saves_a_number(before, after):
    letters = before.rstrip("0123456789０１２３４５６７８９") + "电", "话" + after
    assert MOBILE_DIGITS not in mask(letters[0] + MOBILE_DIGITS + letters[1])


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.text(alphabet="0123456789 -+.X１８年月", max_size=60))
def test_masking_twice_is_masking_once(text):
    assert mask(mask(text)) == mask(text)
