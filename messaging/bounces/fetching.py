"""From the return mailbox into the house: each mail once, also when we are killed between one and the next."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from messaging.actions.blocks import clear_outlived_strikes
from messaging.actions.returned import note_bounce, note_complaint, note_delivered
from messaging.bounces.mailbox import Mailbox, open_mailbox
from messaging.bounces.reading import Incoming, read
from messaging.bounces.reports import Kind
from messaging.enums import Channel
from messaging.inbound import receive
from messaging.models import Delivery

log = logging.getLogger(__name__)
# Beside the kinds of mail: those that could not be read, and reports about nothing of ours.
UNREADABLE: Final = "unreadable"
UNKNOWN: Final = "unknown"


def fetch(*, clock: Callable[[], datetime]) -> Counter[str]:
    """Read what has come, and do what it says; how many of each kind. Nothing where no mailbox is configured.

    A mail is marked as read after its consequences are committed. Killed in between, we meet it again, and find that
    each consequence is there already. Raises `MailboxError`, `ImproperlyConfigured`, and `DatabaseError` with the mail
    still unread.
    """
    counted: Counter[str] = Counter()
    if settings.RETURN_IMAP_URL:
        with open_mailbox(settings.RETURN_IMAP_URL) as mailbox:
            for uid in mailbox.unread():
                counted[_take(mailbox, uid, clock())] += 1
    clear_outlived_strikes(now=clock())
    return counted


def _take(mailbox: Mailbox, uid: bytes, now: datetime) -> str:
    raw = mailbox.fetch(uid)
    try:
        kind = handle(read(raw), now=now)
    except DatabaseError:
        raise
    except Exception as error:
        # Not the error's text: it may repeat the mail's.
        log.warning("A mail in the return mailbox could not be read: %s", type(error).__name__)
        kind = UNREADABLE
    mailbox.mark_read(uid, flagged=kind == UNREADABLE)
    return kind


@transaction.atomic
def handle(mail: Incoming, *, now: datetime) -> str:
    """Do what one mail says; its kind, or `UNKNOWN` for a report about nothing that we sent."""
    if mail.kind == Kind.AUTOMATIC:
        return mail.kind
    if mail.kind == Kind.ANSWER:
        _receive(mail, now)
        return mail.kind
    if mail.delivery_id is None or not Delivery.objects.filter(pk=mail.delivery_id).exists():
        return UNKNOWN
    _note(mail.kind, mail.delivery_id, mail.status, now)
    return mail.kind


def _note(kind: Kind, delivery_id: UUID, status: str, now: datetime) -> None:
    if kind == Kind.COMPLAINT:
        note_complaint(delivery_id, now=now)
    elif kind == Kind.DELIVERED:
        note_delivered(delivery_id, now=now)
    else:
        note_bounce(delivery_id, hard=kind == Kind.HARD, status=status, now=now)


def _receive(mail: Incoming, now: datetime) -> None:
    text = mail.text
    if mail.attachments:
        told = _("Attached, and not kept here: %(names)s") % {"names": ", ".join(mail.attachments)}
        text = f"{text}\n\n{told}".strip()
    more: dict[str, Any] = {"subject": mail.subject, "answers_to": _answered(mail.delivery_id)}
    receive(channel=Channel.EMAIL, address=mail.sender, text=text, external_id=mail.external_id, now=now, **more)


def _answered(delivery_id: UUID | None) -> Delivery | None:
    return Delivery.objects.filter(pk=delivery_id).first() if delivery_id else None
