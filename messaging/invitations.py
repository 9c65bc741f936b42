"""The letter with the link to choose a password by: it goes to the address alone, and is shown to nobody else."""

from __future__ import annotations

import uuid
from typing import Final

from django.template.loader import render_to_string

from accounts.models import User
from common import clock
from membership.models import Branch
from messaging.actions.outbox import queue_email
from messaging.enums import Purpose

_SUBJECT: Final = "messaging/email/invitation_subject.txt"
_BODY: Final = "messaging/email/invitation_message.txt"


def send_invitation(user: User, branch: Branch, link: str) -> None:
    """Into the outbox; nothing to one who has no address."""
    if not user.email:
        return
    context = {"name": user.name, "branch": branch.name, "link": link}
    queue_email(
        key=f"invitation:{uuid.uuid4()}",
        purpose=Purpose.INVITATION,
        address=user.email,
        subject=" ".join(render_to_string(_SUBJECT, context).split()),
        body=render_to_string(_BODY, context).strip() + "\n",
        now=clock.machine_time(),
    )
