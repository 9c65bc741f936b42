"""What is forgotten of requests and breaches: the person at once when erased, the case when its time is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from common.clock import OSLO
from common.policy import policy
from membership.models import Member
from privacy.deadlines import months_after
from privacy.enums import RequestKind, RequestState
from privacy.models import Breach, RightsRequest


@transaction.atomic
def forget_rights(*, today: date) -> tuple[int, int]:
    """Erase closed requests and closed breaches as long after as docs/retention.yaml says; how many of each."""
    years = policy().amount
    closed = RightsRequest.objects.filter(answered_on__lte=months_after(today, -12 * years("requests", "years")))
    over = datetime.combine(months_after(today, -12 * years("breaches", "years")), time.max, OSLO)
    breaches = Breach.objects.filter(closed_at__lte=over)
    return closed.delete()[0], breaches.delete()[0]


def wipe_requests(members: Sequence[Member], now: datetime) -> None:
    """Take the person out of their requests: kind, dates and outcome stay, to show that the law was followed.

    What is open is over, for there is nobody to answer any more: who asked to be erased has got what they asked for.
    """
    is_open = Q(state=RequestState.OPEN)
    RightsRequest.objects.filter(member__in=[member.pk for member in members]).update(
        state=Case(
            When(is_open & Q(kind=RequestKind.ERASURE), then=Value(RequestState.ANSWERED)),
            When(is_open, then=Value(RequestState.WITHDRAWN)),
            default=F("state"),
        ),
        answered_on=Case(When(is_open, then=Value(now.astimezone(OSLO).date())), default=F("answered_on")),
        member=None,
        text="",
        answer="",
        extended_because="",
    )
