"""The figures of the overview: the county's board, its hero and its line, all from summary rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import BigIntegerField, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from common.dates import MONTHS
from common.numbers import MINUS, format_int
from dues.models import DuesSummary
from membership.enums import ImportState
from membership.figures import merged_into
from membership.models import Branch, RegisterImport
from overview.models import MonthlySnapshot
from recruitment.figures import CountyFigures, Figures
from recruitment.plan import members_planned

# A register file older than this is said to be old.
FRESH: Final = timedelta(days=31)
# The branch that a merged one became.
_HEIR: Final = Subquery(merged_into().filter(predecessor_id=OuterRef("municipal_id")).values("successor_id")[:1])


@dataclass(slots=True)
class BoardRow:
    """One line of the county's board."""

    figures: Figures
    unpaid: int = 0
    # Members since New Year; None where last December was not written down.
    change: int | None = None
    # Members at the end of each month since then, and now.
    months: tuple[int, ...] = ()

    @property
    def change_text(self) -> str:
        """“+9”, “−2”, “±0”."""
        return signed(self.change) if self.change is not None else ""


def signed(value: int) -> str:
    """A change with its sign."""
    if value == 0:
        return "±0"
    return f"+{format_int(value)}" if value > 0 else f"{MINUS}{format_int(-value)}"


def last_december(today: date) -> date:
    """The month whose row is the number at New Year."""
    return date(today.year - 1, 12, 1)


def unpaid_by_branch(branch: Branch, year: int) -> dict[int | None, tuple[int, int]]:
    """Unpaid claims and outstanding øre by municipal branch; None is the county's own members. One query."""
    rows = (
        DuesSummary.objects.filter(**branch.scope_of(), year=year)
        .values("municipal_id")
        .annotate(claims=Sum("unpaid"), ore=Sum("outstanding_ore"))
        .values_list("municipal_id", "claims", "ore")
    )
    return {municipal_id: (claims, ore) for municipal_id, claims, ore in rows}


def board_rows(found: CountyFigures, unpaid: dict[int | None, tuple[int, int]]) -> list[BoardRow]:
    """The rows of the board in the order of names, without their history."""
    return [BoardRow(row, unpaid.get(row.branch_id, (0, 0))[0]) for row in found.rows]


History = dict[int | None, dict[date, int]]


def history(county: Branch, municipal_ids: Sequence[int] | None, *, today: date) -> History:
    """Members at the end of each month from last December to last month: one query.

    By municipal branch with its local ones, and None for the county's own; only those named, where some are. What was
    merged into another stands under that one.
    """
    whose = Q(county_id=county.pk)
    if municipal_ids is not None:
        whose = Q(heir_id__in=municipal_ids) | Q(branch_id=county.pk)
    snapshots = MonthlySnapshot.objects.annotate(
        heir_id=Coalesce(_HEIR, "municipal_id", output_field=BigIntegerField())
    ).filter(whose, county_id=county.pk, month_on__gte=last_december(today), month_on__lt=today.replace(day=1))
    found: History = {}
    for municipal_id, month_on, members in snapshots.order_by("month_on", "id").values_list(
        "heir_id", "month_on", "members"
    ):
        months = found.setdefault(municipal_id, {})
        months[month_on] = months.get(month_on, 0) + members
    return found


def add_history(rows: Iterable[BoardRow], told: History, *, today: date) -> None:
    """Give rows their months since New Year, and what has changed since then."""
    for row in rows:
        months = told.get(row.figures.branch_id, {})
        at_new_year = months.get(last_december(today))
        row.change = None if at_new_year is None else row.figures.members - at_new_year
        row.months = (*months.values(), row.figures.members)


def added_up(told: History) -> dict[date, int]:
    """The county's own number at the end of each month."""
    together: dict[date, int] = {}
    for months in told.values():
        for month_on, members in months.items():
            together[month_on] = together.get(month_on, 0) + members
    return dict(sorted(together.items()))


def _own_and_merged(branch: Branch) -> Q:
    """A branch and all under it, and what its predecessors were."""
    if branch.is_county:
        return Q(**branch.scope_of())
    before = merged_into().filter(successor_id=branch.pk).values("predecessor_id")
    ((column, _pk),) = branch.scope_of().items()
    return Q(**branch.scope_of()) | Q(**{f"{column}__in": before})


def members_by_month(branch: Branch, *, today: date) -> dict[date, int]:
    """The same for one branch and all under it, at any size of county: one query."""
    rows = (
        MonthlySnapshot.objects.filter(
            _own_and_merged(branch), month_on__gte=last_december(today), month_on__lt=today.replace(day=1)
        )
        .values("month_on")
        .annotate(together=Sum("members"))
        .order_by("month_on")
        .values_list("month_on", "together")
    )
    return dict(rows)


def aim(found: CountyFigures) -> int | None:
    """What the county's members add up to when every branch reaches its total target; None when none has set one.

    A branch that has set none, and those without a branch, count with the members they have.
    """
    if all(row.total_target is None for row in found.rows):
        return None
    everyone = [*found.rows, found.without]
    return sum(row.members if row.total_target is None else row.total_target for row in everyone)


@dataclass(frozen=True, slots=True)
class Month:
    """One point of the line. `plan` is None without a total target or without a number at New Year."""

    name: str
    # Per cent of the year that has passed.
    at: float
    members: int | None
    plan: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """Members through the year against the plan."""

    months: list[Month]
    at_new_year: int | None
    members: int
    plan: int | None


def line_of(
    by_month: dict[date, int], *, members: int, total_target: int | None, total_year: int, today: date
) -> Line | None:
    """The line of the year so far and the plan to its end; None with less than two points."""
    if not by_month:
        return None
    start = by_month.get(last_december(today))

    def plan(on: date) -> int | None:
        if start is None or total_target is None:
            return None
        return members_planned(start, total_target, total_year=total_year, on=on)

    days = (date(today.year + 1, 1, 1) - date(today.year, 1, 1)).days
    months = []
    if start is not None:
        months.append(Month(MONTHS[11], 0, start, start if total_target is not None else None))
    for number in range(1, 13):
        first = date(today.year, number, 1)
        last = date(today.year + number // 12, number % 12 + 1, 1) - timedelta(days=1)
        day = min(last, today) if first <= today else last
        counted = members if first <= today <= last else by_month.get(first)
        months.append(Month(MONTHS[number - 1], day.timetuple().tm_yday * 100 / days, counted, plan(day)))
    return Line(months, start, members, plan(today))


@dataclass(frozen=True, slots=True)
class Stale:
    """A branch whose register file is old; `days` is None where none was ever imported."""

    place: str
    days: int | None


def last_imports(branch_ids: Iterable[int] | None = None, *, county_id: int | None = None) -> dict[int, datetime]:
    """When a register file was last imported, by the branch it was imported into: one query."""
    imports = RegisterImport.objects.filter(state=ImportState.APPLIED, applied_at__isnull=False)
    if branch_ids is not None:
        imports = imports.filter(branch_id__in=list(branch_ids))
    if county_id is not None:
        imports = imports.filter(branch__county_id=county_id)
    rows = imports.values("branch_id").annotate(newest=Max("applied_at")).values_list("branch_id", "newest")
    return {branch_id: newest for branch_id, newest in rows if newest is not None}


def stale_branches(found: CountyFigures, county_id: int, *, today: date) -> list[Stale]:
    """The branches with an old register file, the oldest first. An import into the county is one into every branch."""
    imports = last_imports(county_id=county_id)
    whole = imports.get(county_id)
    if whole and today - whole.date() <= FRESH:
        return []
    stale = []
    for row in found.rows:
        times = [time for time in (whole, imports.get(row.branch_id or 0)) if time]
        days = (today - max(times).date()).days if times else None
        if days is None or days > FRESH.days:
            stale.append(Stale(row.place, days))
    return sorted(stale, key=lambda one: -(one.days if one.days is not None else 1_000_000))
