"""What comes in from a telephone, and what waits to go to one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.utils import timezone

from membership.models import Branch, Member
from messaging.enums import Channel, DeliveryState, MessageState, Purpose
from messaging.inbound import receive
from messaging.models import Delivery, InboxMessage, Message, MessageText, Recipient
from messaging.outbox.keys import key_of
from tests.access_mail import make_message
from tests.factories import NOW, make_officer

NUMBER = "+4791234567"


def come_in(text: str, *, number: str = NUMBER, external_id: str = "", **fields: Any) -> InboxMessage:
    """An SMS from a number, now."""
    return receive(
        channel=Channel.SMS,
        address=number,
        text=text,
        external_id=external_id or uuid4().hex,
        now=timezone.now(),
        **fields,
    )


def waiting(
    branch: Branch,
    *members: Member,
    purpose: str = Purpose.MEETINGS,
    state: str = DeliveryState.QUEUED,
    body: str = "Hei {{ fornavn }}!",
    sms: str = "Hei {{ fornavn }}, møte i kveld",
    number: str = "",
    message: Message | None = None,
    **fields: Any,
) -> Delivery:
    """One SMS of a message to these, who share a number; `state` is how far it has come."""
    if message is None:
        message = make_message(
            branch, make_officer(branch), MessageState.SENDING, purpose=purpose, way="sms", expanded_at=NOW, due_at=NOW
        )
        MessageText.objects.filter(message=message).update(body=body, sms=sms)
    address = number or members[0].mobile
    delivery = Delivery.objects.create(
        key=key_of(message.pk, Channel.SMS, address),
        message=message,
        branch=branch,
        channel=Channel.SMS,
        purpose=message.purpose,
        address=address,
        state=state,
        created_at=NOW,
        not_before_at=NOW,
        wipe_at=NOW,
        **fields,
    )
    for member in members:
        Recipient.objects.create(message=message, member=member, channel=Channel.SMS, delivery=delivery)
    return delivery


def answers_to(number: str = NUMBER) -> list[str]:
    """What we have said to a number by ourselves, the oldest first."""
    rows = Delivery.objects.filter(address=number, purpose=Purpose.REPLY, key__startswith="inbound:")
    return list(rows.order_by("created_at", "key").values_list("body", flat=True))
