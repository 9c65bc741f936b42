"""What a year's dues are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dues.models import DuesYear
from membership.models import Branch


class RateNotPositive(Exception):
    """Dues of nothing are not asked for."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What each member is asked for: dues year, øre, and when it is due."""

    year: int
    rate_ore: int
    due_on: date

    def __post_init__(self) -> None:
        """Refuse dues of nothing, with `RateNotPositive`."""
        if self.rate_ore <= 0:
            raise RateNotPositive(self.rate_ore)


def keep_terms(county: Branch, terms: Terms) -> DuesYear:
    """Keep the first terms of a year as the county's own, as part of raising its claims (which writes the log line)."""
    kept, _ = DuesYear.objects.get_or_create(
        county=county, year=terms.year, defaults={"rate_ore": terms.rate_ore, "due_on": terms.due_on}
    )
    return kept
