"""Looking for likely pairs: through a whole county, or for some members against the rest of it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db.models import F

from membership.actions.duplicates import Found, keep_found, keep_found_of
from membership.duplicates.blocks import pairs
from membership.duplicates.likeness import likeness
from membership.duplicates.people import COLUMNS, Person, person_of
from membership.duplicates.walk import (
    KEYS,
    Keyed,
    batches,
    birth_as_key,
    blocks,
    by_column,
    email_as_key,
    groups,
    namesakes,
)
from membership.enums import MemberStatus
from membership.models import Member, MemberQuerySet
from membership.models.member import GONE

# The walks along the register: each tells of its rows.
PASSES: Final = len(KEYS) + 1
# So many members are held against the register with one query for each thing they may share.
AT_ONCE: Final = 200
# A register in which more are alike than this is not one that people go through pair by pair: the likeliest stay.
MOST_PAIRS: Final = 50_000
_MOST_CANDIDATES: Final = 20_000

Progress = Callable[[int], None]


def search_county(county_id: int, *, now: datetime, progress: Progress = lambda _done: None) -> int:
    """Go through a county from end to end; the number of likely pairs. Memory holds a chunk and the pairs found."""
    found: Found = {}
    done = 0

    def read(rows: int) -> None:
        nonlocal done
        done += rows
        progress(done)

    for block in county_blocks(county_id, read=read):
        for one, other in pairs(block):
            _compare(one, other, found)
        if len(found) > 2 * MOST_PAIRS:
            found = _likeliest(found)
    return keep_found(county_id, _likeliest(found), now=now)


def county_blocks(county_id: int, *, read: Progress) -> Iterator[list[Person]]:
    """Everyone who shares something with somebody, together with them."""
    for key in KEYS:
        yield from blocks(groups(county_id, key, read=read))
    yield from blocks(namesakes(county_id, read=read))


def search_members(members: MemberQuerySet, *, now: datetime, progress: Progress = lambda _done: None) -> int:
    """Hold some members against their county; the number of likely pairs they are in."""
    count = done = 0
    for ids in batches(list(members.order_by("pk").values_list("pk", flat=True)), AT_ONCE):
        count += check(ids, now=now)
        done += len(ids)
        progress(done)
    return count


def check(member_ids: Sequence[int], *, now: datetime) -> int:
    """Hold a few members against their counties, and write down what is likely now; the number of pairs."""
    members = Member.objects.filter(pk__in=member_ids).values_list("county_id", *COLUMNS)
    by_county: dict[int, list[Person]] = {}
    gone: set[int] = set()
    for county_id, pk, status, *row in members:
        by_county.setdefault(county_id, []).append(person_of((pk, status, *row)))
        gone |= {pk} if status in GONE else set()
    return sum(_check_in(county_id, asked, gone, now) for county_id, asked in sorted(by_county.items()))


def _check_in(county_id: int, asked: Sequence[Person], gone: Container[int], now: datetime) -> int:
    """Whoever has left is compared with nobody: the pairs they were in go."""
    found: Found = {}
    for one, other in _candidates(county_id, [person for person in asked if person.pk not in gone]):
        _compare(one, other, found)
    return keep_found_of(county_id, [person.pk for person in asked], found, now=now)


def _candidates(county_id: int, asked: Sequence[Person]) -> Iterator[tuple[Person, Person]]:
    """Each of those asked about, with everyone in the county who shares something."""
    rows = list(
        Member.objects.filter(pk__in=[person.pk for person in asked]).values_list("pk", "sort_key", "household_key")
    )
    names = {pk: name for pk, name, _household in rows}
    homes = {pk: household for pk, _name, household in rows if household}
    numbers = sorted({number for person in asked for number in person.phones})
    shared: tuple[tuple[Keyed, Callable[[Person], Iterable[Any]]], ...] = (
        (_keyed(by_column("mobile"), numbers), lambda person: person.phones),
        (_keyed(by_column("phone"), numbers), lambda person: person.phones),
        (_keyed(email_as_key(), {person.email for person in asked}), lambda person: [person.email]),
        (_keyed(birth_as_key(), {person.birth_on for person in asked}), lambda person: [person.birth_on]),
        (_keyed(by_column("household_key"), homes.values()), lambda person: [homes.get(person.pk)]),
        (_namesakes(asked, names), lambda person: [names.get(person.pk)]),
    )
    for members, keys_of in shared:
        yield from _pairs(members.filter(county_id=county_id).exclude(status__in=GONE), asked, keys_of)


def _keyed(members: Keyed, keys: Iterable[str | date | None]) -> Keyed:
    return members.filter(key__in=sorted({key for key in keys if key}, key=str))


def _namesakes(asked: Sequence[Person], names: dict[int, str]) -> Keyed:
    branches = {person.branch_id for person in asked}
    # Every status: the index leads from branch by status to the name.
    statuses = MemberStatus.values
    return Member.objects.filter(
        branch_id__in=branches, status__in=statuses, sort_key__in=sorted(set(names.values()))
    ).annotate(key=F("sort_key"))


def _pairs(
    members: Keyed, asked: Sequence[Person], keys_of: Callable[[Person], Iterable[Any]]
) -> Iterator[tuple[Person, Person]]:
    together: dict[Any, list[Person]] = {}
    for key, *row in members.values_list("key", *COLUMNS)[:_MOST_CANDIDATES]:
        together.setdefault(key, []).append(person_of(row))
    for person in asked:
        for key in keys_of(person):
            yield from ((person, other) for other in together.get(key, ()) if other.pk != person.pk)


def _compare(one: Person, other: Person, found: Found) -> None:
    result = likeness(one, other)
    if result is not None:
        key = (one.pk, other.pk) if one.pk < other.pk else (other.pk, one.pk)
        found[key] = result


def _likeliest(found: Found) -> Found:
    if len(found) <= MOST_PAIRS:
        return found
    best = sorted(found.items(), key=lambda pair: (-pair[1][0], pair[0]))[:MOST_PAIRS]
    return dict(best)
