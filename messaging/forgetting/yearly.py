"""What is kept of messages for a year and no longer: who got them, what came in, and what nobody has any more.

A thousand rows in each transaction, and each may be done twice: a night that was cut short is made up for by the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower, Trim

from common.policy import keep
from membership.models import Member
from messaging.actions.messages_ends import finished
from messaging.enums import Channel, DeliveryState, MessageState
from messaging.models import BlockedAddress, Delivery, InboxMessage, Message, Recipient, SendingRun

# A run that has been silent for so long is in nobody's way, and is looked at by nobody.
_RUN_KEPT: Final = timedelta(days=1)
_AT_ONCE: Final = 1_000
_BLOCKS_AT_ONCE: Final = 500
_OVER: Final = (MessageState.DONE, MessageState.STOPPED, MessageState.EXPIRED)
_MOVING: Final = (DeliveryState.QUEUED, DeliveryState.SENDING)


def forget_old(*, now: datetime, today: date) -> Counter[str]:
    """All of it; how many rows went, by kind. `now` and `today` are the true ones."""
    before = now - keep("who_got")
    gone: Counter[str] = Counter()
    for message in _old_messages(before):
        gone += _forget_readers(message)
    gone["alone"] = _delete(Delivery.objects.alone().filter(created_at__lt=before).exclude(state__in=_MOVING))
    gone["inbox"] = _delete(InboxMessage.objects.filter(received_at__lt=now - keep("inbox")))
    gone["blocked"] = _forget_blocks(today)
    silent = now - max(_RUN_KEPT, settings.DELIVERY_SILENCE)
    gone["runs"] = _delete(SendingRun.objects.filter(heartbeat_at__lt=silent))
    return +gone


def _old_messages(before: datetime) -> Iterator[Message]:
    """Those that have ended more than a year ago and still have a row of somebody's."""
    has_readers = Exists(Recipient.objects.filter(message=OuterRef("pk")))
    has_deliveries = Exists(Delivery.objects.filter(message=OuterRef("pk")))
    old = Message.objects.filter(state__in=_OVER, changed_at__lt=before).filter(
        Q(finished_at__isnull=True) | Q(finished_at__lt=before)
    )
    return old.filter(has_readers | has_deliveries).order_by("pk").iterator()


def _forget_readers(message: Message) -> Counter[str]:
    """The counts are written down before the first row goes; those of an earlier, broken night stand."""
    if not message.totals:
        Message.objects.filter(pk=message.pk, totals={}).update(totals=finished(message)["totals"])
    return Counter(
        recipients=_delete(Recipient.objects.filter(message=message)),
        deliveries=_delete(Delivery.objects.filter(message=message)),
    )


def _forget_blocks(today: date) -> int:
    """An address that no member has is marked with the day that was first seen, and goes a year later.

    Whoever comes back within the year is still not written to. In chunks, each found by where the last one ended.
    """
    last, count = 0, 0
    while rows := list(BlockedAddress.objects.filter(pk__gt=last).order_by("pk")[:_BLOCKS_AT_ONCE]):
        last = rows[-1].pk
        owned = _owned(rows)
        with transaction.atomic():
            count += _settle([row for row in rows if _key(row) not in owned], today)
            BlockedAddress.objects.filter(pk__in=[row.pk for row in rows if _key(row) in owned]).exclude(
                unowned_on=None
            ).update(unowned_on=None)
    return count


def _settle(unowned: list[BlockedAddress], today: date) -> int:
    new = [row.pk for row in unowned if row.unowned_on is None]
    BlockedAddress.objects.filter(pk__in=new).update(unowned_on=today)
    longest = today - keep("nobodys_addresses")
    old = [row.pk for row in unowned if row.unowned_on and row.unowned_on < longest]
    return BlockedAddress.objects.filter(pk__in=old).delete()[0]


def _key(row: BlockedAddress) -> tuple[bool, str]:
    return row.channel == Channel.EMAIL, row.address


def _owned(rows: list[BlockedAddress]) -> set[tuple[bool, str]]:
    """Those of the addresses that somebody in the register has, whatever their status."""
    emails = [row.address for row in rows if row.channel == Channel.EMAIL]
    numbers = [row.address for row in rows if row.channel != Channel.EMAIL]
    by_email = Member.objects.annotate(key=Lower(Trim("email"))).filter(key__in=emails).values_list("key", flat=True)
    by_number = Member.objects.filter(Q(mobile__in=numbers) | Q(phone__in=numbers)).values_list("mobile", "phone")
    return {(True, key) for key in by_email} | {(False, number) for pair in by_number for number in pair}


def _delete(rows: QuerySet[Any]) -> int:
    """Rows of the one kind, a thousand in each transaction; what hangs on them goes along."""
    count = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]):
        rows.model._default_manager.filter(pk__in=ids).delete()
        count += len(ids)
    return count
