"""How likely two records are one person's: 0–100, and what speaks for it. Pure.

A name alone is never enough: in a county of 500,000 there are dozens of any common name. A likely pair (70 and more)
needs like names *and* something that is a person's own:

| names                                                   |    |
|---------------------------------------------------------|----|
| equal, whatever capitals, accents and order             | 40 |
| spelt another way: Christian/Kristian, Hanssen/Hansen   | 36 |
| one has more names: Anne/Anne Marie, Berg/Hansen Berg   | 34 |
| one part equal, a slip or an initial in the other       | 28 |
| first names equal, last names not (married since)       | 15 |
| otherwise: no pair, whatever else they share            |    |

| and                                                     |     |
|---------------------------------------------------------|-----|
| born on the same day                                    |  40 |
| born the same year, where no more is known of one       |  20 |
| days of birth with one slip between them                |  −5 |
| born in years next to each other, no more known         | −10 |
| born on different days; years further apart             | −60 |
| a phone number in common                                |  35 |
| phone numbers, but none in common                       | −10 |
| an email address in common                              |  30 |
| the same address (15 where the names are less alike)    |  30 |
| the same branch; the same municipality                  | 10; 5 |
| different genders                                       | −20 |

So twins (same day, address and phone, other first name) and spouses with one email are no pair; father and son of one
name fall on their days of birth, and a junior is the one without it only if born on the same day. A protected address
speaks neither for nor against. Short first names with one letter between them (Ola, Ole) are two names, not a slip.
`CERTAIN` takes names that are alike in all their parts and the same day of birth, or phone and email both: a slip in a
name may be a sibling. Who has left takes part: a member who came back is the likeliest double of all. Two who have both
left are no pair.

The shared things are found by blocking: no two are compared who have neither phone, email, day of birth, address nor
(within a branch) name in common.
"""

from __future__ import annotations

from datetime import date
from enum import IntEnum
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from membership.duplicates.people import Person

LIKELY: Final = 70
CERTAIN: Final = 90
# Not quite certain.
_HELD_BACK: Final = CERTAIN - 1


class Names(IntEnum):
    """How alike two names are; the value is what it counts."""

    UNLIKE = 0
    FIRST_ONLY = 15
    SLIP = 28
    PART = 34
    SPELT = 36
    EQUAL = 40


class Likeness(NamedTuple):
    """How likely, and which of name, birth, phone, email and address speak for it."""

    score: int
    reasons: tuple[str, ...]


def likeness(one: Person, other: Person) -> Likeness | None:
    """None where the two are not likely to be one person."""
    if not (one.here or other.here):
        return None
    names = names_of(one, other)
    if not names:
        return None
    birth = _birth(one, other)
    if birth <= -50 or (one.generation != other.generation and birth < 40):
        return None
    phone, email, address = _phone(one, other), _email(one, other), _address(one, other, names)
    score = names + birth + phone + email + address + _place(one, other) + _gender(one, other)
    if score < LIKELY:
        return None
    told = (("name", names), ("birth", birth), ("phone", phone), ("email", email), ("address", address))
    sure = names >= Names.PART and (birth == 40 or (phone > 0 and email > 0))
    return Likeness(min(score, 100 if sure else _HELD_BACK), tuple(name for name, weight in told if weight > 0))


def names_of(one: Person, other: Person) -> Names:
    """How alike the names are."""
    if one.words == other.words:
        return Names.EQUAL if one.words else Names.UNLIKE
    if one.sounds == other.sounds:
        return Names.SPELT
    first = _same(one.sound_first, other.sound_first) or _begins(one.sound_first, other.sound_first)
    last = one.sound_last == other.sound_last or _within(one.sound_last, other.sound_last)
    if first and last:
        return Names.PART
    if first:
        return Names.SLIP if _slip(one.last, other.last) else Names.FIRST_ONLY
    if last and (_slip(one.first, other.first) or _initial(one.first, other.first)):
        return Names.SLIP
    return Names.UNLIKE


def _same(one: str, other: str) -> bool:
    return bool(one) and one == other


def _begins(one: str, other: str) -> bool:
    """Anne and Anne Marie, but not Marie and Anne Marie."""
    short, long = (one, other) if len(one) < len(other) else (other, one)
    return bool(short) and long.startswith(f"{short} ")


def _within(one: str, other: str) -> bool:
    """Berg and Hansen Berg."""
    if " " not in one and " " not in other:
        return False
    return bool(one and other) and (set(one.split()) <= set(other.split()) or set(other.split()) <= set(one.split()))


def _slip(one: str, other: str) -> bool:
    """One slip of the finger, two in a long name; none in so short a name that it would be another."""
    shortest = min(len(one), len(other))
    if shortest < 5:
        return False
    most = 2 if shortest >= 9 else 1
    return bool(OSA.distance(one, other, score_cutoff=most) <= most)


def _initial(one: str, other: str) -> bool:
    """K and Kari."""
    return bool(one and other) and (len(one) == 1 or len(other) == 1) and one[0] == other[0]


def _birth(one: Person, other: Person) -> int:
    if one.birth_on and other.birth_on:
        if one.birth_on == other.birth_on:
            return 40
        return -5 if _slipped_day(one.birth_on, other.birth_on) else -60
    if one.birth_year and other.birth_year:
        apart = abs(one.birth_year - other.birth_year)
        return 20 if apart == 0 else -10 if apart == 1 else -60
    return 0


def _slipped_day(one: date, other: date) -> bool:
    """Day and month swapped, or one of the three numbers wrong; never a generation apart."""
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return True
    wrong = (one.year != other.year) + (one.month != other.month) + (one.day != other.day)
    return wrong == 1 and abs(one.year - other.year) <= 10


def _phone(one: Person, other: Person) -> int:
    if not one.phones or not other.phones:
        return 0
    return -10 if one.phones.isdisjoint(other.phones) else 35


def _email(one: Person, other: Person) -> int:
    return 30 if one.email and one.email == other.email else 0


def _address(one: Person, other: Person, names: Names) -> int:
    if not one.address or one.address != other.address:
        return 0
    return 30 if names >= Names.PART else 15


def _place(one: Person, other: Person) -> int:
    if one.branch_id == other.branch_id:
        return 10
    return 5 if one.municipal_id and one.municipal_id == other.municipal_id else 0


def _gender(one: Person, other: Person) -> int:
    return -20 if one.gender and other.gender and one.gender != other.gender else 0
