"""What one user has in one place of messages: a draft, one that is sent, a text that is kept, one that came in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from accounts.models import User
from membership.models import Branch, Member
from messaging.enums import Channel, DeliveryState, MessageState, Purpose
from messaging.models import (
    BlockedAddress,
    Delivery,
    InboxMessage,
    Message,
    MessageTemplate,
    MessageText,
    Recipient,
)
from tests.factories import NOW


@dataclass
class Mail:
    """All of it."""

    draft: Message
    queued: Message
    sent: Message
    delivery: Delivery
    template: MessageTemplate
    inbox: InboxMessage
    blocked: BlockedAddress


def make_message(branch: Branch, user: User, state: MessageState = MessageState.DRAFT, **fields: object) -> Message:
    """A newsletter to all the branch's members, by email."""
    began = state not in {MessageState.DRAFT, MessageState.APPROVAL}
    values: dict[str, object] = {
        "audience": {"kind": "members", "params": {}},
        "audience_label": "Alle medlemmer",
        "purpose": Purpose.NEWSLETTER,
        "created_by": user,
        "created_at": NOW,
        "changed_by": user,
        "changed_at": NOW,
        "queued_by": user if began else None,
        "queued_at": NOW if began else None,
    }
    message = Message(
        branch=branch, municipal_id=branch.municipal_id, county_id=branch.root_id, state=state, **(values | fields)
    )
    message.save()
    MessageText.objects.create(message=message, subject="Medlemsmøte", body="Hei {{ fornavn }}!", sms="Hei!")
    return message


def make_mail(branch: Branch, member: Member, user: User) -> Mail:
    """In a branch, about one of its members."""
    sent = make_message(branch, user, MessageState.DONE, started_at=NOW, finished_at=NOW, expanded_at=NOW, reached=1)
    delivery = Delivery.objects.create(
        key=f"matrix:{uuid4()}",
        message=sent,
        branch=branch,
        channel=Channel.EMAIL,
        purpose=sent.purpose,
        address=member.email.lower() or f"{uuid4().hex[:8]}@example.no",
        state=DeliveryState.FAILED,
        created_at=NOW,
        not_before_at=NOW,
        wipe_at=NOW,
    )
    Recipient.objects.create(message=sent, member=member, channel=Channel.EMAIL, delivery=delivery)
    blocked, _made = BlockedAddress.objects.get_or_create(
        channel=Channel.EMAIL, address=delivery.address, reason="hard", defaults={"noted_at": NOW, "blocked_at": NOW}
    )
    return Mail(
        make_message(branch, user),
        make_message(branch, user, MessageState.QUEUED, expanded_at=NOW, due_at=NOW),
        sent,
        delivery,
        MessageTemplate.objects.create(branch=branch, name=uuid4().hex[:8], body="Hei", changed_at=NOW),
        InboxMessage.objects.create(
            branch=branch,
            municipal_id=branch.municipal_id,
            county_id=branch.root_id,
            channel=Channel.EMAIL,
            external_id=uuid4().hex,
            address=member.email or "ukjent@example.no",
            text="Når er møtet?",
            member=member,
            received_at=NOW,
        ),
        blocked,
    )
