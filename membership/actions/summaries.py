"""Counting members per branch, so that no page has to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum

from common import clock
from membership.enums import MemberStatus
from membership.models import BranchSummary, ErasedCount, Member
from membership.models.member import CURRENT

_COUNTED = ("members", "people", "joined", "left")
_NOTHING = (0, 0, 0, 0)


@transaction.atomic
def recount(branch_ids: Iterable[int] | None = None, *, today: date | None = None) -> None:
    """Count again the branches named (None: all); those who joined and left, in the year of `today`.

    Those who left and are erased are among those who left: of their branch, or of the county where it is small.

    The summary rows are locked before the counting starts: of two transactions that count the same branch, the later
    sees what the earlier committed.
    """
    summaries = BranchSummary.objects.order_by("pk").select_for_update()
    counted = Member.objects.all()
    if branch_ids is not None:
        ids = list(branch_ids)
        summaries, counted = summaries.filter(pk__in=ids), counted.filter(branch_id__in=ids)
    rows = list(summaries)
    year = (today or clock.today()).year
    counts: dict[int, tuple[int, ...]] = {branch_id: tuple(found) for branch_id, *found in _counts(counted, year)}
    for branch_id, erased in _erased([row.pk for row in rows], year):
        members, people, joined, left = counts.get(branch_id, _NOTHING)
        counts[branch_id] = (members, people, joined, left + erased)
    changed = [row for row in rows if _differs(row, year, counts.get(row.pk, _NOTHING))]
    BranchSummary.objects.bulk_update(changed, ["year", *_COUNTED], batch_size=500)


def _counts(members: QuerySet[Member], year: int) -> QuerySet[Member, tuple[int, ...]]:
    """Branch id, members, people, joined in the year, left in the year."""
    start, end = date(year, 1, 1), date(year + 1, 1, 1)
    joined = Q(joined_on__gte=start, joined_on__lt=end) & ~Q(status=MemberStatus.APPLIED)
    left = Q(left_on__gte=start, left_on__lt=end) & ~Q(status__in=(*CURRENT, MemberStatus.APPLIED))
    return (
        members.values("branch_id")
        .annotate(
            members=Count("pk", filter=Q(status__in=CURRENT)),
            people=Count("pk"),
            joined=Count("pk", filter=joined),
            left=Count("pk", filter=left),
        )
        .values_list("branch_id", *_COUNTED)
    )


def _erased(branch_ids: list[int], year: int) -> QuerySet[ErasedCount, tuple[int, int]]:
    """Branch id, and how many of those who left in the year are erased: they have left all the same."""
    found = ErasedCount.objects.filter(branch__in=branch_ids, year=year)
    return found.values("branch_id").annotate(erased=Sum("count")).values_list("branch_id", "erased")


def _differs(row: BranchSummary, year: int, counts: tuple[int, ...]) -> bool:
    """Set the counts; whether any of them changed."""
    before = (row.year, *(getattr(row, name) for name in _COUNTED))
    row.year = year
    for name, value in zip(_COUNTED, counts, strict=True):
        setattr(row, name, value)
    return before != (year, *counts)
