"""One person twice: likely pairs, what was decided of them, and numbers that lead to a record folded into another."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from membership.enums import PairState
from membership.models.branch import Branch
from membership.models.history import ChangeBatch
from membership.models.member import GONE, Member


class DuplicatePairQuerySet(models.QuerySet["DuplicatePair"]):
    """Reads of likely pairs."""

    def open(self) -> DuplicatePairQuerySet:
        """Nobody has decided yet."""
        return self.filter(state=PairState.OPEN)

    def within(self, branch: Branch) -> DuplicatePairQuerySet:
        """Pairs of which both lie in a branch or under it, and neither has left: nobody else is shown."""
        left = Q(first__status__in=GONE) | Q(second__status__in=GONE)
        return self.filter(**branch.scope_of("first__"), **branch.scope_of("second__")).exclude(left)

    def likeliest_first(self) -> DuplicatePairQuerySet:
        """The surest on top."""
        return self.order_by("-score", "id")


class DuplicatePair(models.Model):
    """Two records of one county that may be one person; `first` has the lower id. A decision is remembered."""

    county = models.ForeignKey(Branch, models.CASCADE, related_name="+")
    first = models.ForeignKey(Member, models.CASCADE, related_name="+")
    second = models.ForeignKey(Member, models.CASCADE, related_name="+")
    # 0–100.
    score = models.PositiveSmallIntegerField()
    # Which of name, birth, phone, email and address speak for it.
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=PairState.choices, default=PairState.OPEN)
    found_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="duplicate_pair_in_order"),
            models.CheckConstraint(condition=Q(state__in=PairState.values), name="duplicate_pair_known_state"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["county", "-score", "id"], name="duplicate_pair_open", condition=Q(state=PairState.OPEN)
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_id}/{self.second_id} {self.score}"


class DuplicateCheck(models.Model):
    """A member to be held against the others again: changed or new since it was done last. A queue, soon empty."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="+")
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.member_id)


class Merge(models.Model):
    """One record folded into another. `lost` is the whole record as it was, and `moved` what hung on it: for undo."""

    batch = models.OneToOneField(ChangeBatch, models.CASCADE, primary_key=True, related_name="merge")
    kept = models.ForeignKey(Member, models.CASCADE, related_name="merges")
    # The number it had: it gets it back when the merge is undone.
    lost_id = models.BigIntegerField()
    lost = models.JSONField(default=dict)
    # {"app.Model.field": [ids]}.
    moved = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.lost_id} → {self.kept_id}"


class FormerNumber(models.Model):
    """A member number that once was another record's, or was given here before the central register gave its own.

    An import that meets it means the member it points to: nobody is doubled again by an older file.
    """

    number = models.CharField(max_length=32, unique=True)
    member = models.ForeignKey(Member, models.CASCADE, related_name="former_numbers")
    batch = models.ForeignKey(ChangeBatch, models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return str(self.member_id)
