"""Asking for the link to one's own page. What is done is as much, and as slow, whoever asks."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from membership.models import Member
from messaging.actions.outbox import NOBODY
from messaging.contact import blocks_of
from messaging.enums import BlockReason, Channel, Purpose
from privacy.actions.links import make_link, members_at
from privacy.enums import LinkKind
from privacy.post import Address, Words, pretend, send

_WORDS: Final = Words(
    "privacy/email/my_page_subject.txt", "privacy/email/my_page_message.txt", "privacy/sms/my_page.txt"
)
# A STOPP or a complaint does not stop this one: whoever asks has just asked for it.
_DEAD: Final = frozenset({BlockReason.HARD.value, BlockReason.SOFT.value, BlockReason.WRONG.value})


@transaction.atomic
def send_my_page_link(to: Address, *, now: datetime, quietly: bool = False) -> None:
    """One link to an address that members have, however many they are; else the same work, and nothing sent.

    `now` is the true time. `quietly`: send nothing whoever it is, for it has been asked for too often. Nothing goes to
    an address that is bounced or somebody else's.
    """
    channel, address = to
    members = members_at(channel, address)
    works = _works(to, members)
    if quietly or not members or not works:
        token = make_link(LinkKind.MY_PAGE, channel=Channel.EMAIL, address=NOBODY, now=now)
        pretend(_WORDS, channel, {"link": _url(token)}, now=now)
        return
    token = make_link(LinkKind.MY_PAGE, channel=channel, address=address, now=now)
    send(
        _WORDS,
        to,
        {"link": _url(token)},
        key=f"my_page:{uuid.uuid4()}",
        branch=members[0].branch,
        now=now,
        purpose=Purpose.SIGN_IN,
    )


def _works(to: Address, members: list[Member]) -> bool:
    channel, address = to
    reasons = blocks_of([(channel.value, address)]).get((channel.value, address), set())
    bounced = channel == Channel.EMAIL and any(member.email_bounced_on for member in members)
    return not bounced and _DEAD.isdisjoint(reasons)


def _url(token: str) -> str:
    return settings.PUBLIC_URL + reverse("privacy:my_page_link", args=[token])
