"""What a call is for, and what came of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Purpose(models.TextChoices):
    """Why they are phoned."""

    DUES = "dues", _("Unpaid dues")
    WELCOME = "welcome", _("Welcome")
    MEETING = "meeting", _("Meeting")


class Outcome(models.TextChoices):
    """The eight results of domain.md, section 3.2. A caller can never resign a member."""

    SEND_INFORMATION = "send_information", _("Send payment information again")
    WILL_PAY = "will_pay", _("Will pay")
    HAS_PAID = "has_paid", _("Says it is paid")
    NO_ANSWER = "no_answer", _("No answer")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    CALL_BACK = "call_back", _("Call back on a date")
    DO_NOT_CALL = "do_not_call", _("Does not want to be called")
    WANTS_TO_LEAVE = "wants_to_leave", _("Wants to leave")
