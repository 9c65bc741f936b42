"""Folding one record into another and taking it back, as the tests of both do it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accounts.models import User
from membership.actions.merging import merge
from membership.actions.unmerging import undo_merge
from membership.models import Branch, Member, Merge
from tests.factories import NOW, TODAY

LATER = NOW + timedelta(days=1)


def fold(where: Branch, kept: Member, lost: Member, by: User, **chosen: Any) -> Merge:
    picked = {key: str(getattr(member, "pk", member)) for key, member in chosen.items()}
    return merge(where, kept_id=kept.pk, lost_id=lost.pk, chosen=picked, by=by, now=NOW, today=TODAY)


def undo(made: Merge, by: User) -> Member:
    return undo_merge(Merge.objects.get(pk=made.pk), by=by, now=LATER, today=TODAY)


def row_of(member: Member) -> dict[str, Any]:
    """Everything a record says, its tags too."""
    found: dict[str, Any] = dict(Member.objects.filter(pk=member.pk).values().get())
    found.pop("updated_at")
    return found | {"tags": sorted(Member.objects.get(pk=member.pk).tags.values_list("pk", flat=True))}
