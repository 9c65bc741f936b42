"""Likely pairs: written down as they are found, and decided by officers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from jobs import actions as jobs
from jobs.models import Job
from membership.enums import PairState
from membership.models import Branch, DuplicateCheck, DuplicatePair, DuplicatePairQuerySet, Member
from membership.roles import Permission

JOB: Final = "duplicates"
_CHUNK: Final = 500

Pair = tuple[int, int]
# The two ids, the lower first → score and reasons.
Found = dict[Pair, tuple[int, tuple[str, ...]]]


class AlreadyLooking(Exception):
    """The search is going on already; `job` is its own if the one who asks started it."""

    def __init__(self, job_id: UUID | None) -> None:
        super().__init__("already looking")
        self.job_id = job_id


@transaction.atomic
def start_search(branch: Branch, *, by: User, title: str, next_url: str, total: int = 0) -> Job:
    """Look for duplicates in the background: through the whole county, or for a branch's own members.

    One search in a branch at a time. Raises `AlreadyLooking`.
    """
    Branch.objects.select_for_update(no_key=True).get(pk=branch.pk)
    going = Job.objects.going(JOB, branch_id=branch.pk).order_by("-created_at", "id").first()
    if going is not None:
        raise AlreadyLooking(going.pk if going.owner_id == by.pk else None)
    record(Verb.DUPLICATES_SOUGHT, by=by, branch_id=branch.pk)
    params = {"title": title, "next": next_url, "back": next_url}
    return jobs.start(JOB, by=by, branch_id=branch.pk, permission=Permission.EDIT_MEMBERS, params=params, total=total)


def keep_found(county_id: int, found: Found, *, now: datetime) -> int:
    """Make a county's open pairs those that a search of all of it found; what was decided stays decided.

    Pairs found by others since the search began stay: they may be newer than what it read.
    """
    mine = DuplicatePair.objects.filter(county_id=county_id)
    known = _known(mine)
    _write(county_id, found, known, now)
    gone = [pair for pair, (_pk, state, *_rest) in known.items() if state == PairState.OPEN and pair not in found]
    for some in _chunks(known[pair][0] for pair in gone):
        mine.open().filter(pk__in=some, found_at__lte=now).delete()
    return len(found)


@transaction.atomic
def keep_found_of(county_id: int, member_ids: Sequence[int], found: Found, *, now: datetime) -> int:
    """Make the open pairs of some members those that were found when they were held against the register."""
    mine = DuplicatePair.objects.filter(Q(first__in=member_ids) | Q(second__in=member_ids))
    known = _known(mine)
    _write(county_id, found, known, now)
    gone = [pk for pair, (pk, state, *_rest) in known.items() if state == PairState.OPEN and pair not in found]
    mine.open().filter(pk__in=gone).delete()
    return len(found)


_Known = tuple[int, str, int, list[str], int]


def _known(pairs: DuplicatePairQuerySet) -> dict[Pair, _Known]:
    rows = pairs.values_list("first_id", "second_id", "pk", "state", "score", "reasons", "county_id")
    return {
        (first, second): (pk, state, score, reasons, county)
        for first, second, pk, state, score, reasons, county in rows
    }


def _write(county_id: int, found: Found, known: Mapping[Pair, _Known], now: datetime) -> None:
    new = [pair for pair in found if pair not in known]
    for some in _chunks(sorted(new)):
        _create(county_id, some, found, now)
    changed = [
        DuplicatePair(pk=known[pair][0], score=score, reasons=list(reasons), county_id=county_id)
        for pair, (score, reasons) in found.items()
        if pair in known and known[pair][2:] != (score, list(reasons), county_id)
    ]
    DuplicatePair.objects.bulk_update(changed, ["score", "reasons", "county"], batch_size=_CHUNK)


@transaction.atomic
def _create(county_id: int, some: Collection[Pair], found: Found, now: datetime) -> None:
    """Those of the pairs whose members are still there: they stay until the pair is written."""
    ids = {pk for pair in some for pk in pair}
    there = set(
        Member.objects.filter(pk__in=ids, county_id=county_id)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk", flat=True)
    )
    DuplicatePair.objects.bulk_create(
        [
            DuplicatePair(
                county_id=county_id,
                first_id=first,
                second_id=second,
                score=found[first, second][0],
                reasons=list(found[first, second][1]),
                found_at=now,
            )
            for first, second in some
            if first in there and second in there
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def take_checks(*, most: int) -> list[int]:
    """Take some members off the queue, the longest waiting first; nobody else changes them in this transaction.

    Whoever is being changed just now stays for the next time: a change that is not committed could not be seen.
    """
    waiting = DuplicateCheck.objects.order_by("asked_at", "member_id").values_list("member_id", flat=True)[:most]
    members = (
        Member.objects.filter(pk__in=list(waiting)).order_by("pk").select_for_update(skip_locked=True, no_key=True)
    )
    ids = list(members.values_list("pk", flat=True))
    DuplicateCheck.objects.filter(pk__in=ids).delete()
    return ids


def forget_checks(county_id: int, *, up_to: datetime) -> None:
    """Take those off the queue whom a search of the whole county has seen."""
    seen = DuplicateCheck.objects.filter(member__county_id=county_id, asked_at__lte=up_to)
    DuplicateCheck.objects.filter(pk__in=seen.values("pk")).delete()


def decide_different(pair: DuplicatePair, *, by: User, now: datetime) -> bool:
    """Remember that two are not the same person, for good; False where somebody decided it before."""
    with transaction.atomic():
        decided = DuplicatePair.objects.open().filter(pk=pair.pk)
        if not decided.update(state=PairState.DIFFERENT, decided_by=by, decided_at=now):
            return False
        record(
            Verb.DUPLICATE_DECIDED,
            by=by,
            branch_id=pair.county_id,
            subject=pair,
            members=[pair.first_id, pair.second_id],
        )
    return True


def part(one: Member, other: Member, *, by: User, now: datetime) -> DuplicatePair:
    """Remember of any two members that they are not the same person, likely pair or not."""
    first, second = sorted((one, other), key=lambda member: member.pk)
    with transaction.atomic():
        pair, _made = DuplicatePair.objects.get_or_create(
            first=first, second=second, defaults={"county_id": first.county_id, "score": 0, "found_at": now}
        )
        decide_different(pair, by=by, now=now)
    return pair


def reopen(pair: DuplicatePair, *, by: User, now: datetime) -> bool:
    """Take the decision back; False where there is none."""
    with transaction.atomic():
        decided = DuplicatePair.objects.filter(pk=pair.pk, state=PairState.DIFFERENT)
        if not decided.update(state=PairState.OPEN, decided_by=None, decided_at=None):
            return False
        DuplicatePair.objects.filter(pk=pair.pk, score=0).delete()
        record(Verb.DUPLICATE_DECIDED, by=by, branch_id=pair.county_id, subject=pair, now=now, taken_back=True)
    return True


def _chunks(items: Iterable[Pair] | Iterable[int]) -> Iterator[list]:  # type: ignore[type-arg]
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk
