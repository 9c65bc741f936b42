"""Every night: those whose time is over are erased. Nobody who is held, nobody who has come back, nobody twice."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from membership.actions.erasure import CHUNK, erase_many
from membership.models import Member, MemberQuerySet
from privacy.actions.departures import note_left
from privacy.models import Departure

log = logging.getLogger(__name__)


class NotAllErased(Exception):
    """Some of those who were due are still here; the log tells which departures."""


def erase_due(*, now: datetime, today: date) -> int:
    """Erase those whose correction time is over and whom nobody holds; how many.

    Each chunk is a transaction: a worker that is killed leaves whole chunks, and the next night takes the rest. A chunk
    that fails keeps no other from going; raises `NotAllErased` when all have been tried.
    """
    failed: list[int] = []
    with _told(failed, "Those who left by no door"):
        adopt(now=now, today=today)
    erased, after = 0, 0
    while chunk := _next_due(after, today):
        first, after = chunk[0][0], chunk[-1][0]
        with _told(failed, f"Departures {first} to {after}, {len(chunk)} of them,"):
            erased += _erase([member_id for _pk, member_id in chunk], now=now, today=today)
    if failed:
        raise NotAllErased(f"{len(failed)} parts failed and are tried again next time; {erased} members were erased")
    return erased


@contextmanager
def _told(failed: list[int], what: str) -> Iterator[None]:
    """Log what goes wrong and go on. Where in the code, and of what kind: a database's own words may name people."""
    try:
        yield
    except Exception as error:
        failed.append(1)
        where = "".join(traceback.format_tb(error.__traceback__))
        log.warning("%s could not be erased: %s\n%s", what, type(error).__name__, where)


def adopt(*, now: datetime, today: date) -> int:
    """Write down those who have left by no door that wrote it down, as data from before has it; how many.

    They wait as long as those of a register file do.
    """
    adopted, after = 0, 0
    while ids := _next_unwritten(after):
        after = ids[-1]
        adopted += _note(ids, now=now, today=today)
    return adopted


def _next_due(after: int, today: date) -> list[tuple[int, int]]:
    """The next departures that are due, by their ids, and their members."""
    due = Departure.objects.due(today).filter(pk__gt=after)
    return list(due.order_by("pk").values_list("pk", "member_id")[:CHUNK])


@transaction.atomic
def _erase(member_ids: Sequence[int], *, now: datetime, today: date) -> int:
    """Erase those of them who are due still, now that nobody else can change them, hold them or bring them back."""
    held = _hold_still(Member.objects.filter(pk__in=member_ids).gone())
    due = Departure.objects.due(today).filter(member__in=held).values_list("member_id", flat=True)
    return erase_many(list(due), by=None, now=now, today=today)


def _next_unwritten(after: int) -> list[int]:
    return list(_unwritten().filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:CHUNK])


@transaction.atomic
def _note(member_ids: Sequence[int], *, now: datetime, today: date) -> int:
    """Write down those of them who still want it, now that nobody else can."""
    held = _hold_still(Member.objects.filter(pk__in=member_ids))
    found = list(_unwritten().filter(pk__in=held).order_by("pk").values_list("pk", flat=True))
    if found:
        note_left(found, None, now, today)
    return len(found)


def _unwritten() -> MemberQuerySet:
    standing = Departure.objects.standing().filter(member=OuterRef("pk"))
    return Member.objects.gone().exclude(Exists(standing))


def _hold_still(members: MemberQuerySet) -> list[int]:
    """Lock members until the transaction ends: whoever holds one back or brings one in again locks the member first."""
    return list(members.order_by("pk").select_for_update().values_list("pk", flat=True))
