"""Putting letters in the post, as far as this house can know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from messaging.enums import Reason
from messaging.models import Message, Recipient


@transaction.atomic
def mark_posted(message: Message, *, recipient_ids: Sequence[int], by: User, now: datetime) -> int:
    """Say that these letters are in the post; how many were not before. The same twice changes nothing."""
    waiting = message.recipients.by_letter().filter(pk__in=recipient_ids, posted_at__isnull=True)
    count = waiting.update(posted_at=now)
    if count:
        record(Verb.LETTERS_POSTED, by=by, branch_id=message.branch_id, subject=message, count=count)
    return count


@transaction.atomic
def mark_not_posted(message: Message, *, posted_at: datetime, by: User) -> int:
    """Take one such saying back: all that were marked at that moment."""
    count = message.recipients.by_letter().filter(posted_at=posted_at).update(posted_at=None)
    if count:
        record(Verb.LETTERS_POSTED, by=by, branch_id=message.branch_id, subject=message, count=count, undone=True)
    return count


@transaction.atomic
def leave_out(message: Message, fallen: Mapping[int, Reason]) -> None:
    """Those who may no longer have a letter: said where the others who did not get it are said."""
    for reason in set(fallen.values()):
        ids = [pk for pk, why in fallen.items() if why == reason]
        Recipient.objects.filter(message=message, pk__in=ids, posted_at__isnull=True).update(
            left_out=reason, channel="", delivery=None
        )
