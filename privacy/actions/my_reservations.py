"""What a member wants to hear, and by which ways: chosen where the member is known, so consent can be given too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from membership.actions.editing import Edit, Pen, locked, write
from membership.enums import ChangeSource
from membership.models import ADULT, Member
from messaging.actions.reservations import OPEN_TO_READERS

CONSENT: Final = "fundraising_consent_on"


class NotAReservation(ValueError):
    """A column that is none, or consent of one who is not asked."""


@transaction.atomic
def choose_own(member: Member, values: Mapping[str, Any], *, now: datetime, today: date) -> bool:
    """Set a member's own reservations, as columns; whether that changed something. Consent is given as of today.

    Raises `NotAReservation` for another column, for consent of another day, and for that of one under 18.
    """
    consent = values.get(CONSENT)
    if not values.keys() <= OPEN_TO_READERS or consent not in {None, today}:
        raise NotAReservation
    if consent and member.is_under(ADULT, on=today):
        raise NotAReservation
    rows = locked(Member.objects.shown().filter(pk=member.pk))
    wanted = dict(values)
    if consent and rows and rows[0].fundraising_consent_on:
        # Said before: the day it was said stands.
        del wanted[CONSENT]
    changed = write([Edit(row, wanted) for row in rows], pen=Pen(None, ChangeSource.MEMBER, now, today))
    if changed:
        fields = ",".join(sorted(wanted))
        record(Verb.MY_PAGE_CHANGED, by=None, branch_id=member.branch_id, subject=member, now=now, fields=fields)
    return bool(changed)
