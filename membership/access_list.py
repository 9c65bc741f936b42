"""Who holds which role where: the list for those who give access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import F, Q

from common import listing
from common.listing import ListPage
from common.text import search_terms, search_text
from membership.access import BranchRequest
from membership.models import Grant, GrantQuerySet
from membership.roles import Role

ENDED: Final = "avsluttet"
LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address narrows the list to: a branch's name, a role, access that has ended."""

    q: str
    role: str
    ended: bool

    @property
    def params(self) -> dict[str, str]:
        """The same, as links keep it."""
        given = {"q": self.q, "rolle": self.role, "vis": ENDED if self.ended else ""}
        return {name: value for name, value in given.items() if value}


def asked_of(request: BranchRequest) -> Asked:
    """Read it; what is not understood narrows nothing."""
    role = request.GET.get("rolle", "")
    return Asked(
        request.GET.get("q", "").strip()[:LONGEST],
        role if role in Role.values else "",
        request.GET.get("vis") == ENDED,
    )


def grants_under(request: BranchRequest) -> GrantQuerySet:
    """Every grant on the branch and under it."""
    return Grant.objects.filter(branch__in=request.branch.subtree)


def access_page(request: BranchRequest, asked: Asked) -> ListPage[Grant]:
    """One page of it, in the order of the tree: two queries with a branch's name, else one."""
    grants = grants_under(request)
    over = Q(ends_on__lte=request.today)
    grants = grants.filter(over) if asked.ended else grants.exclude(over)
    if asked.role:
        grants = grants.filter(role=asked.role)
    if asked.q:
        grants = grants.filter(branch__in=_named(request, asked.q))
    ordered = grants.select_related("user", "branch", "granted_by", "stands_in_for").order_by(
        F("branch__municipal__sort_key").asc(nulls_first=True),
        "branch__kind_order",
        "branch__sort_key",
        "role",
        "id",
    )
    return listing.fetch_page(ordered, listing.page_number(request.GET))


def _named(request: BranchRequest, q: str) -> list[int]:
    """The branches whose own words have every word of `q`; names are folded in Python, on both databases alike."""
    terms = search_terms(q)
    rows = request.branch.subtree.values_list("pk", "name", "place", "other_names")
    return [pk for pk, *names in rows if all(f" {term}" in search_text(names) for term in terms)]
