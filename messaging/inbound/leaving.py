"""An email whose subject is STOPP: the same as the link at the foot of the message it answers."""

from __future__ import annotations

from datetime import datetime

from common.clock import OSLO
from messaging.actions.reservations import say_no
from messaging.models import Delivery, InboxMessage
from messaging.unsubscribe import can_leave, readers_of


def leave(message: InboxMessage, *, now: datetime) -> bool:
    """Say no to more of the kind that was answered; False where a person must see to it.

    Where several read that address nobody's reservation is guessed, nor where nothing can be left.
    """
    delivery = message.answers_to
    if delivery is None or not can_leave(delivery):
        delivery = _latest_to_leave(message)
    if delivery is None:
        return False
    readers = readers_of(delivery)
    if len(readers) != 1:
        return False
    say_no(readers.values(), delivery=delivery, now=now, today=now.astimezone(OSLO).date())
    return True


def _latest_to_leave(message: InboxMessage) -> Delivery | None:
    """Of the last ones to the address the first that one can say no to."""
    rows = Delivery.objects.filter(channel=message.channel, address=message.address, message__isnull=False)
    latest = rows.select_related("message").order_by("-created_at", "-pk")[:20]
    return next((delivery for delivery in latest if can_leave(delivery)), None)
