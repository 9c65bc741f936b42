"""How a message's rows end: taken away again, cancelled, counted for good."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Q, Sum

from messaging.enums import Channel, DeliveryState, MessageState, Reason
from messaging.models import Delivery, Message, Recipient

# Gone, or perhaps gone: nobody can call it back.
GONE: Final = (DeliveryState.SENT, DeliveryState.BOUNCED, DeliveryState.UNKNOWN)
OPEN: Final = (DeliveryState.QUEUED, DeliveryState.SENDING)
# What a message is again when it has come back to be a draft.
AS_DRAFT: Final[dict[str, Any]] = {
    "state": MessageState.DRAFT,
    "due_at": None,
    "is_held": False,
    "queued_by": None,
    "queued_at": None,
    "confirmed": 0,
    "approved_by": None,
    "approved_at": None,
    "expanded_at": None,
    "reached": 0,
    "cost_ore": 0,
    "sms_price_ore": 0,
}


def discard_rows(message: Message) -> None:
    """Take away its recipients and its deliveries, none of which has gone."""
    recipients = Recipient.objects.filter(message=message)
    deliveries = Delivery.objects.filter(message=message)
    # Raw: nothing hangs on them, and fifty thousand are not to be read in order to go.
    recipients._raw_delete(recipients.db)
    deliveries._raw_delete(deliveries.db)


def back_to_draft(message: Message, problem: str, *, now: datetime) -> bool:
    """Give a message that waits back to its writer, with a sentence on why; False where it does not wait any more.

    `message` as it was read: one that was taken back and sent anew since then is another sending.
    """
    waiting = Message.objects.filter(
        pk=message.pk, state__in=[MessageState.QUEUED, MessageState.APPROVAL], queued_at=message.queued_at
    )
    if not waiting.update(**AS_DRAFT, problem=problem[:200], changed_at=now):
        return False
    discard_rows(message)
    return True


def leave_out_the_rest(message: Message, reason: Reason) -> None:
    """Cancel what has not left, and say of each person why. May be done twice."""
    deliveries = Delivery.objects.filter(message=message)
    deliveries.filter(state=DeliveryState.QUEUED).update(state=DeliveryState.CANCELLED, problem=reason.value, run=None)
    cancelled = deliveries.filter(state=DeliveryState.CANCELLED).values("pk")
    people = Recipient.objects.filter(message=message).exclude(channel="")
    people.filter(Q(delivery__in=cancelled) | Q(channel=Channel.LETTER, posted_at__isnull=True)).update(
        channel="", left_out=reason
    )


def gone_of(message: Message) -> int:
    """How many people's copies have left the house, or may have."""
    people = Recipient.objects.filter(message=message).exclude(channel="")
    return people.filter(delivery__state__in=[*GONE, DeliveryState.SENDING]).count()


def finished(message: Message) -> dict[str, Any]:
    """The numbers that stay: `totals`, `reached` and `cost_ore`. Two queries."""
    deliveries: dict[str, dict[str, int]] = defaultdict(dict)
    cost = 0
    states = Delivery.objects.filter(message=message).order_by().values_list("channel", "state")
    for channel, state, count, price in states.annotate(n=Count("pk"), price=Sum("price_ore")):
        deliveries[channel][state] = count
        cost += price if state in GONE else 0
    people: dict[str, int] = {}
    left_out: dict[str, int] = {}
    reached = 0
    rows = Recipient.objects.filter(message=message).order_by().values_list("channel", "left_out", "delivery__state")
    for channel, why, state, count in rows.annotate(n=Count("pk")):
        (people if channel else left_out)[channel or why] = (people if channel else left_out).get(
            channel or why, 0
        ) + count
        reached += count if state in GONE or channel == Channel.LETTER else 0
    totals = {"deliveries": dict(deliveries), "people": people, "left_out": left_out}
    return {"totals": totals, "reached": reached, "cost_ore": cost}
