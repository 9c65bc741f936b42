"""Writing the monthly figures."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from dues.models import DuesSummary
from membership.actions.summaries import recount
from membership.models import Branch, BranchSummary
from overview.models import MonthlySnapshot

_WRITTEN = ("members", "joined", "left", "unpaid", "outstanding_ore", "taken_at")


@transaction.atomic
def take_snapshots(*, today: date, now: datetime) -> int:
    """Write or renew the running month's row of every branch that exists; how many.

    Rows of months that are over are never touched: December's stays as it was last written. Taken as often as one
    likes; the members are counted anew first, so that a new year begins with nobody joined.
    """
    recount(today=today)
    dues = {
        branch_id: (unpaid, ore)
        for branch_id, unpaid, ore in DuesSummary.objects.filter(year=today.year).values_list(
            "branch_id", "unpaid", "outstanding_ore"
        )
    }
    existing = Branch.objects.in_force(today).values("pk")
    # Of a branch that has ended since, the running month is its successor's.
    month_on = today.replace(day=1)
    MonthlySnapshot.objects.filter(month_on=month_on).exclude(branch__in=existing).delete()
    rows = []
    for summary in BranchSummary.objects.filter(branch_id__in=existing).order_by("branch_id"):
        unpaid, outstanding_ore = dues.get(summary.branch_id, (0, 0))
        rows.append(
            MonthlySnapshot(
                branch_id=summary.branch_id,
                county_id=summary.county_id,
                municipal_id=summary.municipal_id,
                month_on=month_on,
                members=summary.members,
                joined=summary.joined,
                left=summary.left,
                unpaid=unpaid,
                outstanding_ore=outstanding_ore,
                taken_at=now,
            )
        )
    MonthlySnapshot.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["branch", "month_on"], update_fields=_WRITTEN, batch_size=500
    )
    return len(rows)
