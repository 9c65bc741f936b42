"""Leaving by the link that was sent, in one step."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from privacy.actions.departures import leave
from privacy.actions.links import spend
from privacy.enums import LeaveWay
from privacy.models import AccessLink, Departure


@transaction.atomic
def resign(link: AccessLink, *, proof: str, true_now: datetime, now: datetime, today: date) -> Departure:
    """Spend the link and leave, or neither. The try is taken before, by `links.take_try`.

    `true_now` is what the link is held against. Raises `Unknown`, and `HasLeft` or `MayNotLeave` where somebody was
    quicker.
    """
    member = spend(link, proof=proof, now=true_now, today=today, counted=True)
    return leave(member, way=LeaveWay.LINK, left_on=today, by=None, now=now, today=today)
