"""Numbers as text."""

import pytest

from common.numbers import format_decimal, format_int, format_percent


@pytest.mark.parametrize(("value", "text"), [(2071, "2\u00a0071"), (7, "7"), (0, "0"), (-1234, "\u22121\u00a0234")])
def test_whole_numbers_have_no_break_spaces_for_thousands(value: int, text: str) -> None:
    assert format_int(value) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(7.66, 1, "7,7"), (1234.5, 2, "1\u00a0234,50"), (-0.04, 1, "0,0"), (-1.5, 1, "\u22121,5")],
)
def test_decimals_have_a_comma_and_no_negative_nought(value: float, digits: int, text: str) -> None:
    assert format_decimal(value, digits) == text


def test_per_cent_stands_after_a_no_break_space() -> None:
    assert format_percent(49.04) == "49,0\u00a0%"
    assert format_percent(112, 0) == "112\u00a0%"
