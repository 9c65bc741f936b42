"""Election results, and the targets branches set."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models import User
from membership.models import Branch, Member
from recruitment.enums import ElectionKind


class ElectionResultQuerySet(models.QuerySet["ElectionResult"]):
    """Reads of results."""

    def latest_before(self, kind: ElectionKind, year: int) -> ElectionResultQuerySet:
        """Results of one kind held in or before a year, newest first."""
        return self.filter(kind=kind, year__lte=year).order_by("-year", "id")


class ElectionResult(models.Model):
    """The party's result in one municipality (or county) in one election. Unknown is null, never 0."""

    # Four digits for a municipality, two for a county, as it was numbered on election day.
    number = models.CharField(max_length=4)
    kind = models.CharField(max_length=2, choices=ElectionKind.choices)
    year = models.PositiveSmallIntegerField()
    # The branch the result stands for; after a merger the sum of the old municipalities' votes.
    branch = models.ForeignKey(Branch, models.CASCADE, null=True, related_name="election_results")
    votes = models.PositiveIntegerField(null=True)
    # Hundredths of a per cent: 4904 is 49.04 %.
    share_hundredths = models.PositiveIntegerField(null=True)
    eligible = models.PositiveIntegerField(null=True)

    objects = ElectionResultQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["number", "kind", "year"], name="election_result_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["branch", "kind", "year"], name="election_branch")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year} {self.number}"


class TargetRoundQuerySet(models.QuerySet["TargetRound"]):
    """Reads of rounds."""

    def newest_first(self) -> TargetRoundQuerySet:
        """By the year it recruits in, then by version."""
        return self.order_by("-recruit_year", "-version", "-id")


class TargetRound(models.Model):
    """A county asks its branches for two numbers. A new version keeps the old one's numbers readable."""

    county = models.ForeignKey(Branch, models.PROTECT, related_name="target_rounds")
    recruit_year = models.PositiveSmallIntegerField()
    total_year = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField(default=1)
    deadline_on = models.DateField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    objects = TargetRoundQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["county", "recruit_year", "version"], name="target_round_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.recruit_year}/{self.total_year}"


class Target(models.Model):
    """One branch's two numbers in one round; null until the branch has answered."""

    round = models.ForeignKey(TargetRound, models.CASCADE, related_name="targets")
    branch = models.ForeignKey(Branch, models.CASCADE, related_name="targets")
    recruit_target = models.PositiveIntegerField(null=True)
    total_target = models.PositiveIntegerField(null=True)
    # The member count the round's table was sent out with.
    members_then = models.PositiveIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "branch"], name="target_once_per_round")
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.branch_id}"


class RecruiterLink(models.Model):
    """A member's own link for asking others to join: an unguessable code that says nothing of the member."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="recruiter_link")
    code = models.CharField(max_length=16, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code
