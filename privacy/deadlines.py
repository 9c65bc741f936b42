"""How long the law gives: a month to answer, two more where it is complex, 72 hours to the authority."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Final

ANSWER_WITHIN_MONTHS: Final = 1
MORE_MONTHS: Final = 2


def months_after(day: date, months: int) -> date:
    """The same day of a later month; the month's last where it has no such day: 31 January → 28 or 29 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def half_of(day: date) -> date:
    """The first day of the half-year that a day is in: 1 January or 1 July."""
    return date(day.year, 1 if day.month < 7 else 7, 1)
