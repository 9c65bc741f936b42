"""Requests with a deadline, breaches with a shorter one, and the review of who has access."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import ClassVar, Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from membership.models import Branch, Grant, Member
from messaging.models import Message
from privacy.enums import BreachKind, RequestKind, RequestState, RequestWay, ReviewDecision, Verdict

# GDPR article 33: the authority is told within so long of its being found.
TELL_WITHIN: Final = timedelta(hours=72)
# From when a half-year's review that nobody has signed is late.
REVIEW_LATE_AFTER: Final = timedelta(days=60)


class RightsRequestQuerySet(models.QuerySet["RightsRequest"]):
    """Reads of requests."""

    def of(self, branch: Branch) -> RightsRequestQuerySet:
        """Those of a branch and the branches under it."""
        return self.filter(branch__in=branch.subtree)

    def open(self) -> RightsRequestQuerySet:
        """Not answered."""
        return self.filter(state=RequestState.OPEN)

    def most_urgent_first(self) -> RightsRequestQuerySet:
        """By the day it must be answered."""
        return self.order_by("due_on", "id")


class RightsRequest(models.Model):
    """One member's wish to see, correct or erase, to be answered within a month (GDPR article 12)."""

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="rights_requests")
    county = models.ForeignKey(Branch, models.CASCADE, related_name="+")
    # Empty where the person is not in the register, or not any more.
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="rights_requests")
    kind = models.CharField(_("what is asked for"), max_length=12, choices=RequestKind.choices)
    way = models.CharField(_("how it came"), max_length=8, choices=RequestWay.choices)
    text = models.TextField(_("in the member’s words"), blank=True)
    received_on = models.DateField(_("received"))
    due_on = models.DateField()
    # Two months more where it is complex: the member is told why.
    extended_at = models.DateTimeField(null=True)
    extended_because = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.OPEN)
    answer = models.TextField(_("answer"), blank=True)
    answered_on = models.DateField(null=True)
    handled_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    reminded_on = models.DateField(null=True)

    objects = RightsRequestQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=RequestKind.values), name="rights_request_known_kind"),
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="rights_request_known_state"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["county", "due_on"], name="rights_request_open", condition=Q(state=RequestState.OPEN))
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.received_on}"


class BreachQuerySet(models.QuerySet["Breach"]):
    """Reads of breaches."""

    def of(self, branch: Branch) -> BreachQuerySet:
        """Those of a branch and the branches under it."""
        return self.filter(branch__in=branch.subtree)

    def open(self) -> BreachQuerySet:
        """Not closed."""
        return self.filter(closed_at__isnull=True)

    def newest_first(self) -> BreachQuerySet:
        """The latest on top."""
        return self.order_by("-found_at", "-id")

    def undecided(self) -> BreachQuerySet:
        """Those of which nobody has decided whether the authority is told, or has not told it yet."""
        told = Q(authority=Verdict.NEED_NOT) | Q(authority=Verdict.TELL, authority_told_at__isnull=False)
        return self.open().exclude(told)


class Breach(models.Model):
    """Something that happened to members' data that should not have: what, for whom, and what was done."""

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="breaches")
    county = models.ForeignKey(Branch, models.CASCADE, related_name="+")
    kind = models.CharField(_("what happened"), max_length=12, choices=BreachKind.choices)
    # The message that went to the wrong people.
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")
    found_at = models.DateTimeField(_("found"))
    reported_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    reported_at = models.DateTimeField()
    what = models.TextField(_("what happened"))
    # How many members it is about; empty where nobody knows yet.
    affected = models.PositiveIntegerField(_("how many it is about"), null=True, blank=True)
    consequences = models.TextField(_("what it can lead to"), blank=True)
    measures = models.TextField(_("what we have done"), blank=True)
    authority = models.CharField(max_length=8, choices=Verdict.choices, blank=True)
    authority_because = models.TextField(blank=True)
    authority_told_at = models.DateTimeField(null=True)
    people = models.CharField(max_length=8, choices=Verdict.choices, blank=True)
    people_because = models.TextField(blank=True)
    people_told_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()

    objects = BreachQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=BreachKind.values), name="breach_known_kind"),
            models.CheckConstraint(condition=Q(authority__in=Verdict.values), name="breach_known_authority"),
            models.CheckConstraint(condition=Q(people__in=Verdict.values), name="breach_known_people"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.found_at:%Y-%m-%d}"

    @property
    def tell_before(self) -> datetime:
        """The latest moment at which the authority is told: 72 hours, also where the clocks change between."""
        return self.found_at.astimezone(UTC) + TELL_WITHIN


class AccessReview(models.Model):
    """Half a year's look at who has access in a county, signed by the one who looked."""

    county = models.ForeignKey(Branch, models.CASCADE, related_name="access_reviews")
    # The first day of the half-year: 1 January or 1 July.
    half_on = models.DateField()
    opened_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # How many were kept and ended, when it was signed.
    kept = models.PositiveIntegerField(default=0)
    ended = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["county", "half_on"], name="access_review_once")
        ]

    def __str__(self) -> str:
        return f"{self.county_id} {self.half_on}"

    def is_late(self, today: date) -> bool:
        """Not signed within the half-year's first two months."""
        return self.signed_at is None and today >= self.half_on + REVIEW_LATE_AFTER


class AccessReviewLine(models.Model):
    """What was said of one access."""

    review = models.ForeignKey(AccessReview, models.CASCADE, related_name="lines")
    grant = models.ForeignKey(Grant, models.CASCADE, related_name="+")
    decision = models.CharField(max_length=4, choices=ReviewDecision.choices)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["review", "grant"], name="access_review_line_once"),
            models.CheckConstraint(condition=Q(decision__in=ReviewDecision.values), name="access_review_known_word"),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} {self.decision}"
