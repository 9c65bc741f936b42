"""What stands around the register: imports, saved views, counts per branch."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import User
from membership.enums import ImportState
from membership.models.branch import Branch
from membership.models.history import ChangeBatch


class RegisterImportQuerySet(models.QuerySet["RegisterImport"]):
    """Reads of imports."""

    def of(self, user: User) -> RegisterImportQuerySet:
        """Those a user started: a preview is its uploader's own."""
        return self.filter(started_by=user)


class RegisterImport(models.Model):
    """One register file on its way in. The file and the preview go when the import is done or 24 hours old.

    The result workbook and the undo store are kept as long as the import can be undone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    branch = models.ForeignKey(Branch, models.CASCADE, related_name="imports")
    county = models.ForeignKey(Branch, models.CASCADE, null=True, related_name="+")
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=ImportState.choices, default=ImportState.UPLOADED)
    file = models.FileField(upload_to="imports/", max_length=200)
    file_name = models.CharField(max_length=200)
    sheet_name = models.CharField(max_length=120, blank=True)
    # {column index: field} as the officer left it; what the extensions asked for, e.g. dues year, rate, due date.
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    # {row number: {"do": "update" | "new" | "skip", "member": id}}: what the officer said of rows with likely matches.
    decisions = models.JSONField(default=dict)
    # Whether an empty cell empties the field: only where the officer asked for it.
    empties_wipe = models.BooleanField(default=False)
    preview = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    # How far the writing has come, kept with each chunk: a killed worker's import goes on from there.
    reached = models.JSONField(default=dict)
    batch = models.OneToOneField(ChangeBatch, models.SET_NULL, null=True, related_name="register_import")
    result_file = models.FileField(upload_to="results/", max_length=200, blank=True)
    problem = models.TextField(blank=True)
    job_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)

    objects = RegisterImportQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["branch", "created_at"], name="import_branch_created")
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Two imports into one county never interleave.
            models.UniqueConstraint(
                fields=["county"], condition=Q(state=ImportState.APPLYING), name="import_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ColumnMemory(models.Model):
    """What a branch's officers took each heading for, remembered from import to import."""

    branch = models.OneToOneField(Branch, models.CASCADE, primary_key=True, related_name="column_memory")
    # {folded heading: field of membership.importing.columns.Field, or "" for one that is not read}.
    fields = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.branch_id)


class ErasedNumber(models.Model):
    """That a member number was erased, and when: a keyed hash, which tells nobody the number.

    An older file does not bring the person back; one in which they joined after that day does.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    erased_on = models.DateField()

    def __str__(self) -> str:
        return str(self.erased_on)


class CorrectionsReport(models.Model):
    """How far the central register has been told of what was corrected here: up to which change.

    Members registered here after `at` are new to it, so that is the machine's true time, as theirs is.
    """

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="corrections_reports")
    up_to = models.BigIntegerField()
    count = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.branch_id} {self.at:%Y-%m-%d}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Reads of saved views."""

    def seen_by(self, user: User) -> SavedViewQuerySet:
        """A user's own, and those shared with everybody who sees the register."""
        return self.filter(Q(owner=user) | Q(is_shared=True))

    def kept_by(self, user: User, *, officer: bool) -> SavedViewQuerySet:
        """Those a user may rename and delete: one's own, and for an officer of the branch the shared ones too."""
        return self.seen_by(user) if officer else self.filter(owner=user)


class SavedView(models.Model):
    """A named filter on the register list, shown as a tab. `params` is validated again each time it is used."""

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="saved_views")
    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    # Whether everyone who sees the branch's register has it too.
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["branch", "owner", "name"], name="saved_view_once")
        ]

    def __str__(self) -> str:
        return self.name


class BranchSummary(models.Model):
    """How many members a branch has itself (not those under it): what overviews and tabs read instead of counting."""

    branch = models.OneToOneField(Branch, models.CASCADE, primary_key=True, related_name="summary")
    county = models.ForeignKey(Branch, models.CASCADE, related_name="+")
    municipal = models.ForeignKey(Branch, models.CASCADE, null=True, related_name="+")
    members = models.PositiveIntegerField(default=0)
    # All statuses: how many rows the register holds for the branch.
    people = models.PositiveIntegerField(default=0)
    # The calendar year of the two counts below; 0 before the first counting.
    year = models.PositiveSmallIntegerField(default=0)
    # Who joined in that year, whatever became of them since; who resigned, was expelled or died in it.
    joined = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.branch_id}: {self.members}"


class ErasedCount(models.Model):
    """How many were erased, by the year they left and ten-year age band: all that remains of them.

    Where a branch is so small that a number could point at somebody, it stands under the county instead.
    """

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="erased_counts")
    year = models.PositiveSmallIntegerField()
    # 30 for those from 30 to 39 when they left; -1 where the age was not known.
    age_band = models.SmallIntegerField(default=-1)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["branch", "year", "age_band"], name="erased_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.branch_id} {self.year}: {self.count}"
