"""Telling those who can say yes to a large message that it waits for them: the letter names neither text nor people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string

from accounts.models import User
from common.numbers import format_int
from messaging.actions.outbox import queue_email
from messaging.enums import Purpose
from messaging.models import Message

_SUBJECT: Final = "messaging/email/approval_subject.txt"
_BODY: Final = "messaging/email/approval_message.txt"
# One yes is enough, and a county has many who may.
_MOST: Final = 10


def ask_approvers(message: Message, approvers: Iterable[User], *, by: User, confirmed: int, now: datetime) -> int:
    """An email to each who has an address, once for each time the message is sent to be approved; how many."""
    asked = [(user, user.email) for user in approvers if user.email][:_MOST]
    for user, address in asked:
        context = {
            "name": user.name,
            "sender": by.name,
            "branch": message.branch.name,
            "count": format_int(confirmed),
            "link": f"{settings.PUBLIC_URL}/",
        }
        queue_email(
            key=f"approval:{message.pk}:{user.pk}:{now.timestamp():.0f}",
            purpose=Purpose.NOTICE,
            address=address,
            subject=" ".join(render_to_string(_SUBJECT, context).split()),
            body=render_to_string(_BODY, context).strip() + "\n",
            now=now,
        )
    return len(asked)
