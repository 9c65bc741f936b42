"""Person-free figures, month by month: 31 December cannot be made again after members are erased."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from membership.models import Branch


class MonthlySnapshot(models.Model):
    """One branch's own figures (not those under it) at the end of one month."""

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="snapshots")
    county = models.ForeignKey(Branch, models.CASCADE, related_name="+")
    municipal = models.ForeignKey(Branch, models.CASCADE, null=True, related_name="+")
    # The month's first day.
    month_on = models.DateField()
    members = models.PositiveIntegerField()
    # Since 1 January of the same year, to the end of this month.
    joined = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    unpaid = models.PositiveIntegerField(default=0)
    outstanding_ore = models.BigIntegerField(default=0)
    taken_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["branch", "month_on"], name="snapshot_once_a_month")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["county", "month_on"], name="snapshot_county"),
            models.Index(fields=["municipal", "month_on"], name="snapshot_municipal"),
        ]

    def __str__(self) -> str:
        return f"{self.branch_id} {self.month_on}"
