"""What of a member is compared: names as they sound, contact data, birth. Nothing here asks the database."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from common.text import fold
from membership.enums import MemberStatus

# What `person_of` reads, in this order.
COLUMNS: Final = (
    "id",
    "status",
    "branch_id",
    "municipal_id",
    "first_name",
    "last_name",
    "birth_on",
    "birth_year",
    "gender",
    "email",
    "mobile",
    "mobile_ok",
    "phone",
    "phone_ok",
    "street",
    "postal_code",
    "address_protection",
)
# Of a pair, one at least is to be one of these: two who have both left are left alone.
HERE: Final = frozenset({MemberStatus.MEMBER.value, MemberStatus.APPLIED.value})

_GENERATION: Final = {"jr": "jr", "junior": "jr", "jun": "jr", "sr": "sr", "senior": "sr", "sen": "sr"}
_ELDER: Final = re.compile(r" d (e|y)$")
# Written beside names in registers, and no names.
_REMARKS: Final = frozenset({"død", "avdød", "utmeldt"})
_SPELLINGS: Final = (("ch", "k"), ("ck", "k"), ("ph", "f"), ("th", "t"), ("w", "v"), ("c", "k"), ("q", "k"), ("z", "s"))
_LETTERS: Final = str.maketrans({"x": "ks", "ø": "o", "å": "a", "æ": "e"})
_DOUBLED: Final = re.compile(r"(.)\1+")


@dataclass(slots=True, frozen=True)
class Person:
    """One record as it is compared. `words` and `sounds` are sorted, so that swapped names are equal."""

    pk: int
    here: bool
    branch_id: int
    municipal_id: int | None
    first: str
    last: str
    words: str
    sound_first: str
    sound_last: str
    sounds: tuple[str, ...]
    generation: str
    birth_on: date | None
    birth_year: int | None
    gender: str
    email: str
    phones: frozenset[str]
    # Street and postal code, folded; empty while the address is protected, so that nothing can be told from it.
    address: str


def person_of(row: Iterable[Any]) -> Person:
    """Read a row of `COLUMNS`."""
    (
        pk,
        status,
        branch_id,
        municipal_id,
        first_name,
        last_name,
        birth_on,
        birth_year,
        gender,
        email,
        mobile,
        mobile_ok,
        phone,
        phone_ok,
        street,
        postal_code,
        protection,
    ) = row
    first, last, generation = _names(first_name, last_name)
    sound_first, sound_last = sound(first), sound(last)
    return Person(
        pk=pk,
        here=status in HERE,
        branch_id=branch_id,
        municipal_id=municipal_id,
        first=first,
        last=last,
        words=" ".join(sorted(f"{first} {last}".split())),
        sound_first=sound_first,
        sound_last=sound_last,
        sounds=tuple(sorted(f"{sound_first} {sound_last}".split())),
        generation=generation,
        birth_on=birth_on,
        birth_year=birth_on.year if birth_on else birth_year,
        gender=gender,
        email=email.lower(),
        phones=_phones((mobile, mobile_ok), (phone, phone_ok)),
        address=_address(street, postal_code) if street and postal_code and not protection else "",
    )


_NO_PHONE: Final = frozenset[str]()


def _phones(*numbers: tuple[str, bool]) -> frozenset[str]:
    """Only what could be read: “unknown” stands in many a field."""
    return frozenset(number for number, readable in numbers if readable and number) or _NO_PHONE


@lru_cache(maxsize=20_000)
def _names(first_name: str, last_name: str) -> tuple[str, str, str]:
    """First and last name folded, without remarks, and which generation: “jr”, “sr” or nothing."""
    first, first_generation = _plain(first_name)
    last, last_generation = _plain(last_name)
    return first, last, first_generation or last_generation


@lru_cache(maxsize=20_000)
def _plain(name: str) -> tuple[str, str]:
    folded = _ELDER.sub(lambda found: " sr" if found[1] == "e" else " jr", fold(name))
    words = folded.split()
    generation = next((_GENERATION[word] for word in words if word in _GENERATION), "")
    kept = [word for word in words if word not in _REMARKS and word not in _GENERATION]
    return " ".join(kept or words), generation


@lru_cache(maxsize=20_000)
def sound(name: str) -> str:
    """How a folded name sounds: Christian as Kristian, Thorbjørn as Torbjörn, Hanssen as Hansen, Sæther as Sether."""
    for written, heard in _SPELLINGS:
        name = name.replace(written, heard)
    return _DOUBLED.sub(r"\1", name.translate(_LETTERS))


@lru_cache(maxsize=5_000)
def _address(street: str, postal_code: str) -> str:
    return f"{fold(street)}|{postal_code.strip()}"
