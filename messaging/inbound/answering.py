"""What we say back by ourselves. Neither text nor sender tells who reads it on a locked phone what it is about."""

from __future__ import annotations

from datetime import datetime

from membership.models import Branch
from messaging.actions.outbox import queue_sms
from messaging.enums import Purpose
from messaging.models import Delivery, settings_of
from messaging.outbox.keys import AUTOMATIC
from messaging.transports.sms import own_number
from messaging.writing.segments import count

_NEUTRAL = "Beskjed"


def answer(key: str, number: str, text: str, *, branch: Branch, now: datetime) -> Delivery:
    """Queue an SMS, paid by the branch; the same key again is the same SMS.

    It comes under no party's name: from a number that can be answered, where we have one.
    """
    parts = count(text).parts
    return queue_sms(
        key=f"{AUTOMATIC}{key}",
        purpose=Purpose.REPLY,
        address=number,
        text=text,
        now=now,
        sender_name=own_number() or _NEUTRAL,
        branch=branch,
        parts=parts,
        price_ore=parts * settings_of(branch).sms_price_ore,
    )
