"""What the demo's mailbox page shows."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from messaging.actions.outbox import KEEP_IN_DEMO
from messaging.models import Delivery

_SHOWN: Final = 50


def letters(*, now: datetime) -> list[Delivery]:
    """What was “sent” in the last day, newest first, and no more than a page can hold."""
    return list(Delivery.objects.in_mailbox(after=now - KEEP_IN_DEMO)[:_SHOWN])
