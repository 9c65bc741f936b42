"""Those who have left and are not erased yet, as their page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from common import listing
from membership.links import url_if_there
from membership.models import Branch
from privacy.enums import LeaveWay
from privacy.models import Departure, DepartureQuerySet, Hold

# What the address says when only those whose receipt is to be posted are asked for.
VIEW: Final = "vis"
LETTERS: Final = "brev"


@dataclass(frozen=True, slots=True)
class Leaver:
    """One of them. `held_until` is empty where nobody holds the record back."""

    departure: Departure
    name: str
    number: str
    branch: str
    how: str
    is_death: bool
    held_until: date | None
    hold_url: str


def leavers_of(branch: Branch) -> DepartureQuerySet:
    """Of a branch and those under it, the latest first, with the member and its branch."""
    return Departure.objects.standing().of(branch).select_related("member__branch").newest_first()


def departures_of(branch: Branch) -> DepartureQuerySet:
    """All of a branch and those under it, also those that were put right: a second press is told so."""
    return Departure.objects.of(branch).select_related("member")


def to_be_posted(departures: DepartureQuerySet) -> DepartureQuerySet:
    """Those whose receipt must be printed, and is not in the post."""
    return departures.filter(receipt_by_letter=True, receipt_posted_at__isnull=True)


def page_of(branch: Branch, number: int, *, only_letters: bool) -> listing.ListPage[Departure]:
    """One page; one query."""
    found = leavers_of(branch)
    return listing.fetch_page(to_be_posted(found) if only_letters else found, number)


def rows_of(departures: Sequence[Departure], branch: Branch, *, may_hold: bool, today: date) -> list[Leaver]:
    """The rows, with whom somebody holds; one query."""
    ids = [departure.member_id for departure in departures]
    held = dict(Hold.objects.in_force(today).filter(member__in=ids).values_list("member_id", "until_on"))
    return [_row(departure, branch, held.get(departure.member_id), may_hold=may_hold) for departure in departures]


def _row(departure: Departure, branch: Branch, held_until: date | None, *, may_hold: bool) -> Leaver:
    member = departure.member
    return Leaver(
        departure,
        member.list_name or member.member_number,
        member.member_number,
        member.branch.place if member.branch_id != branch.pk else "",
        str(LeaveWay(departure.way).label),
        departure.way == LeaveWay.DEATH,
        held_until,
        url_if_there("privacy:hold", branch.slug, member.pk) if may_hold else "",
    )
