"""Sharing names out among callers. Nothing here knows a database: the same names and callers give the same lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction


class CountsDoNotFit(Exception):
    """The numbers typed for the callers do not add up to the names there are."""

    def __init__(self, names: int, counts: int) -> None:
        super().__init__(f"{counts} given, {names} to share")
        self.names = names
        self.counts = counts


@dataclass(frozen=True, slots=True)
class Name:
    """One to be phoned; `household` is empty where it is unknown."""

    id: int
    household: str = ""


@dataclass(frozen=True, slots=True)
class Taker:
    """One who phones: how many names (None: an even share of what is left), and which names are their own."""

    count: int | None = None
    own: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Shared:
    """The ids for each taker, in the order the names came; `left_out` are those that only their owner could phone."""

    lists: list[list[int]]
    left_out: list[int]


@dataclass(slots=True)
class _Group:
    """Names that go to one caller together."""

    ids: list[int]
    forbidden: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Table:
    """How far each caller is from the number of names aimed at."""

    targets: list[Fraction]
    given: list[list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.given = [[] for _ in self.targets]

    def room(self, taker: int) -> Fraction:
        """Names still missing; negative when there are too many."""
        return self.targets[taker] - len(self.given[taker])

    def emptiest(self, forbidden: frozenset[int] = frozenset()) -> int:
        """The allowed caller with most room; of equals, the one after the caller who may not: so none is passed by."""
        size = len(self.targets)
        start = max(forbidden) + 1 if forbidden else 0
        order = [(start + step) % size for step in range(size)]
        return max((taker for taker in order if taker not in forbidden), key=self.room)


def share(names: Sequence[Name], takers: Sequence[Taker], *, keep_households: bool = True) -> Shared:
    """Share names out so that nobody gets their own, and households stay together where asked.

    Of callers without a number of their own no two differ by more than the largest household; a caller with a number
    is off by less than that. Raises `CountsDoNotFit`.
    """
    left_out = [name.id for name in names if all(name.id in taker.own for taker in takers)]
    gone = frozenset(left_out)
    rest = [name for name in names if name.id not in gone]
    table = _Table(_targets(len(rest), takers))
    singles = []
    for group in sorted(_groups(rest, takers, keep_households), key=_hardest_first):
        if len(group.ids) == 1 and not group.forbidden:
            singles.append(group.ids[0])
        else:
            table.given[table.emptiest(group.forbidden)] += group.ids
    _deal(singles, table)
    order = {name.id: place for place, name in enumerate(_together(rest, keep_households))}
    return Shared([sorted(ids, key=order.__getitem__) for ids in table.given], left_out)


def _targets(names: int, takers: Sequence[Taker]) -> list[Fraction]:
    counts = sum(taker.count or 0 for taker in takers)
    even = sum(taker.count is None for taker in takers)
    if counts > names or (not even and counts != names):
        raise CountsDoNotFit(names, counts)
    each = Fraction(names - counts, even) if even else Fraction(0)
    return [each if taker.count is None else Fraction(taker.count) for taker in takers]


def _groups(names: Iterable[Name], takers: Sequence[Taker], keep_households: bool) -> Iterable[_Group]:
    households: dict[str, list[int]] = {}
    for name in names:
        key = name.household if keep_households and name.household else f"\0{name.id}"
        households.setdefault(key, []).append(name.id)
    for ids in households.values():
        forbidden = _owners(ids, takers)
        if len(forbidden) < len(takers):
            yield _Group(ids, forbidden)
        else:
            # Every caller is of this household: its names go apart.
            yield from (_Group([pk], _owners([pk], takers)) for pk in ids)


def _owners(ids: Iterable[int], takers: Sequence[Taker]) -> frozenset[int]:
    wanted = frozenset(ids)
    return frozenset(place for place, taker in enumerate(takers) if taker.own & wanted)


def _hardest_first(group: _Group) -> tuple[bool, int]:
    return not group.forbidden, -len(group.ids)


def _deal(singles: Sequence[int], table: _Table) -> None:
    """Hand out those who live alone in runs of the alphabet, each run as long as the caller has room for."""
    runs = [0] * len(table.targets)
    for _ in singles:
        taker = max(range(len(runs)), key=lambda place: table.room(place) - runs[place])
        runs[taker] += 1
    start = 0
    for taker, length in enumerate(runs):
        table.given[taker] += singles[start : start + length]
        start += length


def _together(names: Sequence[Name], keep_households: bool) -> list[Name]:
    """In the order the names came, but a household stands together where its first name does."""
    if not keep_households:
        return list(names)
    first: dict[str, int] = {}
    for place, name in enumerate(names):
        if name.household:
            first.setdefault(name.household, place)
    places = {name.id: first.get(name.household, place) for place, name in enumerate(names)}
    return sorted(names, key=lambda name: places[name.id])
