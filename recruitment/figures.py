"""The figures of a county, branch by branch: members, votes, targets. All from summary rows, whatever the size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final

from django.db.models import BigIntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from common.numbers import format_decimal, format_percent
from membership.figures import merged_into
from membership.models import Branch, BranchSummary
from recruitment.enums import ElectionKind
from recruitment.models import ElectionResult, Target, TargetRound
from recruitment.plan import Progress

UNKNOWN: Final = "–"
# The branch that a merged one became: it has the votes of all, and a share that nobody can know.
_HEIR: Final = Subquery(merged_into().filter(predecessor_id=OuterRef("branch_id")).values("successor_id")[:1])
ALL_KINDS: Final = (ElectionKind.MUNICIPAL, ElectionKind.STORTING, ElectionKind.COUNTY)


@dataclass(frozen=True, slots=True)
class Result:
    """Votes and share (hundredths of a per cent) in one election; None for what nobody knows."""

    votes: int | None = None
    share_hundredths: int | None = None

    @property
    def share(self) -> str:
        """“32,8 %”, or a dash."""
        return UNKNOWN if self.share_hundredths is None else format_percent(self.share_hundredths / 100)

    def plus(self, other: Result) -> Result:
        """Of municipalities that are one branch now: the votes together, and a share nobody can know."""
        votes = None if self.votes is None or other.votes is None else self.votes + other.votes
        return Result(votes)


@dataclass(slots=True)
class Figures:
    """One municipal branch with the local branches under it, a local branch, those without a branch, or a county."""

    on: date
    branch_id: int | None = None
    place: str = ""
    slug: str = ""
    other_names: str = ""
    sort_key: str = ""
    members: int = 0
    # Of the year of `on`.
    joined: int = 0
    left: int = 0
    municipal: Result = Result()
    storting: Result = Result()
    total_target: int | None = None
    recruit_target: int | None = None

    @property
    def per_hundred(self) -> float | None:
        """Members per 100 votes at the last municipal election; None where the votes are not known."""
        return self.members * 100 / self.municipal.votes if self.municipal.votes else None

    @property
    def per_hundred_text(self) -> str:
        """With one decimal, or a dash."""
        return UNKNOWN if self.per_hundred is None else format_decimal(self.per_hundred)

    @property
    def progress(self) -> Progress:
        """Recruited this year of the recruit target."""
        return Progress(self.joined, self.recruit_target, self.on)


@dataclass(frozen=True, slots=True)
class Round:
    """One round's years and, by branch, the recruit target and the total target."""

    recruit_year: int
    total_year: int
    deadline_on: date | None = None
    targets: dict[int, tuple[int | None, int | None]] = field(default_factory=dict)


@dataclass
class CountyFigures:
    """Every municipal branch, the members without one, and the elections the votes are of."""

    on: date
    place: str
    rows: list[Figures]
    without: Figures
    round: Round | None = None
    # None where no result is known.
    municipal_year: int | None = None
    storting_year: int | None = None
    county_year: int | None = None
    county_result: Result = Result()

    @cached_property
    def total(self) -> Figures:
        """The sum of all rows, which is the county's own number.

        Targets are the sum of what has been answered. Votes are known only where every branch's are: a sum that lacks
        one would make the members' share of them look larger than it is.
        """
        everyone = [*self.rows, self.without]
        return Figures(
            self.on,
            place=self.place,
            members=sum(row.members for row in everyone),
            joined=sum(row.joined for row in everyone),
            left=sum(row.left for row in everyone),
            municipal=Result(_sum_of_all(row.municipal.votes for row in self.rows)),
            storting=Result(_sum_of_all(row.storting.votes for row in self.rows)),
            total_target=_sum_of_known(row.total_target for row in self.rows),
            recruit_target=_sum_of_known(row.recruit_target for row in self.rows),
        )

    def similar_to(self, branch_id: int | None, count: int = 5) -> list[Figures]:
        """The branches nearest in votes, the branch itself among them, the densest first; empty without votes."""
        own = next((row for row in self.rows if row.branch_id == branch_id), None)
        if own is None or not own.municipal.votes:
            return []
        votes = own.municipal.votes
        known = [row for row in self.rows if row.municipal.votes and row is not own]
        near = sorted(known, key=lambda row: (abs((row.municipal.votes or 0) - votes), row.sort_key))[:count]
        return sorted([own, *near], key=lambda row: (-(row.per_hundred or 0), row.sort_key))


def _sum_of_known(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _sum_of_all(values: Iterable[int | None]) -> int | None:
    found = list(values)
    return _sum_of_known(found) if None not in found else None


def rounds_of(county_id: int) -> list[TargetRound]:
    """The newest version of each year's round, the newest year first."""
    newest: dict[int, TargetRound] = {}
    for found in TargetRound.objects.filter(county_id=county_id).newest_first():
        newest.setdefault(found.recruit_year, found)
    return list(newest.values())


def round_of(county_id: int, year: int, **only: int) -> Round | None:
    """The newest version of one year's round that anybody was asked in, with its targets; one query.

    `only` narrows the targets to those of one branch.
    """
    rows = (
        Target.objects.filter(round__county_id=county_id, round__recruit_year=year, **only)
        .order_by("round__version", "id")
        .values_list(
            "round__version", "round__total_year", "round__deadline_on", "branch_id", "recruit_target", "total_target"
        )
    )
    newest, found = None, None
    for version, total_year, deadline_on, branch_id, recruit, total in rows:
        if version != newest:
            newest, found = version, Round(year, total_year, deadline_on)
        if found is not None:
            found.targets[branch_id] = (recruit, total)
    return found


def county_figures(
    county: Branch, *, on: date, target_round: Round | None, kinds: Sequence[str] = ALL_KINDS
) -> CountyFigures:
    """A whole county in two queries; elections are the last in or before the round's year (without one: `on`'s).

    `kinds` are the elections that are asked for; the other results stay unknown.
    """
    found = _members(county, on)
    found.round = target_round
    _add_results(found, county, target_round.recruit_year if target_round else on.year, kinds)
    if target_round:
        for row in found.rows:
            row.recruit_target, row.total_target = target_round.targets.get(row.branch_id or 0, (None, None))
    return found


def _members(county: Branch, on: date) -> CountyFigures:
    """Members of each municipal branch with its local ones, in the order of names, and of the county alone."""
    summaries = BranchSummary.objects.filter(county_id=county.pk).values_list(
        "branch_id",
        "municipal_id",
        "members",
        "year",
        "joined",
        "left",
        "branch__place",
        "branch__slug",
        "branch__other_names",
        "branch__sort_key",
        "branch__valid_to",
    )
    without = Figures(on)
    rows: dict[int, Figures] = {}
    ended: set[int | None] = set()
    for branch_id, municipal_id, members, year, joined, left, place, slug, others, sort_key, valid_to in summaries:
        row = without if municipal_id is None else rows.setdefault(municipal_id, Figures(on, municipal_id))
        row.members += members
        if year == on.year:
            row.joined += joined
            row.left += left
        if branch_id == municipal_id:
            row.place, row.slug, row.other_names, row.sort_key = place, slug, others, sort_key
            if valid_to is not None and valid_to <= on:
                ended.add(branch_id)
    # A branch that has ended is shown as long as somebody stands in it, so that the sum stays right.
    shown = [row for row in rows.values() if row.members or row.branch_id not in ended]
    return CountyFigures(on, county.place, sorted(shown, key=lambda row: (row.sort_key, row.branch_id or 0)), without)


def _add_results(found: CountyFigures, county: Branch, year: int, kinds: Sequence[str]) -> None:
    """The newest election of each kind in or before the year that the county knows of."""
    results = (
        ElectionResult.objects.filter(branch__county_id=county.pk, kind__in=kinds, year__lte=year)
        .annotate(heir_id=Coalesce(_HEIR, "branch_id", output_field=BigIntegerField()))
        .order_by("-year", "id")
        .values_list("heir_id", "kind", "year", "votes", "share_hundredths")
    )
    by_branch: dict[tuple[int | None, str], Result] = {}
    years: dict[str, int] = {}
    for branch_id, kind, held, votes, share in results:
        if years.setdefault(kind, held) != held:
            continue
        result, before = Result(votes, share), by_branch.get((branch_id, kind))
        by_branch[branch_id, kind] = before.plus(result) if before else result
    found.municipal_year = years.get(ElectionKind.MUNICIPAL)
    found.storting_year = years.get(ElectionKind.STORTING)
    found.county_year = years.get(ElectionKind.COUNTY)
    found.county_result = by_branch.get((county.pk, ElectionKind.COUNTY), Result())
    for row in found.rows:
        row.municipal = by_branch.get((row.branch_id, ElectionKind.MUNICIPAL), row.municipal)
        row.storting = by_branch.get((row.branch_id, ElectionKind.STORTING), row.storting)


def branch_figures(branch: Branch, *, on: date, target_round: Round | None) -> tuple[Figures, int | None]:
    """One municipal or local branch with all under it, in two queries, and the year its votes are of.

    A local branch has no votes of its own: they are counted by municipality.
    """
    found = Figures(on, branch.pk, branch.place, branch.slug, branch.other_names, branch.sort_key)
    summaries = BranchSummary.objects.filter(**branch.scope_of())
    this_year = Q(year=on.year)
    counts = summaries.aggregate(
        members=Sum("members"), joined=Sum("joined", filter=this_year), left=Sum("left", filter=this_year)
    )
    found.members, found.joined, found.left = (counts[name] or 0 for name in ("members", "joined", "left"))
    if target_round:
        found.recruit_target, found.total_target = target_round.targets.get(branch.pk, (None, None))
    before = merged_into().filter(successor_id=branch.pk).values("predecessor_id")
    own_or_merged = ElectionResult.objects.filter(Q(branch=branch) | Q(branch__in=before))
    results = own_or_merged.latest_before(ElectionKind.MUNICIPAL, on.year)
    newest = [result for result in results if result.year == results[0].year]
    for result in newest:
        own = Result(result.votes, result.share_hundredths)
        found.municipal = found.municipal.plus(own) if result is not newest[0] else own
    return found, newest[0].year if newest else None
