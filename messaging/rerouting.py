"""A service text that may not go by SMS after all: by email instead, else by letter. A STOPP loses nobody a notice.

Asked for twice: when the STOPP comes in, of what waits, and at the moment of sending, of what slipped through.

What became of each stands on its `Recipient`, so the officer sees to whom it goes how: those moved to a letter are
among the letters to print.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, cast
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.policy import keep
from membership.models import Member
from messaging.actions.messages_checks import names_branch
from messaging.actions.outbox import kick, queue_email
from messaging.contact import address_of, may_contact
from messaging.enums import Channel, DeliveryState, MessageState, Purpose, Reason
from messaging.models import Delivery, Message, Recipient, RecipientQuerySet
from messaging.outbox.keys import key_of
from messaging.writing.compose import Composer, Person

_GOING: Final = frozenset({MessageState.APPROVAL, MessageState.QUEUED, MessageState.SENDING})


def reroute(delivery: Delivery, *, now: datetime, on: date) -> bool:
    """Take back one SMS that waits, and send it on to each of its people by another way. Call it in a transaction.

    False where somebody was left without it, or nobody knows whose it was: a person must see to that. Nothing happens
    to an SMS that a worker has begun. `on` is the day by which age is reckoned.
    """
    # Held first, as whoever stops a message does: so that it neither begins nor stops meanwhile.
    held = Message.objects.select_for_update()
    message = held.get(pk=delivery.message_id) if delivery.message_id else None
    waiting = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.QUEUED)
    if not waiting.update(state=DeliveryState.CANCELLED, problem=Reason.STOPPED, run=None):
        return True
    if message is None:
        return False
    if message.state not in _GOING:
        return True
    # One that has not begun begins with all the others.
    starts_at = now if message.state == MessageState.SENDING else delivery.not_before_at
    people = Recipient.objects.filter(delivery=delivery, left_out="")
    left = Detour(message, starts_at, now, on).move(people)
    Recipient.objects.filter(pk__in=left).update(channel="", left_out=Reason.STOPPED)
    return not left


def detour_for(message_id: UUID, *, now: datetime, on: date) -> Detour | None:
    """The other way for some of a message that is being sent; None where somebody else holds it, to stop it.

    Call it in the transaction in which they are left out, before a delivery is touched.
    """
    can_skip = connection.features.has_select_for_update_skip_locked
    held = Message.objects.filter(pk=message_id, state=MessageState.SENDING).select_for_update(skip_locked=can_skip)
    message = held.first()
    return Detour(message, now, now, on) if message else None


class Detour:
    """By email, else by letter, for people of one message who get no SMS."""

    def __init__(self, message: Message, starts_at: datetime, now: datetime, on: date) -> None:
        self.message = message
        self.composer = Composer(message)
        self.starts_at = starts_at
        self.now = now
        self.on = on

    def move(self, recipients: RecipientQuerySet) -> list[int]:
        """Those who were left without it, by the number of their `Recipient`."""
        rows = recipients.select_related("member__branch", "user").order_by("pk")
        return [recipient.pk for recipient in rows if not self._move(recipient)]

    def _move(self, recipient: Recipient) -> bool:
        # One of the two, by the table's own rule.
        person = cast("Person", recipient.member or recipient.user)
        if address := self._email_of(person):
            _save(recipient, Channel.EMAIL, self._by_email(recipient, person, address))
            return True
        if isinstance(person, Member) and self._has_text(person) and not self._refused(person, Channel.LETTER):
            _save(recipient, Channel.LETTER, None)
            return True
        return False

    def _refused(self, member: Member, channel: Channel) -> Reason:
        return may_contact(member, channel, self.message.purpose, on=self.on)

    def _email_of(self, person: Person) -> str:
        """Empty where no email may go."""
        if isinstance(person, User):
            return (person.email or "").lower()
        return "" if self._refused(person, Channel.EMAIL) else address_of(person, Channel.EMAIL)

    def _has_text(self, person: Person) -> bool:
        """Whether more than the SMS was written."""
        return bool(self.composer.text_for([person]).body or self.composer.default.body)

    def _by_email(self, recipient: Recipient, person: Person, address: str) -> Delivery:
        """One of the message's own; where only the SMS was written, an email that says the same."""
        if self._has_text(person):
            return self._as_the_others(person, address)
        self.composer.load([person] if isinstance(person, Member) else [])
        return queue_email(
            key=f"moved:{self.message.pk}:{recipient.pk}",
            purpose=Purpose(self.message.purpose),
            address=address,
            subject=_("Message from %(branch)s") % {"branch": self.message.branch.name},
            body=self.composer.compose([person]).sms + "\n",
            now=self.now,
            branch=self.message.branch,
        )

    def _as_the_others(self, person: Person, address: str) -> Delivery:
        delivery, is_new = Delivery.objects.get_or_create(
            key=self._key(person, address),
            defaults={
                "message": self.message,
                "branch_id": self.message.branch_id,
                "channel": Channel.EMAIL,
                "purpose": self.message.purpose,
                "address": address,
                "created_at": self.now,
                "not_before_at": self.starts_at,
                # Its text is the message's own, so there is nothing to wipe.
                "wipe_at": self.now + keep("who_got"),
            },
        )
        if is_new:
            transaction.on_commit(lambda: kick(delivery.pk), robust=True)
        return delivery

    def _key(self, person: Person, address: str) -> str:
        """As the message's own: a copy that somebody at that address gets too is shared, while it still waits."""
        own = str(person.pk) if isinstance(person, Member) else f"user {person.pk}"
        if not self.composer.is_personal:
            by_branch = names_branch(self.composer) and isinstance(person, Member)
            together = f"branch {cast('Member', person).branch_id}" if by_branch else ""
            shared = key_of(self.message.pk, Channel.EMAIL, address, together)
            there = Delivery.objects.filter(key=shared).first()
            if there is None or there.state == DeliveryState.QUEUED:
                return shared
        return key_of(self.message.pk, Channel.EMAIL, address, own)


def _save(recipient: Recipient, channel: Channel, delivery: Delivery | None) -> None:
    Recipient.objects.filter(pk=recipient.pk).update(channel=channel, left_out="", delivery=delivery)
