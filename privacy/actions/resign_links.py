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
from membership.models import Member
from membership.models.member import GONE
from messaging.enums import Channel
from messaging.models import Delivery
from privacy.actions.links import make_link
from privacy.enums import LinkKind
from privacy.post import Words, send, working_addresses

_WORDS: Final = Words("privacy/email/resign_subject.txt", "privacy/email/resign_message.txt", "privacy/sms/resign.txt")


@transaction.atomic
def send_resign_link(member: Member, *, by: User | None, now: datetime) -> Channel | None:
    """Send it by email, else by SMS; by which, or None where there is neither (or the member has left).

    `now` is the true time (`clock.machine_time()`): links do not know the demo's day. Once a day for each member:
    again is the same link, already on its way. Nothing goes to what is bounced, somebody else's, or stopped.
    """
    key = f"resign:{member.pk}:{now.date()}"
    if sent := Delivery.objects.filter(key=key).only("channel").first():
        return Channel(sent.channel)
    addresses = [] if member.status in GONE else working_addresses(member)
    if not addresses:
        return None
    channel, address = addresses[0]
    until = now + keep("link_resign")
    token = make_link(LinkKind.RESIGN, channel=channel, address=address, member=member, now=now)
    link = settings.PUBLIC_URL + reverse("privacy:resign", args=[token])
    context = {"link": link, "until": format_long(until.date())}
    send(_WORDS, (channel, address), context, key=key, branch=member.branch, now=now, until=until)
    record(Verb.LEAVE_LINK_SENT, by=by, branch_id=member.branch_id, subject=member, way=channel.value)
    return channel
