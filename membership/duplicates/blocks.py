"""Who is compared with whom, within a block of people who have one thing in common. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from membership.duplicates.people import Person

# All are compared with all in a block as small as this; in a larger one, those whose names have a word in common.
SMALL: Final = 8
# More than so many with a word in common (a switchboard's number, 1 January 1900): only those of one whole name.
MOST: Final = 200


def pairs(block: Sequence[Person]) -> Iterator[tuple[Person, Person]]:
    """Every two of a block that are worth comparing, once each."""
    if len(block) <= SMALL:
        yield from combinations(block, 2)
        return
    seen: set[tuple[int, int]] = set()
    for group in _groups(block):
        for one, other in combinations(group, 2):
            key = (one.pk, other.pk)
            if key not in seen:
                seen.add(key)
                yield one, other


def _groups(block: Sequence[Person]) -> Iterator[list[Person]]:
    """Likely names share a word as it sounds: that is what `likeness` asks for, so nothing is missed."""
    for group in _by_word(block).values():
        if len(group) <= MOST:
            yield group
        else:
            yield from (same for same in _by_name(group).values() if len(same) <= MOST)


def _by_word(block: Sequence[Person]) -> dict[str, list[Person]]:
    groups: dict[str, list[Person]] = defaultdict(list)
    for person in block:
        for word in set(person.sounds):
            groups[word].append(person)
    return groups


def _by_name(group: Sequence[Person]) -> dict[tuple[str, ...], list[Person]]:
    groups: dict[tuple[str, ...], list[Person]] = defaultdict(list)
    for person in group:
        groups[person.sounds].append(person)
    return groups
