"""Which day it is in the demo, remembered for a while: every page asks."""

from datetime import date
from time import monotonic

from django.db import DatabaseError

from demo.models import DemoDay

# A page that another process wrote a new day for may show the old one this long, in seconds.
_REMEMBERED = 30.0
_answer: list[tuple[float, date | None]] = []


def stored_day() -> date | None:
    """The stored day; None while there is no demo, or no tables."""
    if _answer and monotonic() - _answer[0][0] < _REMEMBERED:
        return _answer[0][1]
    try:
        day = DemoDay.objects.values_list("day_on", flat=True).first()
    except DatabaseError:
        day = None
    _answer[:] = [(monotonic(), day)]
    return day


def forget() -> None:
    """Ask the database next time."""
    _answer.clear()
