"""What we say back by ourselves. The texts tell nobody who reads them on a locked phone what they are about."""

from __future__ import annotations

from datetime import datetime

from membership.models import Branch
from messaging.actions.outbox import queue_sms
from messaging.enums import Purpose
from messaging.inbound.senders import AUTOMATIC
from messaging.models import Delivery, settings_of
from messaging.writing.segments import count


def answer(key: str, number: str, text: str, *, branch: Branch, now: datetime) -> Delivery:
    """Queue an SMS; the same key again is the same SMS. It is paid by the branch, and named as nobody's."""
    parts = count(text).parts
    return queue_sms(
        key=f"{AUTOMATIC}{key}",
        purpose=Purpose.REPLY,
        address=number,
        text=text,
        now=now,
        branch=branch,
        parts=parts,
        price_ore=parts * settings_of(branch).sms_price_ore,
    )
