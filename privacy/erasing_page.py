"""Who is erased when, as the page tells: by day, with those who are held back and those who may be struck off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.db.models import DateField, F, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest

from common.listing import ListPage, fetch_page
from jobs.models import PeriodicRun
from membership.links import url_if_there
from membership.models import Branch
from privacy.counts import remaining
from privacy.enums import LeaveWay
from privacy.models import Departure, DepartureQuerySet, Hold
from privacy.unpaid import open_round

# What the timetable calls the work that erases: config/schedule.py.
JOB: Final = "erase-due"


def by_day(branch: Branch, today: date) -> DepartureQuerySet:
    """Those who have left a branch or one under it, by the `day` they go; `held_until` is empty where nobody holds."""
    held = Hold.objects.in_force(today).filter(member=OuterRef("member")).order_by("id").values("until_on")[:1]
    found = Departure.objects.standing().of(branch).select_related("member__branch")
    found = found.annotate(held_until=Subquery(held, output_field=DateField()))
    found = found.annotate(day=Greatest("erase_on", Coalesce("held_until", "erase_on")))
    return found.order_by(F("day"), "id")


def erasing_context(branch: Branch, today: date, number: int, *, may_decide: bool) -> dict[str, Any]:
    """Everything the page prints. What remains of those who are gone is told for the county alone."""
    listing: ListPage[Departure] = fetch_page(by_day(branch, today), number)
    run = PeriodicRun.objects.filter(pk=JOB).first()
    decides = may_decide and branch.is_county
    return {
        "page": "personvern",
        "listing": listing,
        "rows": _rows(listing.rows, branch, may_decide=may_decide, today=today),
        "query": "",
        "ran_at": run.succeeded_at if run else None,
        "is_broken": bool(run and run.problem),
        "may_decide": decides,
        "unpaid": open_round(branch) if decides else None,
        "years": remaining(branch) if branch.is_county else [],
    }


def _rows(departures: Sequence[Any], branch: Branch, *, may_decide: bool, today: date) -> list[dict[str, Any]]:
    return [
        {
            "day": departure.day,
            "is_late": departure.day < today,
            "name": departure.member.list_name or departure.member.member_number,
            "place": departure.member.branch.name,
            "how": LeaveWay(departure.way).label,
            "is_death": departure.way == LeaveWay.DEATH,
            "left_on": departure.left_on,
            "held_until": departure.held_until,
            "hold_url": ""
            if departure.held_until or not may_decide
            else url_if_there("privacy:hold", branch.slug, departure.member_id),
        }
        for departure in departures
    ]
