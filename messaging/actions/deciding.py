"""What nobody knows the fate of: a person decides. By itself nothing of it is ever sent again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from messaging.actions.messages import Refused, Why
from messaging.enums import DeliveryState, MessageState
from messaging.models import Delivery, Message


@transaction.atomic
def mark_arrived(message: Message, *, by: User, now: datetime, delivery_id: UUID | None = None) -> int:
    """Say that a copy of which nobody knew arrived; without `delivery_id` each of them. How many; twice is once."""
    which = Q() if delivery_id is None else Q(pk=delivery_id)
    unknown = Delivery.objects.filter(which, message=message, state=DeliveryState.UNKNOWN)
    count = unknown.update(
        state=DeliveryState.SENT, sent_at=Coalesce("sent_at", "started_at", Value(now)), problem="decided"
    )
    if count:
        record(Verb.MESSAGE_DECIDED, by=by, branch_id=message.branch_id, subject=message, count=count, again=False)
    return count


@transaction.atomic
def send_again(message: Message, delivery_id: UUID, *, by: User, now: datetime) -> bool:
    """Send one copy again, knowing that it may come twice; False where somebody has decided already.

    Raises `Refused` where the message is stopped, or its time has run out.
    """
    kept = Message.objects.select_for_update().get(pk=message.pk)
    if kept.state not in (MessageState.SENDING, MessageState.DONE):
        raise Refused(Why.NOT_SENT)
    if kept.expires_at is not None and kept.expires_at <= now:
        raise Refused(Why.TOO_LATE)
    unknown = Delivery.objects.filter(pk=delivery_id, message=kept, state=DeliveryState.UNKNOWN)
    if not unknown.update(
        state=DeliveryState.QUEUED, attempts=0, problem="", run=None, started_at=None, not_before_at=now
    ):
        return False
    Message.objects.filter(pk=kept.pk).update(state=MessageState.SENDING, finished_at=None, changed_at=now)
    record(Verb.MESSAGE_DECIDED, by=by, branch_id=kept.branch_id, subject=kept, count=1, again=True)
    return True
