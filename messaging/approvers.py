"""Who may say yes to a large message in place of a second person of the branch's own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from accounts.models import User
from membership.models import Branch, Grant
from membership.roles import PERMISSIONS, Permission

SENDERS: Final = [role for role, rights in PERMISSIONS.items() if Permission.SEND_MESSAGES in rights]


def who_may_send(branch: Branch, *, on: date) -> list[User]:
    """Everyone who may send in the branch, by a role there or above it; by name."""
    reaching = Grant.objects.in_force(on).reaching(branch).filter(role__in=SENDERS)
    return list(User.objects.filter(pk__in=reaching.values("user_id"), is_active=True).order_by("name", "id"))


def substitutes_for(branch: Branch, *, on: date, present: int | None) -> list[tuple[int, str]]:
    """Whom one can choose among: those who may send somewhere in the county; and the one who stands there already."""
    grants = Grant.objects.in_force(on).filter(role__in=SENDERS, branch__county_id=branch.root_id)
    ids: Iterable[int | None] = [*grants.values_list("user_id", flat=True), present]
    found = User.objects.filter(pk__in=[pk for pk in ids if pk], is_active=True).order_by("name", "id")
    return [(user.pk, user.name) for user in found]
