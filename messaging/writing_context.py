"""What the template of a message that is being written prints beside its form."""

from __future__ import annotations

from typing import Any, Final

from membership.models import Member
from membership.roles import Permission
from messaging.approvers import who_may_send
from messaging.audience import PEOPLE
from messaging.outbox.rendering import sms_sender
from messaging.writing.placeholders import known
from messaging.writing_page import Outlook

_MOST_PICKED: Final = 30


def page_context(outlook: Outlook) -> dict[str, Any]:
    """What the template prints beside the form."""
    request, sketch = outlook.request, outlook.sketch
    sends = Permission.SEND_MESSAGES in request.access
    return {
        "page": "meldinger",
        "outlook": outlook,
        "message": sketch.saved,
        "words": known(),
        "sends": sends,
        "senders": [] if sends else [user.name for user in who_may_send(request.branch, on=request.today)][:5],
        "picked": _picked(outlook),
        "sms_sender": sms_sender(sketch.message.purpose, outlook.settings),
    }


def _picked(outlook: Outlook) -> list[Member]:
    """Those who were chosen one by one: the first of them, by name."""
    if outlook.sketch.audience.get("kind") != PEOPLE or outlook.members is None:
        return []
    return list(outlook.members.select_related("branch").in_order()[:_MOST_PICKED])
