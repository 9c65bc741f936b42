"""The timetable, and what is remembered of each round."""

from datetime import timedelta

import pytest
from celery import current_app, shared_task
from django.conf import settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from config.schedule import SCHEDULE, for_beat
from jobs.models import PeriodicRun
from jobs.periodic import NotDone, WatchedTask, name_in_schedule
from jobs.tasks import sweep
from jobs.timetable import Periodic

pytestmark = pytest.mark.django_db


class Broken(Exception):
    """What a task of ours may break off with."""


@shared_task(name="tests.break_off")  # type: ignore[untyped-decorator]  # celery has no types
def break_off() -> None:
    raise Broken("Kari Nordvik, kari@example.no")


@shared_task(name="tests.give_up")  # type: ignore[untyped-decorator]  # celery has no types
def give_up() -> None:
    raise NotDone from Broken()


@pytest.fixture
def timetable(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a line for a task that always breaks off."""
    line = Periodic("break-off", "tests.break_off", timedelta(minutes=1), timedelta(minutes=5), "Breaks off")
    monkeypatch.setattr(settings, "SCHEDULE", (*settings.SCHEDULE, line))


def test_every_line_has_a_task_that_is_watched() -> None:
    # As a worker does when it starts.
    current_app.loader.import_default_modules()
    for line in SCHEDULE:
        assert isinstance(current_app.tasks[line.task], WatchedTask), line.name
    assert [name_in_schedule(line.task) for line in settings.SCHEDULE] == [line.name for line in settings.SCHEDULE]


def test_no_name_and_no_task_stands_twice() -> None:
    assert len({line.name for line in SCHEDULE}) == len({line.task for line in SCHEDULE}) == len(SCHEDULE)


def test_beat_has_the_whole_timetable() -> None:
    assert for_beat(settings.SCHEDULE) == settings.CELERY_BEAT_SCHEDULE
    assert {line.name for line in SCHEDULE} - set(settings.CELERY_BEAT_SCHEDULE) == {"fetch-returns"}


def test_every_line_says_what_it_is_for_and_when_it_is_late() -> None:
    for line in SCHEDULE:
        assert str(line.what_for)
        if isinstance(line.when, timedelta):
            assert line.late_after > 3 * line.when


def test_a_round_leaves_one_row(clock: Traveller) -> None:
    sweep()
    clock.shift(timedelta(minutes=1))
    sweep.delay()
    row = PeriodicRun.objects.get()
    assert (row.name, row.problem) == ("sweep-jobs", "")
    assert row.started_at == row.finished_at == row.succeeded_at == timezone.now()


def test_a_round_that_breaks_off_leaves_the_kind_of_error_alone(timetable: None, clock: Traveller) -> None:
    with pytest.raises(Broken):
        break_off()
    row = PeriodicRun.objects.get()
    assert (row.name, row.problem, row.succeeded_at) == ("break-off", "Broken", None)
    assert row.finished_at == timezone.now()


def test_a_round_that_could_not_be_done_is_no_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written down and raises nothing: the log has had its line."""
    line = Periodic("give-up", "tests.give_up", timedelta(minutes=1), timedelta(minutes=5), "Gives up")
    monkeypatch.setattr(settings, "SCHEDULE", (line,))
    assert give_up() is None
    assert PeriodicRun.objects.values_list("problem", "succeeded_at").get() == ("Broken", None)


def test_when_it_last_went_well_is_kept(timetable: None) -> None:
    before = timezone.now() - timedelta(days=1)
    PeriodicRun.objects.create(name="break-off", started_at=before, finished_at=before, succeeded_at=before)
    with pytest.raises(Broken):
        break_off()
    row = PeriodicRun.objects.get()
    assert row.succeeded_at == before
    assert row.started_at > before


def test_a_task_outside_the_timetable_leaves_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0), pytest.raises(Broken):
        break_off()


def test_a_round_costs_two_writes(timetable: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2), pytest.raises(Broken):
        break_off()


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_written_down_is_done_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from django.db import connection

    with connection.schema_editor() as editor:
        editor.delete_model(PeriodicRun)
    try:
        sweep()
    finally:
        with connection.schema_editor() as editor:
            editor.create_model(PeriodicRun)
    assert "could not be written down" in caplog.text
