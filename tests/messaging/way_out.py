"""A way out that does as it is told, and messages that wait for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from membership.models import Member
from messaging.enums import Channel, DeliveryState
from messaging.models import Delivery, Message, Recipient
from messaging.outbox.keys import key_of
from messaging.transports.base import SENT as WENT
from messaging.transports.base import NotOpen, Outcome, Outgoing
from tests.factories import NOW

QUEUED, SENT, UNKNOWN = DeliveryState.QUEUED, DeliveryState.SENT, DeliveryState.UNKNOWN
BUSY = Outcome(QUEUED, "451")
NAMES = ("Ane", "Bo", "Cai")
needs_postgres = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="two writers at once: SQLite has one at a time"
)


class WayOut:
    """What went out is in `sent`. `answers` are the outcomes of the next tries, `before` what happens in each."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.answers: list[Outcome] = []
        self.before: Callable[[Outgoing], object] = lambda _outgoing: None
        self.opened = 0
        self.is_closed = False

    def open(self) -> None:
        self.opened += 1
        if self.is_closed:
            raise NotOpen("ConnectionRefusedError")

    def send(self, outgoing: Outgoing) -> Outcome:
        self.before(outgoing)
        outcome = self.answers.pop(0) if self.answers else WENT
        if outcome.state == DeliveryState.SENT:
            self.sent.append(outgoing)
        return outcome

    def close(self) -> None:
        pass

    @property
    def addresses(self) -> list[str]:
        """Where it went, in order."""
        return [outgoing.address for outgoing in self.sent]


def open_way_out(monkeypatch: pytest.MonkeyPatch) -> WayOut:
    """For every channel."""
    way = WayOut()
    monkeypatch.setattr("messaging.outbox.run.transport_for", lambda _channel: way)
    return way


def wait_for(message: Message, *people: Member | User, channel: str = Channel.EMAIL, **fields: Any) -> Delivery:
    """One delivery of a message that these share, due now."""
    first = people[0]
    own = first.email or "" if channel == Channel.EMAIL or isinstance(first, User) else first.mobile
    address = fields.pop("address", own.lower())
    values = {"created_at": NOW, "not_before_at": NOW, "wipe_at": NOW, **fields}
    delivery = Delivery.objects.create(
        key=key_of(message.pk, channel, address),
        message=message,
        branch=message.branch,
        channel=channel,
        purpose=message.purpose,
        address=address,
        **values,
    )
    for person in people:
        who = {"member": person} if isinstance(person, Member) else {"user": person}
        Recipient.objects.create(message=message, channel=channel, delivery=delivery, **who)
    return delivery


def states() -> list[str]:
    """Of all there is, in order."""
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def fate(delivery: Delivery) -> tuple[str, str]:
    """What has become of it, and why."""
    delivery.refresh_from_db()
    return delivery.state, delivery.problem


def left_out(message: Message) -> dict[str, str]:
    """First name → why, of those who get nothing."""
    rows = Recipient.objects.filter(message=message).exclude(left_out="").select_related("member", "user")
    return {(row.member.first_name if row.member else str(row.user)): row.left_out for row in rows.order_by("pk")}
