"""Starting, running and ending jobs. Each change of state is one conditional UPDATE: of two workers one wins.

Jobs live by the machine's clock and ask it themselves, unlike other actions: a heartbeat handed down as an argument
would tell when the work began, and one on the demo's stored day would tell nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import IO, Any, Final
from uuid import UUID

from celery import current_app
from django.core.files import File
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from common.clock import machine_time
from common.policy import keep
from jobs.enums import JobState
from jobs.models import RESULTS, Job, JobQuerySet

log = logging.getLogger(__name__)

# A running job that gives no sign of life for so long is taken by another worker.
SILENCE: Final = timedelta(seconds=30)
MAX_ATTEMPTS: Final = 3
# A kick that was lost with the broker is repeated for jobs older than this, so many in each sweep.
PICKED_UP_WITHIN: Final = timedelta(seconds=5)
TOLD_AT_ONCE: Final = 50
# Of what a job was asked for, where its page leads to.
_WAYS_BACK: Final = ("title", "next", "back")

Handler = Callable[[Job], None]
_handlers: dict[str, Handler] = {}
_given_up: dict[str, Handler] = {}
_attempts: dict[str, int] = {}


class JobFailed(Exception):
    """Raised by a handler with one plain sentence for the owner; nothing is tried again."""


class JobLost(Exception):
    """Raised to a worker that was silent so long that another has taken its job: it must write nothing more."""


def handles(
    kind: str, *, given_up: Handler | None = None, attempts: int = MAX_ATTEMPTS
) -> Callable[[Handler], Handler]:
    """Register the function that does the jobs of one kind; it must bear being run again from the start.

    `given_up` lets go of what a job held that no worker could finish in so many `attempts`: more for one that goes on
    where the last one was broken off.
    """

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        _attempts[kind] = attempts
        if given_up:
            _given_up[kind] = given_up
        return handler

    return register


def start(kind: str, *, by: User, branch_id: int, permission: str, params: Mapping[str, Any], total: int = 0) -> Job:
    """Queue a job; the worker hears of it when the transaction is committed, or from the sweep."""
    now = machine_time()
    job = Job.objects.create(
        owner=by,
        kind=kind,
        branch_id=branch_id,
        permission=permission,
        params=dict(params),
        total=total,
        created_at=now,
        expires_at=now + keep("job_results"),
    )
    transaction.on_commit(lambda: kick(job.pk), robust=True)
    return job


def kick(job_id: UUID) -> None:
    """Tell a worker at once. A lost broker costs seconds: the sweep tells again."""
    # By name: actions do not import tasks.
    current_app.tasks["jobs.tasks.run"].apply_async([str(job_id)], retry=False)


def run(job_id: UUID) -> None:
    """Do one job, unless somebody else has taken it."""
    now = machine_time()
    taken = (
        Job.objects.waiting()
        .filter(pk=job_id)
        .update(state=JobState.RUNNING, heartbeat_at=now, attempts=F("attempts") + 1)
    )
    if not taken:
        return
    job = Job.objects.select_related("owner").get(pk=job_id)
    try:
        _handlers[job.kind](job)
    except JobLost:
        log.warning("Job %s of kind %s was taken over", job.pk, job.kind)
    except JobFailed as problem:
        _end(job, JobState.FAILED, problem=str(problem))
    except Exception as error:
        _broken_off(job, error)
    else:
        _end(job, JobState.DONE)


def _broken_off(job: Job, error: Exception) -> None:
    if isinstance(error, (OperationalError, InterfaceError)) and not connection.is_usable():
        # Nothing can be written, not even that: silent from now on, it is another worker's in a moment.
        log.warning("Job %s of kind %s has lost the database: %s", job.pk, job.kind, type(error).__name__)
        connection.close()
        return
    # The owner gets a sentence, the log gets the traceback; the worker lives on.
    log.error("Job %s of kind %s failed", job.pk, job.kind, exc_info=error)
    _end(job, JobState.FAILED, problem=_("Something went wrong on our side. Nothing more was changed. Try again."))


def progress(job: Job, done: int, *, total: int | None = None) -> None:
    """Say how far the job has come; at most one write each second, so call it as often as you like.

    It is the sign of life too: silent for `SILENCE`, and the job goes to another worker. Raises `JobLost` then.
    """
    now = machine_time()
    job.done = done
    job.total = job.total if total is None else total
    if total is None and job.heartbeat_at and now - job.heartbeat_at < timedelta(seconds=1):
        return
    job.heartbeat_at = now
    if not _mine(job).update(done=job.done, total=job.total, heartbeat_at=now):
        raise JobLost


def keep_result(job: Job, content: IO[bytes], *, name: str) -> None:
    """Store the result file; `name` is what the owner's browser will call it. Raises `JobLost`."""
    progress(job, job.done, total=job.total)
    job.file.save(_file_name(job, job.attempts), File(content), save=False)
    if not _mine(job).update(file=job.file.name, file_name=name):
        raise JobLost


def sweep(*, now: datetime) -> None:
    """Pick up what was not picked up, take over from dead workers, throw away what has expired. May run twice."""
    for job in Job.objects.silent_since(now - SILENCE).filter(attempts__gte=MAX_ATTEMPTS).select_related("owner"):
        if job.attempts >= _attempts.get(job.kind, MAX_ATTEMPTS):
            _give_up(job, now)
    Job.objects.silent_since(now - SILENCE).update(state=JobState.QUEUED)
    # The oldest first and not all: behind a long queue each sweep would lay a message for every job again.
    for pk in Job.objects.waiting_since(now - PICKED_UP_WITHIN).values_list("pk", flat=True)[:TOLD_AT_ONCE]:
        kick(pk)
    for job in Job.objects.expired(now):
        _discard_files(job)
        job.delete()


def withdraw(branch_ids: Iterable[int], *, problem: str) -> int:
    """Throw away what is finished and can be fetched in these branches, for the reason given; how many files.

    Of what a file was asked for nothing is left either. The files go when the transaction is certain.
    """
    done = Job.objects.filter(branch_id__in=list(branch_ids), state=JobState.DONE).exclude(file="")
    found = list(done.order_by("pk"))
    for job in found:
        kept = {name: str(job.params[name]).partition("?")[0] for name in _WAYS_BACK if name in job.params}
        Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, file="", file_name="", params=kept, problem=problem)
        transaction.on_commit(partial(_discard_files, job), robust=True)
    return len(found)


def _give_up(job: Job, now: datetime) -> None:
    silent = Job.objects.silent_since(now - SILENCE).filter(pk=job.pk)
    problem = _("The job was broken off too many times.")
    if silent.update(state=JobState.FAILED, finished_at=now, problem=problem) and job.kind in _given_up:
        _given_up[job.kind](job)


def _mine(job: Job) -> JobQuerySet:
    """The job, as long as it is this worker's: each taking counts one attempt more."""
    return Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts)


def _file_name(job: Job, attempt: int) -> str:
    """One name for each attempt, so that a file that a killed worker left is found again."""
    return f"{job.pk}-{attempt}.bin"


def _discard_files(job: Job) -> None:
    for attempt in range(1, job.attempts + 1):
        job.file.storage.delete(f"{RESULTS}{_file_name(job, attempt)}")


def _end(job: Job, state: JobState, *, problem: str = "") -> None:
    _mine(job).update(
        state=state,
        problem=problem,
        done=F("total") if state == JobState.DONE else job.done,
        finished_at=machine_time(),
    )
