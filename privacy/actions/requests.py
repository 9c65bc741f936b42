"""Members' requests (GDPR articles 15, 16, 17 and 21): registered, and answered within the time the law gives."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.models import Branch, Member
from privacy.deadlines import ANSWER_WITHIN_MONTHS, MORE_MONTHS, months_after
from privacy.enums import RequestKind, RequestState, RequestWay
from privacy.mail import ANSWER, EXTENDED
from privacy.models import RightsRequest
from privacy.request_mail import tell


class DayInFuture(Exception):
    """A request that has not come yet."""


class NotOpen(Exception):
    """Somebody has closed the request already."""


class TextMissing(Exception):
    """Neither an answer nor a reason."""


class TooLateToExtend(Exception):
    """The member must hear of it before the first month is over (article 12), and it is given once."""


@transaction.atomic
def open_request(
    branch: Branch,
    *,
    member: Member | None,
    kind: RequestKind,
    way: RequestWay,
    text: str,
    received_on: date,
    by: User | None,
    now: datetime,
    today: date,
) -> RightsRequest:
    """Register what a member asks for, with the day it must be answered: a month after it came.

    `by` is empty where the member did it; `member` where the person is not in the register. Raises `DayInFuture`.
    """
    if received_on > today:
        raise DayInFuture
    made = RightsRequest.objects.create(
        branch=branch,
        county_id=branch.root_id,
        member=member,
        kind=kind,
        way=way,
        text=text,
        received_on=received_on,
        due_on=months_after(received_on, ANSWER_WITHIN_MONTHS),
        created_at=now,
        created_by=by,
    )
    record(Verb.REQUEST_OPENED, by=by, branch_id=branch.pk, subject=made, kind=kind.value)
    return made


@transaction.atomic
def extend(
    request: RightsRequest, *, because: str, by: User, now: datetime, today: date, machine_now: datetime
) -> bool:
    """Take two months more, with a reason that the member is told; whether an email went.

    Raises `NotOpen`, `TextMissing` and `TooLateToExtend`. `machine_now` is the true time, by which the outbox lives.
    """
    if not because.strip():
        raise TextMissing
    fresh = _open(request)
    if fresh.extended_at or today > fresh.due_on:
        raise TooLateToExtend
    fresh.due_on = months_after(fresh.received_on, ANSWER_WITHIN_MONTHS + MORE_MONTHS)
    fresh.extended_at, fresh.extended_because = now, because
    fresh.save(update_fields=["due_on", "extended_at", "extended_because"])
    record(Verb.REQUEST_ANSWERED, by=by, branch_id=fresh.branch_id, subject=fresh, state="extended")
    return tell(fresh, EXTENDED, now=machine_now, because=because) is not None


def answer(request: RightsRequest, *, text: str, email: bool, by: User, today: date, machine_now: datetime) -> bool:
    """Close a request with what was answered; whether an email went. Raises `NotOpen` and `TextMissing`."""
    return _close(request, RequestState.ANSWERED, text, email=email, by=by, today=today, machine_now=machine_now)


def refuse(request: RightsRequest, *, text: str, email: bool, by: User, today: date, machine_now: datetime) -> bool:
    """Say no with a reason; the email says where one can complain. Raises `NotOpen` and `TextMissing`."""
    return _close(request, RequestState.REFUSED, text, email=email, by=by, today=today, machine_now=machine_now)


@transaction.atomic
def withdraw(request: RightsRequest, *, by: User | None, today: date) -> None:
    """The member does not want it any more. Raises `NotOpen`."""
    _end(_open(request), RequestState.WITHDRAWN, "", by=by, today=today)


@transaction.atomic
def _close(
    request: RightsRequest,
    state: RequestState,
    text: str,
    *,
    email: bool,
    by: User,
    today: date,
    machine_now: datetime,
) -> bool:
    if not text.strip():
        raise TextMissing
    fresh = _open(request)
    _end(fresh, state, text, by=by, today=today)
    refused = state == RequestState.REFUSED
    return email and tell(fresh, ANSWER, now=machine_now, text=text, refused=refused) is not None


def _open(request: RightsRequest) -> RightsRequest:
    """The request, locked; of two who close it at once, the second is told."""
    rows = RightsRequest.objects.open().filter(pk=request.pk).select_related("member", "county")
    fresh = rows.select_for_update(of=("self",)).first()
    if fresh is None:
        raise NotOpen
    return fresh


def _end(fresh: RightsRequest, state: RequestState, text: str, *, by: User | None, today: date) -> None:
    fresh.state, fresh.answer, fresh.answered_on, fresh.handled_by = state, text, today, by
    fresh.save(update_fields=["state", "answer", "answered_on", "handled_by"])
    record(Verb.REQUEST_ANSWERED, by=by, branch_id=fresh.branch_id, subject=fresh, state=state.value)
