"""A person approves whom the county strikes off for unpaid dues; and it is done, once for each.

Everybody is asked again here: who has paid, wants to stay, is held, has left or moved is let be. When it would take
many, the one who approves writes the number.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext_lazy as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from dues.models import Claim
from membership.actions.editing import locked
from membership.models import Member
from membership.models.member import CURRENT
from privacy.actions.departures import DayBeforeJoined, HasLeft, MayNotLeave, leave
from privacy.actions.unpaid import lock_round
from privacy.enums import CaseState, LeaveWay, RoundState
from privacy.models import Hold, StayAgreement, UnpaidCase, UnpaidRound
from privacy.refusals import Refused
from privacy.unpaid import OPEN_CASES, Cases, brake_of, came_back, candidates, file_of, is_fresh

CHUNK: Final = 100


class NotNotified(Refused):
    """Nobody has been told, or it is approved or dropped already."""

    sentence = _("The list is not waiting to be approved. Somebody may have approved or dropped it already.")


class TooEarly(Refused):
    """The last day to answer is not over."""

    sentence = _("The last day to answer is not over. Come back the day after.")


class FileBeforeAnswers(Refused):
    """What we know of payments does not reach the last day to answer, or is old."""

    sentence = _("What we know of payments does not reach the last day to answer. Read in a new payment file first.")


class NobodyLeft(Refused):
    """All have paid or answered."""

    sentence = _("Nobody is left to strike off. Drop the list.")


class WrongNumber(Refused):
    """It would take many, and the number was not written, or is not theirs."""

    sentence = _("Write exactly how many are to be struck off. Look at the branches first: is the number right?")
    field = "count"


class Changed(Refused):
    """They are not as many as the page said."""

    sentence = _("The list has changed since you opened it. Look at it again before you approve.")


@transaction.atomic
def approve(unpaid: UnpaidRound, *, count: int | None, by: User, now: datetime, today: date) -> UnpaidRound:
    """Approve, once: those who are told and still unpaid; after this, `strike_some` until nobody is left.

    `count` is how many the page said; where the brake is on, how many the approver wrote. Raises `NotNotified`,
    `TooEarly`, `FileBeforeAnswers`, `NobodyLeft`, `WrongNumber` and `Changed`.
    """
    fresh = lock_round(unpaid)
    _refuse_unready(fresh, today)
    brake = brake_of(fresh, today)
    if not brake.count:
        raise NobodyLeft
    if count != brake.count:
        raise WrongNumber if brake.is_on else Changed
    _settle(fresh, today)
    fresh.state, fresh.approved_at, fresh.approved_by = RoundState.APPROVED, now, by
    fresh.save(update_fields=["state", "approved_at", "approved_by"])
    record(Verb.ROUND_APPROVED, by=by, branch_id=fresh.county_id, subject=fresh, year=fresh.year, count=brake.count)
    return fresh


def _refuse_unready(unpaid: UnpaidRound, today: date) -> None:
    if unpaid.state != RoundState.NOTIFIED or unpaid.answer_by_on is None:
        raise NotNotified
    if today <= unpaid.answer_by_on:
        raise TooEarly
    file = file_of(unpaid.county, unpaid.year, today)
    if not is_fresh(file) or file.as_of_on is None or file.as_of_on < unpaid.answer_by_on:
        raise FileBeforeAnswers


@transaction.atomic
def strike_some(unpaid: UnpaidRound, *, by: User, now: datetime, today: date) -> int:
    """Strike off the next hundred of an approved list; how many were looked at, 0 when nobody is left.

    May be run again, by two at once: each leaves once. Who has paid, answered or gone since approval is let be.
    """
    waiting = UnpaidCase.objects.filter(round=unpaid, round__state=RoundState.APPROVED, state=CaseState.NOTIFIED)
    ids = list(waiting.order_by("id").values_list("member_id", flat=True)[:CHUNK])
    if not ids:
        return 0
    # Members before cases, as whoever asks to stay locks them.
    locked(Member.objects.filter(pk__in=ids))
    mine = waiting.filter(member__in=ids)
    held = list(mine.order_by("id").select_for_update(of=("self",)).values_list("pk", flat=True))
    _settle(unpaid, today, only=held)
    struck = 0
    to_go = UnpaidCase.objects.filter(pk__in=held, state=CaseState.NOTIFIED)
    for case in to_go.select_related("member").order_by("id"):
        gone = _strike(case.member, by=by, now=now, today=today)
        UnpaidCase.objects.filter(pk=case.pk).update(state=CaseState.STRUCK if gone else CaseState.SPARED)
        struck += gone
    UnpaidRound.objects.filter(pk=unpaid.pk).update(struck=F("struck") + struck)
    return len(ids)


def strike_all(
    unpaid: UnpaidRound,
    *,
    by: User,
    now: datetime,
    today: date,
    progress: Callable[[int], None] = lambda _done: None,
) -> None:
    """Strike off everybody who is left, a transaction for each hundred."""
    done = 0
    while count := strike_some(unpaid, by=by, now=now, today=today):
        done += count
        progress(done)


def _strike(member: Member, *, by: User, now: datetime, today: date) -> bool:
    try:
        leave(member, way=LeaveWay.UNPAID, left_on=today, by=by, now=now, today=today)
    except (HasLeft, MayNotLeave, DayBeforeJoined):
        return False
    return True


def _settle(unpaid: UnpaidRound, today: date, *, only: list[int] | None = None) -> None:
    """Write down of those who are not to go why not, and of those whose notice came back that they need a letter."""
    open_ones: Cases = UnpaidCase.objects.filter(round=unpaid, state__in=OPEN_CASES)
    if only is not None:
        open_ones = open_ones.filter(pk__in=only)
    open_ones.filter(came_back(), state=CaseState.NOTIFIED, decided_by__isnull=True).update(state=CaseState.LETTER)
    mine = OuterRef("member")
    owes = Claim.objects.unpaid(unpaid.year).filter(member=mine)
    paid_later = Claim.objects.paid().filter(member=mine, year__gt=unpaid.year)
    here = Member.objects.filter(pk=mine, status__in=CURRENT, **unpaid.county.scope_of())
    stays = StayAgreement.objects.filter(member=mine, year__gte=unpaid.year)
    open_ones.exclude(Exists(here)).update(state=CaseState.SPARED)
    open_ones.exclude(Exists(owes)).update(state=CaseState.PAID)
    open_ones.filter(Exists(paid_later)).update(state=CaseState.PAID)
    open_ones.filter(Exists(stays)).update(state=CaseState.STAYS)
    open_ones.filter(Exists(Hold.objects.in_force(today).filter(member=mine))).update(state=CaseState.HELD)
    # Whatever else: the county's rule has changed, and the time is not over.
    still = candidates(unpaid.county, unpaid.year, today).values("pk")
    open_ones.exclude(member__in=still).update(state=CaseState.SPARED)
