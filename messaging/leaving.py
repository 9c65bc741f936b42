"""What waits for members who leave does not go out: messages, letters, invitations. Receipts, which they get for
having left, do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from membership.extensions import Leaving
from membership.models import Member
from messaging.addresses import addresses_of, not_anothers
from messaging.enums import Channel, DeliveryState, Purpose, Reason
from messaging.models import Delivery, DeliveryQuerySet, Recipient

_AT_ONCE: Final = 500


def stop(member_ids: Sequence[int], _by: User | None, _now: datetime, _today: date) -> None:
    """Cancel what is queued for these alone; what they share with others goes on to the others.

    Nothing happens to what a worker has begun. One who is being made a recipient just now is asked about again when
    it is sent (`messaging.outbox.recheck`), as letters are when they are printed.
    """
    for ids in _pieces(list(member_ids)):
        _stop(ids)


def carry_on(_member_ids: Sequence[int], _by: User | None, _now: datetime, _today: date) -> None:
    """What was stopped stays stopped: one who has not left after all is written to from now on."""


def _stop(ids: Sequence[int]) -> None:
    theirs = Recipient.objects.filter(member__in=ids, left_out="")
    queued = Delivery.objects.filter(pk__in=theirs.values("delivery_id"), state=DeliveryState.QUEUED)
    others = Recipient.objects.filter(delivery=OuterRef("pk"), left_out="").exclude(member__in=ids)
    # Deliveries first and recipients after, as the outbox takes them; and always in the same order.
    shared = _held(queued.filter(Exists(others)))
    alone = _held(queued.filter(~Exists(others)))
    _cancel(Delivery.objects.filter(pk__in=alone))
    stopped = Delivery.objects.filter(pk__in=alone, state=DeliveryState.CANCELLED)
    letters = Q(channel=Channel.LETTER, posted_at__isnull=True)
    theirs.filter(delivery__in=shared).update(left_out=Reason.LEFT, channel="", delivery=None)
    theirs.filter(letters | Q(delivery__in=stopped.values("pk"))).update(left_out=Reason.LEFT, channel="")
    _stop_invitations(ids)


def _stop_invitations(ids: Sequence[int]) -> None:
    """An address asked in to an office, which is nobody else's."""
    waiting = Delivery.objects.alone().filter(state=DeliveryState.QUEUED, purpose=Purpose.INVITATION)
    if waiting.exists():
        members = list(Member.objects.filter(pk__in=ids))
        _cancel(waiting.filter(address__in=not_anothers(addresses_of(members), members)))


def _held(deliveries: DeliveryQuerySet) -> list[UUID]:
    rows = deliveries.order_by("pk").select_for_update(of=("self",))
    return list(rows.values_list("pk", flat=True))


def _cancel(deliveries: DeliveryQuerySet) -> None:
    deliveries.filter(state=DeliveryState.QUEUED).update(
        state=DeliveryState.CANCELLED, problem=Reason.LEFT.value, run=None
    )


def _pieces(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


LEAVING: Final = Leaving(stop, carry_on)
