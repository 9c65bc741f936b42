"""The county's board as it is printed: every cell a finished text, so that the template has nothing to work out.

A page of thirty rows asks for each word once, not thirty times: this is what keeps it cheap.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from common.numbers import format_int
from overview.charts import Spark, spark
from overview.figures import BoardRow
from recruitment.figures import UNKNOWN, Figures
from recruitment.plan import Progress

_SLUG: Final = "SLUG"


@dataclass(frozen=True, slots=True)
class Line:
    """One branch's cells."""

    url: str
    place: str
    other_names: str
    members: str
    change: str
    votes: str
    density: str
    total_target: str
    recruited: str
    # In words: how the branch stands to its plan; empty without a target.
    state: str
    bar: str
    plan_bar: str
    reached: bool
    unpaid: str
    spark: Spark | None


@dataclass(frozen=True, slots=True)
class Stripe:
    """One branch's bar, and what it says to those who do not see it."""

    place: str
    bar: str
    reached: bool
    percent: str
    recruited: str
    text: str


class Wording:
    """The words of a board, looked up once for the page."""

    def __init__(self) -> None:
        self.of = _("%(n)s of %(target)s")
        self.of_spoken = _("%(place)s: %(n)s of %(target)s recruited")
        self.no_target = _("%(n)s recruited, no target set")
        self.behind = _("%(n)s behind the plan")
        self.reached = _("Reached")
        self.on_track = _("On track")
        self.this_year = _("this year")

    def state(self, progress: Progress) -> str:
        """How a branch with a target stands to the plan."""
        if progress.reached:
            return self.reached
        return self.behind % {"n": progress.behind} if progress.behind else self.on_track

    def line(self, row: BoardRow, url: str) -> Line:
        """One row's cells."""
        figures, progress = row.figures, row.figures.progress
        has_target = progress.percent is not None
        told = {"n": progress.recruited, "target": progress.target}
        return Line(
            url=url,
            place=figures.place,
            other_names=figures.other_names,
            members=format_int(figures.members),
            change=f"{row.change_text} {self.this_year}" if row.change is not None else "",
            votes=_count(figures.municipal.votes),
            density=figures.per_hundred_text,
            total_target=_count(figures.total_target),
            recruited=(self.of if has_target else self.no_target) % told,
            state=self.state(progress) if has_target else "",
            bar=str(progress.bar),
            plan_bar=str(progress.plan_bar),
            reached=progress.reached,
            unpaid=format_int(row.unpaid),
            spark=spark(row.months),
        )

    def stripe(self, figures: Figures) -> Stripe:
        """One bar."""
        progress = figures.progress
        told = {"place": figures.place, "n": progress.recruited, "target": progress.target}
        return Stripe(
            place=figures.place,
            bar=str(progress.bar),
            reached=progress.reached,
            percent=_count(progress.percent),
            recruited=self.of % told,
            text=self.of_spoken % told,
        )


def lines(rows: Iterable[BoardRow]) -> list[Line]:
    """The cells of the rows of a page."""
    words = Wording()
    # The address is made once: only the slug differs from row to row.
    before, after = reverse("overview:branch", args=[_SLUG]).split(_SLUG)
    return [words.line(row, f"{before}{row.figures.slug}{after}") for row in rows]


def without_line(row: BoardRow) -> Line:
    """The cells of those without a branch, who have no page of their own."""
    return Wording().line(row, "")


def stripes(ranked: Iterable[Figures]) -> list[Stripe]:
    """A bar for each branch that has a target."""
    words = Wording()
    return [words.stripe(row) for row in ranked]


def _count(value: int | None) -> str:
    return UNKNOWN if value is None else format_int(value)
