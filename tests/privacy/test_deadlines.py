"""A month as the law counts it: of the calendar, and its last day where it has no such day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from privacy.deadlines import months_after
from privacy.unpaid import is_over

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 1, 29), 1, date(2028, 2, 29)),
        (date(2026, 1, 28), 1, date(2026, 2, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 8, 31), 3, date(2026, 11, 30)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2027, 8, 29), 6, date(2028, 2, 29)),
        (date(2028, 2, 29), 6, date(2028, 8, 29)),
        (date(2025, 12, 31), 6, date(2026, 6, 30)),
        (date(2026, 3, 15), 6, date(2026, 9, 15)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
        (date(2026, 5, 5), 12, date(2027, 5, 5)),
        (date(2028, 2, 29), -12, date(2027, 2, 28)),
    ],
)
def test_so_many_months_on_is_the_same_day_or_the_months_last(day: date, months: int, end: date) -> None:
    assert months_after(day, months) == end
    assert not is_over(day, months, end)
    assert is_over(day, months, end + timedelta(days=1))
