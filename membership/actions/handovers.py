"""After the annual meeting: an officer's access and open work go to the successor in one step, all or nothing.

Members' notes and history stay where they are; requests to move belong to the branch, and are not handed to anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import ngettext_lazy

from accounts.actions import record
from accounts.enums import Verb
from accounts.invitations import link_for
from accounts.models import User
from membership.actions.grants import GivenToOneself, end, give
from membership.actions.users import NameMissing, UserInactive, find_or_make, send_link
from membership.enums import ImportState
from membership.extensions import Handover, registry
from membership.models import Branch, Grant, RegisterImport, SavedView
from membership.roles import Role

_UNFINISHED: Final = (ImportState.UPLOADED, ImportState.READ)


class NothingToHandOver(Exception):
    """The old officer holds no role here (any more)."""


class HandedToOneself(Exception):
    """The successor is the one who leaves."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What came of it."""

    successor: User
    invited: bool
    roles: int
    things: int


def grants_to_hand(old: User, branch: Branch, today: date) -> list[Grant]:
    """The roles that go to the successor: those held in this branch itself. A caller's were for an evening."""
    held = Grant.objects.in_force(today).filter(user=old, branch=branch).exclude(role=Role.CALLER)
    return list(held.order_by("role", "id"))


def work_to_hand(old: User, branch: Branch) -> list[tuple[Handover, int]]:
    """What else goes, and how much of each; what there is none of is left out."""
    counted = [(kind, kind.count(old, branch)) for kind in registry.handovers]
    return [(kind, count) for kind, count in counted if count]


@transaction.atomic
def hand_over(
    old: User, *, branch: Branch, email: str, name: str, with_views: bool, by: User, today: date, now: datetime
) -> HandedOver:
    """Give the successor the same roles from today, with open work; the old access ends at once.

    A successor without a password gets the invitation. Raises `HandedToOneself`, `GivenToOneself`,
    `NothingToHandOver`, `NameMissing` and `UserInactive`; then nothing has changed.
    """
    check_successor(email, name=name, old=old, by=by)
    successor, _created = find_or_make(email, name=name, branch=branch, by=by)
    User.objects.select_for_update().get(pk=old.pk)
    grants = grants_to_hand(old, branch, today)
    if not grants:
        raise NothingToHandOver
    for grant in grants:
        _pass_on(grant, successor, by, today)
    for grant in Grant.objects.in_force(today).filter(user=old, branch=branch, role=Role.CALLER):
        end(grant, by=by, on=today)
    things = sum(kind.hand(old, successor, branch, by, now) for kind, _count in work_to_hand(old, branch))
    things += _hand_views(old, successor, branch, also_own=with_views)
    record(
        Verb.HANDED_OVER, by=by, branch_id=branch.pk, subject=successor, count=things, now=now, from_user=old.pk,
        roles=len(grants),
    )  # fmt: skip
    invited = not successor.has_usable_password()
    if invited:
        record(Verb.INVITED, by=by, branch_id=branch.pk, subject=successor)
        send_link(successor, branch, link_for(successor))
    return HandedOver(successor, invited, len(grants), things)


def check_successor(email: str, *, name: str, old: User, by: User) -> None:
    """Whether the address is one that can take over. Raises as `hand_over`."""
    successor = User.objects.filter(email=email.strip().lower()).first()
    if successor is None:
        if not name:
            raise NameMissing
    elif successor.pk == old.pk:
        raise HandedToOneself
    elif successor.pk == by.pk:
        raise GivenToOneself
    elif not successor.is_active:
        raise UserInactive


def _pass_on(grant: Grant, successor: User, by: User, today: date) -> None:
    held = Grant.objects.in_force(today).filter(user=successor, branch=grant.branch, role=grant.role)
    if not held.exists():
        give(
            successor,
            role=Role(grant.role),
            branch=grant.branch,
            by=by,
            starts_on=today,
            ends_on=grant.ends_on,
            stands_in_for=grant.stands_in_for if grant.ends_on else None,
        )
    end(grant, by=by, on=today)


# --- What the register itself hands over ------------------------------------------------------------------------------


def views_of(user: User, branch: Branch) -> Sequence[SavedView]:
    """The views a user keeps in a branch and under it."""
    return list(SavedView.objects.filter(owner=user, branch__in=branch.subtree).order_by("id"))


def _hand_views(old: User, new: User, branch: Branch, *, also_own: bool) -> int:
    """Views that others see stay to be kept by somebody; one's own go along where that was asked. A name the
    successor has already is not taken from them."""
    taken = {(view.branch_id, view.name) for view in views_of(new, branch)}
    moving = [
        view.pk
        for view in views_of(old, branch)
        if (view.is_shared or also_own) and (view.branch_id, view.name) not in taken
    ]
    return SavedView.objects.filter(pk__in=moving).update(owner=new)


def _imports_label(count: int) -> str | Promise:
    return ngettext_lazy(
        "%(count)d register file that is not imported yet", "%(count)d register files that are not imported yet", count
    ) % {"count": count}


def _count_imports(old: User, branch: Branch) -> int:
    return RegisterImport.objects.of(old).filter(branch__in=branch.subtree, state__in=_UNFINISHED).count()


def _hand_imports(old: User, new: User, branch: Branch, _by: User, _now: datetime) -> int:
    waiting = RegisterImport.objects.of(old).filter(branch__in=branch.subtree, state__in=_UNFINISHED)
    return waiting.update(started_by=new)


IMPORTS: Final = Handover(_imports_label, _count_imports, _hand_imports)
