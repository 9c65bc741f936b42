"""Runs: who has leased what, who is alive, and what becomes of the rows of those who are not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from messaging.enums import DeliveryState
from messaging.models import Delivery, DeliveryQuerySet, SendingRun
from messaging.outbox.statements import Begun

CHUNK: Final = 500
# A run writes a sign of life each few seconds between messages; one that was silent for so long hardly lives, though
# its row in SENDING is not given up before DELIVERY_SILENCE.
LIVELY: Final = timedelta(seconds=20)


def due(channel: str, now: datetime, **which: Any) -> DeliveryQuerySet:
    """What a run may lease."""
    return Delivery.objects.due(now).filter(channel=channel, run__isnull=True, **which)


def lease(run: UUID, channel: str, now: datetime, **which: Any) -> list[Delivery]:
    """The rows that a new run leases: the oldest first, those of one message together. They stay queued."""
    with transaction.atomic():
        SendingRun.objects.create(pk=run, channel=channel, started_at=now, heartbeat_at=now)
        oldest = due(channel, now, **which).order_by("not_before_at", "id")
        # Of two workers each gets its own, and neither waits for the other.
        rows = list(oldest.select_for_update(skip_locked=True)[:CHUNK])
        Delivery.objects.filter(pk__in=[row.pk for row in rows], state=DeliveryState.QUEUED).update(run_id=run)
    first: dict[UUID | None, int] = {}
    for number, row in enumerate(rows):
        first.setdefault(row.message_id, number)
    return sorted(rows, key=lambda row: first[row.message_id])


def leased(run: UUID, ids: list[UUID] | None = None) -> DeliveryQuerySet:
    """The rows that still wait for this run; what somebody has cancelled meanwhile is not among them."""
    rows = Delivery.objects.filter(run_id=run, state=DeliveryState.QUEUED)
    return rows if ids is None else rows.filter(pk__in=ids)


@transaction.atomic
def let_go(run: UUID, ids: list[UUID] | None = None, **changes: Any) -> int:
    """Let go of rows, all of them or some, with these changes; not of those that somebody else holds now. How many.

    Who holds one is stopping its message. To wait for them with another row in hand would be to wait for each other.
    """
    # On SQLite, which has one writer at a time, they are simply read.
    free = leased(run, ids).select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True)
    return leased(run, list(free)).update(run=None, **changes)


def release(run: UUID) -> None:
    """The run is over: what it has not sent is anybody's. Rows that somebody holds are left to `bury`, with the run."""
    let_go(run)
    if not leased(run).exists():
        SendingRun.objects.filter(pk=run).delete()


def give_back(begun: Begun) -> None:
    """Begun in the database, or not, when the connection was cut; certainly not sent."""
    Delivery.objects.filter(
        pk=begun.id, started_at=begun.began_at, state__in=[DeliveryState.SENDING, DeliveryState.UNKNOWN]
    ).update(state=DeliveryState.QUEUED, run=None, problem="", attempts=F("attempts") - 1)


def beat(run: UUID, now: datetime) -> bool:
    """Give a sign of life; False where the run has been given up."""
    return bool(SendingRun.objects.filter(pk=run).update(heartbeat_at=now))


def lively(channel: str, now: datetime) -> int:
    """How many send messages to many on this channel now; those with a single code do not count."""
    many = Delivery.objects.filter(run=OuterRef("pk"), message__isnull=False)
    return SendingRun.objects.filter(Exists(many), channel=channel, heartbeat_at__gt=now - LIVELY).count()


def bury(now: datetime) -> None:
    """Give up the silent: what they were sending is unknown, what they had leased is free again. May run twice."""
    silent_since = now - settings.DELIVERY_SILENCE
    dead = list(SendingRun.objects.filter(heartbeat_at__lt=silent_since).values_list("pk", flat=True))
    stuck = Delivery.objects.stuck_since(silent_since).filter(Q(run__isnull=True) | Q(run__in=dead))
    stuck.update(state=DeliveryState.UNKNOWN, problem="interrupted", run=None)
    if dead:
        for run in dead:
            let_go(run)
        SendingRun.objects.filter(pk__in=dead, heartbeat_at__lt=silent_since).delete()
