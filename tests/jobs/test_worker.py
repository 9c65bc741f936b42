"""A real worker in a process of its own, and a real broker: killed in mid-job, nothing is lost or doubled."""

import os
import signal
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from dues.jobs import UNPAID_EXPORT
from dues.models import Claim
from jobs import actions
from jobs.enums import JobState
from jobs.models import Job
from membership.models import Branch, Member
from membership.roles import Permission
from tests.factories import make_branch, make_claim, make_county, make_member, make_officer

pytestmark = [pytest.mark.broker, pytest.mark.django_db(transaction=True)]

ROWS = 4000


def many_unpaid(branch: Branch) -> None:
    """Enough rows for a job that lasts."""
    member, claim = make_member(branch), None
    claim = make_claim(member)
    fields = ("branch_id", "municipal_id", "county_id", "sort_key")
    members = Member.objects.bulk_create(
        Member(member_number=f"B{number}", first_name="Ane", **{name: getattr(member, name) for name in fields})
        for number in range(ROWS - 1)
    )
    copied = (*fields, "year", "amount_ore", "outstanding_ore", "original_due_on", "final_due_on", "created_at")
    Claim.objects.bulk_create(
        Claim(member=one, kid=f"B{one.member_number}", **{name: getattr(claim, name) for name in copied})
        for one in members
    )


def start(branch: Branch, user: User) -> Job:
    params = {"year": 2026, "filters": {}}
    return actions.start(
        UNPAID_EXPORT, by=user, branch_id=branch.pk, permission=Permission.EXPORT_MEMBERS, params=params
    )


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def state_of(job: Job) -> str:
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def test_a_worker_killed_in_the_middle_of_a_job_is_taken_over_once(
    worker: subprocess.Popen[bytes], wait_for_it: Callable[[Callable[[], Any]], None]
) -> None:
    branch = make_branch(make_county(), "Kåfjord")
    user = make_officer(branch)
    many_unpaid(branch)
    job = start(branch, user)
    wait_for_it(lambda: state_of(job) == JobState.RUNNING)
    for child in children(worker.pid):
        os.kill(child, signal.SIGKILL)
    assert state_of(job) == JobState.RUNNING
    # Half a minute later, as the sweep sees it.
    actions.sweep(now=timezone.now() + actions.SILENCE + timedelta(seconds=1))
    wait_for_it(lambda: state_of(job) == JobState.DONE)
    job.refresh_from_db()
    assert (job.attempts, job.done) == (2, ROWS)
    with job.file.open("rb") as file:
        assert sum(1 for _ in load_workbook(file, read_only=True)["Alle"].rows) == ROWS + 4
    assert AuditEvent.objects.filter(verb=Verb.UNPAID_EXPORTED, object_id=str(job.pk)).count() == 1


def test_jobs_told_many_times_are_done_once_each(
    worker: subprocess.Popen[bytes], wait_for_it: Callable[[Callable[[], Any]], None]
) -> None:
    branch = make_branch(make_county(), "Kåfjord")
    user = make_officer(branch)
    make_claim(make_member(branch))
    jobs = [start(branch, user) for _ in range(10)]
    for job in jobs * 2:
        actions.kick(job.pk)
    wait_for_it(lambda: Job.objects.filter(state=JobState.DONE).count() == len(jobs))
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}
    assert AuditEvent.objects.filter(verb=Verb.UNPAID_EXPORTED).count() == len(jobs)
