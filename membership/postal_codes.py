"""What the register itself tells of where people with a postal code belong."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import Count

from membership.models import Branch, Member

# Fewer point at a person, and tell little.
ENOUGH: Final = 3


def likely_branch(member: Member, *, today: date) -> Branch | None:
    """The branch that two of three others in the county with the member's postal code belong to.

    None where the member's address is not to be shown: nothing is derived from it. Nobody else's protected address
    counts either.
    """
    code = member.postal_code.strip()
    if not code or member.address_hidden:
        return None
    others = (
        Member.objects.current()
        .filter(county_id=member.county_id, postal_code=code, address_protection="")
        .exclude(pk=member.pk)
    )
    counts = list(others.values_list("branch_id").annotate(n=Count("pk")).order_by("-n", "branch_id"))
    if not counts or counts[0][1] < ENOUGH or counts[0][1] * 3 < sum(n for _branch, n in counts) * 2:
        return None
    return Branch.objects.in_force(today).filter(pk=counts[0][0]).exclude(kind="county").first()
