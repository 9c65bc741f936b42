"""Jobs: taken once, taken over from the dead, thrown away in time."""

import io
import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from accounts.models import User
from config.celery import app
from jobs import actions
from jobs.enums import JobState
from jobs.models import Job
from tests.factories import make_user

pytestmark = pytest.mark.django_db

KIND = "a test's own kind"
SILENT = actions.SILENCE + timedelta(seconds=1)


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set what jobs of the test's kind do: `kind(handler)`."""
    return lambda handler: monkeypatch.setitem(actions._handlers, KIND, handler)


def queued(user: User, **fields: Any) -> Job:
    return actions.start(KIND, by=user, branch_id=1, permission="export_members", params={"year": 2026}, **fields)


def running(user: User, **fields: Any) -> Job:
    """A job as its worker holds it."""
    job = queued(user, **fields)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempts=1, heartbeat_at=timezone.now())
    job.refresh_from_db()
    return job


def test_a_job_runs_when_the_transaction_is_committed(
    user: User, kind: Any, django_capture_on_commit_callbacks: Any
) -> None:
    done: list[Any] = []
    kind(lambda job: done.append((job.owner, job.params)))
    with django_capture_on_commit_callbacks(execute=True):
        job = queued(user, total=3)
        assert done == []
    job.refresh_from_db()
    assert done == [(user, {"year": 2026})]
    assert (job.state, job.done, job.percent, job.is_open) == (JobState.DONE, 3, 100, False)
    assert job.finished_at == timezone.now()
    assert job.expires_at == timezone.now() + timedelta(hours=24)


def test_a_job_is_done_once_however_often_it_is_told(user: User, kind: Any) -> None:
    done: list[Job] = []
    kind(done.append)
    job = queued(user)
    for _ in range(3):
        actions.run(job.pk)
    assert len(done) == 1
    actions.run(uuid4())
    assert len(done) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_wins(user: User, kind: Any) -> None:
    done: list[Job] = []
    kind(done.append)
    job = queued(user)
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, attempts=0)
    done.clear()
    both_ready = threading.Barrier(4)

    def work() -> None:
        both_ready.wait()
        actions.run(job.pk)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    job.refresh_from_db()
    assert (len(done), job.attempts, job.state) == (1, 1, JobState.DONE)


def test_a_plain_reason_is_the_owners_to_read(user: User, kind: Any) -> None:
    def refuse(job: Job) -> None:
        raise actions.JobFailed("Fila er tom.")

    kind(refuse)
    job = queued(user)
    actions.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.problem) == (JobState.FAILED, "Fila er tom.")


def test_a_fault_of_ours_is_a_sentence_for_the_owner_and_a_traceback_for_us(
    user: User, kind: Any, caplog: pytest.LogCaptureFixture
) -> None:
    kind(lambda job: 1 // 0)
    job = queued(user)
    actions.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert job.problem == "Noe gikk galt hos oss. Ikke noe mer er endret. Prøv igjen."
    assert "ZeroDivisionError" in caplog.text


def test_a_kind_nobody_knows_is_a_fault_of_ours(user: User) -> None:
    job = queued(user)
    actions.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED


def test_progress_is_written_once_a_second(user: User, clock: Any) -> None:
    job = running(user, total=10)
    actions.progress(job, 1)
    assert Job.objects.get().done == 0
    clock.shift(timedelta(seconds=1))
    actions.progress(job, 4)
    saved = Job.objects.get()
    assert (saved.done, saved.percent, saved.heartbeat_at) == (4, 40, timezone.now())
    actions.progress(job, 5, total=20)
    saved = Job.objects.get()
    assert (saved.done, saved.total, saved.percent) == (5, 20, 25)


def test_a_result_is_kept_for_its_owner(user: User, kind: Any) -> None:
    kind(lambda job: actions.keep_result(job, io.BytesIO(b"content"), name="list.xlsx"))
    job = queued(user)
    actions.run(job.pk)
    job.refresh_from_db()
    assert job.file.read() == b"content"
    job.file.close()
    assert job.file_name == "list.xlsx"
    assert str(job.pk) in str(job.file.name)


def test_a_silent_jobs_work_is_taken_over_and_the_lost_worker_writes_nothing_more(
    user: User, kind: Any, clock: Any
) -> None:
    kind(lambda job: actions.keep_result(job, io.BytesIO(b"second"), name="second.xlsx"))
    lost = running(user, total=10)
    clock.shift(SILENT)
    actions.sweep(now=timezone.now())
    job = Job.objects.get()
    assert (job.state, job.attempts, job.file_name) == (JobState.DONE, 2, "second.xlsx")
    # The first worker was not dead, only slow: now it wakes up.
    with pytest.raises(actions.JobLost):
        actions.progress(lost, 9, total=10)
    with pytest.raises(actions.JobLost):
        actions.keep_result(lost, io.BytesIO(b"first"), name="first.xlsx")
    actions._end(lost, JobState.FAILED, problem="late")
    job = Job.objects.get()
    assert (job.state, job.file_name, job.problem) == (JobState.DONE, "second.xlsx", "")


def test_a_worker_that_finds_its_job_taken_stops_quietly(
    user: User, kind: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def is_taken_over(job: Job) -> None:
        Job.objects.filter(pk=job.pk).update(attempts=2)
        actions.progress(job, 1, total=2)

    kind(is_taken_over)
    job = queued(user)
    actions.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    assert "was taken over" in caplog.text


def test_a_job_that_lives_is_left_alone(user: User, kind: Any, clock: Any) -> None:
    done: list[Job] = []
    kind(done.append)
    job = running(user)
    clock.shift(actions.SILENCE - timedelta(seconds=1))
    actions.sweep(now=timezone.now())
    job.refresh_from_db()
    assert (job.state, done) == (JobState.RUNNING, [])


def test_a_job_that_was_broken_off_three_times_is_given_up(user: User, kind: Any, clock: Any) -> None:
    done: list[Job] = []
    kind(done.append)
    job = running(user)
    Job.objects.update(attempts=3)
    clock.shift(SILENT)
    actions.sweep(now=timezone.now())
    job.refresh_from_db()
    assert (job.state, done) == (JobState.FAILED, [])
    assert job.problem == "Arbeidet ble avbrutt for mange ganger. Prøv igjen senere."


def test_a_kick_that_was_lost_is_repeated(user: User, kind: Any, clock: Any) -> None:
    done: list[Job] = []
    kind(done.append)
    queued(user)
    actions.sweep(now=timezone.now())
    assert done == []
    clock.shift(timedelta(seconds=6))
    actions.sweep(now=timezone.now())
    actions.sweep(now=timezone.now())
    assert len(done) == 1


def test_a_long_queue_is_not_told_all_at_once(
    user: User, kind: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[Any] = []
    kind(lambda job: done.append(job.params["number"]))
    monkeypatch.setattr(actions, "TOLD_AT_ONCE", 2)
    for number in range(3):
        actions.start(KIND, by=user, branch_id=1, permission="x", params={"number": number})
        clock.shift(timedelta(seconds=1))
    clock.shift(timedelta(seconds=10))
    actions.sweep(now=timezone.now())
    assert done == [0, 1]


def test_results_are_thrown_away_after_a_day_those_of_dead_workers_too(user: User, kind: Any, clock: Any) -> None:
    kind(lambda job: actions.keep_result(job, io.BytesIO(b"content"), name="list.xlsx"))
    job = queued(user)
    Job.objects.update(attempts=1)
    left_behind = default_storage.save(f"results/{job.pk}-1.bin", io.BytesIO(b"half"))
    actions.run(job.pk)
    job.refresh_from_db()
    kept = str(job.file.name)
    clock.shift(timedelta(hours=23, minutes=59))
    actions.sweep(now=timezone.now())
    assert default_storage.exists(kept)
    clock.shift(timedelta(minutes=1))
    actions.sweep(now=timezone.now())
    actions.sweep(now=timezone.now())
    assert not Job.objects.exists()
    assert not default_storage.exists(kept)
    assert not default_storage.exists(left_behind)


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_gone_loses_nothing(
    user: User, kind: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[Job] = []
    kind(done.append)

    def refused(*_: Any, **__: Any) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr(app.tasks["jobs.tasks.run"], "apply_async", refused)
        job = queued(user)
    assert (Job.objects.get().state, done) == (JobState.QUEUED, [])
    assert "ConnectionRefusedError" in caplog.text
    clock.shift(timedelta(seconds=6))
    actions.sweep(now=timezone.now())
    assert [one.pk for one in done] == [job.pk]


def test_a_kind_that_goes_on_where_it_was_broken_off_has_more_tries(user: User, monkeypatch: Any) -> None:
    monkeypatch.setitem(actions._attempts, KIND, 5)
    job = running(user)
    for attempts, state in ((4, JobState.QUEUED), (5, JobState.FAILED)):
        Job.objects.filter(pk=job.pk).update(
            state=JobState.RUNNING, attempts=attempts, heartbeat_at=timezone.now() - SILENT
        )
        actions.sweep(now=timezone.now())
        job.refresh_from_db()
        assert job.state == state


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite is a file: there is no connection to lose")
def test_a_job_that_lost_the_database_is_another_workers_in_a_moment(user: User, kind: Any) -> None:
    def lose(_job: Job) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    kind(lose)
    job = queued(user)
    job.refresh_from_db()
    if job.state == JobState.QUEUED:
        actions.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.problem, job.attempts) == (JobState.RUNNING, "", 1)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - SILENT)
    done: list[Job] = []
    kind(done.append)
    actions.sweep(now=timezone.now())
    job.refresh_from_db()
    if job.state == JobState.QUEUED:
        actions.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, len(done)) == (JobState.DONE, 2, 1)
