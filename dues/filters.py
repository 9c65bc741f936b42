"""What the unpaid list can be narrowed to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Final

import django_filters
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.text import search_terms, sort_key
from dues.models import Claim, ClaimQuerySet
from membership.models import Branch
from membership.search import find, is_partial

PARTLY: Final = "delvis"
NOTHING: Final = "ingenting"
LONGEST: Final = 80
# Where nobody has counted, a search is made as among very many.
MANY: Final = 1_000_000


class UnpaidFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By name, branch under this one, and whether a part is paid. A name never stands in the address."""

    navn = django_filters.CharFilter(label=_("Name"), method="by_name", max_length=LONGEST)
    lag = django_filters.CharFilter(label=pgettext_lazy("unit", "Branch"), method="by_branch", max_length=LONGEST)
    status = django_filters.ChoiceFilter(
        label=_("Payment"),
        choices=[(NOTHING, _("Nothing is paid")), (PARTLY, _("Partly paid"))],
        method="by_status",
    )

    class Meta:
        model = Claim
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *, queryset: ClaimQuerySet, branch: Branch, people: int = MANY) -> None:
        super().__init__(data, queryset=queryset)
        self.branch = branch
        # About how many the search is among.
        self.people = people

    def by_name(self, claims: ClaimQuerySet, _name: str, value: str) -> ClaimQuerySet:
        """Those whose name, number or email holds every word typed, as the register list finds them."""
        if is_partial(value, people=self.people):
            # Single letters, which the index does not hold: open claims are few enough to read.
            letters = (Q(member__search_text__contains=f" {term}") for term in search_terms(value))
            return claims.filter(*letters)
        return claims.filter(member__in=find(self.branch, value, people=self.people).values("pk"))

    def by_branch(self, claims: ClaimQuerySet, _name: str, value: str) -> ClaimQuerySet:
        """A branch under this one, by its slug, or by how its place begins."""
        start = sort_key(value, "").removesuffix("0")
        under = self.branch.subtree.exclude(pk=self.branch.pk)
        found = list(under.filter(slug=value)[:1]) or list(
            under.filter(sort_key__startswith=start)[:20] if start else ()
        )
        return claims.filter(reduce(or_, (Q(**one.scope_of()) for one in found))) if found else claims.none()

    def by_status(self, claims: ClaimQuerySet, _name: str, value: str) -> ClaimQuerySet:
        """Partly paid, or nothing at all."""
        return claims.partly_paid() if value == PARTLY else claims.wholly_unpaid()


def filled_in(data: Mapping[str, str]) -> dict[str, str]:
    """The filters that are in use, as they were typed."""
    return {name: value for name in UnpaidFilter.base_filters if (value := str(data.get(name, "")).strip())}
