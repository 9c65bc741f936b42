"""Giving and ending access."""

from __future__ import annotations

from datetime import date

from django.db import models, transaction
from django.db.models import Q

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.models import Branch, Grant
from membership.roles import PERMISSIONS, Permission, Role, roles_at

_KEYS = tuple(role for role, rights in PERMISSIONS.items() if Permission.MANAGE_ACCESS in rights)


class CallerNeedsEnd(Exception):
    """A caller's access always ends, and so does a substitute's."""


class GivenToOneself(Exception):
    """Nobody gives access to themselves: a second pair of eyes sees every new right."""


class RoleElsewhere(Exception):
    """The role belongs to another level of the tree."""


class LastKey(Exception):
    """Who gives access would shut themselves out of giving it."""


class EndPassed(Exception):
    """A last day that is over."""


@transaction.atomic
def give(
    user: User,
    *,
    role: Role,
    branch: Branch,
    by: User | None,
    starts_on: date,
    ends_on: date | None = None,
    stands_in_for: User | None = None,
) -> Grant:
    """Give a role in a branch and all under it, from one day until another (not included)."""
    if ends_on is None and (role == Role.CALLER or stands_in_for is not None):
        raise CallerNeedsEnd
    grant = Grant.objects.create(
        user=user,
        role=role,
        branch=branch,
        starts_on=starts_on,
        ends_on=ends_on,
        granted_by=by,
        stands_in_for=stands_in_for,
    )
    substitute = True if stands_in_for else None
    record(
        Verb.GRANT_GIVEN, by=by, branch_id=branch.pk, subject=user, role=role.value, substitute=substitute,
        until=ends_on.isoformat() if ends_on else None,
    )  # fmt: skip
    return grant


def check(user: User | None, *, role: Role, branch: Branch, by: User) -> None:
    """What an officer may not do who gives access by hand. Raises `GivenToOneself` and `RoleElsewhere`.

    Whoever may manage access may give any role, also one with rights they do not hold themselves: the administrator
    lets the county's secretary in. That they cannot do it for themselves, and that the log has it, is the guard.
    """
    if user is not None and user.pk == by.pk:
        raise GivenToOneself
    if role not in roles_at(county=branch.is_county):
        raise RoleElsewhere


@transaction.atomic
def end(grant: Grant, *, by: User | None, on: date) -> bool:
    """End access from a day on, or before it begins; ending it twice changes nothing. Whether it did."""
    ended = bool(_open(on).filter(pk=grant.pk).update(ends_on=max(on, grant.starts_on)))
    if ended:
        record(Verb.GRANT_ENDED, by=by, branch_id=grant.branch_id, subject=grant.user, role=grant.role)
    return ended


@transaction.atomic
def end_by_hand(grant: Grant, *, by: User, on: date) -> bool:
    """End access as an officer does. Raises `LastKey`."""
    _keep_key(grant, by, on)
    return end(grant, by=by, on=on)


@transaction.atomic
def set_end(grant: Grant, *, ends_on: date | None, by: User, today: date) -> bool:
    """Say when access ends; None for no end. Whether it was still there to be changed.

    Raises `CallerNeedsEnd`, `EndPassed` and `LastKey`.
    """
    if ends_on is None and (grant.role == Role.CALLER or grant.stands_in_for_id):
        raise CallerNeedsEnd
    if ends_on and ends_on <= max(today, grant.starts_on):
        raise EndPassed
    if ends_on:
        _keep_key(grant, by, today)
    changed = bool(_open(today).filter(pk=grant.pk).update(ends_on=ends_on))
    if changed:
        until = ends_on.isoformat() if ends_on else "open"
        record(Verb.GRANT_ENDED, by=by, branch_id=grant.branch_id, subject=grant.user, role=grant.role, until=until)
    return changed


@transaction.atomic
def give_again(grant: Grant, *, ends_on: date | None, by: User, today: date) -> Grant:
    """Give access that has ended once more: the same role in the same branch. Twice is once.

    Raises `GivenToOneself`, `RoleElsewhere`, `CallerNeedsEnd` and `EndPassed`.
    """
    check(grant.user, role=Role(grant.role), branch=grant.branch, by=by)
    if ends_on and ends_on <= today:
        raise EndPassed
    User.objects.select_for_update().get(pk=grant.user_id)
    same = Grant.objects.in_force(today).filter(user=grant.user, role=grant.role, branch=grant.branch)
    known = same.order_by("id").first()
    return known or give(
        grant.user,
        role=Role(grant.role),
        branch=grant.branch,
        by=by,
        starts_on=today,
        ends_on=ends_on,
        stands_in_for=grant.stands_in_for,
    )


def _open(on: date) -> models.QuerySet[Grant]:
    """In force on a day, or to come."""
    return Grant.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))


def _keep_key(grant: Grant, by: User, on: date) -> None:
    """Refuse what takes one's own last right to give access here. Their rows are locked: two at once keep one."""
    if grant.user_id != by.pk or grant.role not in _KEYS:
        return
    mine = Grant.objects.in_force(on).reaching(grant.branch).filter(user=by, role__in=_KEYS)
    if not [other for other in mine.select_for_update() if other.pk != grant.pk and other.ends_on is None]:
        raise LastKey
