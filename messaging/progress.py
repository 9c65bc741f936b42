"""How far a message has come, counted in people: one query by the message's own index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Min

from messaging.enums import Channel, DeliveryState
from messaging.models import Message, Recipient

_WAITING: Final = (DeliveryState.QUEUED, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Progress:
    """People by what became of it for them. `channels` holds those it was meant to reach, by channel."""

    sent: int = 0
    waiting: int = 0
    failed: int = 0
    bounced: int = 0
    unknown: int = 0
    cancelled: int = 0
    posted: int = 0
    to_post: int = 0
    channels: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    # When the first of those that wait may go: in the morning, for an SMS that came up at night.
    next_at: datetime | None = None
    # Counts alone, of a message whose rows are erased.
    is_kept: bool = False

    @property
    def people(self) -> int:
        """Whom it goes or went to, by email and SMS."""
        return self.sent + self.waiting + self.failed + self.bounced + self.unknown + self.cancelled

    @property
    def letters(self) -> int:
        """Whom it goes to on paper."""
        return self.posted + self.to_post

    @property
    def missed(self) -> int:
        """How many do not get it."""
        return sum(self.left_out.values())

    @property
    def percent(self) -> int:
        """How many of them have been sent it, rounded down; 0 where it goes to nobody."""
        return self.sent * 100 // self.people if self.people else 0


def progress_of(message: Message) -> Progress:
    """Of each person what is known now."""
    states: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    letters = posted = 0
    nexts: list[datetime] = []
    rows = Recipient.objects.filter(message=message).order_by().values_list("channel", "left_out", "delivery__state")
    counted = rows.annotate(n=Count("pk"), p=Count("posted_at"), first=Min("delivery__not_before_at"))
    for channel, reason, state, count, in_post, first in counted:
        if state == DeliveryState.QUEUED and first:
            nexts.append(first)
        if reason:
            left_out[reason] += count
            continue
        channels[channel] += count
        if channel == Channel.LETTER:
            letters, posted = letters + count, posted + in_post
        else:
            # A row that has no delivery yet, or whose delivery has been erased since, waits or is past telling.
            states[state or DeliveryState.QUEUED] += count
    if not (channels or left_out) and message.totals:
        return _kept_of(message.totals)
    return Progress(
        sent=states[DeliveryState.SENT],
        waiting=sum(states[state] for state in _WAITING),
        failed=states[DeliveryState.FAILED],
        bounced=states[DeliveryState.BOUNCED],
        unknown=states[DeliveryState.UNKNOWN],
        cancelled=states[DeliveryState.CANCELLED],
        posted=posted,
        to_post=letters - posted,
        channels=dict(channels),
        left_out=dict(left_out),
        next_at=min(nexts, default=None),
    )


def _kept_of(totals: Mapping[str, Any]) -> Progress:
    """What is left when a year has gone and nobody's row is there: copies where people were, which households share."""
    states: Counter[str] = Counter()
    for found in totals.get("deliveries", {}).values():
        states.update(found)
    people = totals.get("people", {})
    return Progress(
        sent=states[DeliveryState.SENT],
        failed=states[DeliveryState.FAILED],
        bounced=states[DeliveryState.BOUNCED],
        unknown=states[DeliveryState.UNKNOWN],
        cancelled=states[DeliveryState.CANCELLED],
        posted=people.get(Channel.LETTER, 0),
        channels=people,
        left_out=totals.get("left_out", {}),
        is_kept=True,
    )
