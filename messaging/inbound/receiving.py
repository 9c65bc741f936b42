"""Everything that comes in, by SMS or email, passes here once."""

from __future__ import annotations

import logging
from datetime import datetime
from hashlib import sha256
from typing import Final

from django.db import transaction

from common.clock import OSLO
from common.text import clean, clean_lines
from messaging.enums import Channel, InboxState
from messaging.extensions import Keyword, registry
from messaging.inbound.answering import answer
from messaging.inbound.leaving import leave
from messaging.inbound.senders import Sender, address_key, is_number, latest_to, sender_of
from messaging.inbound.stopping import is_stopped, start, stop
from messaging.inbound.words import Wish, asks_to_stop, read
from messaging.models import Delivery, InboxMessage

log = logging.getLogger(__name__)

_LONGEST_TEXT: Final = 20_000
_LONGEST_ID: Final = 200
_LONGEST_SUBJECT: Final = 250


@transaction.atomic
def receive(
    *,
    channel: str,
    address: str,
    text: str,
    external_id: str,
    now: datetime,
    subject: str = "",
    answers_to: Delivery | None = None,
) -> InboxMessage:
    """Take in one message; the same `external_id` again, or twice at once, is the one that is there.

    A STOPP is obeyed, a keyword is handed on, anything else waits in the inbox of the branch. Raises `ValueError` for
    an empty id.
    """
    if not external_id:
        raise ValueError("nothing tells this message from the next")
    key = address_key(channel, clean(address))
    answered = answers_to or latest_to(channel, key)
    sender = sender_of(channel, key, answered, on=now.astimezone(OSLO).date())
    message, is_new = InboxMessage.objects.get_or_create(
        channel=channel,
        external_id=external_id if len(external_id) <= _LONGEST_ID else sha256(external_id.encode()).hexdigest(),
        defaults={
            "branch": sender.branch,
            "municipal_id": sender.branch.municipal_id,
            "county_id": sender.branch.root_id,
            "address": key,
            "subject": clean(subject)[:_LONGEST_SUBJECT],
            "text": clean_lines(text[:_LONGEST_TEXT]),
            "member": sender.member,
            "answers_to": answered,
            "received_at": now,
        },
    )
    if not is_new:
        return message
    if sender.is_shared:
        message.candidates.set(sender.members)
    if _is_settled(message, sender, now):
        message.state = InboxState.AUTOMATIC
        message.handled_at = now
        message.save(update_fields=["state", "handled_at"])
    return message


def _is_settled(message: InboxMessage, sender: Sender, now: datetime) -> bool:
    """Do what the message asks for; whether nothing is left for a person."""
    if message.channel == Channel.EMAIL:
        return asks_to_stop(message.subject) and leave(message, now=now)
    if message.channel != Channel.SMS:
        return False
    number, branch = message.address, sender.branch
    stopped = is_stopped(number)
    asked = read(message.text, is_stopped=stopped)
    if asked.wish is Wish.STOP:
        return stop(number, branch=branch, now=now) and not asked.has_more
    if asked.wish is Wish.START:
        return start(number, branch=branch, now=now)
    word = next((one for one in registry.keywords if one.word.casefold() == asked.keyword), None)
    return word is not None and _hand_on(word, message, stopped=stopped, now=now)


def _hand_on(word: Keyword, message: InboxMessage, *, stopped: bool, now: datetime) -> bool:
    """Let another part answer. What it cannot take is an officer's; and so is one whom no answer may reach."""
    try:
        with transaction.atomic():
            said = str(word.take(message))
    except Exception:
        log.exception("Keyword of inbox message %s broke off", message.pk)
        return False
    if said and is_number(message.address) and not stopped:
        answer(f"keyword:{message.pk}", message.address, said, branch=message.branch, now=now)
    return not (said and stopped)
