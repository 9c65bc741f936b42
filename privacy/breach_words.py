"""How a breach is spoken of: how many of the 72 hours are left."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from membership.extensions import Text
from privacy.enums import Verdict
from privacy.models import Breach

_HOUR: Final = 3600
_HURRY: Final = 24


def hours_left(breach: Breach, now: datetime) -> int:
    """Whole hours until the authority must be told, rounded down; below zero once it is late."""
    return int((breach.tell_before - now).total_seconds() // _HOUR)


def is_running(breach: Breach) -> bool:
    """Whether the clock runs: nobody has decided that the authority need not be told, nor told it."""
    is_over = breach.authority == Verdict.NEED_NOT or breach.authority_told_at is not None
    return breach.closed_at is None and not is_over


def clock_of(breach: Breach, now: datetime) -> tuple[Text, str]:
    """“41 hours left”, and a tone; or where it stands once the clock has stopped."""
    if breach.closed_at:
        return _("Closed"), "neutral"
    if not is_running(breach):
        told = breach.authority == Verdict.TELL
        return (_("The authority is told"), "success") if told else (_("Need not be told"), "success")
    hours = hours_left(breach, now)
    if hours < 0:
        return ngettext("%(n)s hour late", "%(n)s hours late", -hours) % {"n": -hours}, "danger"
    if hours == 0:
        return _("Less than an hour left"), "danger"
    tone = "danger" if hours < _HURRY else "warning"
    return ngettext("%(n)s hour left", "%(n)s hours left", hours) % {"n": hours}, tone
