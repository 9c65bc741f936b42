"""Who answers for the demo's members, and what its county has chosen. Invented, in reserved domains."""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from accounts.models import User
from membership.models import Branch
from privacy.actions.settings import change_settings

_CHOSEN: Final = {
    "correction_days": 7,
    "controller": "Troms Arbeiderparti (oppdiktet), org.nr. 000 000 000",
    "controller_address": "Demogata 1, 9008 Tromsø",
    "contact_email": "personvern@troms.example",
    "contact_phone": "77 00 00 00",
    "accessibility_email": "hjelp@troms.example",
}


def say_who_answers(county: Branch, *, by: User, today: date) -> None:
    """The county's settings, made some weeks ago."""
    now = datetime.combine(today - timedelta(days=40), time(10, 15), ZoneInfo("Europe/Oslo"))
    change_settings(county, values=_CHOSEN, by=by, now=now)
