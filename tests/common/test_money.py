"""Amounts of money as text, and text as amounts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import MAX_ORE, format_kr, parse_kroner


@pytest.mark.parametrize(
    ("ore", "text"),
    [
        (45_000, "450\u00a0kr"),
        (45_050, "450,50\u00a0kr"),
        (45_005, "450,05\u00a0kr"),
        (145_000, "1\u00a0450\u00a0kr"),
        (123_456_789, "1\u00a0234\u00a0567,89\u00a0kr"),
        (0, "0\u00a0kr"),
        (-45_000, "\u2212450\u00a0kr"),
        (-5, "\u22120,05\u00a0kr"),
    ],
)
def test_kroner_are_shown_with_ore_only_where_they_are_not_whole(ore: int, text: str) -> None:
    assert format_kr(ore) == text


@pytest.mark.parametrize(
    ("value", "ore"),
    [
        ("450", 45_000),
        ("450,-", 45_000),
        ("450,–", 45_000),
        ("kr 450,50", 45_050),
        ("Kr. 450", 45_000),
        ("450 kr", 45_000),
        ("450,5", 45_050),
        ("1 450,00", 145_000),
        ("1\u00a0450 kroner", 145_000),
        ("1.450,00", 145_000),
        ("1.450", 145_000),
        ("450.0", 45_000),
        ("450.50", 45_050),
        ("\u2212450", -45_000),
        (450.0, 45_000),
        (449.999999999, 45_000),
        (450, 45_000),
        (Decimal("450.50"), 45_050),
        ("0", 0),
    ],
)
def test_kroner_are_read_however_they_are_written(value: str | float | Decimal, ore: int) -> None:
    assert parse_kroner(value) == ore


@pytest.mark.parametrize(
    "value",
    [
        "",
        "-",
        "kr",
        "ja",
        "450,500",
        "450,50,50",
        "4 50",
        "1e3",
        "--450",
        "٤٥٠",
        "450" * 20,
        "200000000",
        1000000000000.0,
        float("nan"),
        float("inf"),
        Decimal("NaN"),
    ],
)
def test_what_is_not_an_amount_is_refused(value: str | float | Decimal) -> None:
    with pytest.raises(ValueError, match=r"kroner|dues"):
        parse_kroner(value)


@given(st.integers(-MAX_ORE, MAX_ORE))
def test_what_is_shown_can_be_read_back(ore: int) -> None:
    assert parse_kroner(format_kr(ore)) == ore
