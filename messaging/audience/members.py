"""From an audience to the members, or the officers, it means today."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import date
from typing import Any, Final

from accounts.models import User
from common.listing import SORT
from membership.filters import BRANCH, MemberFilterSet
from membership.models import Branch, Grant, Member, MemberQuerySet
from membership.roles import Permission, Role
from membership.tabs import understood
from membership.tree import Tree, tree_of
from messaging.extensions import AudienceSource, registry

MEMBERS: Final = "members"
PEOPLE: Final = "people"
OFFICERS: Final = "officers"
# As many as an officer can tick on the register list.
MOST_PICKED: Final = 20_000
# The machinery's: what the audience says is all that narrows it.
EVERY_RIGHT: Final = frozenset(Permission)
# A caller is lent a list for some weeks; nobody writes to them as officers.
_NO_OFFICE: Final = frozenset({Role.CALLER})


class NotAnAudience(ValueError):
    """It cannot be read, or asks for what the one who asks may not see."""


def members_audience(branch: Branch, params: Mapping[str, Any]) -> dict[str, Any]:
    """An audience from a view's or an address's filters: what can be understood of them, without the order."""
    return {"kind": MEMBERS, "params": narrowing(params, tree_of(branch))}


def narrowing(params: object, tree: Tree) -> dict[str, str]:
    """What narrows a view, of what can be understood of it."""
    return {name: value for name, value in understood(params, tree).items() if name != SORT}


def people_audience(ids: Iterable[int]) -> dict[str, Any]:
    """An audience of members who were picked."""
    return {"kind": PEOPLE, "ids": sorted(set(ids))}


def is_officers(audience: Mapping[str, Any]) -> bool:
    """Whether it is users, not members."""
    return audience.get("kind") == OFFICERS


def members_of(
    branch: Branch, audience: Mapping[str, Any], today: date, *, may: Container[Permission] = EVERY_RIGHT
) -> MemberQuerySet:
    """The current members it means, in the branch and under it; nobody for officers.

    `may`: the rights of whoever asks. Raises `NotAnAudience` for nonsense, and for a filter that they do not hold.
    """
    kind = audience.get("kind")
    if kind == OFFICERS:
        _roles(audience)
        return Member.objects.none()
    if Permission.VIEW_MEMBERS not in may:
        raise NotAnAudience("who may not see members does not choose among them")
    if kind == MEMBERS:
        found = _filtered(branch, audience.get("params"), today, may)
    elif kind == PEOPLE:
        found = branch.members.filter(pk__in=_ids(audience.get("ids")))
    else:
        source = _source(kind, may)
        found = source.members(branch, audience, today).filter(**branch.scope_of())
    return found.current()


def _filtered(branch: Branch, params: object, today: date, may: Container[Permission]) -> MemberQuerySet:
    if not isinstance(params, dict):
        raise NotAnAudience("an audience of members has params")
    if not params:
        return branch.members
    tree = tree_of(branch)
    if understood(params, tree) != params:
        raise NotAnAudience("a filter that is not known here")
    part = tree.part(params[BRANCH]) if BRANCH in params else tree.whole
    if part is None:
        raise NotAnAudience("a branch outside this one")
    # people=0: here, each row is looked at anyway.
    filters = MemberFilterSet(params, part.branch.members, branch=branch, may=may, today=today, people=0)
    if filters.form.errors or filters.used.keys() != params.keys() - {BRANCH, SORT}:
        raise NotAnAudience("a filter that cannot be read, or may not be used")
    return filters.members


def _ids(ids: object) -> list[int]:
    if not isinstance(ids, list) or not ids or len(ids) > MOST_PICKED:
        raise NotAnAudience("an audience of people has ids")
    if not all(type(pk) is int and 0 < pk < 2**63 for pk in ids):
        raise NotAnAudience("ids are numbers")
    return ids


def _source(kind: object, may: Container[Permission]) -> AudienceSource:
    source = next((source for source in registry.audiences if source.kind == kind), None)
    if source is None or source.permission not in may:
        raise NotAnAudience("an audience that is not known here")
    return source


def users_of(branch: Branch, audience: Mapping[str, Any], today: date) -> list[User]:
    """The officers it means: who may sign in and holds one of the roles in the branch or under it. `NotAnAudience`."""
    if audience.get("kind") != OFFICERS:
        return []
    held = Grant.objects.in_force(today).filter(role__in=_roles(audience), branch__in=branch.subtree)
    return list(User.objects.filter(pk__in=held.values("user_id"), is_active=True).order_by("name", "pk"))


def _roles(audience: Mapping[str, Any]) -> list[str]:
    roles = audience.get("roles")
    if not isinstance(roles, list) or not roles or not all(isinstance(role, str) for role in roles):
        raise NotAnAudience("an audience of officers has roles")
    if not set(roles) <= set(Role.values) - _NO_OFFICE:
        raise NotAnAudience("a role that is not known")
    return roles
