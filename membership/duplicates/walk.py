"""Reading the register along its indexes, so that who shares something comes together; a chunk at a time.

No cursor stays open between chunks: on SQLite a job that reads that way could not write its progress.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeVar

from django.db import models
from django.db.models import F
from django.db.models.functions import Lower

from membership.duplicates.people import COLUMNS, Person, person_of
from membership.enums import MemberStatus
from membership.models import Member
from membership.models.member import GONE

T = TypeVar("T")

CHUNK: Final = 10_000
# More than so many with one mobile number or name are a fault of the register, not one person: left out.
GIANT: Final = 2_000
_AT_ONCE: Final = 1_000
_OTHERS: Final = tuple(value for value in MemberStatus.values if value not in (MemberStatus.MEMBER, *GONE))

Ids = list[int]
# Members with what they may share as `key`: a column that the model does not know.
Keyed = models.QuerySet[Any]


class Filled(models.Func):
    """The condition of the partial indexes, spelled out: behind a bound parameter, SQLite does not recognise it."""

    template = "(NOT (%(expressions)s = ''))"
    output_field = models.BooleanField()


def by_column(name: str) -> Keyed:
    """Members with something in a column that has a partial index, as `key`."""
    return Member.objects.filter(Filled(F(name))).annotate(key=F(name))


def email_as_key() -> Keyed:
    """Members with their email address, in small letters as `key`."""
    return Member.objects.annotate(key=Lower("email"))


def birth_as_key() -> Keyed:
    """Members with their day of birth as `key`."""
    return Member.objects.annotate(key=F("birth_on"))


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that two records may share. `beside` adds others with the keys of a chunk."""

    name: str
    members: Callable[[], Keyed]
    beside: Callable[[int, Sequence[Any]], Iterable[tuple[Any, int]]] = field(default=lambda _county, _keys: ())


def _mobiles(county_id: int, keys: Sequence[Any]) -> Iterator[tuple[Any, int]]:
    """Whose mobile number is another's other phone."""
    for some in batches(keys, _AT_ONCE):
        yield from by_column("mobile").filter(county_id=county_id, key__in=some).values_list("key", "pk")


KEYS: Final = (
    Key("mobile", lambda: by_column("mobile")),
    Key("phone", lambda: by_column("phone"), _mobiles),
    Key("email", lambda: email_as_key().filter(key__gt="")),
    Key("household", lambda: by_column("household_key")),
    Key("birth", lambda: birth_as_key().filter(birth_on__isnull=False)),
)


def groups(county_id: int, key: Key, *, read: Callable[[int], None]) -> Iterator[Ids]:
    """The ids of those who share a key, two and more; `read` hears how many rows have been looked at."""
    members = key.members().filter(county_id=county_id).order_by("key", "pk")
    start: Any = None
    while True:
        found = members if start is None else members.filter(key__gte=start)
        rows = list(found.values_list("key", "pk")[:CHUNK])
        whole, start = _whole(rows)
        read(len(whole))
        together = _together([*whole, *key.beside(county_id, list({row[0] for row in whole}))])
        yield from (sorted(ids) for ids in together.values() if 2 <= len(ids) <= GIANT)
        if start is None:
            return
        if not whole:
            # A chunk of one key: past it.
            start = members.filter(key__gt=start).values_list("key", flat=True).first()
            if start is None:
                return


def _whole(rows: list[tuple[Any, int]]) -> tuple[list[tuple[Any, int]], Any]:
    """The rows whose key has no more rows after them, and the key to go on from."""
    if len(rows) < CHUNK:
        return rows, None
    last = rows[-1][0]
    return [row for row in rows if row[0] != last], last


def _together(rows: Iterable[tuple[Any, int]]) -> dict[Any, set[int]]:
    found: dict[Any, set[int]] = {}
    for key, pk in rows:
        found.setdefault(key, set()).add(pk)
    return found


def namesakes(county_id: int, *, read: Callable[[int], None]) -> Iterator[Ids]:
    """The ids of those who have one name in one branch, by name; members first, then whoever else has the name."""
    members = Member.objects.filter(county_id=county_id, status=MemberStatus.MEMBER).order_by("sort_key", "pk")
    others = Member.objects.filter(county_id=county_id, status__in=_OTHERS)
    start: str | None = None
    while True:
        found = members if start is None else members.filter(sort_key__gte=start)
        rows = list(found.values_list("sort_key", "branch_id", "pk")[:CHUNK])
        done = len(rows) < CHUNK
        last = rows[-1][0] if rows else ""
        whole = rows if done else [row for row in rows if row[0] != last]
        if whole:
            beside = others.filter(sort_key__gte=whole[0][0], sort_key__lte=whole[-1][0])
            whole += beside.values_list("sort_key", "branch_id", "pk")
        read(len(whole))
        together = _together(((name, branch), pk) for name, branch, pk in whole)
        yield from (sorted(ids) for ids in together.values() if 2 <= len(ids) <= GIANT)
        if done:
            return
        start = last if len(whole) else members.filter(sort_key__gt=last).values_list("sort_key", flat=True).first()
        if start is None:
            return


def people(ids: Iterable[int]) -> dict[int, Person]:
    """What is compared of some members, by id; whoever has left is compared with nobody."""
    found: dict[int, Person] = {}
    for some in batches(ids, _AT_ONCE):
        for row in Member.objects.shown().filter(pk__in=some).values_list(*COLUMNS):
            found[row[0]] = person_of(row)
    return found


def blocks(found: Iterable[Ids], *, at_once: int = 5_000) -> Iterator[list[Person]]:
    """The groups as people, read some thousand at a time."""
    waiting: list[Ids] = []
    count = 0
    for ids in found:
        waiting.append(ids)
        count += len(ids)
        if count >= at_once:
            yield from _read(waiting)
            waiting, count = [], 0
    yield from _read(waiting)


def _read(waiting: list[Ids]) -> Iterator[list[Person]]:
    known = people(sorted({pk for ids in waiting for pk in ids}))
    for ids in waiting:
        yield [known[pk] for pk in ids if pk in known]


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """So many at a time."""
    iterator = iter(items)
    while some := list(islice(iterator, size)):
        yield some
