"""The tree of branches: county, municipal branches, local branches."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from membership.enums import BranchKind

if TYPE_CHECKING:
    from membership.models.member import MemberQuerySet


class BranchQuerySet(models.QuerySet["Branch"]):
    """Reads of the tree."""

    def counties(self) -> BranchQuerySet:
        """The roots."""
        return self.filter(kind=BranchKind.COUNTY)

    def under(self, branch: Branch) -> BranchQuerySet:
        """The branch itself and all beneath it."""
        if branch.kind == BranchKind.COUNTY:
            return self.filter(county_id=branch.pk)
        return self.filter(municipal_id=branch.pk) if branch.kind == BranchKind.MUNICIPAL else self.filter(pk=branch.pk)

    def in_force(self, on: date) -> BranchQuerySet:
        """Branches that exist on a day."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), valid_from__lte=on)

    def in_order(self) -> BranchQuerySet:
        """County first, then municipal branches by name, each followed by its local branches."""
        return self.order_by(
            "county_id", F("municipal__sort_key").asc(nulls_first=True), "kind_order", "sort_key", "id"
        )


class Branch(models.Model):
    """One unit of the party.

    The tree has three levels, and each row carries the ids of the two above it (`county`, `municipal`; itself where it
    is one): so “this branch and all under it” is one indexed equality in every table that carries the same columns.
    """

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    kind = models.CharField(max_length=12, choices=BranchKind.choices)
    county = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    municipal = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    # A unit is always called by its own name: “Kåfjord Arbeiderparti”; place is the short form of lists: “Kåfjord”.
    name = models.CharField(_("name"), max_length=120)
    place = models.CharField(_("place"), max_length=80)
    other_names = models.CharField(_("other names"), max_length=160, blank=True, help_text=_("Sámi and Kven names"))
    slug = models.SlugField(max_length=80, unique=True)
    sort_key = models.CharField(max_length=160)
    kind_order = models.PositiveSmallIntegerField(default=0)
    valid_from = models.DateField(default=date(1900, 1, 1))
    valid_to = models.DateField(null=True, blank=True)
    # What the branch tells of itself; nothing of it is a person's.
    email = models.EmailField(_("email"), blank=True)
    meeting_place = models.CharField(_("meeting place"), max_length=160, blank=True)
    facebook_page = models.URLField(_("Facebook page"), blank=True)
    facebook_group = models.URLField(_("Facebook group"), blank=True)

    objects = BranchQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["county", "sort_key"], name="branch_county_sort")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=(
                    Q(kind="county", parent__isnull=True, municipal__isnull=True)
                    | Q(kind="municipal", parent__isnull=False)
                    | Q(kind="local", parent__isnull=False, municipal__isnull=False)
                ),
                name="branch_level_fits_parent",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="branch_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_county(self) -> bool:
        """Whether this is the root of its tree."""
        return self.kind == BranchKind.COUNTY

    @property
    def root_id(self) -> int:
        """The county's id; its own for a county."""
        return self.county_id or self.pk

    @property
    def ancestor_ids(self) -> frozenset[int]:
        """Itself and the branches above it, without a query."""
        return frozenset(pk for pk in (self.county_id, self.municipal_id, self.pk) if pk is not None)

    def scope_of(self, prefix: str = "") -> dict[str, int]:
        """The equality that selects this branch and all under it in a table with county, municipal and branch columns.

        `prefix` is the path to that table, such as `member__`. For a local branch the column is `branch`.
        """
        column = {BranchKind.COUNTY: "county", BranchKind.MUNICIPAL: "municipal"}.get(BranchKind(self.kind), "branch")
        return {f"{prefix}{column}_id": self.pk}

    @property
    def members(self) -> MemberQuerySet:
        """All in the register of this branch and the branches under it: where every list starts.

        Whoever has left is not among them: see `everyone`.
        """
        return self.everyone.shown()

    @property
    def everyone(self) -> MemberQuerySet:
        """Those too who have left and are not erased yet: for putting a mistake right, counting and erasing."""
        from membership.models.member import Member

        return Member.objects.filter(**self.scope_of())

    @property
    def subtree(self) -> BranchQuerySet:
        """This branch and all under it."""
        return Branch.objects.under(self)


class BranchNumber(models.Model):
    """The municipality number a branch goes by between two reforms. A merged municipality's old numbers stay."""

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="numbers")
    number = models.CharField(max_length=4)
    name = models.CharField(max_length=120)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["number", "valid_from", "name"], name="branch_number_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["number"], name="branch_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"
