"""Letting somebody in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.invitations import link_for
from accounts.models import User
from membership.actions.grants import give
from membership.models import Branch
from membership.roles import Role


class UserInactive(Exception):
    """The address belongs to a user whose access has been ended."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What came of inviting somebody. `link` is empty for a user who has a password already."""

    user: User
    created: bool
    granted: bool
    link: str


@transaction.atomic
def invite(
    email: str, *, name: str, role: Role, branch: Branch, by: User | None, today: date, ends_on: date | None = None
) -> Invitation:
    """Give an address a role in a branch, and a link to choose a password with.

    Again for the same address: no second user, no second grant, a fresh link. `ends_on` is the first day without.
    Raises `UserInactive`, and `CallerNeedsEnd` for a caller without an end.
    """
    address = email.strip().lower()
    user = User.objects.filter(email=address).first()
    created = user is None
    if user is None:
        user = User.objects.create_user(address, name=name)
        record(Verb.USER_CREATED, by=by, branch_id=branch.pk, subject=user)
    elif not user.is_active:
        raise UserInactive
    granted = not user.grants.in_force(today).filter(branch=branch, role=role).exists()
    if granted:
        give(user, role=role, branch=branch, by=by, starts_on=today, ends_on=ends_on)
    if user.has_usable_password():
        return Invitation(user, created, granted, "")
    record(Verb.INVITED, by=by, branch_id=branch.pk, subject=user)
    return Invitation(user, created, granted, link_for(user))
