"""What a line of the timetable is (config/schedule.py). Read by the settings, so it knows none of Django's models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from celery.schedules import crontab
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Periodic:
    """One line of the timetable. `late_after`: since it last went well; `setting`: started only where this is set."""

    name: str
    task: str
    when: timedelta | crontab
    late_after: timedelta
    what_for: str | Promise
    setting: str = ""
