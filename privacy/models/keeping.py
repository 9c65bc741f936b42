"""The county's rules, who is held back, who has agreed to stay, and the lists of those long unpaid."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from membership.models import Branch, Member
from privacy.enums import CaseState, HoldReason, RoundState, UnpaidFrom


class PrivacySettings(models.Model):
    """A county's choices, and who answers for its members' data. The longest times stand in docs/retention.yaml."""

    county = models.OneToOneField(Branch, models.CASCADE, primary_key=True, related_name="privacy_settings")
    correction_days = models.PositiveSmallIntegerField(
        _("days before one who has left is erased"), default=7, validators=[MaxValueValidator(14)]
    )
    unpaid_from = models.CharField(
        _("unpaid dues"), max_length=12, choices=UnpaidFrom.choices, default=UnpaidFrom.YEAR_END
    )
    unpaid_months = models.PositiveSmallIntegerField(
        _("months unpaid"), default=6, validators=[MinValueValidator(1), MaxValueValidator(6)]
    )
    notice_days = models.PositiveSmallIntegerField(
        _("days of notice"), default=30, validators=[MinValueValidator(14), MaxValueValidator(90)]
    )
    controller = models.CharField(_("who answers for the data"), max_length=160, blank=True)
    controller_address = models.CharField(_("address"), max_length=200, blank=True)
    contact_email = models.EmailField(_("email for questions"), blank=True)
    contact_phone = models.CharField(_("phone for questions"), max_length=40, blank=True)
    # The law asks some for one (GDPR article 37).
    protection_officer_email = models.EmailField(_("data protection officer’s email"), blank=True)
    accessibility_email = models.EmailField(_("email for barriers on these pages"), blank=True)
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(correction_days__lte=14), name="privacy_correction_days"),
            models.CheckConstraint(condition=Q(unpaid_months__gte=1, unpaid_months__lte=6), name="privacy_months"),
            models.CheckConstraint(condition=Q(notice_days__gte=14, notice_days__lte=90), name="privacy_notice_days"),
            models.CheckConstraint(condition=Q(unpaid_from__in=UnpaidFrom.values), name="privacy_known_unpaid_from"),
        ]

    def __str__(self) -> str:
        return str(self.county_id)


class HoldQuerySet(models.QuerySet["Hold"]):
    """Reads of holds."""

    def in_force(self, today: date) -> HoldQuerySet:
        """Those that keep somebody from being erased on a day; `until_on` is the first day they do not."""
        return self.filter(lifted_at__isnull=True, until_on__gt=today)

    def of(self, branch: Branch) -> HoldQuerySet:
        """Members of a branch and the branches under it."""
        return self.filter(**branch.scope_of("member__"))


class Hold(models.Model):
    """One member who is not erased yet, for a reason from a short list and until a day. The member can see it."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="holds")
    reason = models.CharField(_("reason"), max_length=12, choices=HoldReason.choices)
    until_on = models.DateField(_("until"))
    placed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    placed_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member"], condition=Q(lifted_at__isnull=True), name="hold_one_at_a_time"),
            models.CheckConstraint(condition=Q(reason__in=HoldReason.values), name="hold_known_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.reason}"


class StayAgreement(models.Model):
    """That a member who has not paid for a year wants to stay in the register all the same."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="stay_agreements")
    year = models.PositiveSmallIntegerField()
    agreed_at = models.DateTimeField()
    # Empty where the member said so on the page.
    recorded_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member", "year"], name="stay_agreement_once_a_year")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.year}"


class UnpaidRound(models.Model):
    """A county's list of those whose dues of one year are long unpaid: notice first, then a person approves it."""

    county = models.ForeignKey(Branch, models.CASCADE, related_name="unpaid_rounds")
    year = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=RoundState.choices, default=RoundState.LISTED)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    notified_at = models.DateTimeField(null=True)
    notified_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # The last day to pay or to say that one stays.
    answer_by_on = models.DateField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # How many were struck off: remains when they are gone.
    struck = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["county"], condition=Q(state__in=["listed", "notified"]), name="unpaid_round_one_open"
            ),
            models.CheckConstraint(condition=Q(state__in=RoundState.values), name="unpaid_round_known_state"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.state}"


class UnpaidCase(models.Model):
    """One member on such a list."""

    round = models.ForeignKey(UnpaidRound, models.CASCADE, related_name="cases")
    member = models.ForeignKey(Member, models.CASCADE, related_name="unpaid_cases")
    state = models.CharField(max_length=10, choices=CaseState.choices, default=CaseState.LISTED)
    notified_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "member"], name="unpaid_case_once"),
            models.CheckConstraint(condition=Q(state__in=CaseState.values), name="unpaid_case_known_state"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["round", "state"], name="unpaid_case_state")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.member_id}"
