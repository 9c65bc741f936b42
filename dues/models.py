"""Dues years, claims, and the ledger of payments. There is no paid flag: a claim carries what is outstanding."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, NamedTuple

from django.db import models
from django.db.models import F, Q, Sum

from accounts.models import User
from dues.enums import ClaimState, DuesStatus, PaymentSource
from membership.enums import BranchKind
from membership.models import Branch, Member


class DuesYearQuerySet(models.QuerySet["DuesYear"]):
    """Reads of rates."""

    def nearest(self, county_id: int, year: int) -> DuesYear | None:
        """The county's own for the year, else the last one before it, else the first one after it."""
        known = self.filter(county_id=county_id)
        return known.filter(year__lte=year).order_by("-year", "-id").first() or known.order_by("year", "id").first()


class DuesYear(models.Model):
    """A county's dues for one calendar year."""

    county = models.ForeignKey(Branch, models.PROTECT, related_name="dues_years")
    year = models.PositiveSmallIntegerField()
    rate_ore = models.PositiveIntegerField()
    due_on = models.DateField()

    objects = DuesYearQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["county", "year"], name="dues_year_once")
        ]

    def __str__(self) -> str:
        return str(self.year)


OPEN = Q(outstanding_ore__gt=0, state=ClaimState.RAISED)


class IsOpen(models.Func):
    """The condition of the partial indexes, spelled out: behind a bound parameter, SQLite does not recognise it."""

    template = f"(%(expressions)s = '{ClaimState.RAISED.value}')"
    arg_joiner = " > 0 AND "
    output_field = models.BooleanField()

    def __init__(self, prefix: str = "") -> None:
        """`prefix` is the path to the claim, such as `claims__`."""
        super().__init__(F(f"{prefix}outstanding_ore"), F(f"{prefix}state"))


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Reads of claims."""

    def of(self, branch: Branch) -> ClaimQuerySet:
        """Claims on members of a branch and the branches under it."""
        return self.filter(**branch.scope_of())

    def for_year(self, year: int) -> ClaimQuerySet:
        """Claims of one dues year."""
        return self.filter(year=year)

    def unpaid(self, year: int) -> ClaimQuerySet:
        """On which something is outstanding: the partial indexes' own condition."""
        return self.filter(IsOpen(), year=year)

    def open(self) -> ClaimQuerySet:
        """On which something is outstanding, in any year."""
        return self.filter(IsOpen())

    def standing(self) -> ClaimQuerySet:
        """All but those cancelled when the member left."""
        return self.exclude(state=ClaimState.CANCELLED)

    def paid(self) -> ClaimQuerySet:
        """Asked for, and nothing outstanding."""
        return self.filter(state=ClaimState.RAISED, outstanding_ore__lte=0)

    def of_people(self) -> ClaimQuerySet:
        """Whose member is still in the register."""
        return self.filter(member__isnull=False)

    def partly_paid(self) -> ClaimQuerySet:
        """Of open claims, those on which something has come in."""
        return self.filter(outstanding_ore__lt=F("amount_ore"))

    def wholly_unpaid(self) -> ClaimQuerySet:
        """Of open claims, those on which nothing has come in."""
        return self.filter(outstanding_ore=F("amount_ore"))

    def in_order(self) -> ClaimQuerySet:
        """By the member's name, in Norwegian order."""
        return self.order_by("sort_key", "id")

    def newest_first(self) -> ClaimQuerySet:
        """The latest dues year on top."""
        return self.order_by("-year", "-id")


class Claim(models.Model):
    """What one member is asked to pay for one year.

    Branch, municipal, county and sort_key are copies of the member's, so that “who has not paid, in my branch, by
    name” is one walk along one index at any size; membership tells when they change (`registry.member_changed`).
    """

    # Empty once the member is erased: the money's record stays.
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="claims")
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+")
    municipal = models.ForeignKey(Branch, models.PROTECT, null=True, related_name="+")
    county = models.ForeignKey(Branch, models.PROTECT, related_name="+")
    sort_key = models.CharField(max_length=120)
    year = models.PositiveSmallIntegerField()
    amount_ore = models.PositiveIntegerField()
    outstanding_ore = models.IntegerField()
    state = models.CharField(max_length=12, choices=ClaimState.choices, default=ClaimState.RAISED)
    kid = models.CharField(max_length=25, unique=True)
    original_due_on = models.DateField()
    final_due_on = models.DateField()
    created_at = models.DateTimeField()
    # The import that asked for it, by the id it can be taken back by; empty where no import did.
    raised_in = models.UUIDField(null=True)
    # When its member left: should that be a mistake, it stands again.
    cancelled_at = models.DateTimeField(null=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["branch", "year", "sort_key", "id"], name="claim_open_branch", condition=OPEN),
            models.Index(fields=["municipal", "year", "sort_key", "id"], name="claim_open_municipal", condition=OPEN),
            models.Index(fields=["county", "year", "sort_key", "id"], name="claim_open_county", condition=OPEN),
            models.Index(fields=["branch", "year"], name="claim_branch_year"),
            models.Index(fields=["raised_in"], name="claim_raised_in", condition=Q(raised_in__isnull=False)),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["member", "year"], name="claim_once_a_year", condition=~Q(state="cancelled")
            ),
            models.CheckConstraint(condition=Q(final_due_on__gte=F("original_due_on")), name="claim_due_in_order"),
            models.CheckConstraint(condition=Q(outstanding_ore__lte=F("amount_ore")), name="claim_owes_no_more"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.kid}"

    @property
    def is_open(self) -> bool:
        """Whether something is outstanding and still asked for."""
        return self.state == ClaimState.RAISED and self.outstanding_ore > 0

    @property
    def status(self) -> DuesStatus:
        """In the words people use."""
        if self.state != ClaimState.RAISED:
            return DuesStatus.WAIVED if self.state == ClaimState.WAIVED else DuesStatus.NONE
        if self.outstanding_ore <= 0:
            return DuesStatus.PAID
        return DuesStatus.PARTIAL if self.outstanding_ore < self.amount_ore else DuesStatus.UNPAID

    def is_under(self, branch: Branch) -> bool:
        """Whether it belongs to a branch or one under it, as the claim itself tells."""
        return all(getattr(self, column) == pk for column, pk in branch.scope_of().items())


# A delivery that no day has been read from yet.
NO_DAY = date(1900, 1, 1)
# So many deliveries are looked through before asking again for those that cover a whole branch.
_RECENT = 20


class PaymentBatchQuerySet(models.QuerySet["PaymentBatch"]):
    """Reads of deliveries."""

    def delivered(self, year: int) -> PaymentBatchQuerySet:
        """Those that tell who has paid for a year; what somebody typed or moved tells of that one payment only."""
        told = self.exclude(source__in=[PaymentSource.MANUAL, PaymentSource.MERGE]).filter(as_of_on__gt=NO_DAY)
        return told.filter(Q(year=year) | Q(year__isnull=True))

    def newest_for(self, branch: Branch) -> tuple[bool, date] | None:
        """Whether the delivery that tells most covers the whole branch, and the day it speaks for.

        One that covers it goes before any from a branch under it; of those alike, the newest.
        """
        covering = Q(branch_id__in=branch.ancestor_ids)
        under = Q() if branch.kind == BranchKind.LOCAL else Q(**branch.scope_of("branch__"))
        newest_first = self.order_by("-as_of_on", "-id")
        recent = list(newest_first.filter(covering | under).values_list("branch_id", "as_of_on")[:_RECENT])
        days = [as_of_on for branch_id, as_of_on in recent if branch_id in branch.ancestor_ids]
        if not days and len(recent) == _RECENT:
            # Many branches have delivered since: one that covers them all may lie further back.
            days = list(newest_first.filter(covering).values_list("as_of_on", flat=True)[:1])
        if days:
            return True, days[0]
        return (False, recent[0][1]) if recent else None


class PaymentBatch(models.Model):
    """One delivery of payments: a file, a register import's paid column, or what one person typed.

    “Betalt per” is the newest `as_of_on` of a delivery that is not typed by hand.
    """

    branch = models.ForeignKey(Branch, models.PROTECT, related_name="payment_batches")
    source = models.CharField(max_length=12, choices=PaymentSource.choices)
    year = models.PositiveSmallIntegerField(null=True)
    as_of_on = models.DateField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    # The register import it came with, by the id it can be taken back by.
    change_batch = models.UUIDField(null=True)

    objects = PaymentBatchQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["branch", "as_of_on"], name="batch_branch_as_of"),
            models.Index(fields=["change_batch"], name="batch_change_batch", condition=Q(change_batch__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.as_of_on}"


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Reads of the ledger."""

    def on_claims_of(self, branch: Branch) -> PaymentQuerySet:
        """Lines on claims of a branch and the branches under it."""
        return self.filter(**branch.scope_of("claim__"))

    def by_hand(self) -> PaymentQuerySet:
        """What somebody typed, and may take back."""
        return self.filter(source=PaymentSource.MANUAL)

    def of_user(self, user: User) -> PaymentQuerySet:
        """What one user registered."""
        return self.filter(created_by=user)

    def standing(self) -> PaymentQuerySet:
        """Lines that are neither taken back nor take another back; with claim and member."""
        return self.filter(reverses=None, reversed_by=None).select_related("claim__member")


class Payment(models.Model):
    """One line in the ledger. Never changed, never deleted: a mistake is a new line with the opposite sign."""

    claim = models.ForeignKey(Claim, models.PROTECT, null=True, related_name="payments")
    batch = models.ForeignKey(PaymentBatch, models.PROTECT, related_name="payments")
    amount_ore = models.IntegerField()
    paid_on = models.DateField()
    source = models.CharField(max_length=12, choices=PaymentSource.choices)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(amount_ore=0), name="payment_is_something")
        ]

    def __str__(self) -> str:
        return f"{self.paid_on} {self.amount_ore}"

    @property
    def is_by_hand(self) -> bool:
        """Whether somebody typed it, and may take it back."""
        return self.source == PaymentSource.MANUAL


class DuesSummaryQuerySet(models.QuerySet["DuesSummary"]):
    """Reads of counts."""

    def of(self, branch: Branch) -> DuesSummaryQuerySet:
        """The rows of a branch and the branches under it."""
        return self.filter(**branch.scope_of())

    def by_year(self) -> dict[int, Totals]:
        """The rows added up per year, newest first; years without a claim left out."""
        rows = self.values_list("year").annotate(Sum("claims"), Sum("unpaid"), Sum("partial"), Sum("outstanding_ore"))
        # Sorted here: ten rows are not worth an ORDER BY.
        return {year: Totals(*sums) for year, *sums in sorted(rows, reverse=True) if sums[0]}


class Totals(NamedTuple):
    """Counts of claims; `unpaid` is all with something outstanding, of which `partial` are partly paid."""

    claims: int = 0
    unpaid: int = 0
    partial: int = 0
    outstanding_ore: int = 0


class DuesSummary(models.Model):
    """Counts of one branch's own claims in one year (not those under it): what headings and overviews read.

    `claims` counts those that are raised, paid or not; `unpaid` those with something outstanding, `partial` those of
    them that are partly paid.
    """

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="dues_summaries")
    municipal = models.ForeignKey(Branch, models.CASCADE, null=True, related_name="+")
    county = models.ForeignKey(Branch, models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()
    claims = models.PositiveIntegerField(default=0)
    unpaid = models.PositiveIntegerField(default=0)
    partial = models.PositiveIntegerField(default=0)
    outstanding_ore = models.BigIntegerField(default=0)
    # Its claims are erased: it is not counted again.
    is_final = models.BooleanField(default=False)

    objects = DuesSummaryQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["branch", "year"], name="dues_summary_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["county", "year"], name="dues_summary_county"),
            models.Index(fields=["municipal", "year"], name="dues_summary_municipal"),
        ]

    def __str__(self) -> str:
        return f"{self.branch_id} {self.year}"


def claims_of(branch: Branch) -> ClaimQuerySet:
    """Claims on members of a branch and the branches under it: where every page about claims starts."""
    return Claim.objects.of(branch)


def claims_among(ids: models.QuerySet[Claim, Any]) -> ClaimQuerySet:
    """The claims a query of ids finds; of claims that one has been let in to."""
    return Claim.objects.filter(pk__in=ids)


def claims_on(member: Member) -> ClaimQuerySet:
    """All standing claims on one member, newest year first, with their payments."""
    return Claim.objects.standing().filter(member=member).newest_first().prefetch_related("payments")


def ledger_of(branch: Branch) -> PaymentQuerySet:
    """The ledger of a branch and the branches under it."""
    return Payment.objects.on_claims_of(branch)


def counts_of(branch: Branch) -> DuesSummaryQuerySet:
    """The counts of a branch and the branches under it."""
    return DuesSummary.objects.of(branch)
