"""Sending a member the link by which they leave, when they have asked to."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common.dates import format_long
from common.policy import keep
from membership.actions.editing import locked
from membership.models import Member
from messaging.enums import Channel, DeliveryState
from messaging.models import Delivery, DeliveryQuerySet
from privacy.actions.links import make_link, open_links
from privacy.doors import may_leave
from privacy.enums import LinkKind
from privacy.post import Words, send, working_addresses

_WORDS: Final = Words("privacy/email/resign_subject.txt", "privacy/email/resign_message.txt", "privacy/sms/resign.txt")

_CAME_BACK: Final = (DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.CANCELLED)


@transaction.atomic
def send_resign_link(member: Member, *, by: User | None, now: datetime) -> Channel | None:
    """Send it by email, else by SMS; by which, or None where there is neither (or the member has left).

    `now` is the true time (`clock.machine_time()`): links do not know the demo's day. Once a day for each member, as
    long as the link opens and its address is still the one to write to: again is the same link, already on its way.
    Nothing goes to what is bounced, somebody else's, or stopped.
    """
    fresh = next(iter(locked(Member.objects.filter(pk=member.pk).select_related("branch"))), None)
    addresses = working_addresses(fresh) if fresh and may_leave(fresh) else []
    if not addresses:
        return None
    channel, address = addresses[0]
    prefix = f"resign:{member.pk}:{now.date()}"
    today = Delivery.objects.filter(key__startswith=prefix)
    if _is_on_its_way(member, channel, address, today, now):
        return channel
    until = now + keep("link_resign")
    token = make_link(LinkKind.RESIGN, channel=channel, address=address, member=member, now=now)
    link = settings.PUBLIC_URL + reverse("privacy:resign", args=[token])
    context = {"link": link, "until": format_long(until.date())}
    key = f"{prefix}:{today.count() + 1}"
    send(_WORDS, (channel, address), context, key=key, branch=member.branch, now=now, until=until)
    record(Verb.LEAVE_LINK_SENT, by=by, branch_id=member.branch_id, subject=member, way=channel.value)
    return channel


def _is_on_its_way(member: Member, channel: Channel, address: str, today: DeliveryQuerySet, now: datetime) -> bool:
    """Whether one sent today to where we would write now has not come back, and its link opens still."""
    sent = today.filter(channel=channel, address=address).exclude(state__in=_CAME_BACK)
    links = open_links(LinkKind.RESIGN, now=now).filter(member=member, channel=channel, address=address)
    return sent.exists() and links.exists()
