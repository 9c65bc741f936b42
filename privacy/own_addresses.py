"""Which addresses are a member's alone, and since when: nothing is proved by typing one on Min side.

What went to an address before the member had it was somebody else's, and what goes to one that two have may be.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db.models import Max, Q
from django.db.models.functions import Lower

from accounts.models import User
from common import clock
from membership.models import Member, MemberChange
from messaging.addresses import not_anothers
from messaging.contact import address_of
from messaging.enums import Channel

_COLUMNS: Final = {Channel.EMAIL: ("email",), Channel.SMS: ("mobile", "mobile_ok")}


class OwnAddress(NamedTuple):
    """Where one channel leads, and the true time since which it is the member's."""

    channel: str
    address: str
    since: datetime


def own_addresses(member: Member) -> list[OwnAddress]:
    """Those that no other member has, nor a user. The same queries for every member."""
    found = {channel: address for channel in _COLUMNS if (address := address_of(member, channel))}
    alone = not_anothers(found.values(), [member]) - _of_users(set(found.values()))
    since = _since(member)
    return [OwnAddress(channel.value, text, since[channel]) for channel, text in found.items() if text in alone]


def sent_to(member: Member, moment: str) -> Q:
    """Of rows with `channel` and `address` those about the member's own; `moment` is the column that tells when."""
    mine = Q(pk__in=[])
    for channel, address, since in own_addresses(member):
        mine |= Q(channel=channel, address=address, **{f"{moment}__gte": since})
    return mine


def _of_users(addresses: set[str]) -> set[str]:
    users = User.objects.alias(key=Lower("email")).filter(Q(key__in=addresses) | Q(phone__in=addresses))
    return {text.lower() for pair in users.values_list("email", "phone") for text in pair if text}


def _since(member: Member) -> dict[Channel, datetime]:
    """When each address was written; the history lives by the demo's day, what is sent by the true clock."""
    columns = [name for names in _COLUMNS.values() for name in names]
    changes = MemberChange.objects.of([member.pk]).filter(field__in=columns)
    last = dict(changes.order_by().values_list("field").annotate(at=Max("at")))
    ahead = timedelta(days=(clock.machine_time().date() - clock.today()).days)
    return {
        channel: max((last[name] for name in names if name in last), default=member.created_at) + ahead
        for channel, names in _COLUMNS.items()
    }
