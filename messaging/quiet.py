"""When an SMS may make a telephone ring: in the daytime in Norway, and hardly on Sundays and public holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final

import holidays

from common.clock import OSLO
from messaging.enums import Purpose
from messaging.models import MessagingSettings

# Asked for by the one whose phone it is, who is waiting for it.
AT_ONCE: Final = frozenset({Purpose.SIGN_IN, Purpose.TEST})
# Where the hours leave no room at all it is asked again after so long.
_HORIZON: Final = timedelta(days=31)


def next_allowed(moment: datetime, purpose: str, settings_row: MessagingSettings) -> datetime:
    """The moment itself where an SMS may be sent then, else the first moment after it when it may; in Norway's time.

    The hours are the county's, as `settings_of` gives them. Codes go at any hour.
    """
    local = moment.astimezone(OSLO)
    if purpose in AT_ONCE:
        return local
    first, last = hours_on(local.date(), purpose, settings_row)
    if first <= local.hour < last:
        return local
    day = local.date() if local.hour < first else local.date() + timedelta(days=1)
    while day <= local.date() + _HORIZON:
        first, last = hours_on(day, purpose, settings_row)
        if first < last:
            return _at(day, first)
        day += timedelta(days=1)
    return _at(day, 0)


def hours_on(day: date, purpose: str, settings_row: MessagingSettings) -> tuple[int, int]:
    """From which whole hour, and up to which; the same twice where nothing may be sent that day."""
    if day.isoweekday() == 7 or is_holiday(day):
        row = (settings_row.holiday_from, settings_row.holiday_to)
        return row if purpose == Purpose.MEETINGS else (0, 0)
    if day.isoweekday() == 6:
        return settings_row.saturday_from, settings_row.saturday_to
    return settings_row.weekday_from, settings_row.weekday_to


def is_holiday(day: date) -> bool:
    """Whether it is one of Norway's public holidays, Easter and what follows it included; Sundays are not here."""
    return day in _holidays(day.year)


@cache
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("NO", years=year))


def _at(day: date, hour: int) -> datetime:
    """By way of UTC: an hour that a spring night skips is the one after it."""
    return datetime.combine(day, time(hour), OSLO).astimezone(UTC).astimezone(OSLO)
