"""Erasing members: the records go, counts remain, and an older file does not bring anyone back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import F

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.actions.editing import locked
from membership.actions.numbers import forget_numbers
from membership.actions.summaries import recount
from membership.actions.undo import remove
from membership.extensions import registry
from membership.models import BranchSummary, ErasedCount, FormerNumber, Member

# SQLite takes no more ids than this in one statement of a cascade.
CHUNK: Final = 500
# Where fewer are in the register, a number could point at somebody.
FEW: Final = 10
UNKNOWN_AGE: Final = -1
_Place = tuple[int, int, int]


class _Kind(NamedTuple):
    """What is counted of one who was erased."""

    branch_id: int
    county_id: int
    year: int
    age_band: int


def erase(member: Member, *, by: User | None, now: datetime, today: date) -> None:
    """Take one member out of the register for good."""
    erase_many([member.pk], by=by, now=now, today=today)


@transaction.atomic
def erase_many(
    member_ids: Iterable[int], *, by: User | None, now: datetime, today: date, erased_on: date | None = None
) -> int:
    """Take members out of the register for good; how many were there to take.

    That their numbers were erased, also those they had before, is remembered by keyed hashes; of themselves remain
    counts by year and age. The log keeps counts alone. `erased_on` is the day it counts from where that is another
    than today. One transaction: whoever has thousands hands over some hundreds at a time.
    """
    on = erased_on or today
    erased: Counter[_Kind] = Counter()
    for ids in _chunks(sorted(set(member_ids))):
        if members := locked(Member.objects.filter(pk__in=ids)):
            _erase_chunk(members, by=by, now=now, on=on)
            erased.update(_kind(member, on) for member in members)
    if erased:
        # Last, as in `editing.write`: others wait for these rows, and never hold them while they wait for a member.
        counted = _remember(erased)
        recount({kind.branch_id for kind in erased} | counted, today=today)
    return erased.total()


def _erase_chunk(members: Sequence[Member], *, by: User | None, now: datetime, on: date) -> None:
    """Erase these, who are locked."""
    ids = [member.pk for member in members]
    former = FormerNumber.objects.filter(member__in=ids).values_list("number", flat=True)
    forget_numbers([*(member.member_number for member in members), *former], on=on)
    for erasure in registry.erasures:
        erasure.wipe(members, now)
    for branch_id, count in sorted(Counter(member.branch_id for member in members).items()):
        record(Verb.MEMBERS_ERASED, by=by, branch_id=branch_id, count=count, now=now)
    remove(ids)


def age_band(member: Member, on: date) -> int:
    """The ten years that the member's age on a day falls in: 30 for 30 to 39; `UNKNOWN_AGE` where nothing tells it."""
    if member.birth_on:
        before_birthday = (on.month, on.day) < (member.birth_on.month, member.birth_on.day)
        years = on.year - member.birth_on.year - before_birthday
    elif member.birth_year:
        years = on.year - member.birth_year
    else:
        return UNKNOWN_AGE
    return max(0, years // 10 * 10)


def _kind(member: Member, on: date) -> _Kind:
    left_on = member.left_on or on
    return _Kind(member.branch_id, member.county_id, left_on.year, age_band(member, left_on))


def _remember(erased: Counter[_Kind]) -> set[int]:
    """Add to the counts of their branches, or of the county where a branch is small; the branches counted under."""
    summaries = BranchSummary.objects.filter(pk__in={kind.branch_id for kind in erased})
    large = {row.pk for row in summaries.order_by("pk").select_for_update() if row.people >= FEW}
    found: Counter[_Place] = Counter()
    for kind, count in erased.items():
        place = kind.branch_id if kind.branch_id in large else kind.county_id
        found[place, kind.year, kind.age_band] += count
    _add(found)
    return {place for place, _year, _band in found}


def _add(found: Counter[_Place]) -> None:
    """Add to each count; rows that are not there are made first, so that of two who make one nobody fails."""
    ErasedCount.objects.bulk_create(
        [ErasedCount(branch_id=place, year=year, age_band=band) for place, year, band in sorted(found)],
        ignore_conflicts=True,
    )
    rows = ErasedCount.objects.filter(
        branch__in={place for place, _year, _band in found}, year__in={year for _place, year, _band in found}
    ).values_list("pk", "branch_id", "year", "age_band")
    alike: dict[int, list[int]] = {}
    for pk, place, year, band in rows:
        if count := found.get((place, year, band)):
            alike.setdefault(count, []).append(pk)
    for count, pks in alike.items():
        ErasedCount.objects.filter(pk__in=pks).update(count=F("count") + count)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
