"""Keeping a view of the register list under a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.models import Branch, SavedView

MOST: Final = 20


class TooManyViews(Exception):
    """One user has as many views in one branch as tabs can show."""


class NameTaken(Exception):
    """Its owner has another view of that name in the branch."""


@transaction.atomic
def save_view(branch: Branch, *, name: str, params: Mapping[str, str], by: User, is_shared: bool = False) -> SavedView:
    """Keep `params` under a name; the same name again is the same view. TooManyViews beyond twenty.

    Twenty of one's own, and twenty shared in a branch.
    """
    mine = branch.saved_views.filter(owner=by)
    if not mine.filter(name=name).exists() and mine.count() >= MOST:
        raise TooManyViews
    shared = branch.saved_views.filter(is_shared=True)
    if is_shared and not shared.filter(owner=by, name=name).exists() and shared.count() >= MOST:
        raise TooManyViews
    view, _made = mine.update_or_create(
        branch=branch, owner=by, name=name, defaults={"params": dict(params), "is_shared": is_shared}
    )
    record(Verb.VIEW_SAVED, by=by, branch_id=branch.pk, subject=view)
    return view


@transaction.atomic
def rename_view(view: SavedView, *, name: str, by: User) -> None:
    """Call it otherwise. Raises `NameTaken`."""
    others = SavedView.objects.filter(branch_id=view.branch_id, owner_id=view.owner_id, name=name)
    if others.exclude(pk=view.pk).exists():
        raise NameTaken
    SavedView.objects.filter(pk=view.pk).update(name=name)
    record(Verb.VIEW_SAVED, by=by, branch_id=view.branch_id, subject=view, what="renamed")


@transaction.atomic
def delete_view(view: SavedView, *, by: User) -> None:
    """Forget it."""
    record(Verb.VIEW_DELETED, by=by, branch_id=view.branch_id, subject=view)
    view.delete()
