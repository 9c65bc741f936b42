"""Giving and ending access."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.models import Branch, Grant
from membership.roles import Role


class CallerNeedsEnd(Exception):
    """A caller's access always ends."""


@transaction.atomic
def give(
    user: User, *, role: Role, branch: Branch, by: User | None, starts_on: date, ends_on: date | None = None
) -> Grant:
    """Give a role in a branch and all under it, from one day until another (not included)."""
    if role == Role.CALLER and ends_on is None:
        raise CallerNeedsEnd
    grant = Grant.objects.create(
        user=user, role=role, branch=branch, starts_on=starts_on, ends_on=ends_on, granted_by=by
    )
    record(Verb.GRANT_GIVEN, by=by, branch_id=branch.pk, subject=user, role=role.value)
    return grant


@transaction.atomic
def end(grant: Grant, *, by: User | None, on: date) -> None:
    """End access from a day on; ending it twice changes nothing."""
    ended = Grant.objects.in_force(on).filter(pk=grant.pk).update(ends_on=max(on, grant.starts_on))
    if ended:
        record(Verb.GRANT_ENDED, by=by, branch_id=grant.branch_id, subject=grant.user, role=grant.role)
