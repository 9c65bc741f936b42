"""Why something cannot be done with a message: each in one sentence that says what to do."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from common.numbers import format_int


class Why(StrEnum):
    """One for each refusal."""

    NO_RIGHT = "no_right"
    NOT_A_DRAFT = "not_a_draft"
    CHANGED = "changed"
    NO_SUBJECT = "no_subject"
    NO_BODY = "no_body"
    NO_SMS = "no_sms"
    UNKNOWN_WORDS = "unknown_words"
    AUDIENCE = "audience"
    NOBODY = "nobody"
    COUNT = "count"
    PAST = "past"
    EXPIRES_FIRST = "expires_first"
    BUDGET = "budget"
    NO_GATEWAY = "no_gateway"
    NOT_WAITING = "not_waiting"
    SAME_PERSON = "same_person"
    TOO_LATE = "too_late"
    BEGUN = "begun"
    OVER = "over"
    NOT_SENT = "not_sent"


_SENTENCES: Final = {
    Why.NO_RIGHT: _("You may not send messages from this branch. Ask someone who may."),
    Why.NOT_A_DRAFT: _("This message is not a draft any more. Open it to see where it is."),
    Why.CHANGED: _("%(name)s has changed this message meanwhile. Your text was not saved over it. Look at both first."),
    Why.NO_SUBJECT: _("Write a subject first."),
    Why.NO_BODY: _("Write the text first."),
    Why.NO_SMS: _("Write the SMS first."),
    Why.UNKNOWN_WORDS: _("We do not know %(words)s. Choose among the words below the text."),
    Why.AUDIENCE: _("We can no longer tell whom this is for. Choose the recipients again."),
    Why.NOBODY: _("Nobody would get this message. Choose other recipients, or another way to send it."),
    Why.COUNT: _("%(now)s get the message now, not %(confirmed)s. Look it over, and send again."),
    Why.PAST: _("The time you chose is past. Choose a later one, or send now."),
    Why.EXPIRES_FIRST: _("“Not after” is before the message would go out. Choose a later time."),
    Why.BUDGET: _("The SMS cost more than what is left of this month's budget. Write shorter, or send by email."),
    Why.NO_GATEWAY: _("SMS are not set up here. Send by email, or ask the administrator to set them up."),
    Why.NOT_WAITING: _("This message does not wait for approval any more."),
    Why.SAME_PERSON: _("You sent this message yourself. Someone else must approve it."),
    Why.TOO_LATE: _("The time of this message has run out."),
    Why.BEGUN: _("The sending has begun, so the message cannot be changed. You can stop what is left."),
    Why.OVER: _("There is nothing left to stop: the message has been sent."),
    Why.NOT_SENT: _("Only messages that have been sent can be tried again."),
}


class Refused(Exception):
    """It cannot be done, and nothing was changed. `str()` is the sentence, in the reader's language; `why` which."""

    def __init__(self, why: Why, **values: Any) -> None:
        super().__init__(why)
        self.why = why
        self.values = values

    def __str__(self) -> str:
        return str(_SENTENCES[self.why]) % self.values


def said_too_many(now: int, confirmed: int) -> str:
    """Why a message came back: more people than its sender saw."""
    return ngettext(
        "%(now)s person would have got it, more than the %(confirmed)s you confirmed. Look it over, and send again.",
        "%(now)s people would have got it, more than the %(confirmed)s you confirmed. Look it over, and send again.",
        now,
    ) % {"now": format_int(now), "confirmed": format_int(confirmed)}
