"""People who have left, as the tests of leaving need them."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts.models import User
from membership.models import Branch, Member
from privacy.actions.departures import leave
from privacy.enums import LeaveWay
from privacy.models import Departure
from tests.factories import NOW, TODAY, make_member


def depart(
    member: Member, *, way: LeaveWay = LeaveWay.EMAIL, left_on: date = TODAY, by: User | None = None, text: str = ""
) -> Departure:
    """A member leaves today."""
    return leave(member, way=way, left_on=left_on, by=by, now=NOW, today=TODAY, text=text)


def make_leaver(
    branch: Branch,
    first_name: str = "Tor",
    last_name: str = "Utgått",
    *,
    way: LeaveWay = LeaveWay.EMAIL,
    by_letter: bool = False,
    **fields: Any,
) -> Departure:
    """One who has left today; with `by_letter`, one whose receipt must be posted."""
    departure = depart(make_member(branch, first_name, last_name, **fields), way=way)
    if by_letter:
        Departure.objects.filter(pk=departure.pk).update(receipt_by_letter=True)
        departure.refresh_from_db()
    return departure
