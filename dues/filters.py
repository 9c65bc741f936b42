"""What the unpaid list can be narrowed to."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Final

import django_filters
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from common.text import search_terms, sort_key
from dues.models import Claim, ClaimQuerySet
from membership.models import Branch

PARTLY: Final = "delvis"
NOTHING: Final = "ingenting"
_LONGEST: Final = 80


class UnpaidFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By name, branch under this one, and whether a part is paid. The names stand in the address, in Norwegian."""

    navn = django_filters.CharFilter(label=_("Name"), method="by_name", max_length=_LONGEST)
    lag = django_filters.CharFilter(label=_("Branch"), method="by_branch", max_length=_LONGEST)
    status = django_filters.ChoiceFilter(
        label=_("Payment"),
        choices=[(NOTHING, _("Nothing is paid")), (PARTLY, _("Partly paid"))],
        method="by_status",
    )

    class Meta:
        model = Claim
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *, queryset: ClaimQuerySet, branch: Branch) -> None:
        super().__init__(data, queryset=queryset)
        self.branch = branch

    @property
    def in_use(self) -> dict[str, str]:
        """The filters that are filled in, as they were typed."""
        return {name: value for name in self.base_filters if (value := self.data.get(name, "").strip())}

    def by_name(self, claims: ClaimQuerySet, _name: str, value: str) -> ClaimQuerySet:
        """Every word typed is found in the member's name or number, as the register list searches."""
        for term in search_terms(value):
            claims = claims.filter(member__search_text__contains=term if len(term) > 2 else f" {term}")
        return claims

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
