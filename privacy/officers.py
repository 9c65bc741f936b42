"""Who looks after a branch's members: whom to tell that something has happened."""

from __future__ import annotations

from datetime import date

from accounts.models import User
from membership.models import Branch, Grant
from membership.roles import Permission, Role, permissions_of


def officers_of(branch: Branch, *, on: date) -> list[User]:
    """Those who register leaving in the branch itself; where it has none, those of the nearest branch above."""
    roles = [role for role in Role if Permission.RECORD_LEAVING in permissions_of(role)]
    grants = Grant.objects.in_force(on).reaching(branch).filter(role__in=roles, user__is_active=True)
    by_branch: dict[int, dict[int, User]] = {}
    for grant in grants.select_related("user").order_by("user_id", "id"):
        by_branch.setdefault(grant.branch_id, {})[grant.user_id] = grant.user
    nearest = (branch.pk, branch.municipal_id, branch.county_id)
    found = next((by_branch[pk] for pk in nearest if pk in by_branch), {})
    return list(found.values())
