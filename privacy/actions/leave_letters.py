"""Letters about leaving: that one was made, and that a receipt is in the post."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.models import Member
from privacy.models import Departure


class NotWaiting(Exception):
    """There is no receipt to post for this one, or it is in the post already."""


def note_letter(member: Member, *, by: User, now: datetime) -> None:
    """Write down that a letter about leaving was made for a member."""
    record(Verb.LEAVE_LETTER_MADE, by=by, branch_id=member.branch_id, subject=member, now=now)


@transaction.atomic
def post_receipt(departure: Departure, *, by: User, now: datetime) -> None:
    """Write down that a printed receipt is in the post. Raises `NotWaiting`."""
    waiting = Departure.objects.standing().filter(receipt_by_letter=True, receipt_posted_at__isnull=True)
    if not waiting.filter(pk=departure.pk).update(receipt_posted_at=now):
        raise NotWaiting
    member = departure.member
    record(Verb.LETTERS_POSTED, by=by, branch_id=member.branch_id, subject=member, now=now, count=1)


@transaction.atomic
def unpost_receipt(departure: Departure, *, by: User, now: datetime) -> None:
    """It is not in the post after all. Raises `NotWaiting`."""
    posted = Departure.objects.standing().filter(pk=departure.pk, receipt_posted_at__isnull=False)
    if not posted.update(receipt_posted_at=None):
        raise NotWaiting
    member = departure.member
    record(Verb.LETTERS_POSTED, by=by, branch_id=member.branch_id, subject=member, now=now, count=1, undone=True)
