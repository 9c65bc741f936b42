from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.deadlines import months_after
from privacy.unpaid import is_over, latest_over

pytestmark = pytest.mark.pure

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
MONTHS = st.integers(1, 6)


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
    end = months_after(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day <= start.day
