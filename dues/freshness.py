"""“Betalt per”: for which day we know who has paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from dues.models import PaymentBatch
from membership.models import Branch

# Older than this, and many on the list may have paid: the page says so before anybody phones.
STALE_DAYS: Final = 10


@dataclass(frozen=True, slots=True)
class Freshness:
    """`as_of_on` is None where no delivery covers the whole branch; `some_on` is then the newest of one under it."""

    as_of_on: date | None
    some_on: date | None
    today: date

    @property
    def age_days(self) -> int:
        """Days since; 0 where nothing is known."""
        return max(0, (self.today - self.as_of_on).days) if self.as_of_on else 0

    @property
    def is_stale(self) -> bool:
        """Whether the figures are so old that the page should warn."""
        return self.age_days > STALE_DAYS


def freshness_of(branch: Branch, year: int, *, today: date) -> Freshness:
    """The newest day a delivery speaks for, of those that cover the whole branch: its own, or of one above it.

    What one branch under a county has delivered says nothing of the others, and is told apart.
    """
    newest = PaymentBatch.objects.delivered(year).newest_for(branch)
    if newest is None:
        return Freshness(None, None, today)
    covers, as_of_on = newest
    return Freshness(as_of_on, None, today) if covers else Freshness(None, as_of_on, today)
