"""What day and time it is, asked only at the outermost door: views, tasks and commands.

The demo has a day of its own, stored, so that it is the same demo whenever it is looked at. This module knows no
model: the demo app registers where that day is found.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

OSLO: Final = ZoneInfo("Europe/Oslo")

_demo_day: list[Callable[[], date | None]] = []


def register_demo_day(find: Callable[[], date | None]) -> None:
    """Tell where the demo's stored day is found; `find` may return None while there is no demo yet."""
    _demo_day[:] = [find]


def today() -> date:
    """Return the day in Norway, or the demo's own day in the demo."""
    day = _demo_day[0]() if settings.MODE == "demo" and _demo_day else None
    return day or datetime.now(OSLO).date()


def machine_time() -> datetime:
    """Return the true time, in the demo too: for heartbeats and keeping times, never for what a reader sees."""
    return datetime.now(OSLO)


def now() -> datetime:
    """Return the time in Norway, with its zone; in the demo the demo's day and the true time of day."""
    return datetime.combine(today(), datetime.now(OSLO).time(), OSLO)
