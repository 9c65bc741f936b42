"""Counting members per branch, so that no page has to."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, Q

from membership.models import Branch, BranchSummary, Member
from membership.models.member import CURRENT


@transaction.atomic
def recount(branch_ids: Iterable[int] | None = None) -> None:
    """Count again the branches named (None: all).

    The summary rows are locked before the counting starts: of two transactions that count the same branch, the later
    sees what the earlier committed.
    """
    summaries = BranchSummary.objects.order_by("pk").select_for_update()
    counted = Member.objects.all()
    if branch_ids is not None:
        ids = list(branch_ids)
        summaries, counted = summaries.filter(pk__in=ids), counted.filter(branch_id__in=ids)
    rows = list(summaries)
    counts = {
        branch_id: (members, people)
        for branch_id, members, people in counted.values("branch_id")
        .annotate(members=Count("pk", filter=Q(status__in=CURRENT)), people=Count("pk"))
        .values_list("branch_id", "members", "people")
    }
    for row in rows:
        row.members, row.people = counts.get(row.pk, (0, 0))
    BranchSummary.objects.bulk_update(rows, ["members", "people"], batch_size=500)


def make_missing() -> None:
    """A summary row for every branch that has none."""
    BranchSummary.objects.bulk_create(
        BranchSummary(branch=branch, county_id=branch.root_id, municipal_id=branch.municipal_id)
        for branch in Branch.objects.filter(summary__isnull=True)
    )
