"""Dates and times as Norwegians write them, also from a telephone's numeric keypad."""

import re
from datetime import date, datetime, time
from typing import Final

MONTHS: Final = (
    "januar",
    "februar",
    "mars",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "desember",
)
FIRST_YEAR: Final = 1800
LAST_YEAR: Final = 2200

_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})[./ -]\s?([0-9]{1,2})[./ -]\s?([0-9]{4}|[0-9]{2})\.?", re.ASCII)
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})[-./]([0-9]{1,2})[-./]([0-9]{1,2})", re.ASCII)
_DIGITS: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4}|[0-9]{2})", re.ASCII)
_DIGITS_YEAR_FIRST: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII)
_TIME_OF_DAY: Final = re.compile(r"(?:T|\s+)[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9:]{5})?$")
_TIME: Final = re.compile(r"(?:kl\.?\s*)?([0-9]{1,2})(?:[.:]?([0-9]{2}))?", re.ASCII | re.IGNORECASE)


def parse_date(value: str | date | datetime, *, first_short_year: int = 1950) -> date:
    """Read dd.mm.yyyy, d.m.yy, ddmmyyyy, ddmmyy, dd/mm/yyyy, yyyy-mm-dd or yyyymmdd; ValueError where it is none.

    A year of two digits falls in the hundred years from `first_short_year`: for dates of birth pass this year less 99.
    A time of day after the date is left out.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    year, month, day = _year_month_day(value, first_short_year)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError("a year outside all registers")
    return date(year, month, day)


def _year_month_day(value: str, first_short_year: int) -> tuple[int, int, int]:
    text = value.strip()
    if len(text) > 40:
        raise ValueError("too long for a date")
    text = _TIME_OF_DAY.sub("", text)
    if found := _YEAR_FIRST.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    found = _DAY_FIRST.fullmatch(text) or _DIGITS.fullmatch(text)
    if found is None:
        raise ValueError("not a date")
    year = int(found[3])
    if len(found[3]) == 2:
        return (
            first_short_year + (year - first_short_year) % 100,
            int(found[2]),
            int(found[1]),
        )
    # 20261120 read day first has the year 1120 at most, so the two readings never meet.
    if year < FIRST_YEAR and (turned := _DIGITS_YEAR_FIRST.fullmatch(text)):
        return int(turned[1]), int(turned[2]), int(turned[3])
    return year, int(found[2]), int(found[1])


def parse_time(value: str | time) -> time:
    """Read 1700, 17.00, 17:00, 930 or 17; ValueError where it is no time of day."""
    if isinstance(value, time):
        return value
    found = _TIME.fullmatch(value.strip())
    if found is None:
        raise ValueError("not a time of day")
    return time(int(found[1]), int(found[2] or 0))


def format_date(day: date) -> str:
    """Return a date as "20.11.2026"."""
    return f"{day.day:02d}.{day.month:02d}.{day.year:04d}"


def format_long(day: date) -> str:
    """Return a date as "20. november 2026"."""
    return f"{day.day}. {MONTHS[day.month - 1]} {day.year}"


def format_time(moment: time) -> str:
    """Return a time of day as "18.40"."""
    return f"{moment.hour:02d}.{moment.minute:02d}"
