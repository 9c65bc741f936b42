"""The demo in the test database, as it is after `make run`, for tests that look at whole pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

from common import clock
from demo import day
from demo.load import load_demo
from tests.browser.scene import Scene, make_scene


@contextmanager
def demo_world(blocker: Any) -> Iterator[Scene]:
    """Load the demo for good, so that a server's threads see it; empty the tables afterwards.

    `blocker` is pytest-django's, which keeps other tests from the database.
    """
    registered = list(clock._demo_day)
    database = connection.settings_dict
    assert database["NAME"] == database["TEST"]["NAME"], "only the tests' own database may be filled and emptied"
    with blocker.unblock():
        try:
            load_demo()
            clock.register_demo_day(day.stored_day)
            yield make_scene()
        finally:
            clock._demo_day[:] = registered
            call_command("flush", interactive=False, verbosity=0)
            day.forget()
            cache.clear()
