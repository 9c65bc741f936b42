"""Members' requests (GDPR articles 15, 16, 17 and 21): registered, and answered within the time the law gives."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.models import Branch, Member
from privacy.deadlines import ANSWER_WITHIN_MONTHS, months_after
from privacy.enums import RequestKind, RequestWay
from privacy.models import RightsRequest


class DayInFuture(Exception):
    """A request that has not come yet."""


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
