"""The jobs of changing many members, and of taking that back."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from common import clock
from jobs import actions as jobs
from jobs.models import Job
from membership.access import may
from membership.actions import bulk
from membership.actions.undo import TooLate, undo
from membership.models import ChangeBatch
from membership.roles import Permission


@jobs.handles(bulk.CHANGE_JOB)
def change(job: Job) -> None:
    """Do it, a thousand at a time; may be run again from the start after a dead worker."""
    batch = _batch(job)
    try:
        bulk.go_on(
            batch,
            job.params["ids"],
            by=job.owner,
            now=clock.now(),
            today=clock.today(),
            progress=lambda done: jobs.progress(job, done),
            may_go_on=lambda: _may(job, batch),
        )
    except bulk.NotOfThisCounty as gone:
        raise jobs.JobFailed(_("The group or the branch is gone. Nothing was changed.")) from gone


@jobs.handles(bulk.UNDO_JOB)
def take_back(job: Job) -> None:
    """Take it back, all of it or nothing; run again after a dead worker, the second finds it done."""
    batch = _batch(job)
    if not _may(job, batch):
        raise jobs.JobFailed(_("You may no longer change members here."))
    try:
        undo(batch, by=job.owner, now=clock.now(), today=clock.today())
    except TooLate as late:
        raise jobs.JobFailed(_("It has been undone already, or was done too long ago.")) from late


def _batch(job: Job) -> ChangeBatch:
    return ChangeBatch.objects.select_related("branch").get(pk=UUID(job.params["batch"]))


def _may(job: Job, batch: ChangeBatch) -> bool:
    return may(job.owner, Permission.EDIT_MEMBERS, batch.branch, on=clock.today())
