"""Members who ask to move, or are asked for; branches that became other branches."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from membership.enums import MemberStatus, MoveState, SuccessionKind
from membership.models.branch import Branch
from membership.models.history import ChangeBatch
from membership.models.member import CURRENT, Member


class MoveRequestQuerySet(models.QuerySet["MoveRequest"]):
    """Reads of requests."""

    def waiting(self) -> MoveRequestQuerySet:
        """Not answered."""
        return self.filter(state=MoveState.WAITING)

    def live(self) -> MoveRequestQuerySet:
        """Of those not answered, those that still can be: the member is where they were, and not gone."""
        return self.waiting().filter(
            member__branch_id=F("from_branch_id"),
            member__status__in=(*CURRENT, MemberStatus.APPLIED),
            to_branch__valid_to__isnull=True,
        )

    def answered(self) -> MoveRequestQuerySet:
        """Answered, withdrawn, or overtaken by events."""
        return self.exclude(state=MoveState.WAITING)

    def newest_answer_first(self) -> MoveRequestQuerySet:
        """What was answered last on top."""
        return self.order_by("-answered_at", "-id")

    def to(self, branch: Branch) -> MoveRequestQuerySet:
        """To a branch or one under it: those it answers."""
        return self.filter(to_branch__in=branch.subtree)

    def out_of(self, branch: Branch) -> MoveRequestQuerySet:
        """From a branch or one under it."""
        return self.filter(from_branch__in=branch.subtree)

    def oldest_first(self) -> MoveRequestQuerySet:
        """Who has waited longest on top."""
        return self.order_by("asked_at", "id")


class MoveRequest(models.Model):
    """One member, to another branch, once the receiving branch has said yes."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="move_requests")
    from_branch = models.ForeignKey(Branch, models.PROTECT, related_name="+")
    to_branch = models.ForeignKey(Branch, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=MoveState.choices, default=MoveState.WAITING)
    # Nobody where the member asked.
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by_member = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    objects = MoveRequestQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(state=MoveState.WAITING), name="move_request_one_waiting"
            ),
            models.CheckConstraint(condition=~Q(from_branch=F("to_branch")), name="move_request_elsewhere"),
            models.CheckConstraint(condition=Q(state__in=MoveState.values), name="move_request_known_state"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.from_branch_id} → {self.to_branch_id}"


class Succession(models.Model):
    """From a day on, one branch's members belong to another: a merger has several rows, so has a split."""

    kind = models.CharField(max_length=8, choices=SuccessionKind.choices)
    batch = models.ForeignKey(ChangeBatch, models.CASCADE, related_name="successions")
    predecessor = models.ForeignKey(Branch, models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Branch, models.PROTECT, related_name="predecessions")
    from_on = models.DateField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["batch", "predecessor", "successor"], name="succession_once"),
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="succession_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor_id} → {self.successor_id}"
