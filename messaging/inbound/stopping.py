"""STOPP and START: what an SMS from a number does to every SMS to it."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common.clock import OSLO
from membership.actions.editing import Edit, Pen, locked, write
from membership.enums import ChangeSource
from membership.models import Branch, Member, MemberChange
from messaging.actions.blocks import block
from messaging.enums import BlockReason, Channel, DeliveryState, Purpose
from messaging.inbound.answering import answer
from messaging.inbound.senders import is_number, members_with
from messaging.models import BlockedAddress, Delivery
from messaging.rerouting import reroute

_REASON = BlockReason.STOPP


def is_stopped(number: str) -> bool:
    """Whether a STOPP holds for a number."""
    return BlockedAddress.objects.in_force().filter(channel=Channel.SMS, address=number, reason=_REASON).exists()


def stop(number: str, *, branch: Branch, now: datetime) -> bool:
    """No more SMS to a number: what waits for it is cancelled, service texts go another way, and it is confirmed once.

    Where only one member has the number it is written on the member too. False where a person must see to the rest: two
    have it, or a service text found no other way. Call it in a transaction.
    """
    row = block(Channel.SMS, number, _REASON, now=now)
    members = members_with(Channel.SMS, number)
    if len(members) == 1:
        _reserve(members[0], {"no_sms": True}, now)
    settled = _reroute_all(number, now)
    if is_number(number):
        # The block's own id is in the key: one STOPP, however often it is said, is confirmed once; after a START anew.
        text = _("You will get no more SMS from us. Send START to get them again.")
        answer(f"stopp:{row.pk}", number, text, branch=branch, now=now)
    return settled and len(members) < 2


def start(number: str, *, branch: Branch, now: datetime) -> bool:
    """Open what a STOPP closed; False where there was none. Blocks of other reasons stay, and what was said elsewhere.

    Call it in a transaction.
    """
    row = BlockedAddress.objects.filter(channel=Channel.SMS, address=number, reason=_REASON).first()
    if row is None or not BlockedAddress.objects.filter(pk=row.pk).delete()[0]:
        return False
    record(Verb.ADDRESS_OPENED, by=None, subject=row, now=now, channel=row.channel, reason=row.reason, count=1)
    for member in members_with(Channel.SMS, number):
        if _was_closed_by_stopp(member, since=row.noted_at):
            _reserve(member, {"no_sms": False}, now)
    text = _("You will get SMS from us again. Send STOPP to get no more.")
    answer(f"start:{row.pk}", number, text, branch=branch, now=now)
    return True


def _was_closed_by_stopp(member: Member, *, since: datetime) -> bool:
    """Whether the last thing said about SMS was said by the member, with that STOPP or after it."""
    last = MemberChange.objects.filter(member=member, field="no_sms").order_by("-at", "-pk").first()
    return last is not None and last.source == ChangeSource.MEMBER and last.after is True and last.at >= since


def _reserve(member: Member, values: dict[str, bool], now: datetime) -> None:
    pen = Pen(None, ChangeSource.MEMBER, now, _day(now))
    write([Edit(one, values) for one in locked(Member.objects.filter(pk=member.pk))], pen=pen)


def _reroute_all(number: str, now: datetime) -> bool:
    """Service texts that wait for the number go another way; False where one of them found none."""
    waiting = Delivery.objects.filter(
        channel=Channel.SMS, address=number, state=DeliveryState.QUEUED, purpose=Purpose.SERVICE
    )
    moved = [reroute(delivery, now=now, on=_day(now)) for delivery in waiting.order_by("pk")]
    return all(moved)


def _day(now: datetime) -> date:
    return now.astimezone(OSLO).date()
