"""Putting what belongs to no message in the outbox, and clearing up after it; messaging.outbox sends.

Deliveries live by the true clock, in the demo too: a code's ten minutes on a stored day would mean nothing.
"""

from __future__ import annotations

import unicodedata
import uuid
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, validate_email
from django.db import transaction

from common.policy import keep
from membership.models import Branch
from messaging.enums import Channel, DeliveryState, Purpose
from messaging.models import Delivery
from messaging.outbox.leasing import bury

# Who gets what must look like work and is none: an address that no mail can reach (RFC 6761).
NOBODY: Final = "nobody@example.invalid"
# The kinds of text that have a rule of their own in docs/retention.yaml.
_OWN_TIME: Final = (Purpose.SIGN_IN, Purpose.INVITATION, Purpose.REPLY, Purpose.TEST)
_validate_number: Final = RegexValidator(r"\A\+[1-9][0-9]{5,14}\Z")


class UnsafeHeader(ValueError):
    """A line break or another control character in an address or a subject: it would become a header of its own."""


def queue_email(
    *,
    key: str,
    purpose: Purpose,
    address: str,
    subject: str,
    body: str,
    body_html: str = "",
    now: datetime,
    branch: Branch | None = None,
    sender_name: str = "",
    reply_to: str = "",
) -> Delivery:
    """Put one email in the outbox; the same key again gives the row that is there, and nothing more goes out.

    It is sent when the transaction is committed. Raises `UnsafeHeader`, and `ValidationError` for what is no address.
    """
    _refuse_controls(address, subject, sender_name, reply_to)
    validate_email(address)
    if reply_to:
        validate_email(reply_to)
    return _queue(
        key,
        purpose,
        now,
        channel=Channel.EMAIL,
        branch=branch,
        address=address.lower(),
        subject=subject,
        body=body,
        body_html=body_html,
        sender_name=sender_name,
        reply_to=reply_to,
    )


def queue_sms(
    *,
    key: str,
    purpose: Purpose,
    address: str,
    text: str,
    now: datetime,
    sender_name: str = "",
    branch: Branch | None = None,
    parts: int = 0,
    price_ore: int = 0,
) -> Delivery:
    """Put one SMS in the outbox, as `queue_email` does. `address` is a number in E.164, else ValidationError.

    Without `sender_name` it comes from the branch's own name, or the house's.
    """
    _refuse_controls(address, sender_name)
    _validate_number(address)
    return _queue(
        key,
        purpose,
        now,
        channel=Channel.SMS,
        branch=branch,
        address=address,
        body=text,
        sender_name=sender_name,
        parts=parts,
        price_ore=price_ore,
    )


def _refuse_controls(*texts: str) -> None:
    if any(unicodedata.category(letter) in {"Cc", "Zl", "Zp"} for text in texts for letter in text):
        raise UnsafeHeader


def accepts(channel: str, address: str) -> bool:
    """Whether the outbox takes an email address or a number: files bring some that are none."""
    try:
        _refuse_controls(address)
        (validate_email if channel == Channel.EMAIL else _validate_number)(address)
    except (UnsafeHeader, ValidationError):
        return False
    return True


def queue_decoy(*, subject: str, body: str, now: datetime) -> None:
    """Do all that `queue_email` does for a code, and send nothing: so the time an answer takes tells nobody whether
    an address is registered."""
    state = DeliveryState.CANCELLED
    _queue(
        f"decoy:{uuid.uuid4()}",
        Purpose.SIGN_IN,
        now,
        channel=Channel.EMAIL,
        address=NOBODY,
        subject=subject,
        body=body,
        state=state,
    )


def _queue(key: str, purpose: Purpose, now: datetime, **fields: Any) -> Delivery:
    delivery, created = Delivery.objects.get_or_create(
        key=key,
        defaults={
            "purpose": purpose,
            "created_at": now,
            "not_before_at": now,
            "wipe_at": now + _kept(purpose),
            **fields,
        },
    )
    if created:
        transaction.on_commit(lambda: kick(delivery.pk), robust=True)
    return delivery


def _kept(purpose: Purpose) -> timedelta:
    """How long the text is kept; a code's no longer than the code itself holds."""
    if settings.DEMO:
        return keep("text_demo")
    return keep(f"text_{purpose}" if purpose in _OWN_TIME else "text_notice")


def kick(delivery_id: UUID) -> None:
    """Tell a worker at once. A lost broker costs seconds: the sweep finds the row."""
    # By name: actions do not import tasks.
    current_app.tasks["messaging.tasks.send"].delay(str(delivery_id))


def tidy(*, now: datetime) -> None:
    """Give up what was begun and never ended, drop what is of no use any more, wipe texts that have served."""
    bury(now)
    Delivery.objects.stale(now).update(state=DeliveryState.CANCELLED, problem="too late")
    Delivery.objects.to_wipe(now).filter(address=NOBODY).delete()
    Delivery.objects.to_wipe(now).update(body="", body_html="")
