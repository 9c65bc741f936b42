"""What a call is for, and what came of it."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Purpose(models.TextChoices):
    """Why they are phoned."""

    DUES = "dues", _("Unpaid dues")
    WELCOME = "welcome", _("Welcome")
    MEETING = "meeting", _("Meeting")


class Outcome(models.TextChoices):
    """The eight results of domain.md, section 3.2, and one that is no caller's. A caller can never resign a member."""

    SEND_INFORMATION = "send_information", _("Send payment information again")
    WILL_PAY = "will_pay", _("Will pay")
    HAS_PAID = "has_paid", _("Says it is paid")
    NO_ANSWER = "no_answer", _("No answer")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    CALL_BACK = "call_back", _("Call back on a date")
    DO_NOT_CALL = "do_not_call", _("Does not want to be called")
    WANTS_TO_LEAVE = "wants_to_leave", _("Wants to leave")
    # Nobody chooses it: what an open call turns to when the member leaves.
    NO_LONGER_MEMBER = "no_longer_member", _("No longer a member")


# What a caller can say of a call.
CHOSEN: Final = tuple(outcome for outcome in Outcome if outcome != Outcome.NO_LONGER_MEMBER)
