"""What “the plan” and “on track” mean, once, for every page that says them.

The plan runs in a straight line from New Year to the target, and is rounded down: of a recruit target, as large a share
as has passed of the year, the day itself counted; of a total target, from the members at New Year to the end of the
year it is for. A branch is on track when it has recruited at least as many as the plan says. Recruited are all who
joined in the year, whatever has become of them since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache


@lru_cache(maxsize=64)
def passed(on: date, until_year: int) -> tuple[int, int]:
    """Days passed from the first of `on`'s year, the day itself counted, and days until the end of `until_year`."""
    start = date(on.year, 1, 1)
    return (on - start).days + 1, (date(until_year + 1, 1, 1) - start).days


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one branch, or a county, has come with its recruit target on a day of the target's year."""

    recruited: int
    target: int | None
    on: date

    @property
    def plan(self) -> int | None:
        """How many should be recruited by today; None without a target."""
        if self.target is None:
            return None
        days, year = passed(self.on, self.on.year)
        return self.target * days // year

    @property
    def behind(self) -> int:
        """How many are missing on the plan; 0 when on track, and without a target."""
        return max(0, (self.plan or 0) - self.recruited)

    @property
    def reached(self) -> bool:
        """Whether the whole year's target is recruited."""
        return bool(self.target) and self.recruited >= (self.target or 0)

    @property
    def percent(self) -> int | None:
        """Share of the target, rounded down, and over 100 when passed; None without a target."""
        return self.recruited * 100 // self.target if self.target else None

    @property
    def bar(self) -> int:
        """The percentage as a bar shows it: 0 to 100."""
        return min(100, self.percent or 0)

    @property
    def days_left(self) -> int:
        """Of the year, after the day itself."""
        days, year = passed(self.on, self.on.year)
        return year - days

    @property
    def plan_bar(self) -> int:
        """Where the plan's line stands on the bar: the share of the year that has passed, 0 to 100."""
        days, year = passed(self.on, self.on.year)
        return round(days * 100 / year)


def members_planned(at_new_year: int, total_target: int, *, total_year: int, on: date) -> int:
    """How many members there should be on a day, on the way from New Year to the end of `total_year`."""
    days, whole = passed(on, max(total_year, on.year))
    return at_new_year + (total_target - at_new_year) * days // whole
