"""What pages say of a message: its name, its state in a sentence, when and by whom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from typing import Final

from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from common.dates import MONTHS, format_time
from common.numbers import NO_BREAK_SPACE
from membership.extensions import Text
from messaging.enums import DeliveryState, MessageState
from messaging.models import Message, MessageText

# So much of an SMS stands for its name.
_NAME: Final = 60
# In a name a placeholder stands for itself.
_BRACES: Final = re.compile(r"\{\{\s*(\S[^{}]*?)\s*\}\}")
TONES: Final[Mapping[str, str]] = {
    MessageState.DRAFT: "neutral",
    MessageState.APPROVAL: "warning",
    MessageState.QUEUED: "info",
    MessageState.SENDING: "info",
    MessageState.DONE: "success",
    MessageState.STOPPED: "danger",
    MessageState.EXPIRED: "warning",
}
# What did not arrive, or of which nobody knows.
TROUBLE: Final = (DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Shown:
    """A message in one language, or as one person reads it. `language` is named where there are several."""

    language: str
    subject: str
    html: SafeString
    sms: str


def text_of(message: Message) -> MessageText | None:
    """The text of those whose language it is not written in. Reads what was prefetched."""
    texts = sorted(message.texts.all(), key=lambda text: (text.language != "nb", text.pk))
    return texts[0] if texts else None


def title_of(message: Message) -> str:
    """Its subject; of an SMS how it begins."""
    text = text_of(message)
    found = text.subject.strip() or " ".join(text.sms.split()) if text else ""
    if text is None or not found:
        return _("Without a subject")
    named = _BRACES.sub(r"\1", found)
    return named if text.subject.strip() else shorten(named, _NAME, placeholder=" …")


def format_moment(at: datetime, *, year: int) -> str:
    """“20. november kl. 18.40”, with the year where it is not `year`; in Norway's time."""
    local = localtime(at)
    day = f"{local.day}.{NO_BREAK_SPACE}{MONTHS[local.month - 1]}"
    if local.year != year:
        day = f"{day} {local.year}"
    return _("%(day)s at %(time)s") % {"day": day, "time": format_time(local.time())}


def state_label(message: Message) -> Text:
    """In a word or two. One that is held for want of a second person only waits."""
    return MessageState(message.state).label


def when(message: Message, *, year: int) -> str:
    """A sentence on what comes, or on what was: when, and by whom."""
    sentence, at, name = _said(message)
    return sentence % {"when": format_moment(at, year=year), "name": name}


def _said(message: Message) -> tuple[str, datetime, str]:
    state = message.state
    sender = message.queued_by.name if message.queued_by else ""
    queued_at = message.queued_at or message.changed_at
    if state == MessageState.QUEUED:
        return _("Goes out %(when)s, by %(name)s"), message.due_at or queued_at, sender
    if state == MessageState.APPROVAL:
        return _("Waits since %(when)s, by %(name)s"), queued_at, sender or message.changed_by.name
    if state == MessageState.SENDING:
        return _("Began %(when)s, by %(name)s"), message.started_at or queued_at, sender
    if state == MessageState.STOPPED:
        stopper = message.stopped_by.name if message.stopped_by else sender
        return _("Stopped %(when)s, by %(name)s"), message.stopped_at or message.changed_at, stopper
    if state == MessageState.EXPIRED:
        return _("Too late %(when)s, by %(name)s"), message.expires_at or message.changed_at, sender
    if state == MessageState.DONE:
        return _("Sent %(when)s, by %(name)s"), message.started_at or queued_at, sender
    return _("Changed %(when)s, by %(name)s"), message.changed_at, message.changed_by.name
