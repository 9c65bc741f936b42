"""A week in which things happen, for the tests of what is told of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from membership.actions.editing import Edit, Pen, locked, write
from membership.enums import ChangeSource
from membership.models import Member
from privacy.actions.departures import leave
from privacy.enums import LeaveWay
from privacy.models import Departure
from privacy.weeks import Week

OSLO = ZoneInfo("Europe/Oslo")
# The tests' day is Friday 20 November 2026: the week that is over is 46.
WEEK = Week(date(2026, 11, 9))
WEDNESDAY = datetime(2026, 11, 11, 12, 0, tzinfo=OSLO)
FRIDAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=OSLO)


def change(
    member: Member, *, source: ChangeSource = ChangeSource.OFFICER, at: datetime = WEDNESDAY, **values: Any
) -> None:
    branch = values.pop("branch", None)
    edits = [Edit(one, values, branch) for one in locked(Member.objects.filter(pk=member.pk))]
    write(edits, pen=Pen(None, source, at, at.date()))


def depart(member: Member, at: datetime = WEDNESDAY) -> Departure:
    return leave(member, way=LeaveWay.LINK, left_on=at.date(), by=None, now=at, today=at.date())
