"""The search in the background: asked for by an officer, and kept up to date as members change."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from common import clock
from jobs import actions as jobs
from jobs.models import Job
from membership.access import may
from membership.actions.duplicates import JOB, forget_checks, take_checks
from membership.duplicates.searching import AT_ONCE, PASSES, check, search_county, search_members
from membership.models import Branch, DuplicateCheck, Member
from membership.roles import Permission

# A branch of so many members is as quickly looked through with its whole county.
SMALL: Final = 5_000
# Longer than this, and the whole county is gone through instead; no more than this in one go.
QUEUE: Final = 5_000
# A search of a county whose worker died is begun again after so many seconds.
_LOCKED_FOR: Final = 30 * 60


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


def follow_changes(*, now: datetime) -> None:
    """Hold those who have changed against the register again. May run twice: each is taken by one."""
    _search_long_queues(now)
    for _round in range(QUEUE // AT_ONCE):
        with transaction.atomic():
            ids = take_checks(most=AT_ONCE)
            check(ids, now=now)
        if len(ids) < AT_ONCE:
            return


def _search_long_queues(now: datetime) -> None:
    """After an import of a whole register: one walk is cheaper than as many look-ups."""
    waiting = DuplicateCheck.objects.values("member__county_id").annotate(count=Count("pk"), newest=Max("asked_at"))
    for row in waiting.filter(count__gt=QUEUE).order_by("member__county_id"):
        county_id = int(row["member__county_id"] or 0)
        key = f"duplicates:{county_id}"
        if not cache.add(key, True, _LOCKED_FOR):
            continue
        try:
            search_county(county_id, now=now)
            forget_checks(county_id, up_to=row["newest"] or now)
        finally:
            cache.delete(key)
