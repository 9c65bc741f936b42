"""What has happened to those who left, written outside the database: a restored backup does not know it.

Each act is a small file of its own under `erasures/` in the storage, never changed once it is there: when, what, and
a keyed hash of each number the member had. It tells nobody who they were. An act is not undone because the journal
could not be written: an error is logged, and the next night writes what is missing (`mend`).
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import partial
from itertools import count, islice
from typing import Any, Final, TypeVar

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.timezone import localdate

from common import clock
from common.policy import keep
from membership.actions.numbers import digest_of
from membership.models import ErasedNumber, FormerNumber, Member
from privacy.models import Departure

FOLDER: Final = "erasures"
# How far back the next night looks for what could not be written.
_MENDED: Final = timedelta(days=3)
_AT_ONCE: Final = 500
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)
# Two acts of one process in the same microsecond still follow one another.
_places: Final = count()
log = logging.getLogger(__name__)
T = TypeVar("T")


class Did(StrEnum):
    """What happened."""

    LEFT = "left"
    RETURNED = "returned"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Entry:
    """One act on one number. `on` is the day of leaving, returning or erasing; `way` and `erase_on` are a leaver's."""

    did: Did
    digest: str
    on: date
    at: datetime
    way: str = ""
    erase_on: date | None = None

    def to_json(self) -> dict[str, str]:
        """As it stands in a file."""
        told = {"did": self.did.value, "digest": self.digest, "on": self.on.isoformat(), "at": self.at.isoformat()}
        if self.erase_on:
            told |= {"way": self.way, "erase_on": self.erase_on.isoformat()}
        return told


@contextmanager
def kept_quiet() -> Iterator[None]:
    """Write nothing meanwhile: what is replayed stands in the journal already."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def note_left(member_ids: Sequence[int]) -> None:
    """Those who have left, as their departures stand; written when the transaction commits."""
    if _quiet.get():
        return
    at = _now()
    _write_soon([replace(entry, at=at) for entry in _of_departures(member_ids)])


def note_returned(member_ids: Sequence[int], today: date) -> None:
    """Those who have not left after all."""
    if not _quiet.get():
        _write_soon([Entry(Did.RETURNED, digest, today, _now()) for digest in _digests(member_ids)])


def note_erased(members: Sequence[Member], now: datetime) -> None:
    """Those who are being erased: what `registry.erasures` calls, before the rows go."""
    if not _quiet.get():
        digests = _digests([member.pk for member in members])
        _write_soon([Entry(Did.ERASED, digest, localdate(now), _now()) for digest in digests])


def read(since: date | None = None) -> Iterator[Entry]:
    """All that is written, from a day (UTC) on, in the order in which it happened."""
    for day in _days():
        if since is None or day >= since.isoformat():
            folder = f"{FOLDER}/{day}"
            for name in sorted(default_storage.listdir(folder)[1]):
                with default_storage.open(f"{folder}/{name}") as file:
                    yield from _entries(file.read().decode(errors="replace"), file=f"{day}/{name}")


def mend(now: datetime) -> int:
    """Write what could not be written when it happened, in the last days, as far as the database tells; how many."""
    since = now - _MENDED
    known = {hash((entry.did, entry.digest)) for entry in read((since - timedelta(days=1)).astimezone(UTC).date())}
    mended = 0
    for entries in _pieces(_lately(since, now)):
        missing = [entry for entry in entries if hash((entry.did, entry.digest)) not in known]
        _save(missing)
        mended += len(missing)
    return mended


def forget_old(today: date) -> None:
    """Erase what is older than any backup can be."""
    last = (today - keep("erasure_journal")).isoformat()
    for day in _days():
        if day < last:
            folder = f"{FOLDER}/{day}"
            for name in default_storage.listdir(folder)[1]:
                default_storage.delete(f"{folder}/{name}")
            default_storage.delete(folder)


def _now() -> datetime:
    """The true time, in the demo too: files are named by it, and rows are made by it."""
    return clock.machine_time().astimezone(UTC)


def _lately(since: datetime, now: datetime) -> Iterator[Entry]:
    """What the database says has happened since."""
    left = Departure.objects.standing().filter(recorded_at__gte=since)
    for ids in _pieces(left.values_list("member_id", flat=True).iterator(_AT_ONCE)):
        yield from _of_departures(ids)
    back = Departure.objects.filter(returned_at__gte=since).values_list("member_id", "returned_at")
    for pk, at in back.iterator(_AT_ONCE):
        if at:
            yield from (Entry(Did.RETURNED, digest, localdate(at), at) for digest in _digests([pk]))
    erased = ErasedNumber.objects.filter(erased_on__gte=localdate(since)).values_list("digest", "erased_on")
    for digest, on in erased.iterator(_AT_ONCE):
        # Some time that day; no later than it ended, for whoever has joined anew is another.
        ended = datetime.combine(on + timedelta(days=1), time.min, clock.OSLO)
        yield Entry(Did.ERASED, digest, on, min(now, ended))


def _of_departures(member_ids: Sequence[int]) -> Iterator[Entry]:
    """Those who have left, as their departures stand."""
    standing = Departure.objects.standing().filter(member__in=member_ids)
    rows = {one.member_id: one for one in standing.only("member_id", "left_on", "way", "erase_on", "recorded_at")}
    for pk, number in _numbers(list(rows)):
        one = rows[pk]
        yield Entry(Did.LEFT, digest_of(number), one.left_on, one.recorded_at, one.way, one.erase_on)


def _numbers(member_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Member id and number, also those they had before: a backup may know them by an older one."""
    numbers = Member.objects.filter(pk__in=member_ids).order_by("pk").values_list("pk", "member_number")
    former = FormerNumber.objects.filter(member__in=member_ids).order_by("pk").values_list("member_id", "number")
    return [*numbers, *former]


def _digests(member_ids: Sequence[int]) -> list[str]:
    return [digest_of(number) for _pk, number in _numbers(member_ids)]


def _write_soon(entries: Sequence[Entry]) -> None:
    if entries:
        transaction.on_commit(partial(_save, entries))


def _save(entries: Sequence[Entry]) -> None:
    """A file of its own; the act stands whatever becomes of it."""
    if not entries:
        return
    at = _now()
    name = f"{FOLDER}/{at:%Y-%m-%d}/{at:%H%M%S.%f}-{next(_places):06d}-{secrets.token_hex(8)}.jsonl"
    text = "".join(json.dumps(entry.to_json()) + "\n" for entry in entries)
    try:
        default_storage.save(name, ContentFile(text.encode()))
    except Exception:
        # Whatever the storage is made of. The trace tells of files, not of people.
        log.exception("The journal of erasures could not be written: %s numbers wait for the next night", len(entries))
        _delete_half(name)


def _delete_half(name: str) -> None:
    """What was begun of a file, if the storage lets us: what stays is skipped when it is read."""
    try:
        default_storage.delete(name)
    except Exception:
        log.exception("A half-written file stays in the journal of erasures")


def _days() -> list[str]:
    try:
        return sorted(default_storage.listdir(FOLDER)[0])
    except FileNotFoundError:
        return []


def _entries(text: str, *, file: str) -> Iterator[Entry]:
    """A file's acts; a line that breaks off is none: what it told is written again by `mend`."""
    for line in text.splitlines():
        try:
            yield _entry(line)
        except (ValueError, KeyError, TypeError):
            # The line itself may hold anything.
            log.warning("A line of the journal of erasures cannot be read and is skipped: %s", file)


def _entry(line: str) -> Entry:
    told: dict[str, Any] = json.loads(line)
    return Entry(
        Did(told["did"]),
        told["digest"],
        date.fromisoformat(told["on"]),
        datetime.fromisoformat(told["at"]),
        told.get("way", ""),
        date.fromisoformat(told["erase_on"]) if "erase_on" in told else None,
    )


def _pieces(rows: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(rows)
    while piece := list(islice(iterator, _AT_ONCE)):
        yield piece
