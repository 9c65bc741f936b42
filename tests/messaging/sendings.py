"""People whom a message went to, in the states that pages show."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from accounts.models import User
from membership.models import Branch, Member
from messaging.enums import Channel, DeliveryState, MessageState
from messaging.models import Delivery, InboxMessage, Message, Recipient
from tests.access_mail import make_message
from tests.factories import NOW

LATER = NOW + timedelta(days=400)


def deliver(message: Message, state: DeliveryState = DeliveryState.SENT, **fields: object) -> Delivery:
    """One copy."""
    key = uuid4().hex
    values: dict[str, object] = {
        "channel": Channel.EMAIL,
        "purpose": message.purpose,
        "address": f"{key[:8]}@example.no",
        "branch": message.branch,
        "created_at": NOW,
        "not_before_at": NOW,
        "wipe_at": LATER,
        "started_at": NOW if state != DeliveryState.QUEUED else None,
        "sent_at": NOW if state == DeliveryState.SENT else None,
    }
    return Delivery.objects.create(key=key, message=message, state=state, **(values | fields))


def reach(
    message: Message, person: Member | User, state: DeliveryState = DeliveryState.SENT, **fields: object
) -> Recipient:
    """One person who has a copy of their own."""
    delivery = deliver(message, state, **fields)
    member, user = (person, None) if isinstance(person, Member) else (None, person)
    return Recipient.objects.create(
        message=message, member=member, user=user, channel=delivery.channel, delivery=delivery
    )


def leave_out(message: Message, member: Member, reason: str) -> Recipient:
    """One who gets nothing."""
    return Recipient.objects.create(message=message, member=member, left_out=reason)


def sent(branch: Branch, user: User, *members: Member, **fields: object) -> Message:
    """One that has gone out to these."""
    values: dict[str, object] = {
        "started_at": NOW,
        "finished_at": NOW,
        "expanded_at": NOW,
        "reached": len(members),
        "confirmed": len(members),
    }
    message = make_message(branch, user, MessageState.DONE, **(values | fields))
    for member in members:
        reach(message, member)
    return message


def came_in(branch: Branch, member: Member | None = None, **fields: object) -> InboxMessage:
    """A question from a member."""
    values: dict[str, object] = {
        "channel": Channel.SMS,
        "external_id": uuid4().hex,
        "address": "+4790000001",
        "text": "Når er møtet?",
        "member": member,
        "received_at": NOW,
    }
    return InboxMessage.objects.create(
        branch=branch, municipal_id=branch.municipal_id, county_id=branch.root_id, **(values | fields)
    )
