"""The receipt of leaving: to every address we have, so that nobody is taken out without knowing."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.urls import reverse

from common.dates import format_long
from common.policy import keep
from membership.models import Member
from privacy.actions.links import everybody_at, make_link
from privacy.enums import LeaveWay, LinkKind
from privacy.models import Departure
from privacy.post import Address, Words, send, working_addresses

_LEFT: Final = Words("privacy/email/left_subject.txt", "privacy/email/left_message.txt", "privacy/sms/left.txt")
_STRUCK: Final = Words("privacy/email/struck_subject.txt", "privacy/email/struck_message.txt", "privacy/sms/struck.txt")
_BACK: Final = Words("privacy/email/back_subject.txt", "privacy/email/back_message.txt", "privacy/sms/back.txt")


def send_receipts(departure: Departure, *, now: datetime) -> int:
    """To email and mobile, each once, with a link of its own to undo it; how many. `now` is the true time.

    Where neither works, the departure is marked: its receipt is to be printed and posted.
    """
    member = departure.member
    addresses = working_addresses(member)
    words = _STRUCK if departure.way == LeaveWay.UNPAID else _LEFT
    until = now + keep("link_not_me")
    for channel, address in addresses:
        token = make_link(
            LinkKind.NOT_ME, channel=channel, address=address, member=member, departure=departure, now=now
        )
        context = {
            "name": _name_for(member, (channel, address)),
            "branch": member.branch.name,
            "erased_on": format_long(departure.erase_on),
            "link": settings.PUBLIC_URL + reverse("privacy:not_me", args=[token]),
        }
        key = f"left:{departure.pk}:{channel}"
        send(words, (channel, address), context, key=key, branch=member.branch, now=now, until=until)
    if not addresses:
        departure.receipt_by_letter = True
        departure.save(update_fields=["receipt_by_letter"])
    return len(addresses)


def tell_back(departure: Departure, *, now: datetime) -> int:
    """To the same addresses that the leaving was undone; to how many."""
    member = departure.member
    addresses = working_addresses(member)
    for channel, address in addresses:
        context = {"name": _name_for(member, (channel, address)), "branch": member.branch.name}
        key = f"back:{departure.pk}:{channel}"
        send(_BACK, (channel, address), context, key=key, branch=member.branch, now=now)
    return len(addresses)


def _name_for(member: Member, to: Address) -> str:
    """Empty, or the first name where members share the address.

    Who has an address alone knows who is meant, and a number that has changed hands must not say whose it was. Where
    several share it, each must know whether it is about them, or the wrong one would undo it; those who share an
    address know one another's first names, and more than that they do not need. One of them who has just left reads
    it too.
    """
    others = [one for one in everybody_at(*to) if one.pk != member.pk]
    return member.first_name if others else ""
