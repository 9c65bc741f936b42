"""What remains of those who are erased: how many left in which year, by age; no branch has so few."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext as _

from membership.actions.erasure import FEW, UNKNOWN_AGE
from membership.models import Branch, ErasedCount


@dataclass(frozen=True, slots=True)
class Band:
    """So many of ten years' age, when they left; -1: nobody knew the age."""

    age: int
    count: int

    @property
    def label(self) -> str:
        """In words."""
        if self.age == UNKNOWN_AGE:
            return _("age unknown")
        return _("%(first)d to %(last)d years") % {"first": self.age, "last": self.age + 9}


@dataclass(frozen=True, slots=True)
class Remaining:
    """One year: how many in the whole county, by age, and by branch where there are ten or more."""

    year: int
    total: int
    bands: tuple[Band, ...]
    branches: tuple[tuple[Branch, int], ...]


def remaining(county: Branch) -> list[Remaining]:
    """Those who are erased in a county, the latest year first; three queries."""
    erased = ErasedCount.objects.filter(branch__in=county.subtree)
    by_age = erased.values_list("year", "age_band").annotate(n=Sum("count")).order_by("-year", "age_band")
    bands: dict[int, list[Band]] = {}
    for year, age, count in by_age:
        bands.setdefault(year, []).append(Band(age, count))
    places: dict[int, list[tuple[int, int]]] = {}
    by_place = erased.exclude(branch=county).values_list("year", "branch_id").annotate(n=Sum("count"))
    for year, branch_id, count in by_place.filter(n__gte=FEW).order_by("year", "branch_id"):
        places.setdefault(year, []).append((branch_id, count))
    branches = Branch.objects.in_bulk({branch_id for found in places.values() for branch_id, _count in found})
    return [_of_year(year, found, places.get(year, []), branches) for year, found in bands.items()]


def _of_year(year: int, bands: list[Band], places: list[tuple[int, int]], branches: dict[int, Branch]) -> Remaining:
    named = sorted(((branches[pk], count) for pk, count in places), key=lambda pair: (pair[0].name, pair[0].pk))
    return Remaining(year, sum(band.count for band in bands), tuple(bands), tuple(named))
