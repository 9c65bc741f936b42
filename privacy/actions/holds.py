"""Keeping somebody from being erased for a while, for a reason from a short list; and ending that early."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.actions.editing import locked
from membership.models import Branch, Member
from privacy.enums import HoldReason
from privacy.models import Hold
from privacy.refusals import Refused


class HeldAlready(Refused):
    """One at a time."""

    sentence = _("The erasing of this member is put off already. End that first.")


class TooShort(Refused):
    """It would be over before it began."""

    sentence = _("Choose a day after today.")
    field = "until_on"


class TooLong(Refused):
    """Nobody is held for longer than a year at once."""

    sentence = _("Choose a day within one year. It can be put off once more then.")
    field = "until_on"


class NotHere(Refused):
    """The member is erased, or belongs elsewhere now."""

    sentence = _("The member is not in this register any more.")


class OverAlready(Refused):
    """It was lifted meanwhile, or its time ran out."""

    sentence = _("The erasing of this member is not put off any more.")


def last_day(today: date) -> date:
    """The latest day to which an erasing can be put off: this day next year."""
    try:
        return today.replace(year=today.year + 1)
    except ValueError:
        # The 29th of February.
        return date(today.year + 1, 2, 28)


@transaction.atomic
def place_hold(
    member: Member, *, branch: Branch, reason: HoldReason, until_on: date, by: User, now: datetime, today: date
) -> Hold:
    """Put the erasing of a member off until a day, also of one who has left. It ends of itself on that day.

    Raises `NotHere`, `HeldAlready`, `TooShort` and `TooLong`.
    """
    if until_on < today + timedelta(days=1):
        raise TooShort
    if until_on > last_day(today):
        raise TooLong
    fresh = next(iter(locked(branch.everyone.filter(pk=member.pk))), None)
    if fresh is None:
        raise NotHere
    mine = Hold.objects.filter(member=fresh)
    # What has run out is over; the table knows one at a time.
    mine.filter(lifted_at__isnull=True, until_on__lte=today).update(lifted_at=now)
    if mine.in_force(today).exists():
        raise HeldAlready
    hold = Hold.objects.create(member=fresh, reason=reason, until_on=until_on, placed_by=by, placed_at=now)
    record(Verb.MEMBER_HELD, by=by, branch_id=fresh.branch_id, subject=fresh, hold=hold.pk, reason=reason.value)
    return hold


@transaction.atomic
def lift_hold(hold: Hold, *, by: User, now: datetime, today: date) -> None:
    """End it before its day. Raises `OverAlready`."""
    if not Hold.objects.in_force(today).filter(pk=hold.pk).update(lifted_at=now, lifted_by=by):
        raise OverAlready
    member = hold.member
    record(Verb.HOLD_LIFTED, by=by, branch_id=member.branch_id, subject=member, hold=hold.pk)
