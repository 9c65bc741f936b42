"""After a restored backup: what has happened since to those who left is done again, from the journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Final, TypeVar

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from membership.actions.editing import Edit, Pen, locked, write
from membership.actions.erasure import erase_many
from membership.actions.numbers import digest_of, forget_digests
from membership.enums import ChangeSource, MemberStatus
from membership.models import ErasedNumber, Member
from membership.models.member import GONE
from privacy import journal
from privacy.actions.departures import TooLate, come_back
from privacy.enums import LeaveWay
from privacy.journal import Did, Entry
from privacy.models import Departure

_AT_ONCE: Final = 500
T = TypeVar("T")
_Found = Mapping[int, Entry]


@dataclass(slots=True)
class Replayed:
    """How many numbers the journal has, and how many members left, came back and were erased once more."""

    read: int = 0
    left: int = 0
    returned: int = 0
    erased: int = 0


def replay(*, now: datetime, today: date, since: date | None = None, dry_run: bool = False) -> Replayed:
    """Do again what the journal has from a day on; with `dry_run` only count. Twice changes nothing more.

    What was the last act on a number counts. Receipts are not sent again. Each chunk is a transaction, so that a
    replay that breaks off is begun again.
    """
    last = _last_acts(since)
    done = Replayed(read=len(last))
    found = _find(last)
    with journal.kept_quiet():
        done.erased = _erase(found, last, now=now, today=today, dry_run=dry_run)
        done.left = _leave(found, now=now, today=today, dry_run=dry_run)
        done.returned = _return(found, now=now, today=today, dry_run=dry_run)
    if not dry_run:
        record(
            Verb.ERASURES_REPLAYED, by=None, count=done.erased, left=done.left, returned=done.returned, read=done.read
        )
    return done


def _last_acts(since: date | None) -> dict[str, Entry]:
    last: dict[str, Entry] = {}
    for entry in journal.read(since):
        before = last.get(entry.digest)
        if before is None or before.at <= entry.at:
            last[entry.digest] = entry
    return last


def _find(last: Mapping[str, Entry]) -> dict[int, Entry]:
    """The members whose numbers these are, and the last act on each.

    Whoever has come into the register since that act is somebody else, or has joined anew.
    """
    found: dict[int, Entry] = {}
    rows = Member.objects.order_by("pk").values_list("pk", "member_number", "created_at")
    for pk, number, created_at in rows.iterator(2000):
        entry = last.get(digest_of(number))
        if entry and created_at <= entry.at:
            found[pk] = entry
    return found


def _erase(found: _Found, last: Mapping[str, Entry], *, now: datetime, today: date, dry_run: bool) -> int:
    """Those who were erased; and their numbers, also of those who are not in the backup at all."""
    by_day: dict[date, list[int]] = {}
    for pk, entry in found.items():
        if entry.did == Did.ERASED:
            by_day.setdefault(entry.on, []).append(pk)
    if dry_run:
        return sum(map(len, by_day.values()))
    for entries in _pieces(entry for entry in last.values() if entry.did == Did.ERASED):
        days = {entry.digest: entry.on for entry in entries}
        known = ErasedNumber.objects.filter(digest__in=days).values_list("digest", flat=True)
        forget_digests({digest: days[digest] for digest in days.keys() - set(known)})
    return sum(
        erase_many(ids, by=None, now=now, today=today, erased_on=on)
        for on, wanted in sorted(by_day.items())
        for ids in _pieces(wanted)
    )


def _leave(found: _Found, *, now: datetime, today: date, dry_run: bool) -> int:
    """Those who left: hidden again, to be erased on the day that was told them."""
    wanted = {pk: entry for pk, entry in found.items() if entry.did == Did.LEFT}
    if dry_run:
        return sum(Member.objects.shown().filter(pk__in=ids).count() for ids in _pieces(wanted))
    return sum(_leave_some(ids, wanted, Pen(None, ChangeSource.OFFICER, now, today)) for ids in _pieces(wanted))


@transaction.atomic
def _leave_some(ids: list[int], wanted: _Found, pen: Pen) -> int:
    members = locked(Member.objects.shown().filter(pk__in=ids))
    Departure.objects.standing().filter(member__in=members).update(returned_at=pen.now)
    Departure.objects.bulk_create([_departure(member, wanted[member.pk], pen.now) for member in members])
    edits = [Edit(member, _values(wanted[member.pk])) for member in members]
    return len(write(edits, pen=pen))


def _departure(member: Member, entry: Entry, now: datetime) -> Departure:
    return Departure(
        member=member,
        way=entry.way,
        left_on=entry.on,
        recorded_at=now,
        status_before=member.status,
        erase_on=entry.erase_on or entry.on,
    )


def _values(entry: Entry) -> dict[str, object]:
    status = MemberStatus.DECEASED if entry.way == LeaveWay.DEATH else MemberStatus.RESIGNED
    return {"status": status.value, "left_on": entry.on}


def _return(found: _Found, *, now: datetime, today: date, dry_run: bool) -> int:
    """Those who had not left after all, where the backup has them between leaving and coming back."""
    wanted = {pk: entry for pk, entry in found.items() if entry.did == Did.RETURNED}
    returned = 0
    for ids in _pieces(wanted):
        standing = Departure.objects.standing().filter(member__in=ids, member__status__in=GONE)
        for departure in standing.order_by("pk"):
            if departure.recorded_at <= wanted[departure.member_id].at:
                returned += dry_run or _come_back(departure, now=now, today=today)
    return returned


def _come_back(departure: Departure, *, now: datetime, today: date) -> bool:
    try:
        come_back(departure, by=None, now=now, today=today)
    except TooLate:
        return False
    return True


def _pieces(rows: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(rows)
    while piece := list(islice(iterator, _AT_ONCE)):
        yield piece
