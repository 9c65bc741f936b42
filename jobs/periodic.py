"""Remembers when each job of the clock's last ran and how it went: the page for administrators shows it.

Every task is one of these (config/celery.py); those in the timetable leave a row behind, the others nothing.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from celery import Task
from django.conf import settings
from django.db import Error, connection

from common.clock import machine_time

log = logging.getLogger(__name__)

_LONGEST: Final = 120


class NotDone(Exception):
    """Raised from another error by a task that could not do its round and has logged why: the next one tries again."""


class WatchedTask(Task):  # type: ignore[misc]  # celery has no types
    """A task that writes down its rounds. What cannot be written down is done all the same."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do it; an error goes on to Celery, of which only the class is kept."""
        name = name_in_schedule(self.name)
        if not name:
            return self.run(*args, **kwargs)
        _write(name, started_at=machine_time())
        try:
            result = self.run(*args, **kwargs)
        except NotDone as error:
            _write(name, finished_at=machine_time(), problem=type(error.__cause__ or error).__name__[:_LONGEST])
            return None
        except Exception as error:
            _write(name, finished_at=machine_time(), problem=type(error).__name__[:_LONGEST])
            raise
        now = machine_time()
        _write(name, finished_at=now, succeeded_at=now, problem="")
        return result


def name_in_schedule(task: str) -> str:
    """What the timetable calls a task; empty where it does not have it."""
    return next((line.name for line in settings.SCHEDULE if line.task == task), "")


def _write(name: str, **values: Any) -> None:
    # A worker loads the tasks before the models are ready.
    from jobs.models import PeriodicRun

    row = PeriodicRun(name=name, **{"started_at": machine_time()} | values)
    try:
        PeriodicRun.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["name"], update_fields=sorted(values)
        )
    except Error as error:
        log.warning("The round of %s could not be written down: %s", name, type(error).__name__)
        if not connection.in_atomic_block:
            # The work itself, and what is written after it, begins on a new one.
            connection.close()
