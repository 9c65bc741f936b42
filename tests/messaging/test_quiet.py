"""When an SMS may be sent. A week in Norway, its holidays and its two odd nights."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.clock import OSLO
from messaging.enums import Purpose
from messaging.models import MessagingSettings
from messaging.quiet import is_holiday, next_allowed

USUAL = MessagingSettings()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


def allowed(text: str, purpose: str = Purpose.NEWSLETTER, settings: MessagingSettings = USUAL) -> str:
    found = next_allowed(at(text), purpose, settings)
    assert found.tzinfo is OSLO
    return found.strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("moment", "then"),
    [
        # Friday 20 November 2026, and the days around it.
        ("2026-11-20 08:59:59", "2026-11-20 09:00"),
        ("2026-11-20 09:00", "2026-11-20 09:00"),
        ("2026-11-20 20:59:59", "2026-11-20 20:59"),
        ("2026-11-20 21:00", "2026-11-21 10:00"),
        ("2026-11-21 09:59", "2026-11-21 10:00"),
        ("2026-11-21 17:59", "2026-11-21 17:59"),
        ("2026-11-21 18:00", "2026-11-23 09:00"),
        ("2026-11-22 13:00", "2026-11-23 09:00"),
        ("2026-11-23 00:00", "2026-11-23 09:00"),
        ("2026-11-23 23:59:59", "2026-11-24 09:00"),
        # Easter 2026: from Maundy Thursday to Easter Monday, but the Saturday between is a Saturday.
        ("2026-04-01 21:00", "2026-04-04 10:00"),
        ("2026-04-02 12:00", "2026-04-04 10:00"),
        ("2026-04-04 18:00", "2026-04-07 09:00"),
        # Ascension Day, Whit Monday, 1 May, Christmas, New Year.
        ("2026-05-14 12:00", "2026-05-15 09:00"),
        ("2026-05-25 12:00", "2026-05-26 09:00"),
        ("2026-05-01 12:00", "2026-05-02 10:00"),
        ("2026-12-24 20:59", "2026-12-24 20:59"),
        ("2026-12-24 21:00", "2026-12-28 09:00"),
        ("2026-12-31 22:00", "2027-01-02 10:00"),
        # 17 May 2025 is a Saturday.
        ("2025-05-17 12:00", "2025-05-19 09:00"),
    ],
)
def test_the_hours_of_most_messages(moment: str, then: str) -> None:
    assert allowed(moment) == then


@pytest.mark.parametrize(
    ("moment", "then"),
    [
        ("2026-11-22 11:59", "2026-11-22 12:00"),
        ("2026-11-22 12:00", "2026-11-22 12:00"),
        ("2026-11-22 19:59", "2026-11-22 19:59"),
        ("2026-11-22 20:00", "2026-11-23 09:00"),
        ("2026-11-21 18:00", "2026-11-22 12:00"),
        ("2026-05-17 10:00", "2026-05-17 12:00"),
        ("2026-11-20 21:30", "2026-11-21 10:00"),
    ],
)
def test_of_a_meeting_one_may_remind_on_a_sunday_too(moment: str, then: str) -> None:
    assert allowed(moment, Purpose.MEETINGS) == then


@pytest.mark.parametrize("purpose", [Purpose.SIGN_IN, Purpose.TEST])
def test_what_one_waits_for_oneself_goes_at_any_hour(purpose: str) -> None:
    assert allowed("2026-11-22 03:00", purpose) == "2026-11-22 03:00"


@pytest.mark.parametrize("purpose", [p for p in Purpose if p not in {Purpose.SIGN_IN, Purpose.TEST}])
def test_nothing_else_goes_at_night(purpose: str) -> None:
    assert allowed("2026-11-24 03:00", purpose) == "2026-11-24 09:00"


def test_the_county_chooses_its_hours() -> None:
    mine = MessagingSettings(weekday_from=17, weekday_to=24, saturday_from=0, saturday_to=0, holiday_from=6)
    assert allowed("2026-11-20 16:00", settings=mine) == "2026-11-20 17:00"
    assert allowed("2026-11-20 23:59", settings=mine) == "2026-11-20 23:59"
    assert allowed("2026-11-21 12:00", settings=mine) == "2026-11-23 17:00"
    assert allowed("2026-11-21 12:00", Purpose.MEETINGS, mine) == "2026-11-22 06:00"


def test_a_county_that_leaves_no_hours_sends_none_and_is_asked_again() -> None:
    never = MessagingSettings(weekday_from=9, weekday_to=9, saturday_from=9, saturday_to=9)
    assert allowed("2026-11-20 12:00", settings=never) == "2026-12-22 00:00"


def test_the_hours_are_norways_whatever_zone_the_moment_is_told_in() -> None:
    assert next_allowed(datetime(2026, 7, 1, 6, 59, tzinfo=UTC), Purpose.SURVEYS, USUAL) == at("2026-07-01 09:00")
    assert next_allowed(datetime(2026, 1, 5, 7, 59, tzinfo=UTC), Purpose.SURVEYS, USUAL) == at("2026-01-05 09:00")
    assert next_allowed(datetime(2026, 7, 1, 19, 0, tzinfo=UTC), Purpose.SURVEYS, USUAL) == at("2026-07-02 09:00")


def test_the_nights_when_the_clock_is_moved() -> None:
    early = MessagingSettings(weekday_from=2, saturday_from=2, holiday_from=2)
    # 29 March 2026 has no hour from two to three; 25 October has it twice.
    spring = next_allowed(at("2026-03-29 01:30"), Purpose.MEETINGS, early)
    assert spring == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert spring.hour == 3
    autumn = next_allowed(datetime(2026, 10, 24, 23, 30, tzinfo=UTC), Purpose.MEETINGS, early)
    assert autumn.astimezone(UTC) == datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    again = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert next_allowed(again, Purpose.MEETINGS, early).astimezone(UTC) == again
    # From Saturday evening in summer time to Monday morning in winter time.
    assert next_allowed(at("2026-10-24 18:00"), Purpose.NEWSLETTER, USUAL) == datetime(2026, 10, 26, 8, tzinfo=UTC)


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, st.sampled_from(list(Purpose)))
def test_it_is_never_before_always_allowed_then_and_the_first_such_hour(moment: datetime, purpose: str) -> None:
    found = next_allowed(moment, purpose, USUAL)
    assert moment <= found < moment + timedelta(days=8)
    assert next_allowed(found, purpose, USUAL) == found
    if found > moment:
        assert next_allowed(found - timedelta(minutes=1), purpose, USUAL) == found


@pytest.mark.parametrize("year", range(2020, 2041))
def test_a_year_has_its_holidays(year: int) -> None:
    """Twelve, or one less where two fall on one day; Easter by Gauss."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    easter = date(year, (h + k - 7 * m + 114) // 31, (h + k - 7 * m + 114) % 31 + 1)
    moving = {easter + timedelta(days=days) for days in (-3, -2, 0, 1, 39, 49, 50)}
    fixed = {date(year, *day) for day in ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))}
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    assert {day for day in days if day.year == year and is_holiday(day)} == moving | fixed
