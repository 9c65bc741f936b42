"""A test to oneself: the message as one of those who get it would read it, to the officer's own address."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from messaging.actions.messages_refusals import Refused, Why
from messaging.actions.outbox import queue_email, queue_sms
from messaging.enums import Channel, Purpose, Way
from messaging.models import Message, MessagingSettings
from messaging.outbox.rendering import sms_sender
from messaging.writing.compose import Written
from messaging.writing.segments import count


class NothingToTry(Exception):
    """Nothing is written, or the officer has no address of the kind."""


def channels_to(user: User, message: Message) -> list[tuple[Channel, str]]:
    """By which channels a test can go, and where to."""
    own = {Channel.EMAIL: user.email or "", Channel.SMS: user.phone or ""}
    ways = {Way.EMAIL: [Channel.EMAIL], Way.SMS: [Channel.SMS], Way.BOTH: [Channel.EMAIL, Channel.SMS]}
    return [(channel, own[channel]) for channel in ways[Way(message.way)] if own[channel]]


@transaction.atomic
def send_trial(
    message: Message,
    *,
    written: Written,
    limits: MessagingSettings,
    left_ore: int | None,
    token: str,
    by: User,
    now: datetime,
) -> list[str]:
    """Send it to the officer; the addresses it went to. The same `token` again sends nothing more.

    Raises `NothingToTry`, and `Refused` where an SMS costs more than is left of the budget.
    """
    sent = []
    for channel, address in channels_to(by, message):
        text = written.text if channel == Channel.EMAIL else written.sms
        if text.strip():
            key = f"trial:{message.pk}:{channel.value}:{token}"
            _send(channel, address, key, message, written, limits, left_ore, now)
            sent.append(address)
    if not sent:
        raise NothingToTry
    record(Verb.MESSAGE_TESTED, by=by, branch_id=message.branch_id, subject=message, count=len(sent))
    return sent


def _send(
    channel: Channel,
    address: str,
    key: str,
    message: Message,
    written: Written,
    limits: MessagingSettings,
    left_ore: int | None,
    now: datetime,
) -> None:
    if channel == Channel.EMAIL:
        queue_email(
            key=key,
            purpose=Purpose.TEST,
            address=address,
            subject=_("Test: %(subject)s") % {"subject": written.subject},
            body=written.text,
            body_html=written.html,
            now=now,
            branch=message.branch,
            sender_name=limits.sender_name or message.branch.name,
            reply_to=limits.reply_to,
        )
        return
    parts = count(written.sms).parts
    price = parts * limits.sms_price_ore
    if left_ore is not None and price > left_ore:
        raise Refused(Why.BUDGET)
    queue_sms(
        key=key,
        purpose=Purpose.TEST,
        address=address,
        text=written.sms,
        now=now,
        sender_name=sms_sender(message.purpose, limits),
        branch=message.branch,
        parts=parts,
        price_ore=price,
    )
