"""“This was not me”: a leaving taken back by whoever got the receipt."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from membership.models import Member
from messaging.actions.outbox import queue_email
from messaging.enums import Purpose
from privacy.actions.departures import come_back
from privacy.actions.links import Unknown, holders, take
from privacy.models import AccessLink, Departure
from privacy.officers import officers_of
from privacy.receipts import tell_back

_SUBJECT: Final = "privacy/email/not_me_officer_subject.txt"
_BODY: Final = "privacy/email/not_me_officer_message.txt"


@transaction.atomic
def undo_by_link(link: AccessLink, *, true_now: datetime, now: datetime, today: date) -> Member:
    """Take it back, once, and tell the member and the branch's officers. `true_now` is what the link is held against.

    No proof is asked for: to be a member as before harms nobody, and whoever was resigned by another must not be kept
    from undoing it by a year of birth that was registered wrong. Raises `Unknown` where the link opens nothing any
    more, and `TooLate` where the leaving is undone already.
    """
    taken = take(link, now=true_now)
    departure = taken.departure
    if departure is None or not holders(taken):
        raise Unknown
    member = come_back(departure, by=None, now=now, today=today)
    tell_back(departure, now=true_now)
    _tell_officers(departure, member, now=true_now, today=today)
    return member


def _tell_officers(departure: Departure, member: Member, *, now: datetime, today: date) -> None:
    """How many and where, and no name: the letter lies in a private mailbox."""
    branch = member.branch
    path = reverse("membership:member_detail", args=[branch.slug, member.pk])
    for user in officers_of(branch, on=today):
        if not user.email:
            continue
        context = {"name": user.name, "branch": branch.name, "link": settings.PUBLIC_URL + path}
        queue_email(
            key=f"not_me:{departure.pk}:{user.pk}",
            purpose=Purpose.NOTICE,
            address=user.email,
            subject=" ".join(render_to_string(_SUBJECT, context).split()),
            body=render_to_string(_BODY, context).strip() + "\n",
            now=now,
            branch=branch,
        )
