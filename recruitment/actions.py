"""What changes elections and targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common.text import fold
from membership.enums import BranchKind
from membership.models import Branch, BranchNumber
from recruitment.enums import ElectionKind
from recruitment.models import ElectionResult, Target, TargetRound
from recruitment.target_file import TargetRow, TargetTable


class NoYears(Exception):
    """Neither the file nor the command says which years the targets are for."""


@dataclass(slots=True)
class Imported:
    """What came of a table: the round, how many branches went in, and which rows did not, with the reason."""

    round: TargetRound
    branches: int = 0
    changed: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Years:
    """The years a table is about."""

    recruit: int
    total: int
    municipal: int
    storting: int


def last_election(kind: str, year: int) -> int:
    """The year of the last ordinary election in or before a year: each is held every fourth September."""
    return year - (year - (2013 if kind == ElectionKind.STORTING else 2015)) % 4


def years_of(table: TargetTable, *, municipal: int | None = None, storting: int | None = None) -> Years:
    """The years of a table; the elections are the last in or before the recruit year unless told otherwise.

    Raises `NoYears`.
    """
    recruit, total = table.recruit_year, table.total_year
    if recruit is None or total is None:
        raise NoYears
    return Years(
        recruit,
        total,
        municipal or last_election(ElectionKind.MUNICIPAL, recruit),
        storting or last_election(ElectionKind.STORTING, recruit),
    )


@transaction.atomic
def import_targets(
    county: Branch, table: TargetTable, *, years: Years, by: User | None, now: datetime, deadline_on: date | None = None
) -> Imported:
    """Write a table into the county's newest round of the year, which is made where there is none.

    A cell without a number tells nothing: what stands in the round already stays. Rows of several old municipalities
    that are one branch now are added up. Rows of no branch of the county are reported, and the rest go in.
    """
    Branch.objects.select_for_update().get(pk=county.pk)
    done = Imported(_round(county, years, deadline_on, by=by, now=now))
    finder = BranchFinder(county)
    grouped: dict[int, list[TargetRow]] = {}
    whole = {fold(name) for name in (county.place, county.name, f"Hele {county.place}", f"{county.place} totalt")}
    for row in table.rows:
        if fold(row.name) in whole:
            continue
        branch = finder.find(row)
        if branch is None:
            done.problems.append((row.number, f"no branch “{row.name or row.municipality_number}” in {county.name}"))
        else:
            grouped.setdefault(branch.pk, []).append(row)
    done.problems.extend((cell.row, f"“{cell.heading}” is not a number") for cell in table.unread)
    for branch_id, rows in grouped.items():
        branch = finder.branches[branch_id]
        values = _added_up(rows)
        done.branches += 1
        done.changed += _set_target(done.round, branch, values, now=now)
        for kind, year, name in (
            (ElectionKind.MUNICIPAL, years.municipal, "municipal"),
            (ElectionKind.STORTING, years.storting, "storting"),
        ):
            result = {"votes": values.get(f"{name}_votes"), "share_hundredths": values.get(f"{name}_share")}
            if result["votes"] is None and result["share_hundredths"] is None:
                continue
            number = number_then(finder.numbers.get(branch_id, ()), year)
            if number:
                done.changed += _set_result(branch, number, kind, year, result)
            else:
                done.problems.append((rows[0].number, f"{branch.place} has no municipality number to keep votes by"))
    record(Verb.TARGETS_IMPORTED, by=by, branch_id=county.pk, subject=done.round, count=done.branches)
    return done


class BranchFinder:
    """Finds a county's municipal branches by number, place, name, or a name the municipality has had."""

    def __init__(self, county: Branch) -> None:
        self.branches = {
            branch.pk: branch for branch in county.subtree.filter(kind=BranchKind.MUNICIPAL).order_by("sort_key", "id")
        }
        self.numbers: dict[int, list[BranchNumber]] = {}
        for number in BranchNumber.objects.filter(branch_id__in=self.branches).order_by("valid_from", "number", "id"):
            self.numbers.setdefault(number.branch_id, []).append(number)
        self._by_number: dict[str, int] = {}
        self._by_name: dict[str, int] = {}
        for branch_id, numbers in self.numbers.items():
            for number in numbers:
                self._by_number[number.number] = branch_id
                for name in (number.name, *number.name.split(" - ")):
                    self._by_name.setdefault(fold(name), branch_id)
        # A branch's own names win over what a municipality was once called.
        for branch in self.branches.values():
            for name in (*branch.other_names.split("·"), branch.name, branch.place):
                if fold(name):
                    self._by_name[fold(name)] = branch.pk

    def find(self, row: TargetRow) -> Branch | None:
        """The branch of a row; None where there is none, or the number and the name are of different ones."""
        names = (row.name, *row.name.split(" - "))
        found = {
            self._by_number.get(row.municipality_number),
            next((pk for name in names if (pk := self._by_name.get(fold(name)))), None),
        } - {None}
        return self.branches[found.pop() or 0] if len(found) == 1 else None


def number_then(numbers: Iterable[BranchNumber], year: int) -> str:
    """The municipality number a branch's result of one year is kept by; empty where no number is known.

    Its number on election day. Of municipalities that have become one since, the number they got in the merger: the
    result is of them all, and none of the old numbers stands for it.
    """
    day = date(year, 9, 10)
    known = sorted(numbers, key=lambda number: number.valid_from)
    then = [
        number for number in known if number.valid_from <= day and (number.valid_to is None or day < number.valid_to)
    ]
    if len(then) == 1:
        return then[0].number
    return next((number.number for number in known if number.valid_from > day), "")


@transaction.atomic
def record_result(
    branch: Branch, *, number: str, kind: str, year: int, votes: int | None, share_hundredths: int | None
) -> bool:
    """Keep one public result; whether it was new or different."""
    return _set_result(branch, number, kind, year, {"votes": votes, "share_hundredths": share_hundredths})


def _round(county: Branch, years: Years, deadline_on: date | None, *, by: User | None, now: datetime) -> TargetRound:
    known = TargetRound.objects.filter(county=county, recruit_year=years.recruit).newest_first().first()
    if known is None:
        return TargetRound.objects.create(
            county=county,
            recruit_year=years.recruit,
            total_year=years.total,
            deadline_on=deadline_on,
            created_at=now,
            created_by=by,
        )
    if deadline_on and deadline_on != known.deadline_on:
        known.deadline_on = deadline_on
        known.save(update_fields=["deadline_on"])
    return known


def _added_up(rows: Iterable[TargetRow]) -> Mapping[str, int]:
    """The values of all rows of one branch; a share of several municipalities together nobody knows."""
    found = list(rows)
    if len(found) == 1:
        return found[0].values
    names = {name for row in found for name in row.values if not name.endswith("_share")}
    return {name: sum(row.values.get(name, 0) for row in found) for name in names}


def _set_target(target_round: TargetRound, branch: Branch, values: Mapping[str, int], *, now: datetime) -> bool:
    told: dict[str, Any] = {name: values[name] for name in ("recruit_target", "total_target") if name in values}
    if "members" in values:
        told["members_then"] = values["members"]
    target = Target.objects.filter(round=target_round, branch=branch).first() or Target(
        round=target_round, branch=branch
    )
    changed = {name for name, value in told.items() if getattr(target, name) != value}
    if target.pk and not changed:
        return False
    for name in changed:
        setattr(target, name, told[name])
    if changed & {"recruit_target", "total_target"}:
        target.answered_at = now
    target.save()
    return True


def _set_result(branch: Branch, number: str, kind: str, year: int, values: Mapping[str, int | None]) -> bool:
    known = ElectionResult.objects.filter(number=number, kind=kind, year=year).first()
    told = {name: value for name, value in values.items() if value is not None}
    if known is None:
        ElectionResult.objects.create(number=number, kind=kind, year=year, branch=branch, **told)
        return True
    told_of = {**told, "branch_id": branch.pk}
    if all(getattr(known, name) == value for name, value in told_of.items()):
        return False
    ElectionResult.objects.filter(pk=known.pk).update(**told_of)
    return True
