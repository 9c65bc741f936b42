"""What is written down when a delivery comes back, is complained of, or is said to have arrived.

Whoever reports it (the return mailbox, a provider) may do so twice, late, and in any order: each thing is done once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from messaging.actions.blocks import block, clear_strikes, strike
from messaging.enums import BlockReason, Channel, DeliveryState
from messaging.models import Delivery, DeliveryQuerySet

# A mail server gives up within days, and a person complains within weeks; what comes later is not believed.
_RETURNED_WITHIN: Final = timedelta(days=30)
_COMPLAINED_WITHIN: Final = timedelta(days=90)
_LEFT: Final = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.BOUNCED)
_SOFT: Final = "soft"
_HARD: Final = "hard"
_COMPLAINED: Final = "complained"


@transaction.atomic
def note_bounce(delivery_id: UUID, *, hard: bool, status: str = "", now: datetime) -> bool:
    """An email came back. A hard bounce blocks its address, a soft one counts towards it; a hard one after a soft one
    of the same delivery counts too. Whether anything was new; False for what we never sent."""
    found = _left(delivery_id, now - _RETURNED_WITHIN)
    new = Q(bounced_at=None) | (Q(problem__startswith=_SOFT) if hard else Q(pk__in=[]))
    kind = f"{_HARD if hard else _SOFT} {status}".strip()
    if (
        not found.filter(new)
        .exclude(problem=_COMPLAINED)
        .update(state=DeliveryState.BOUNCED, bounced_at=now, problem=kind)
    ):
        return False
    address = found.values_list("address", flat=True).get()
    if hard:
        block(Channel.EMAIL, address, BlockReason.HARD, now=now)
    else:
        strike(Channel.EMAIL, address, now=now)
    return True


@transaction.atomic
def note_complaint(delivery_id: UUID, *, now: datetime) -> bool:
    """Whoever got it called it spam: nothing more goes there but what one must be told. Whether that was new."""
    found = _left(delivery_id, now - _COMPLAINED_WITHIN)
    if not found.exclude(problem=_COMPLAINED).update(problem=_COMPLAINED):
        return False
    block(Channel.EMAIL, found.values_list("address", flat=True).get(), BlockReason.COMPLAINT, now=now)
    return True


@transaction.atomic
def note_delivered(delivery_id: UUID, *, now: datetime) -> bool:
    """The receiving end has it: earlier soft bounces count no more. Whether that was new."""
    found = _left(delivery_id, now - _RETURNED_WITHIN).filter(delivered_at=None, bounced_at=None)
    address = found.values_list("address", flat=True).first()
    if address is None or not found.update(delivered_at=now):
        return False
    # The line was cut, or its worker died: now it is known after all.
    Delivery.objects.filter(pk=delivery_id, state=DeliveryState.UNKNOWN).update(
        state=DeliveryState.SENT, sent_at=now, problem=""
    )
    clear_strikes(Channel.EMAIL, address)
    return True


def note_failed(delivery_id: UUID, *, problem: str, now: datetime) -> bool:
    """The provider took it, and then did not send it; nothing is said about the address. Whether that was new."""
    found = _left(delivery_id, now - _RETURNED_WITHIN).exclude(state=DeliveryState.BOUNCED)
    changes: dict[str, Any] = {"state": DeliveryState.FAILED, "problem": problem[:200]}
    return bool(found.filter(delivered_at=None).update(**changes))


def _left(delivery_id: UUID, since: datetime) -> DeliveryQuerySet:
    """The delivery, if it is an email that has left the house, or may have, not too long ago."""
    return Delivery.objects.filter(pk=delivery_id, channel=Channel.EMAIL, state__in=_LEFT, started_at__gte=since)
