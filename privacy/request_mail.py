"""What a member is told of their request, by email: only to the address on record, and only where it works."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from membership.models import Member
from messaging.actions.outbox import queue_email
from messaging.contact import address_of, blocks_of
from messaging.enums import BlockReason, Channel, Purpose
from messaging.models import Delivery, settings_of
from privacy.mail import Mail
from privacy.models import RightsRequest
from privacy.rules import rules_for


def email_of(member: Member | None) -> str:
    """Where an answer can go; empty where there is no member, no address, or one that does not work.

    Whoever has called our email spam gets the answer they asked for all the same.
    """
    address = address_of(member, Channel.EMAIL) if member else ""
    if member is None or not address or member.email_bounced_on:
        return ""
    blocked = blocks_of([(Channel.EMAIL.value, address)]).get((Channel.EMAIL.value, address), set())
    return "" if blocked - {BlockReason.COMPLAINT.value} else address


def tell(request: RightsRequest, mail: Mail, *, now: datetime, **context: Any) -> Delivery | None:
    """Put an email to the member in the outbox, once; None where no address works. `now` is the true time."""
    address = email_of(request.member)
    if not address or request.member is None:
        return None
    county, writes_as = request.county, settings_of(request.county)
    shown = {
        "name": request.member.first_name,
        "kind": request.get_kind_display(),
        "request": request,
        "sender": rules_for(county.pk).controller or county.name,
        **context,
    }
    return queue_email(
        key=f"{mail.key}:{request.pk}",
        purpose=Purpose.NOTICE,
        address=address,
        subject=mail.subject(shown),
        body=mail.body(shown),
        now=now,
        branch=county,
        sender_name=writes_as.sender_name or county.name,
        reply_to=writes_as.reply_to,
    )
