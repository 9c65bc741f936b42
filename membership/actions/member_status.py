"""Where a person stands: taken up, expelled, and a mistake put right. Leaving and death have doors of their own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.actions.editing import Edit, Pen, write
from membership.actions.member_editing import GuardianMissing, lock_here
from membership.enums import ChangeSource, MemberStatus, OpeningReason
from membership.models import Branch, Member

_S = MemberStatus

# From where one stands to where one can come. By what doors one leaves, apps above tell: `registry.doors`.
WAYS: Final[Mapping[str, tuple[MemberStatus, ...]]] = MappingProxyType(
    {
        _S.APPLIED: (_S.MEMBER,),
        _S.MEMBER: (_S.EXPELLED,),
        _S.RESIGNED: (),
        _S.EXPELLED: (_S.MEMBER,),
        _S.DECEASED: (),
    }
)


class StatusChanged(Exception):
    """Somebody else changed the status after the form was made, or there is no such way."""


class DayInFuture(Exception):
    """The day has not come."""


class DayBeforeJoined(Exception):
    """Nobody leaves before they joined."""


@transaction.atomic
def set_status(
    member: Member,
    *,
    branch: Branch,
    to: MemberStatus,
    on: date,
    expected: str,
    by: User,
    now: datetime,
    today: date,
) -> None:
    """Take up, record that one is put out, or put such a record right. `expected` is the status the form was made from.

    Raises `NotHere`, `StatusChanged`, `DayInFuture`, `DayBeforeJoined` and `GuardianMissing`.
    """
    fresh = lock_here(member, branch=branch)
    if fresh.status != expected or to not in WAYS[fresh.status]:
        raise StatusChanged
    if on > today:
        raise DayInFuture
    if to == _S.MEMBER and fresh.lacks_consent(on=today):
        raise GuardianMissing
    if to != _S.MEMBER and fresh.joined_on and on < fresh.joined_on:
        raise DayBeforeJoined
    write([Edit(fresh, _values(fresh, to, on))], pen=Pen(by, ChangeSource.OFFICER, now, today))


def _values(member: Member, to: MemberStatus, on: date) -> dict[str, Any]:
    if to != _S.MEMBER:
        return {"status": to.value, "left_on": on}
    # An applicant joins on the day of being taken up; one who was put out by mistake joined when they joined.
    joined = {"joined_on": on} if member.status == _S.APPLIED else {}
    return {"status": to.value, "left_on": None, **joined}


@transaction.atomic
def mark_checked(member: Member, *, branch: Branch, by: User, now: datetime, today: date) -> None:
    """Say that everything in the record is right. Raises `NotHere`."""
    fresh = lock_here(member, branch=branch)
    write([Edit(fresh, {"checked_on": today})], pen=Pen(by, ChangeSource.OFFICER, now, today))


@transaction.atomic
def mark_bounced(member: Member, *, branch: Branch, on: date | None, by: User, now: datetime, today: date) -> None:
    """Write down that mail to the member came back; with no day, that it did not after all. Raises `NotHere`."""
    fresh = lock_here(member, branch=branch)
    if fresh.email:
        write([Edit(fresh, {"email_bounced_on": on})], pen=Pen(by, ChangeSource.OFFICER, now, today))


def open_protected(member: Member, *, reason: OpeningReason, by: User, now: datetime) -> None:
    """Write down that a protected address is shown to somebody, and why; the page that shows it comes after."""
    record(Verb.PROTECTED_OPENED, by=by, branch_id=member.branch_id, subject=member, now=now, reason=reason.value)
