"""Addresses and numbers that nothing goes to any more: why, from when, and how they are opened again.

An address is blocked for everybody who has it. A soft bounce is counted first; the third blocks. What says that an
address does not work is written on its members too (`email_bounced_on`), through the register's one door; a STOPP and
a complaint are about what we send, not about the address, and stand here alone.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common.clock import OSLO
from membership.actions.editing import Edit, Pen, locked, write
from membership.enums import ChangeSource
from membership.models import Branch, Member, MemberQuerySet
from messaging.enums import BlockReason, Channel, DeliveryState, Purpose, Reason
from messaging.models import BlockedAddress, Delivery, Recipient
from messaging.models.contact import BlockQuerySet

# The third soft bounce blocks.
STRIKES: Final = 3
# A bounce comes within days: a message that nobody has returned by then has arrived.
RETURNED_WITHIN: Final = timedelta(days=3)
# What a person has said; the others say that an address does not work.
SAID_NO: Final = frozenset({BlockReason.STOPP.value, BlockReason.COMPLAINT.value})
# A code that somebody has just asked for goes out whatever is blocked. What one must be told is not cancelled here:
# the outbox asks again when its turn comes, and finds another way.
_STILL_SENT: Final = frozenset({Purpose.SIGN_IN.value, Purpose.SERVICE.value})
# A complaint is about letters to many, not about one's own invitation or what the house must say.
_NOT_COMPLAINED_OF: Final = _STILL_SENT | {Purpose.INVITATION.value, Purpose.NOTICE.value}


class SaidNo(Exception):
    """A STOPP or a complaint: opened only when the one who has the address asks for it."""


@transaction.atomic
def block(
    channel: Channel, address: str, reason: BlockReason, *, now: datetime, by: User | None = None
) -> BlockedAddress:
    """Nothing more goes to an address; what waits for it is cancelled. Told twice, it is one block and one line."""
    address = address.strip().lower()
    row, made = BlockedAddress.objects.get_or_create(
        channel=channel, address=address, reason=reason, defaults={"noted_at": now, "blocked_at": now}
    )
    fresh = made or bool(BlockedAddress.objects.filter(pk=row.pk, blocked_at=None).update(blocked_at=now, noted_at=now))
    if fresh:
        row.blocked_at = row.blocked_at or now
        cancelled = _cancel(channel, address, reason)
        record(Verb.ADDRESS_BLOCKED, by=by, subject=row, now=now, count=cancelled, channel=channel, reason=reason)
    if channel == Channel.EMAIL and reason not in SAID_NO:
        _mark(_who_have(address).filter(email_bounced_on=None), _day(now), by=by, now=now)
    return row


def strike(channel: Channel, address: str, *, now: datetime) -> bool:
    """Count a soft bounce; the third blocks. Whether it is blocked now."""
    address = address.strip().lower()
    row, _made = BlockedAddress.objects.get_or_create(
        channel=channel, address=address, reason=BlockReason.SOFT, defaults={"noted_at": now}
    )
    BlockedAddress.objects.filter(pk=row.pk).update(strikes=F("strikes") + 1, noted_at=now)
    row.refresh_from_db()
    if row.strikes >= STRIKES:
        block(channel, address, BlockReason.SOFT, now=now)
    return row.strikes >= STRIKES


def clear_strikes(channel: Channel, address: str) -> None:
    """Something has arrived there: what was counted before counts no more. A block stays until a person opens it."""
    _counting().filter(channel=channel, address=address.strip().lower()).delete()


def clear_outlived_strikes(*, now: datetime) -> int:
    """The same for every address to which something was sent after the last strike, and not returned in three days."""
    long_ago = now - RETURNED_WITHIN
    arrived = Delivery.objects.filter(
        channel=OuterRef("channel"),
        address=OuterRef("address"),
        state=DeliveryState.SENT,
        sent_at__gt=OuterRef("noted_at"),
        sent_at__lt=long_ago,
        bounced_at=None,
    )
    return _counting().filter(Exists(arrived), noted_at__lt=long_ago).delete()[0]


def _counting() -> BlockQuerySet:
    return BlockedAddress.objects.filter(reason=BlockReason.SOFT, blocked_at=None)


@transaction.atomic
def open_again(blocked: BlockedAddress, *, by: User, now: datetime, asked_by_member: bool = False) -> bool:
    """Send to an address again: all that says it does not work is dropped, and its members' marks. False: it was open.

    Raises `SaidNo` for a STOPP or a complaint, unless the member has asked for it.
    """
    if blocked.reason in SAID_NO and not asked_by_member:
        raise SaidNo
    rows = BlockedAddress.objects.filter(channel=blocked.channel, address=blocked.address)
    rows = rows.filter(reason=blocked.reason) if blocked.reason in SAID_NO else rows.exclude(reason__in=SAID_NO)
    gone, _each = rows.delete()
    if not gone:
        return False
    record(
        Verb.ADDRESS_OPENED, by=by, subject=blocked, now=now, channel=blocked.channel, reason=blocked.reason, count=gone
    )
    if blocked.channel == Channel.EMAIL and blocked.reason not in SAID_NO:
        _mark(_who_have(blocked.address).filter(email_bounced_on__isnull=False), None, by=by, now=now)
    return True


def report_wrong_number(number: str, *, by: User, now: datetime) -> BlockedAddress:
    """Somebody else answers there: no SMS and no call goes to the number, whoever has it. In E.164."""
    return block(Channel.SMS, number, BlockReason.WRONG, by=by, now=now)


def _cancel(channel: Channel, address: str, reason: BlockReason) -> int:
    """What waits for the address; how many. Where it was a message's, its recipients are left out, and say why."""
    kept = _NOT_COMPLAINED_OF if reason == BlockReason.COMPLAINT else _STILL_SENT
    waiting = Delivery.objects.filter(channel=channel, address=address, state=DeliveryState.QUEUED)
    ids = list(waiting.exclude(purpose__in=kept).values_list("pk", flat=True))
    cancelled = 0
    for pk in ids:
        # One by one: a worker that has begun one of them keeps it.
        if Delivery.objects.filter(pk=pk, state=DeliveryState.QUEUED).update(
            state=DeliveryState.CANCELLED, problem="blocked"
        ):
            cancelled += 1
            why = Reason.STOPPED if reason in SAID_NO else Reason.WRONG
            Recipient.objects.filter(delivery=pk).update(channel="", left_out=why)
    return cancelled


def _who_have(address: str) -> MemberQuerySet:
    """By the index of each county's addresses."""
    counties = Branch.objects.counties().values("pk")
    return Member.objects.alias(email_key=Lower("email")).filter(Q(county_id__in=counties), email_key=address)


def _mark(members: MemberQuerySet, on: date | None, *, by: User | None, now: datetime) -> None:
    source = ChangeSource.OFFICER if by else ChangeSource.RETURNED
    pen = Pen(by, source, now, _day(now))
    write([Edit(member, {"email_bounced_on": on}) for member in locked(members)], pen=pen)


def _day(now: datetime) -> date:
    return now.astimezone(OSLO).date()
