"""Who is who: board posts, from a day and to a day."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from membership.enums import PostTitle
from membership.models.branch import Branch
from membership.models.member import GONE, Member


class BoardPostQuerySet(models.QuerySet["BoardPost"]):
    """Reads of posts."""

    def in_force(self, on: date) -> BoardPostQuerySet:
        """Held on a day; the end date is the first day without."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on), starts_on__lte=on)

    def in_order(self) -> BoardPostQuerySet:
        """The leader first."""
        return self.order_by("branch_id", "position", "id")


class BoardPost(models.Model):
    """One post on a branch's board, held by a member, by a user, or by somebody known by name alone."""

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="board_posts")
    title = models.CharField(_("post"), max_length=24, choices=PostTitle.choices)
    # The order of the titles, stored: lists are sorted by it.
    position = models.PositiveSmallIntegerField(default=0)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="board_posts")
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="board_posts")
    name = models.CharField(_("name"), max_length=160, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    objects = BoardPostQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["branch", "position", "id"], name="board_post_branch")
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(title__in=PostTitle.values), name="board_post_known_title"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="board_post_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.branch_id} {self.title}"

    @property
    def holder_name(self) -> str:
        """Whose post it is; empty when the member has left or been erased."""
        if self.member:
            return "" if self.member.status in GONE else self.member.full_name
        return self.user.name if self.user else self.name
