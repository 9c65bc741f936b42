"""What was changed of whom, by whom, in which piece of work: timeline, undo, and the way back to the central file."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, cast

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from membership.enums import BatchKind, ChangeSource
from membership.models.branch import Branch
from membership.models.member import Member


class ChangeBatchQuerySet(models.QuerySet["ChangeBatch"]):
    """Reads of pieces of work."""

    def undoable(self, now: datetime) -> ChangeBatchQuerySet:
        """Those that may still be taken back."""
        return self.filter(undone_at__isnull=True, undo_until_at__gt=now)


class ChangeBatch(models.Model):
    """One piece of work that changed many members at once and can be taken back as one: an import, a bulk action."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=BatchKind.choices)
    # The branch it was done from.
    branch = models.ForeignKey(Branch, models.CASCADE, related_name="change_batches")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    # What the page that offers undo says of it: ids, counts and names of fields, never people.
    details = models.JSONField(default=dict)
    undo_until_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    objects = ChangeBatchQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["branch", "at"], name="change_batch_branch")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=BatchKind.values), name="change_batch_known_kind"),
            models.CheckConstraint(condition=Q(undo_until_at__gte=F("at")), name="change_batch_undo_after"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"

    def is_undoable(self, now: datetime) -> bool:
        """Whether it may still be taken back."""
        return self.undone_at is None and self.undo_until_at > now


class MemberChangeQuerySet(models.QuerySet["MemberChange"]):
    """Reads of the history."""

    def of(self, member_ids: Iterable[int]) -> MemberChangeQuerySet:
        """What was changed of some members."""
        return self.filter(member_id__in=list(member_ids))

    def since(self, pk: int) -> MemberChangeQuerySet:
        """What came after one change."""
        return self.filter(pk__gt=pk)

    def newest_of(self, member_id: int) -> int:
        """The number of the latest change of a member; 0 where there was none. What a form was made from."""
        return self.filter(member_id=member_id).order_by("-id").values_list("pk", flat=True).first() or 0

    def made_here(self) -> MemberChangeQuerySet:
        """What the central register does not know: everything but what its own file brought."""
        return self.exclude(source=ChangeSource.IMPORT)

    def newest_first(self) -> MemberChangeQuerySet:
        """The latest on top."""
        return self.order_by("-id")

    def in_order(self) -> MemberChangeQuerySet:
        """As it happened."""
        return self.order_by("id")

    def naming_others(self) -> MemberChangeQuerySet:
        """Those of `NAMES_OTHERS`; written out, so that SQLite finds the partial index."""
        return cast(
            "MemberChangeQuerySet",
            self.extra(where=["membership_memberchange.field IN ('merged', 'recruited_by_text')"]),
        )


# Changes that may name somebody else than their member: by number.
NAMES_OTHERS = Q(field__in=["merged", "recruited_by_text"])


class MemberChange(models.Model):
    """One field of one member, from what to what.

    `field` is a column of `Member` (`branch` by id), or `tags` (sorted ids), or `merged` (another record was folded
    into this one: its member number). Values are JSON, dates as ISO texts: membership/changes.py goes both ways and has
    the words. What stands here of an address is not shown while the member's address is protected.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="changes", db_index=False)
    batch = models.ForeignKey(ChangeBatch, models.SET_NULL, null=True, related_name="changes")
    field = models.CharField(max_length=32)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    source = models.CharField(max_length=16, choices=ChangeSource.choices)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    objects = MemberChangeQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["member", "id"], name="member_change_member"),
            models.Index(fields=["id"], name="member_change_others", condition=NAMES_OTHERS),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(source__in=ChangeSource.values), name="member_change_known_source")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.field}"
