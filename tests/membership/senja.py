"""Berg, Lenvik, Torsken and Tranøy, which became Senja on 1 January 2020. Their members are invented."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from accounts.models import User
from calling.models import CallList
from dues.models import Claim, DuesSummary
from membership.actions.branches import Number
from membership.actions.grants import give
from membership.actions.reform_undo import undo_reform
from membership.actions.reforms import (
    Heir,
    merge,
)
from membership.models import (
    BoardPost,
    Branch,
    BranchNumber,
    BranchSummary,
    ChangeBatch,
    Member,
    Placement,
    SavedView,
)
from membership.roles import Role
from tests.factories import make_branch, make_county, make_member, make_user

REFORM = date(2020, 1, 1)
TODAY = date(2020, 1, 10)
NOW = datetime(2020, 1, 10, 18, 0, tzinfo=UTC)
EVE = date(2019, 12, 31)
SENJA = Heir(name="Senja Arbeiderparti", place="Senja", number="5421")
OLD = {"Berg": ("1929", 2), "Lenvik": ("1931", 4), "Torsken": ("1928", 1), "Tranøy": ("1927", 3)}


def make_troms() -> Branch:
    """The four as they were in 2019, a local branch under Berg, and Målselv, which has no part in it."""
    county = make_county()
    for place, (number, members) in OLD.items():
        branch = make_branch(county, place, numbers=[Number(number, place, date(1964, 1, 1))])
        for position in range(members):
            make_member(branch, f"{place}{position}", joined_on=date(2015, 1, 1))
    make_member(make_branch(find("berg"), "Skaland"), "Skaland0", joined_on=date(2016, 1, 1))
    make_member(make_branch(county, "Målselv"), "Målselv0", joined_on=date(2015, 1, 1))
    return county


def make_secretary(troms: Branch) -> User:
    user = make_user("Solfrid Myrland")
    give(user, role=Role.COUNTY_SECRETARY, branch=troms, by=None, starts_on=date(2019, 1, 1))
    return user


def find(slug: str) -> Branch:
    return Branch.objects.get(slug=slug)


def the_four() -> list[Branch]:
    return [find(slug) for slug in ("berg", "lenvik", "torsken", "tranoy")]


def officer_of(*slugs: str, role: Role = Role.MEMBERSHIP_OFFICER, ends_on: date | None = None) -> User:
    user = make_user("Kari Nordvik")
    for slug in slugs:
        give(user, role=role, branch=find(slug), by=None, starts_on=date(2019, 1, 1), ends_on=ends_on)
    return user


def make_senja(by: User, **more: Any) -> ChangeBatch:
    return merge(the_four(), **{"into": SENJA, "on": REFORM, "by": by, "now": NOW, "today": TODAY, **more})


def back(batch: ChangeBatch, by: User, *, days: int = 0) -> Any:
    later = timedelta(days=days)
    batch.refresh_from_db()
    return undo_reform(batch, by=by, now=NOW + later, today=TODAY + later)


def tree() -> list[tuple[Any, ...]]:
    """All that a merger changes of branches, members, access and counts."""
    rows: list[Any] = [
        list(Branch.objects.filter(valid_to__isnull=True).order_by("id").values()),
        list(Member.objects.order_by("id").values("id", "branch_id", "municipal_id", "county_id")),
        list(Placement.objects.order_by("member_id", "from_on").values("member_id", "branch_id", "from_on", "to_on")),
        list(BranchNumber.objects.order_by("id").values()),
        list(BoardPost.objects.order_by("id").values()),
        list(SavedView.objects.order_by("id").values()),
        list(Claim.objects.order_by("id").values()),
        list(CallList.objects.order_by("id").values()),
        list(BranchSummary.objects.filter(people__gt=0).order_by("pk").values("pk", "municipal_id", "members")),
        list(
            DuesSummary.objects.filter(claims__gt=0).order_by("branch_id").values("branch_id", "municipal_id", "claims")
        ),
    ]
    return rows
