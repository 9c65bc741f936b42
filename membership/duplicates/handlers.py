"""The search in the background, as an officer asks for it."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from common import clock
from jobs import actions as jobs
from jobs.models import Job
from membership.access import may
from membership.actions.duplicates import JOB
from membership.duplicates.searching import PASSES, search_county, search_members
from membership.models import Branch, Member
from membership.roles import Permission

# A branch of so many members is as quickly looked through with its whole county.
SMALL: Final = 5_000


@jobs.handles(JOB)
def search(job: Job) -> None:
    """Go through the county; for a branch, hold its own members against the county. May be run again from the start."""
    branch = Branch.objects.get(pk=job.branch_id)
    if not may(job.owner, Permission.EDIT_MEMBERS, branch, on=clock.today()):
        raise jobs.JobFailed(_("You may no longer change members here."))

    def progress(done: int) -> None:
        jobs.progress(job, done)

    count = branch.members.count()
    if branch.is_county or count > SMALL:
        people = count if branch.is_county else Member.objects.filter(county_id=branch.root_id).count()
        jobs.progress(job, 0, total=people * PASSES)
        search_county(branch.root_id, now=clock.now(), progress=progress)
    else:
        jobs.progress(job, 0, total=count)
        search_members(branch.members, now=clock.now(), progress=progress)
