"""Leaving: written down once, whatever the door; and taken back where it was a mistake, until the record is erased."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from django.db import transaction

from accounts.actions import record_many
from accounts.enums import Verb
from accounts.models import User
from common.clock import machine_time
from common.policy import keep
from membership.actions.editing import Edit, Pen, locked, write
from membership.enums import ChangeSource, MemberStatus
from membership.models import Member, MemberChange
from membership.models.member import GONE
from privacy import journal
from privacy.doors import may_leave
from privacy.enums import TOLD, LeaveWay
from privacy.models import Departure
from privacy.receipts import send_receipts
from privacy.rules import erase_day

_BY_MEMBER: Final = frozenset({LeaveWay.LINK, LeaveWay.MY_PAGE})


class HasLeft(Exception):
    """The member has left already, or is erased."""


class MayNotLeave(Exception):
    """Has been put out: nobody resigns from what they are no part of, and so is erased."""


class DayInFuture(Exception):
    """The day has not come."""


class DayBeforeJoined(Exception):
    """Nobody leaves before they joined."""


class TooLate(Exception):
    """The correction time is over, or it has been taken back already."""


@transaction.atomic
def leave(
    member: Member,
    *,
    way: LeaveWay,
    left_on: date,
    by: User | None,
    now: datetime,
    today: date,
    text: str = "",
) -> Departure:
    """A member leaves, or is dead. `by` is empty where the member did it; `text` is a written resignation's own words.

    The status changes, every app stops what was going on, the day of erasing is set, and a receipt goes out. Raises
    `HasLeft`, `MayNotLeave`, `DayInFuture` and `DayBeforeJoined`.
    """
    fresh = next(iter(locked(Member.objects.filter(pk=member.pk))), None)
    if fresh is None or fresh.status in GONE:
        raise HasLeft
    if not may_leave(fresh):
        raise MayNotLeave
    if left_on > today:
        raise DayInFuture
    # A day that was registered wrong keeps nobody from leaving.
    if way not in _BY_MEMBER and fresh.joined_on and left_on < fresh.joined_on:
        raise DayBeforeJoined
    departure = _depart(fresh, way=way, left_on=left_on, text=text, by=by, now=now, today=today)
    to = MemberStatus.DECEASED if way == LeaveWay.DEATH else MemberStatus.RESIGNED
    source = ChangeSource.MEMBER if way in _BY_MEMBER else ChangeSource.OFFICER
    write([Edit(fresh, {"status": to.value, "left_on": left_on})], pen=Pen(by, source, now, today))
    if way in TOLD:
        # After all that waited for the member was stopped. Links live by the true clock.
        send_receipts(departure, now=machine_time())
    return departure


@transaction.atomic
def come_back(departure: Departure, *, by: User | None, now: datetime, today: date) -> Member:
    """It was a mistake, or not the member: what stood before stands again. Raises `TooLate`.

    What was stopped stays stopped: the member is a member, and is written to again from now on.
    """
    member = next(iter(locked(Member.objects.filter(pk=departure.member_id))), None)
    standing = Departure.objects.standing().filter(pk=departure.pk).select_for_update().first()
    if member is None or standing is None or member.status not in GONE:
        raise TooLate
    source = ChangeSource.OFFICER if by else ChangeSource.MEMBER
    values = {"status": standing.status_before, "left_on": None}
    write([Edit(member, values)], pen=Pen(by, source, now, today))
    return member


def note_left(member_ids: Sequence[int], by: User | None, now: datetime, today: date) -> None:
    """Write down those who left by another door: a register file, an undo. Those of `leave` are there already.

    They wait as long as the file can be taken back.
    """
    known = set(Departure.objects.standing().filter(member__in=member_ids).values_list("member_id", flat=True))
    members = list(Member.objects.filter(pk__in=set(member_ids) - known).order_by("pk"))
    before = _statuses_before([member.pk for member in members])
    Departure.objects.bulk_create(
        [
            Departure(
                member=member,
                way=LeaveWay.DEATH if member.status == MemberStatus.DECEASED else LeaveWay.REGISTER,
                left_on=member.left_on or today,
                recorded_at=now,
                recorded_by=by,
                status_before=before.get(member.pk, MemberStatus.MEMBER),
                erase_on=today + keep("undo"),
            )
            for member in members
        ],
        batch_size=500,
    )
    _log(Verb.MEMBER_LEFT, member_ids, by)
    journal.note_left(member_ids)


def note_returned(member_ids: Sequence[int], by: User | None, now: datetime, today: date) -> None:
    """They have not left after all, whoever found out: nothing is erased."""
    Departure.objects.standing().filter(member__in=member_ids).update(returned_at=now, returned_by=by)
    _log(Verb.MEMBER_RETURNED, member_ids, by)
    journal.note_returned(member_ids, today)


def _depart(
    member: Member, *, way: LeaveWay, left_on: date, text: str, by: User | None, now: datetime, today: date
) -> Departure:
    return Departure.objects.create(
        member=member,
        way=way,
        left_on=left_on,
        recorded_at=now,
        recorded_by=by,
        text=text,
        status_before=member.status,
        erase_on=erase_day(member.county_id, today),
    )


def _statuses_before(member_ids: Sequence[int]) -> dict[int, str]:
    """Member id → what they were before they left, as the history has it: an applicant is not put right to member."""
    changes = MemberChange.objects.of(member_ids).filter(field="status", after__in=GONE).in_order()
    found = dict(changes.values_list("member_id", "before"))
    return {pk: status for pk, status in found.items() if status in MemberStatus.values and status not in GONE}


def _log(verb: Verb, member_ids: Sequence[int], by: User | None) -> None:
    """A line for each, under its branch: the week's figures are counted from them."""
    by_branch: dict[int, list[Member]] = {}
    for member in Member.objects.filter(pk__in=list(member_ids)).only("pk", "branch_id").order_by("pk"):
        by_branch.setdefault(member.branch_id, []).append(member)
    for branch_id, members in by_branch.items():
        record_many(verb, by=by, branch_id=branch_id, subjects=[(member, {}) for member in members])
