"""The fixed words of leaving, keeping and members' rights."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class LeaveWay(models.TextChoices):
    """How it came about that somebody left."""

    LINK = "link", _("by the link we sent")
    MY_PAGE = "my_page", _("on their own page")
    EMAIL = "email", _("by email")
    LETTER = "letter", _("by letter")
    REGISTER = "register", _("told by the central register")
    UNPAID = "unpaid", _("struck off for unpaid dues")
    DEATH = "death", _("dead")


# The member's own words, received by an officer: text and date are written down.
WRITTEN: Final = (LeaveWay.EMAIL, LeaveWay.LETTER)
# Those that a receipt goes out for, so that nobody is taken out without knowing.
TOLD: Final = (LeaveWay.LINK, LeaveWay.MY_PAGE, LeaveWay.EMAIL, LeaveWay.LETTER, LeaveWay.UNPAID)


class LinkKind(models.TextChoices):
    """What a link to a member opens. Each opens that and nothing else."""

    MY_PAGE = "my_page", _("Own page")
    RESIGN = "resign", _("Resignation")
    NOT_ME = "not_me", _("“This was not me”")
    STAY = "stay", _("Stay in the register")


class HoldReason(models.TextChoices):
    """Why somebody is not erased yet. A short list: nothing that somebody wrote, and the member can read it."""

    REQUEST = "request", _("The member has asked us to wait")
    DISPUTE = "dispute", _("A payment or a claim is in dispute")
    APPEAL = "appeal", _("A complaint from the member is being handled")
    LEGAL = "legal", _("A legal claim must be settled")


class UnpaidFrom(models.TextChoices):
    """From when the months run before unpaid dues end a membership."""

    DUE_DATE = "due_date", _("From the due date, as the data protection authority has it")
    YEAR_END = "year_end", _("From the end of the dues year")


class RoundState(models.TextChoices):
    """listed → notified → approved; or dropped."""

    LISTED = "listed", _("Listed")
    NOTIFIED = "notified", _("Notice given")
    APPROVED = "approved", _("Approved")
    DROPPED = "dropped", _("Dropped")


class CaseState(models.TextChoices):
    """Where one member of such a list stands."""

    LISTED = "listed", _("On the list")
    NOTIFIED = "notified", _("Has got notice")
    LETTER = "letter", _("Must get notice by letter")
    PAID = "paid", _("Has paid")
    STAYS = "stays", _("Wants to stay")
    HELD = "held", _("Held back")
    SPARED = "spared", _("Taken off the list")
    STRUCK = "struck", _("Struck off")


class RequestKind(models.TextChoices):
    """What a member asks for (GDPR articles 15, 16, 17 and 21)."""

    ACCESS = "access", _("Access to one’s data")
    CORRECTION = "correction", _("Correction")
    ERASURE = "erasure", _("Erasure")
    OBJECTION = "objection", _("Objection")


class RequestWay(models.TextChoices):
    """How a request came."""

    MY_PAGE = "my_page", _("on the member’s own page")
    EMAIL = "email", _("by email")
    LETTER = "letter", _("by letter")
    PHONE = "phone", _("by phone")
    MEETING = "meeting", _("in person")


class RequestState(models.TextChoices):
    """open → answered | refused | withdrawn."""

    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    REFUSED = "refused", _("Refused, with a reason")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class BreachKind(models.TextChoices):
    """What went wrong."""

    SENT_WRONG = "sent_wrong", _("Sent to the wrong people")
    LOST = "lost", _("A list, phone or computer is lost")
    SEEN = "seen", _("Somebody has seen what they should not")
    UNAVAILABLE = "unavailable", _("Data were destroyed or out of reach")
    OTHER = "other", _("Something else")


class Verdict(models.TextChoices):
    """Whether the authority, or those it is about, are told."""

    UNDECIDED = "", _("Not decided")
    TELL = "tell", _("To be told")
    NEED_NOT = "need_not", _("Need not be told")


class ReviewDecision(models.TextChoices):
    """What the one who reviews says of one access."""

    KEEP = "keep", _("Keep")
    END = "end", _("End")
