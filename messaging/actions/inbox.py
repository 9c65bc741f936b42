"""What is done with a message that came in: answered, forwarded, marked, and told whose it is.

An answer goes out once however often its form is sent, and two who answer at the same time find each other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common.text import clean, clean_lines
from membership.models import Branch, Member
from messaging.actions.outbox import UnsafeHeader, queue_email, queue_sms
from messaging.enums import BlockReason, Channel, InboxState, Purpose
from messaging.models import BlockedAddress, Delivery, InboxMessage, InboxReply, settings_of
from messaging.writing.segments import count

LONGEST_SMS: Final = 918
LONGEST_EMAIL: Final = 10_000
_LONGEST_SUBJECT: Final = 150
_QUOTED: Final = 2_000


class InboxRefused(Exception):
    """What was asked for cannot be done now; each kind says what stands in the way."""


class Stopped(InboxRefused):
    """The number has answered STOPP, or the address or number does not work: nothing more goes there."""


class AnsweredMeanwhile(InboxRefused):
    """Somebody else has answered since the form was made: read that first."""


class Nowhere(InboxRefused):
    """There is no answering this: a letter, or a sender that is neither an address nor a number."""


class MovedMeanwhile(InboxRefused):
    """The message belongs to another branch now."""


class NotThere(InboxRefused):
    """Not a branch of this county, or the one that has it already."""


class NotACandidate(InboxRefused):
    """The message cannot be from this member."""


def is_stopped(message: InboxMessage) -> bool:
    """Whether no answer may go where it came from. Whoever complained of a newsletter, and writes, is answered."""
    blocks = BlockedAddress.objects.in_force().filter(channel=message.channel, address=message.address)
    return blocks.exclude(reason=BlockReason.COMPLAINT).exists()


@transaction.atomic
def answer(
    message: InboxMessage, *, text: str, seen: int, form_token: UUID, by: User, now: datetime, machine_now: datetime
) -> InboxReply:
    """Send an answer the way the message came; the same form again is the answer that was sent.

    `seen` is how many answers there were when the form was made; `now` is what readers see, `machine_now` the true
    time the outbox lives by. Raises `AnsweredMeanwhile`, `MovedMeanwhile`, `Stopped` and `Nowhere`; and ValueError for
    an empty text.
    """
    fresh = InboxMessage.objects.select_for_update().select_related("branch").get(pk=message.pk)
    if sent := InboxReply.objects.filter(form_token=form_token).first():
        return sent
    if fresh.branch_id != message.branch_id:
        raise MovedMeanwhile
    if fresh.replies.count() != seen:
        raise AnsweredMeanwhile
    if is_stopped(fresh):
        raise Stopped
    if not (text := clean_lines(text)):
        raise ValueError("an empty answer")
    try:
        delivery = _send(fresh, text, f"reply:{form_token}", machine_now)
    except (ValidationError, UnsafeHeader):
        raise Nowhere from None
    reply = InboxReply.objects.create(
        inbox_message=fresh, text=text, by=by, at=now, delivery=delivery, form_token=form_token
    )
    InboxMessage.objects.filter(pk=fresh.pk).update(state=InboxState.ANSWERED, handled_by=by, handled_at=now)
    record(Verb.INBOX_ANSWERED, by=by, branch_id=fresh.branch_id, subject=fresh, now=now, channel=fresh.channel)
    return reply


def _send(message: InboxMessage, text: str, key: str, now: datetime) -> Delivery:
    settings = settings_of(message.branch)
    if message.channel == Channel.SMS and message.address.startswith("+"):
        parts = count(text).parts
        return queue_sms(
            key=key,
            purpose=Purpose.REPLY,
            address=message.address,
            text=text,
            now=now,
            branch=message.branch,
            parts=parts,
            price_ore=parts * settings.sms_price_ore,
        )
    if message.channel != Channel.EMAIL:
        raise Nowhere
    return queue_email(
        key=key,
        purpose=Purpose.REPLY,
        address=message.address,
        subject=subject_of(message),
        body=f"{text}\n\n{_quoted(message)}".strip(),
        now=now,
        branch=message.branch,
        sender_name=settings.sender_name or message.branch.name,
        reply_to=settings.reply_to,
    )


def subject_of(message: InboxMessage) -> str:
    """“SV: …”, once, on one line."""
    subject = clean(message.subject) or str(_("Your message"))
    mark = _("Re:")
    return (subject if subject.lower().startswith(("sv:", "re:", "vs:")) else f"{mark} {subject}")[:_LONGEST_SUBJECT]


def _quoted(message: InboxMessage) -> str:
    """What is answered, as mail programs put it under an answer."""
    if not message.text:
        return ""
    lines = message.text[:_QUOTED].split("\n")
    return "\n".join([_("You wrote:"), *(f"> {line}" for line in lines)])


@transaction.atomic
def close(message: InboxMessage, *, by: User, now: datetime) -> bool:
    """It needs no answer. False where somebody has dealt with it already."""
    open_ones = InboxMessage.objects.open().filter(pk=message.pk)
    if not open_ones.update(state=InboxState.CLOSED, handled_by=by, handled_at=now):
        return False
    record(Verb.INBOX_HANDLED, by=by, branch_id=message.branch_id, subject=message, now=now, state=InboxState.CLOSED)
    return True


@transaction.atomic
def open_again(message: InboxMessage, *, by: User, now: datetime) -> bool:
    """It waits for an answer after all. False where it does already."""
    handled = InboxMessage.objects.filter(pk=message.pk).exclude(state=InboxState.OPEN)
    if not handled.update(state=InboxState.OPEN, handled_by=None, handled_at=None):
        return False
    record(Verb.INBOX_HANDLED, by=by, branch_id=message.branch_id, subject=message, now=now, state=InboxState.OPEN)
    return True


@transaction.atomic
def forward(message: InboxMessage, *, to: Branch, by: User, now: datetime) -> None:
    """Hand it to another branch of the county, which deals with it from then on; this one has it no more.

    Raises `NotThere` and `MovedMeanwhile`.
    """
    if to.root_id != message.county_id or to.pk == message.branch_id:
        raise NotThere
    there = InboxMessage.objects.filter(pk=message.pk, branch_id=message.branch_id)
    moved = there.update(
        branch=to,
        municipal_id=to.municipal_id,
        county_id=to.root_id,
        forwarded_from=message.branch_id,
        state=InboxState.OPEN,
        handled_by=None,
        handled_at=None,
    )
    if not moved:
        raise MovedMeanwhile
    record(Verb.INBOX_FORWARDED, by=by, branch_id=message.branch_id, subject=message, now=now, to=to.pk)


@transaction.atomic
def choose_who(message: InboxMessage, *, member: Member | None, by: User, now: datetime) -> None:
    """Write down which of those who share the address it was; None: nobody knows after all. Raises `NotACandidate`."""
    if member is not None and not message.candidates.filter(pk=member.pk).exists():
        raise NotACandidate
    if InboxMessage.objects.filter(pk=message.pk).exclude(member=member).update(member=member):
        record(
            Verb.INBOX_HANDLED, by=by, branch_id=message.branch_id, subject=message, now=now,
            member=member.pk if member else None,
        )  # fmt: skip
