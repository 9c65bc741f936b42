"""Where a user's day begins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.urls import reverse

from accounts.models import User
from membership.models import Branch, Grant
from membership.roles import Permission, Role, permissions_of

_KINDS: Final = {"county": 0, "municipal": 1, "local": 2}
# The first page of these that one may open is where one begins.
_DOORS: Final = (
    (Permission.VIEW_OVERVIEW, "overview:branch"),
    (Permission.CALL, "dues:call_lists"),
    (Permission.MANAGE_ACCESS, "membership:access_list"),
    (Permission.VIEW_ROLES, "membership:roles"),
)


@dataclass(frozen=True, slots=True)
class Door:
    """A branch to go to, and as what."""

    branch: Branch
    roles: tuple[str, ...]
    url: str


def grants_of(user: User, *, on: date) -> list[Grant]:
    """A user's grants that hold, the highest branch first: one query."""
    grants = Grant.objects.in_force(on).filter(user=user).select_related("branch").order_by("id")
    return sorted(grants, key=lambda grant: (_KINDS[grant.branch.kind], grant.branch.sort_key))


def doors_of(user: User, *, on: date) -> list[Door]:
    """The branches a user can begin in: those with a grant, less those under another of them."""
    grants = grants_of(user, on=on)
    own = {grant.branch_id for grant in grants}
    tops = {
        grant.branch.pk: grant.branch for grant in grants if not (grant.branch.ancestor_ids - {grant.branch_id}) & own
    }
    doors = (
        _door(branch, [grant.role for grant in grants if grant.branch_id == branch.pk]) for branch in tops.values()
    )
    return [door for door in doors if door is not None]


def _door(branch: Branch, roles: Iterable[str]) -> Door | None:
    names = list(dict.fromkeys(roles))
    rights = frozenset().union(*(permissions_of(role) for role in names))
    for permission, url_name in _DOORS:
        if permission in rights:
            labels = tuple(str(Role(role).label) for role in names)
            return Door(branch, labels, reverse(url_name, args=[branch.slug]))
    return None
