"""Giving notice to many, and striking many off, in the background: broken off in the middle, it goes on from there."""

from __future__ import annotations

from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from common import clock
from jobs import actions as jobs
from jobs.models import Job
from membership.access import may
from membership.roles import Permission
from privacy.actions.unpaid_notice import Moment, notify_all
from privacy.actions.unpaid_striking import strike_all
from privacy.enums import CaseState
from privacy.models import UnpaidCase, UnpaidRound

NOTICE: Final = "privacy.unpaid_notice"
STRIKE: Final = "privacy.unpaid_strike"
# So many in the request itself: each is a letter to write, or a record to end. More is a job.
AT_ONCE: Final = 100


@jobs.handles(NOTICE, attempts=10)
def tell(job: Job) -> None:
    """Tell everybody who has not been told."""
    unpaid = _round(job)
    moment = Moment(clock.now(), clock.today(), clock.machine_time())
    notify_all(unpaid, moment=moment, progress=lambda done: _progress(job, unpaid, done))


@jobs.handles(STRIKE, attempts=10)
def strike(job: Job) -> None:
    """Strike off everybody who is left."""
    unpaid = _round(job)
    now, today = clock.now(), clock.today()
    strike_all(unpaid, by=job.owner, now=now, today=today, progress=lambda done: _progress(job, unpaid, done))


def do_or_begin(kind: str, unpaid: UnpaidRound, *, by: User) -> Job | None:
    """Few are done at once; for many a job, which is returned."""
    state = {NOTICE: CaseState.LISTED, STRIKE: CaseState.NOTIFIED}[kind]
    count = UnpaidCase.objects.filter(round=unpaid, state=state).count()
    if count > AT_ONCE:
        page = reverse("privacy:unpaid_round", args=[unpaid.county.slug, unpaid.pk])
        title = _("Giving notice") if kind == NOTICE else _("Striking off")
        params = {"title": title, "next": page, "back": page, "round": unpaid.pk}
        right = Permission.MANAGE_PRIVACY
        return jobs.start(kind, by=by, branch_id=unpaid.county_id, permission=right, params=params, total=count)
    now, today = clock.now(), clock.today()
    if kind == NOTICE:
        notify_all(unpaid, moment=Moment(now, today, clock.machine_time()))
    else:
        strike_all(unpaid, by=by, now=now, today=today)
    return None


def _round(job: Job) -> UnpaidRound:
    """The list, while whoever began may still decide here. Raises `JobFailed`."""
    unpaid = UnpaidRound.objects.select_related("county").filter(pk=job.params["round"]).first()
    if unpaid is None:
        raise jobs.JobFailed(_("The list is gone. Nothing more was changed."))
    _check(job, unpaid)
    return unpaid


def _progress(job: Job, unpaid: UnpaidRound, done: int) -> None:
    """Say how far it has come; it ends where its officer has lost the right to it."""
    jobs.progress(job, min(done, job.total))
    _check(job, unpaid)


def _check(job: Job, unpaid: UnpaidRound) -> None:
    if not may(job.owner, Permission.MANAGE_PRIVACY, unpaid.county, on=clock.today()):
        raise jobs.JobFailed(_("You may no longer decide this here."))
