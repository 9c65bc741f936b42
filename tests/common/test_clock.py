"""The clock of the outermost doors."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from pytest_django import Settings

from common import clock


@pytest.fixture(autouse=True)
def _own_demo_day() -> Iterator[None]:
    registered = list(clock._demo_day)
    clock.register_demo_day(lambda: date(2026, 11, 20))
    yield
    clock._demo_day[:] = registered


@time_machine.travel(datetime(2027, 6, 30, 22, 30, tzinfo=UTC), tick=False)
def test_in_production_the_day_is_norways(settings: Settings) -> None:
    settings.MODE = "production"
    assert clock.today() == date(2027, 7, 1)
    assert clock.now().isoformat() == "2027-07-01T00:30:00+02:00"


@time_machine.travel(datetime(2027, 6, 30, 22, 30, tzinfo=UTC), tick=False)
def test_in_the_demo_the_day_is_the_stored_one(settings: Settings) -> None:
    settings.MODE = "demo"
    assert clock.today() == date(2026, 11, 20)
    assert clock.now().isoformat() == "2026-11-20T00:30:00+01:00"


@time_machine.travel(datetime(2027, 6, 30, 22, 30, tzinfo=UTC), tick=False)
def test_before_the_demo_is_loaded_the_day_is_norways(settings: Settings) -> None:
    settings.MODE = "demo"
    clock.register_demo_day(lambda: None)
    assert clock.today() == date(2027, 7, 1)
