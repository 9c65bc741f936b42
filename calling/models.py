"""Call lists, who calls, and the names handed to each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import User
from calling.enums import Outcome, Purpose
from membership.models import Branch, Member


class CallListQuerySet(models.QuerySet["CallList"]):
    """Reads of call lists."""

    def open(self) -> CallListQuerySet:
        """Still being called from."""
        return self.filter(closed_at__isnull=True)

    def handed_to(self, user: User) -> CallListQuerySet:
        """Lists on which a user is one of the callers."""
        return self.filter(callers__user=user).distinct()

    def under(self, branch: Branch) -> CallListQuerySet:
        """Lists of a branch and the branches under it."""
        return self.filter(branch__in=branch.subtree)

    def for_dues(self, year: int) -> CallListQuerySet:
        """Lists made to phone about one year's unpaid dues."""
        return self.filter(purpose=Purpose.DUES, year=year)

    def newest_first(self) -> CallListQuerySet:
        """The latest on top."""
        return self.order_by("-created_at", "-id")


class CallList(models.Model):
    """Names to phone for one reason, shared out among callers."""

    branch = models.ForeignKey(Branch, models.PROTECT, related_name="call_lists")
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    # The dues year of a list for unpaid dues.
    year = models.PositiveSmallIntegerField(null=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    finish_by_on = models.DateField(null=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    # Made new with each form that is shown: a form sent twice makes one list.
    form_token = models.UUIDField(null=True, unique=True)

    objects = CallListQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["branch", "created_at"], name="call_list_branch")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(purpose="dues") | Q(year__isnull=False), name="call_list_dues_has_year")
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.year or ''}".strip()


class CallListCaller(models.Model):
    """One who calls: a user who can sign in, or only a name on a printed sheet."""

    call_list = models.ForeignKey(CallList, models.CASCADE, related_name="callers")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="call_list_places")
    name = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["call_list", "position"], name="caller_position_once"),
            models.UniqueConstraint(
                fields=["call_list", "user"], name="caller_user_once", condition=Q(user__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CallQuerySet(models.QuerySet["Call"]):
    """Reads of calls."""

    def in_order(self) -> CallQuerySet:
        """As the caller goes through them; households stand together."""
        return self.order_by("caller__position", "position", "id")

    def handed(self) -> CallQuerySet:
        """Those that are somebody's to make, or were made: not those whose member left first."""
        return self.exclude(outcome=Outcome.NO_LONGER_MEMBER)

    def open(self) -> CallQuerySet:
        """Not made yet, on lists that are called from."""
        return self.filter(outcome="", call_list__closed_at__isnull=True)


class Call(models.Model):
    """One name on one list, handed to one caller: what came of it is written here."""

    call_list = models.ForeignKey(CallList, models.CASCADE, related_name="calls")
    caller = models.ForeignKey(CallListCaller, models.CASCADE, related_name="calls")
    # Empty once the member is erased: the row counts.
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="calls")
    position = models.PositiveIntegerField()
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    outcome_at = models.DateTimeField(null=True)
    # The date a member will pay, or wants to be called again.
    follow_up_on = models.DateField(null=True)
    note = models.TextField(blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Two callers never phone the same person.
            models.UniqueConstraint(fields=["call_list", "member"], name="call_member_once_per_list")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["caller", "position"], name="call_caller_position")
        ]

    def __str__(self) -> str:
        return f"{self.call_list_id}/{self.position}"
