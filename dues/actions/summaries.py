"""Counting claims per branch and year, so that no page has to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum

from dues.enums import ClaimState
from dues.models import OPEN, Claim, DuesSummary
from membership.models import Branch

Key = tuple[int, int]
Counts = tuple[int, int, int, int]
_COLUMNS: Final = ("claims", "unpaid", "partial", "outstanding_ore")
_NOTHING: Final[Counts] = (0, 0, 0, 0)
_MUNICIPAL: Final = Branch.objects.filter(pk=OuterRef("branch_id")).values("municipal_id")


@transaction.atomic
def recount(branch_ids: Iterable[int] | None = None, years: Iterable[int] | None = None) -> None:
    """Count again the branches and years named (None: all).

    The summary rows are locked before the counting starts: of two transactions that count the same branch, the later
    sees what the earlier committed.
    """
    wanted = _narrow(None if branch_ids is None else set(branch_ids), None if years is None else set(years))
    rows = {(row.branch_id, row.year): row for row in _locked(wanted)}
    counts = _count(wanted)
    if missing := counts.keys() - rows.keys():
        _make(missing)
        rows = {(row.branch_id, row.year): row for row in _locked(wanted)}
        counts = _count(wanted)
    changed = [row for key, row in rows.items() if _differs(row, counts.get(key, _NOTHING))]
    DuesSummary.objects.bulk_update(changed, _COLUMNS, batch_size=200)


def lock(branch_ids: Iterable[int], years: Iterable[int]) -> None:
    """Take the summary rows an action will count again, before it changes claims: so no two wait for each other."""
    _locked(_narrow(set(branch_ids), set(years)))


def rebuild(branch_ids: Iterable[int] | None) -> None:
    """All years of the branches named (None: all), as the register's other counts are made anew."""
    ids = None if branch_ids is None else list(branch_ids)
    # A local branch may have got another above it.
    rows = DuesSummary.objects.all() if ids is None else DuesSummary.objects.filter(branch__in=ids)
    rows.exclude(municipal=F("branch__municipal")).update(municipal=Subquery(_MUNICIPAL))
    recount(ids)


def _narrow(branch_ids: Collection[int] | None, years: Collection[int] | None) -> Q:
    wanted = Q()
    if branch_ids is not None:
        wanted &= Q(branch_id__in=branch_ids)
    return wanted if years is None else wanted & Q(year__in=years)


def _locked(wanted: Q) -> list[DuesSummary]:
    return list(DuesSummary.objects.filter(wanted, is_final=False).order_by("pk").select_for_update())


def _count(wanted: Q) -> dict[Key, Counts]:
    rows = (
        Claim.objects.filter(wanted, state=ClaimState.RAISED)
        .values("branch_id", "year")
        .annotate(
            all=Count("pk"),
            open=Count("pk", filter=OPEN),
            part=Count("pk", filter=OPEN & Q(outstanding_ore__lt=F("amount_ore"))),
            ore=Sum("outstanding_ore", filter=OPEN),
        )
        .values_list("branch_id", "year", "all", "open", "part", "ore")
    )
    return {(branch_id, year): (claims, unpaid, part, ore or 0) for branch_id, year, claims, unpaid, part, ore in rows}


def _differs(row: DuesSummary, counts: Counts) -> bool:
    """Set the counts; whether any of them changed."""
    before = tuple(getattr(row, column) for column in _COLUMNS)
    for column, value in zip(_COLUMNS, counts, strict=True):
        setattr(row, column, value)
    return before != counts


def _make(missing: Iterable[Key]) -> None:
    keys = list(missing)
    branches = Branch.objects.in_bulk({branch_id for branch_id, _year in keys})
    DuesSummary.objects.bulk_create(
        (
            DuesSummary(
                branch_id=branch_id,
                municipal_id=branches[branch_id].municipal_id,
                county_id=branches[branch_id].root_id,
                year=year,
            )
            for branch_id, year in keys
        ),
        ignore_conflicts=True,
        batch_size=500,
    )
