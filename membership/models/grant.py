"""Who holds which role where, and for how long."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from membership.models.branch import Branch
from membership.roles import Role


class GrantQuerySet(models.QuerySet["Grant"]):
    """Reads of access."""

    def in_force(self, on: date) -> GrantQuerySet:
        """Grants that hold on a day; the end date is the first day without."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on), starts_on__lte=on)

    def reaching(self, branch: Branch) -> GrantQuerySet:
        """Grants on the branch or on one above it."""
        return self.filter(branch_id__in=branch.ancestor_ids)


class Grant(models.Model):
    """A role in a branch; it holds for the branch and all under it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=32, choices=Role.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    granted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # A named substitute: whom this one stands in for.
    stands_in_for = models.ForeignKey(User, models.SET_NULL, null=True, related_name="substitutes")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="grant_known_role"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="grant_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(role="caller") | Q(ends_on__isnull=False), name="grant_caller_ends"),
        ]

    @property
    def last_day(self) -> date | None:
        """The last day with access; None for no end."""
        return self.ends_on - timedelta(days=1) if self.ends_on else None

    def __str__(self) -> str:
        return f"{self.user} {self.role} {self.branch_id}"
