"""Dates and times, as typed and as shown."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.dates import format_date, format_long, format_time, parse_date, parse_time


@pytest.mark.parametrize(
    "value",
    [
        "03.12.2026",
        "3.12.2026",
        "3.12.26",
        "03122026",
        "031226",
        "2026-12-03",
        "03/12/2026",
        "3-12-2026",
        "3. 12. 2026",
        "2026-12-03 00:00:00",
        "2026-12-03T10:30:00",
        "03.12.2026 10:30",
        " 03.12.2026. ",
        "20261203",
        "3 12 2026",
        date(2026, 12, 3),
        datetime(2026, 12, 3, 23, 59),
    ],
)
def test_dates_are_read_however_they_are_written(value: str | date) -> None:
    read = parse_date(value)
    assert (read, type(read)) == (date(2026, 12, 3), date)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "ukjent",
        "31.02.2026",
        "2026",
        "32.01.2026",
        "01.13.2026",
        "0312202",
        "03.12",
        "12.2026",
        "01.01.0001",
        "01.01.1799",
        "2026-13-01",
        "٠٣.١٢.٢٠٢٦",
        "1" * 5000,
        "03.12.2026 ca",
    ],
)
def test_what_is_not_a_date_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_date(value)


def test_a_short_year_falls_in_the_hundred_years_that_are_asked_for() -> None:
    assert parse_date("01.01.49").year == 2049
    assert parse_date("01.01.50").year == 1950
    assert parse_date("01.01.27", first_short_year=1927).year == 1927
    assert parse_date("01.01.26", first_short_year=1927).year == 2026


@given(st.dates(date(1800, 1, 1), date(2200, 12, 31)))
def test_a_date_that_is_shown_can_be_read_back(day: date) -> None:
    assert parse_date(format_date(day)) == day
    assert parse_date(f"{day:%d%m%Y}" if day.year > 999 else format_date(day)) == day
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day:%Y%m%d}") == day


def test_dates_and_times_are_shown_as_norwegians_write_them() -> None:
    assert format_date(date(2026, 1, 3)) == "03.01.2026"
    assert format_long(date(2026, 11, 20)) == "20. november 2026"
    assert format_time(time(8, 5)) == "08.05"


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("1700", time(17)),
        ("17.00", time(17)),
        ("17:05", time(17, 5)),
        ("930", time(9, 30)),
        ("9", time(9)),
        ("kl. 18.40", time(18, 40)),
        (time(7, 1), time(7, 1)),
    ],
)
def test_times_are_read_however_they_are_written(value: str | time, moment: time) -> None:
    assert parse_time(value) == moment


@pytest.mark.parametrize("value", ["", "2500", "17.60", "i kveld", "12345"])
def test_what_is_not_a_time_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_time(value)
