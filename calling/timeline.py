"""What calls tell on a member's timeline: when, and what came of it. The caller's note stays where it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from calling.enums import Outcome
from calling.models import Call
from membership.extensions import Event
from membership.models import Branch, Member


def events_of(member: Member, _branch: Branch, _today: date) -> Iterator[Event]:
    """Calls that were made: one query."""
    calls = (
        Call.objects.handed()
        .filter(member=member, outcome_at__isnull=False)
        .exclude(outcome="")
        .select_related("caller")
        .order_by("-outcome_at", "-id")
    )
    for call in calls:
        if call.outcome_at is None:
            continue
        text = _("Phoned: %(result)s") % {"result": Outcome(call.outcome).label}
        at = call.outcome_at
        yield Event("Phone", text, localtime(at).date(), call.caller.name, at)
