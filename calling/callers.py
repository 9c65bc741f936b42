"""Who can be handed a call list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from membership.models import Branch, Grant
from membership.roles import PERMISSIONS, Permission, Role

_CALL: Final = [role for role, rights in PERMISSIONS.items() if Permission.CALL in rights]
_MANAGE: Final = [role for role, rights in PERMISSIONS.items() if Permission.MANAGE_CALLS in rights]


@dataclass(frozen=True, slots=True)
class PossibleCaller:
    """One who could phone, and what tells two of the same name apart."""

    user: User
    info: str | Promise
    # Whether phoning is what this user has access for.
    is_caller: bool


def possible_callers(branch: Branch, *, me: User, on: date) -> list[PossibleCaller]:
    """Who may open a list of this branch: callers here and above, officers of the branch itself, and oneself first.

    Officers further up may call too, but would fill the form of each of their branches.
    """
    grants = (
        Grant.objects.in_force(on)
        .reaching(branch)
        .filter(Q(role__in=_CALL) | Q(role__in=_MANAGE, branch=branch), user__is_active=True)
        .exclude(user=me)
        .select_related("user")
        .order_by("user__name", "user_id", "id")
    )
    found = {me.pk: PossibleCaller(me, _("You"), False)}
    for grant in grants:
        known = found.get(grant.user_id)
        if known is None or not known.is_caller:
            found[grant.user_id] = PossibleCaller(grant.user, Role(grant.role).label, grant.role in _CALL)
    return list(found.values())
