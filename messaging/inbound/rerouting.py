"""A service text that may not go by SMS after all: by email instead, else by letter. A STOPP loses nobody a notice.

What became of each stands on its `Recipient`, so the officer sees to whom it goes how: those moved to a letter are
among the letters to print.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, cast

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from messaging.actions.outbox import kick, queue_email
from messaging.contact import address_of, may_contact
from messaging.enums import Channel, DeliveryState, MessageState, Purpose, Reason
from messaging.models import Delivery, Message, Recipient
from messaging.outbox.keys import key_of
from messaging.writing.compose import Composer, Person

# How long the row is kept as one that waits to be wiped; it is written from the message's text when it is sent.
_KEEP: Final = timedelta(days=30)


def reroute(delivery: Delivery, *, now: datetime, on: date) -> bool:
    """Take back one SMS that waits, and send it on to each of its people by another way. Call it in a transaction.

    False where somebody was left without it, or nobody knows whose it was: a person must see to that. Nothing happens
    to an SMS that a worker has begun. `on` is the day by which age is reckoned.
    """
    waiting = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.QUEUED)
    if not waiting.update(state=DeliveryState.CANCELLED, problem="stopped"):
        return True
    message = delivery.message
    if message is None:
        return False
    if message.state == MessageState.STOPPED:
        return True
    composer = Composer(message)
    recipients = delivery.recipients.select_related("member__branch", "user").order_by("pk")
    moved = [_move(recipient, message, composer, now=now, on=on) for recipient in recipients]
    return bool(moved) and all(moved)


def _move(recipient: Recipient, message: Message, composer: Composer, *, now: datetime, on: date) -> bool:
    person, address = _email_of(recipient, message, on)
    if address:
        sent = _by_email(recipient, person, address, message, composer, now)
        _save(recipient, Channel.EMAIL, sent)
        return True
    has_text = bool(composer.text_for([person]).body or composer.default.body)
    if recipient.member and has_text and not may_contact(recipient.member, Channel.LETTER, message.purpose, on=on):
        _save(recipient, Channel.LETTER, None)
        return True
    Recipient.objects.filter(pk=recipient.pk).update(channel="", left_out=Reason.STOPPED)
    return False


def _save(recipient: Recipient, channel: Channel, delivery: Delivery | None) -> None:
    Recipient.objects.filter(pk=recipient.pk).update(channel=channel, left_out="", delivery=delivery)


def _email_of(recipient: Recipient, message: Message, on: date) -> tuple[Person, str]:
    """Who it is, and where an email may go; empty where it may not."""
    if (member := recipient.member) is not None:
        refused = may_contact(member, Channel.EMAIL, message.purpose, on=on)
        return member, "" if refused else address_of(member, Channel.EMAIL)
    # One of the two, by the table's own rule.
    user = cast("User", recipient.user)
    return user, (user.email or "").lower()


def _by_email(
    recipient: Recipient, person: Person, address: str, message: Message, composer: Composer, now: datetime
) -> Delivery:
    """One of the message's own; where only the SMS was written, an email that says the same."""
    if not (composer.text_for([person]).body or composer.default.body):
        composer.load([recipient.member] if recipient.member else [])
        return queue_email(
            key=f"moved:{message.pk}:{recipient.pk}",
            purpose=Purpose(message.purpose),
            address=address,
            subject=_("Message from %(branch)s") % {"branch": message.branch.name},
            body=composer.compose([person]).sms + "\n",
            now=now,
            branch=message.branch,
        )
    delivery, is_new = Delivery.objects.get_or_create(
        key=_key(recipient, address, message, is_personal=composer.is_personal),
        defaults={
            "message": message,
            "branch_id": message.branch_id,
            "channel": Channel.EMAIL,
            "purpose": message.purpose,
            "address": address,
            "created_at": now,
            "not_before_at": max(now, message.due_at or now),
            "wipe_at": now + _KEEP,
        },
    )
    if is_new:
        transaction.on_commit(lambda: kick(delivery.pk), robust=True)
    return delivery


def _key(recipient: Recipient, address: str, message: Message, *, is_personal: bool) -> str:
    """As those of the message have it. A copy that somebody at that address gets too is shared while it waits."""
    shared = key_of(message.pk, Channel.EMAIL, address)
    if not is_personal:
        there = Delivery.objects.filter(key=shared).first()
        if there is None or there.state == DeliveryState.QUEUED:
            return shared
    return key_of(message.pk, Channel.EMAIL, address, str(recipient.member_id or f"user{recipient.user_id}"))
