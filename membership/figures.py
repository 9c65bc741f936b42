"""How many members a branch had on a day, from what the register knows of its people.

Known are: when each joined and left, and where each belonged from and to (placements; a merger or a split changes them
from its own date only). Not known any more are those who were erased: for the end of a month that is over, the monthly
snapshots are the number that was reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import models
from django.db.models import Q

from membership.enums import BatchKind, MemberStatus, SuccessionKind
from membership.models import Branch, ChangeBatch, Member, MemberQuerySet, Placement, Succession
from membership.models.member import CURRENT


def belonging_on(branch: Branch, day: date) -> MemberQuerySet:
    """Who was a member on a day, and belonged to a branch or to one that was under it then."""
    there = Placement.objects.filter(
        Q(from_on__isnull=True) | Q(from_on__lte=day),
        Q(to_on__isnull=True) | Q(to_on__gt=day),
        branch_id__in=branches_on(branch, day),
    )
    stayed = Q(status__in=CURRENT) | (Q(left_on__gt=day) & ~Q(status=MemberStatus.APPLIED))
    known = Member.objects.filter(county_id=branch.root_id, pk__in=there.values("member_id"))
    return known.filter(stayed, Q(joined_on__isnull=True) | Q(joined_on__lte=day))


def members_on(branch: Branch, day: date) -> int:
    """How many they were."""
    return belonging_on(branch, day).count()


def branches_on(branch: Branch, day: date) -> frozenset[int]:
    """A branch and those under it, as the tree was on a day: what later reforms moved is where it was."""
    found = set(branch.subtree.values_list("pk", flat=True))
    if branch.is_county:
        return frozenset(found)
    reforms = ChangeBatch.objects.filter(kind=BatchKind.REFORM, branch_id=branch.root_id, undone_at__isnull=True)
    told = sorted(reforms.values_list("at", "details"), key=lambda row: (row[1]["on"], row[0]), reverse=True)
    for _at, details in told:
        if date.fromisoformat(details["on"]) > day:
            for local_id, (before, after) in details["parents"].items():
                if after == branch.pk:
                    found.discard(int(local_id))
                if before == branch.pk:
                    found.add(int(local_id))
    return frozenset(found)


def history_on(branch: Branch, day: date) -> int | None:
    """The members on a day of a branch and of those that became it; None where nobody can know.

    What a merged branch was before is the sum of its predecessors. Of one that was split off, nobody knows who of those
    who have left since would have been its own.
    """
    total = members_on(branch, day)
    for row in Succession.objects.filter(successor=branch, from_on__gt=day).select_related("predecessor"):
        if row.kind == SuccessionKind.SPLIT:
            if branch.valid_from > day:
                return None
            continue
        before = history_on(row.predecessor, day)
        if before is None:
            return None
        total += before
    return total


def heirs_of_ended() -> dict[int, int]:
    """Branch that was merged into another → the one its members belong to now, however often it was merged since."""
    heirs = dict(merged_into().order_by("from_on", "id").values_list("predecessor_id", "successor_id"))
    return {old: _last(heir, heirs) for old, heir in heirs.items()}


def _last(branch_id: int, heirs: Mapping[int, int]) -> int:
    seen: set[int] = set()
    while branch_id in heirs and branch_id not in seen:
        seen.add(branch_id)
        branch_id = heirs[branch_id]
    return branch_id


def merged_into() -> models.QuerySet[Succession]:
    """Which branch became part of which."""
    return Succession.objects.filter(kind=SuccessionKind.MERGER)
