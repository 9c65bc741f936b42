"""What the demo's mailbox page shows: what would have gone out, written out as it is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from common.policy import keep
from messaging.enums import Channel
from messaging.models import Delivery, Recipient
from messaging.outbox.rendering import Renderer, outgoing_alone, renderer_of

_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Letter:
    """One email or SMS. `text` is empty where it has been wiped."""

    address: str
    subject: str
    text: str
    sender: str
    is_sms: bool
    created_at: datetime


def letters(*, now: datetime) -> list[Letter]:
    """What was “sent” in the last day, newest first, and no more than a page can hold.

    The text of a message to many is kept once, with the message: it is written out here for those it went to. That
    costs a few queries for each message shown, however many it went to.
    """
    sent = Delivery.objects.in_mailbox(after=now - keep("text_demo"))
    deliveries = list(sent.select_related("branch", "message__branch")[:_SHOWN])
    readers = _readers_of(deliveries)
    return list(_written(deliveries, readers, _renderers_of(deliveries, readers)))


def _readers_of(deliveries: list[Delivery]) -> dict[UUID, list[Recipient]]:
    found: dict[UUID, list[Recipient]] = defaultdict(list)
    ids = [delivery.pk for delivery in deliveries if delivery.message_id]
    if not ids:
        return found
    rows = Recipient.objects.filter(delivery__in=ids).select_related("member__branch", "user").order_by("pk")
    for row in rows:
        if row.delivery_id:
            found[row.delivery_id].append(row)
    return found


def _renderers_of(deliveries: list[Delivery], readers: dict[UUID, list[Recipient]]) -> dict[UUID, Renderer]:
    """By message, each with the values of all its readers here."""
    messages = {delivery.message.pk: delivery.message for delivery in deliveries if delivery.message}
    renderers = {pk: renderer_of(message) for pk, message in messages.items()}
    for pk, renderer in renderers.items():
        own = [row for delivery in deliveries if delivery.message_id == pk for row in readers[delivery.pk]]
        renderer.composer.load([row.member for row in own if row.member])
    return renderers


def _written(
    deliveries: list[Delivery], readers: dict[UUID, list[Recipient]], renderers: dict[UUID, Renderer]
) -> Iterator[Letter]:
    for delivery in deliveries:
        if delivery.message_id is None:
            outgoing = outgoing_alone(delivery)
        elif readers[delivery.pk]:
            outgoing = renderers[delivery.message_id].outgoing(delivery, readers[delivery.pk])
        else:
            # Whom it went to has been erased.
            continue
        yield Letter(
            address=delivery.address,
            subject=outgoing.subject,
            text=outgoing.text,
            sender=outgoing.sender,
            is_sms=delivery.channel == Channel.SMS,
            created_at=delivery.created_at,
        )
