"""Letting somebody in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.invitations import link_for
from accounts.models import User
from membership.actions.grants import check, give
from membership.extensions import registry
from membership.models import Branch
from membership.roles import Role


class UserInactive(Exception):
    """The address belongs to a user whose access has been ended."""


class NameMissing(Exception):
    """A new user has a name."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What came of inviting somebody. `link` is empty for a user who has a password already."""

    user: User
    created: bool
    granted: bool
    link: str


@transaction.atomic
def invite(
    email: str,
    *,
    name: str,
    role: Role,
    branch: Branch,
    by: User | None,
    today: date,
    ends_on: date | None = None,
    stands_in_for: User | None = None,
) -> Invitation:
    """Give an address a role in a branch, and a link to choose a password with.

    Again for the same address: no second user, no second grant, a fresh link. `ends_on` is the first day without.
    Raises `UserInactive`, and `CallerNeedsEnd` for a caller without an end.
    """
    user, created = find_or_make(email, name=name, branch=branch, by=by)
    granted = not user.grants.in_force(today).filter(branch=branch, role=role).exists()
    if granted:
        give(user, role=role, branch=branch, by=by, starts_on=today, ends_on=ends_on, stands_in_for=stands_in_for)
    if user.has_usable_password():
        return Invitation(user, created, granted, "")
    record(Verb.INVITED, by=by, branch_id=branch.pk, subject=user)
    return Invitation(user, created, granted, link_for(user))


def find_or_make(email: str, *, name: str, branch: Branch, by: User | None) -> tuple[User, bool]:
    """The user of an address, locked until the transaction ends, and whether they are new.

    Raises `UserInactive`, and `NameMissing` for a new one without a name.
    """
    address = email.strip().lower()
    user = User.objects.select_for_update().filter(email=address).first()
    if user is None:
        if not name:
            raise NameMissing
        if made := _make(address, name):
            record(Verb.USER_CREATED, by=by, branch_id=branch.pk, subject=made)
            return made, True
        user = User.objects.select_for_update().get(email=address)
    if not user.is_active:
        raise UserInactive
    return user, False


def _make(address: str, name: str) -> User | None:
    """A new user; None where another request has just made them."""
    try:
        with transaction.atomic():
            return User.objects.create_user(address, name=name)
    except IntegrityError:
        return None


@transaction.atomic
def let_in(
    email: str,
    *,
    name: str,
    role: Role,
    branch: Branch,
    by: User,
    today: date,
    ends_on: date | None = None,
    stands_in_for: User | None = None,
) -> Invitation:
    """Invite as an officer does: by the rules of `grants.check`, and with the letter sent.

    Raises as `invite`, and `GivenToOneself`, `RoleElsewhere` and `NameMissing`.
    """
    check(User.objects.filter(email=email.strip().lower()).first(), role=role, branch=branch, by=by)
    made = invite(
        email,
        name=name,
        role=role,
        branch=branch,
        by=by,
        today=today,
        ends_on=ends_on,
        stands_in_for=stands_in_for,
    )
    if made.link:
        send_link(made.user, branch, made.link)
    return made


@transaction.atomic
def invite_again(user: User, *, branch: Branch, by: User) -> bool:
    """A fresh link to one who has no password yet; whether one was sent."""
    if user.has_usable_password() or not user.is_active:
        return False
    record(Verb.INVITED, by=by, branch_id=branch.pk, subject=user)
    send_link(user, branch, link_for(user))
    return True


def send_link(user: User, branch: Branch, link: str) -> None:
    """By whatever sends letters: an app above the register."""
    for deliver in registry.invitations:
        deliver(user, branch, link)
