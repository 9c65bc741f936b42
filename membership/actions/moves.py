"""Moving one member: at once where one may, else as a request that the receiving branch answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common.policy import keep
from membership.actions.editing import Edit, Pen, locked, write
from membership.actions.summaries import recount
from membership.enums import ChangeSource, MemberStatus, MoveState
from membership.models import Branch, Member, MemberChange, MoveRequest, Placement
from membership.models.member import CURRENT


class MoveRefused(Exception):
    """A move that cannot be; `sentence` says why, and what to do."""

    sentence: ClassVar[str | Promise] = ""
    # Which field of the form it is about.
    field: ClassVar[str | None] = None


class AlreadyThere(MoveRefused):
    """To where the member is."""

    sentence = _("The member belongs there already. Choose another branch.")
    field = "to"


class NotInForce(MoveRefused):
    """To a branch that is no more, or is of another county."""

    sentence = _("Nobody can be moved there. Choose another branch.")
    field = "to"


class MovesInFuture(MoveRefused):
    """From a day that has not been."""

    sentence = _("The date has not been yet. Write today's date or an earlier one.")
    field = "on"


class BeforePlacement(MoveRefused):
    """From a day before the member came to the branch they are in."""

    sentence = _("The member came to the branch after that day. Write a later date.")
    field = "on"


class Gone(MoveRefused):
    """Who has left cannot be moved by a request."""

    sentence = _("Only members and those who have applied can be asked for.")


class AlreadyWaiting(MoveRefused):
    """One request at a time."""

    sentence = _("A request to move the member is waiting already. Withdraw it first.")


class AlreadyAnswered(MoveRefused):
    """Somebody else was first, or it was withdrawn."""

    sentence = _("The request has been answered or withdrawn already.")


class Lapsed(MoveRefused):
    """The member has left or moved meanwhile, or the branch is no more."""

    sentence = _("The request has lapsed: the member has left or moved since it was made, or the branch is no more.")


class NothingToUndo(MoveRefused):
    """Not moved lately, or changed since."""

    sentence = _("The move can no longer be undone. Move the member again instead.")


@transaction.atomic
def move(member: Member, *, to: Branch, by: User | None, now: datetime, today: date, on: date | None = None) -> Member:
    """Move a member at once, counting from a day; requests that wait for the member lapse. Raises `MoveRefused`."""
    (fresh,) = locked(Member.objects.filter(pk=member.pk))
    day = on or today
    _check(fresh, to, today)
    _check_day(fresh, day, today)
    moved = _write(fresh, to, Pen(by, ChangeSource.MOVE, now, day), today)
    _lapse(moved, now=now)
    return moved


@transaction.atomic
def undo_move(member: Member, *, by: User, now: datetime, today: date) -> Member:
    """Take the member's last move back, as if it had not been. Raises `NothingToUndo`."""
    (fresh,) = locked(Member.objects.filter(pk=member.pk))
    change = last_move(fresh, now=now)
    if change is None:
        raise NothingToUndo
    moved = _write(fresh, Branch.objects.get(pk=int(str(change.before))), Pen(by, ChangeSource.UNDO, now, today), today)
    _lapse(moved, now=now)
    return moved


def last_move(member: Member, *, now: datetime) -> MemberChange | None:
    """The move that can be taken back: the last the member was moved, by moving and lately."""
    change = MemberChange.objects.of([member.pk]).filter(field="branch").newest_first().select_related("by").first()
    if change is None or change.source != ChangeSource.MOVE or now - change.at > keep("undo"):
        return None
    return change if change.after == member.branch_id else None


@transaction.atomic
def request_move(
    member: Member, *, to: Branch, by: User | None, now: datetime, today: date, by_member: bool = False
) -> MoveRequest:
    """Ask the branch to take the member in; nothing changes until it says yes. `by` is nobody where the member asks.

    Raises `MoveRefused`.
    """
    (fresh,) = locked(Member.objects.filter(pk=member.pk))
    _check(fresh, to, today)
    if fresh.status not in (*CURRENT, MemberStatus.APPLIED):
        raise Gone
    if MoveRequest.objects.live().filter(member=fresh).exists():
        raise AlreadyWaiting
    _lapse(fresh, now=now)
    request = MoveRequest.objects.create(
        member=fresh, from_branch_id=fresh.branch_id, to_branch=to, asked_by=by, by_member=by_member, asked_at=now
    )
    record(Verb.MOVE_REQUESTED, by=by, branch_id=fresh.branch_id, subject=request, now=now, to=to.pk)
    return request


def accept(request: MoveRequest, *, by: User, now: datetime, today: date) -> Member:
    """Take the member in. Raises `AlreadyAnswered`, or `Lapsed` where the member is no longer to be had."""
    with transaction.atomic():
        found = locked(Member.objects.filter(pk=request.member_id))
        if not found:
            # Folded into another record, or erased; the request went with it.
            raise Lapsed
        member = found[0]
        lapsed = _is_lapsed(request, member)
        _answer(request, MoveState.WITHDRAWN if lapsed else MoveState.ACCEPTED, by=None if lapsed else by, now=now)
        if not lapsed:
            return _write(member, request.to_branch, Pen(by, ChangeSource.MOVE, now, today), today)
    raise Lapsed


@transaction.atomic
def refuse(request: MoveRequest, *, by: User, now: datetime, reason: str) -> None:
    """Say no, and why. Raises `AlreadyAnswered`."""
    _answer(request, MoveState.REFUSED, by=by, now=now, reason=reason)


@transaction.atomic
def withdraw(request: MoveRequest, *, by: User | None, now: datetime) -> None:
    """The asking side, or the member, thinks better of it. Raises `AlreadyAnswered`."""
    _answer(request, MoveState.WITHDRAWN, by=by, now=now)


def _answer(request: MoveRequest, state: MoveState, *, by: User | None, now: datetime, reason: str = "") -> None:
    answered = MoveRequest.objects.waiting().filter(pk=request.pk)
    if not answered.update(state=state, answered_by=by, answered_at=now, reason=reason[:200]):
        raise AlreadyAnswered
    record(Verb.MOVE_ANSWERED, by=by, branch_id=request.to_branch_id, subject=request, now=now, state=state.value)


def _is_lapsed(request: MoveRequest, member: Member) -> bool:
    return not MoveRequest.objects.live().filter(pk=request.pk, member=member).exists() and (
        MoveRequest.objects.waiting().filter(pk=request.pk).exists()
    )


def _lapse(member: Member, *, now: datetime) -> None:
    """What waits for the member is overtaken: nobody answered it."""
    MoveRequest.objects.waiting().filter(member=member).update(state=MoveState.WITHDRAWN, answered_at=now)


def _check(member: Member, to: Branch, today: date) -> None:
    if to.pk == member.branch_id:
        raise AlreadyThere
    if to.root_id != member.county_id or not Branch.objects.in_force(today).filter(pk=to.pk).exists():
        raise NotInForce


def _check_day(member: Member, day: date, today: date) -> None:
    if day > today:
        raise MovesInFuture
    opened = Placement.objects.filter(member=member, to_on__isnull=True).first()
    if day < today and opened and opened.from_on and day < opened.from_on:
        raise BeforePlacement


def _write(member: Member, to: Branch, pen: Pen, today: date) -> Member:
    """The counts are of today's year, whatever day the move counts from."""
    old = member.branch_id
    (moved,) = write([Edit(member, branch=to)], pen=pen, quietly=True)
    recount({old, to.pk}, today=today)
    record(Verb.MEMBER_MOVED, by=pen.by, branch_id=to.pk, subject=moved, now=pen.now, from_branch=old)
    return moved
