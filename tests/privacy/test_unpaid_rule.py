from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.unpaid import add_months, is_over, latest_over

pytestmark = pytest.mark.pure

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
MONTHS = st.integers(1, 6)


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2027, 8, 29), 6, date(2028, 2, 29)),
        (date(2028, 2, 29), 6, date(2028, 8, 29)),
        (date(2025, 12, 31), 6, date(2026, 6, 30)),
        (date(2026, 3, 15), 6, date(2026, 9, 15)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
    ],
)
def test_so_many_months_on_is_the_same_day_or_the_months_last(day: date, months: int, end: date) -> None:
    assert add_months(day, months) == end
    assert not is_over(day, months, end)
    assert is_over(day, months, end + timedelta(days=1))


@given(DAYS, MONTHS)
def test_the_latest_day_that_is_over_is_over_and_the_next_is_not(today: date, months: int) -> None:
    latest = latest_over(today, months)
    assert is_over(latest, months, today)
    assert not is_over(latest + timedelta(days=1), months, today)


@given(DAYS, DAYS, MONTHS)
def test_one_look_at_the_day_tells_the_same_as_the_rule(start: date, today: date, months: int) -> None:
    assert is_over(start, months, today) == (start <= latest_over(today, months))


@given(DAYS, MONTHS)
def test_nobodys_time_is_shorter_than_so_many_months(start: date, months: int) -> None:
    end = add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day <= start.day
