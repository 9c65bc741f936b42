"""Words to one address by email or SMS, about the person's own membership. What a locked phone shows tells nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.template.loader import render_to_string

from membership.enums import AddressProtection
from membership.models import Branch, Member
from messaging.actions.outbox import accepts, queue_decoy, queue_email, queue_sms
from messaging.contact import address_of, blocks_of
from messaging.enums import Channel, Purpose
from messaging.models import Delivery, settings_of
from messaging.outbox.rendering import NEUTRAL_SENDER
from messaging.transports.sms import own_number
from messaging.writing.segments import count

Address = tuple[Channel, str]


@dataclass(frozen=True, slots=True)
class Words:
    """The templates of one text: an email’s subject and body, and an SMS."""

    subject: str
    email: str
    sms: str


_WAYS: Final = (Channel.EMAIL, Channel.SMS)


def working_addresses(member: Member) -> list[Address]:
    """Where the member can be written to, email first: what is neither bounced, nor somebody else's, nor stopped, nor
    such that nothing can be sent to it.

    What members are told of their own membership heeds no reservation. The strictly protected get email only.
    """
    ways = _WAYS[:1] if member.address_protection == AddressProtection.STRICT else _WAYS
    found = [(channel, address_of(member, channel)) for channel in ways]
    blocks = blocks_of((channel.value, address) for channel, address in found)
    return [
        (channel, address)
        for channel, address in found
        if accepts(channel, address)
        and not blocks.get((channel.value, address))
        and not (channel == Channel.EMAIL and member.email_bounced_on)
    ]


def send(
    words: Words,
    to: Address,
    context: Mapping[str, Any],
    *,
    key: str,
    branch: Branch,
    now: datetime,
    until: datetime | None = None,
    purpose: Purpose = Purpose.NOTICE,
) -> Delivery:
    """Queue a text to one address; the same key again is the same delivery.

    `now` is the true time. `until`: when the link in the text holds no longer, and the text is kept no longer either.
    """
    channel, address = to
    if channel == Channel.EMAIL:
        subject, body = _email(words, context)
        delivery = queue_email(
            key=key, purpose=purpose, address=address, subject=subject, body=body, now=now, branch=branch
        )
    else:
        text = _sms(words, context)
        parts = count(text).parts
        delivery = queue_sms(
            key=key,
            purpose=purpose,
            address=address,
            text=text,
            now=now,
            branch=branch,
            # Under no party's name: who reads it on a locked phone is not told what it is about.
            sender_name=own_number() or NEUTRAL_SENDER,
            parts=parts,
            price_ore=parts * settings_of(branch).sms_price_ore,
        )
    if until is not None:
        Delivery.objects.filter(pk=delivery.pk, wipe_at__gt=until).update(wipe_at=until)
    return delivery


def pretend(words: Words, channel: Channel, context: Mapping[str, Any], *, now: datetime) -> None:
    """The work that `send` does, and nothing sent: the time an answer takes tells nobody who is registered."""
    if channel == Channel.EMAIL:
        subject, body = _email(words, context)
    else:
        subject, body = "", _sms(words, context)
        count(body)
        settings_of(Branch(pk=0))
    queue_decoy(subject=subject, body=body, now=now)


def _email(words: Words, context: Mapping[str, Any]) -> tuple[str, str]:
    subject = render_to_string(words.subject, dict(context))
    body = render_to_string(words.email, dict(context))
    return " ".join(subject.split()), body.strip() + "\n"


def _sms(words: Words, context: Mapping[str, Any]) -> str:
    return render_to_string(words.sms, dict(context)).strip()
