"""A made-up register in which it is known who stands in it twice, and who only looks like it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from demo.names import MAN, WOMAN, family_name, given_name, street
from membership.actions.members import derive
from membership.models import Branch, Member

Fields = dict[str, Any]


def short_name(number: int) -> str:
    """Four letters, another for each number: too short for a slip, and no other spelling of the next."""
    return "".join("bdfgjlmnpraeiouystvk"[at % 2 * 10 + int(digit)] for at, digit in enumerate(f"{number:04d}"))


def slip(word: str, rng: Random) -> str:
    """Two letters swapped, somewhere after the first."""
    if len(word) < 4:
        return word + "e"
    at = rng.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :] if word[at] != word[at + 1] else word + "e"


def _swapped(day: date) -> date:
    return date(day.year, day.day, day.month) if day.day <= 12 else day.replace(day=day.day - 10)


# How one person comes to stand in a register twice: what the other record says instead.
TWICE: dict[str, Callable[[Fields, Random], Fields]] = {
    "capitals, and another phone": lambda one, _rng: {
        "first_name": one["first_name"].upper(),
        "last_name": one["last_name"].upper(),
        "mobile": "",
        "email": "",
    },
    "names swapped": lambda one, _rng: {"first_name": one["last_name"], "last_name": one["first_name"], "email": ""},
    "a slip in the last name": lambda one, rng: {"last_name": slip(one["last_name"], rng), "email": ""},
    "a slip in the last name, no phone": lambda one, rng: {"last_name": slip(one["last_name"], rng), "mobile": ""},
    "a second first name": lambda one, _rng: {"first_name": f"{one['first_name']} Alfhild", "email": "", "mobile": ""},
    "an initial": lambda one, _rng: {"first_name": one["first_name"][0], "birth_on": None, "birth_year": None},
    "married since": lambda one, _rng: {"last_name": "Qvigstad", "email": ""},
    "a name more": lambda one, _rng: {"last_name": f"Qvale {one['last_name']}", "birth_on": None, "mobile": ""},
    "only the email in common": lambda _one, _rng: {"birth_on": None, "birth_year": None, "mobile": ""},
    "only the phone in common, as the other phone": lambda one, _rng: {
        "birth_on": None,
        "birth_year": None,
        "email": "",
        "mobile": "",
        "phone": one["mobile"],
        "phone_ok": True,
    },
    "only the address in common": lambda _one, _rng: {"birth_on": None, "mobile": "", "email": ""},
    "only the year, in the same branch": lambda _one, _rng: {"birth_on": None, "mobile": "", "email": "", "street": ""},
    "a slip in the day of birth": lambda one, _rng: {"birth_on": _swapped(one["birth_on"]), "street": ""},
    "expelled, and back": lambda _one, _rng: {"status": "expelled", "left_on": date(2020, 1, 1), "email": ""},
    "noted as dead": lambda one, _rng: {"last_name": f"{one['last_name']} (DØD)", "status": "expelled", "mobile": ""},
}


def _child_of(one: Fields, years: int) -> Fields:
    born = one["birth_on"].replace(day=1)
    return {"birth_on": born.replace(year=born.year + years), "birth_year": born.year + years}


def _like(name: str) -> str:
    """Another name of one letter's difference, as twins may have."""
    return f"{name[:-1]}{'a' if name[-1] != 'a' else 'e'}"


# Who is another, though much is the same.
OTHERS: dict[str, Callable[[Fields, Random], Fields]] = {
    "twin": lambda _one, _rng: {"first_name": "Ragnfrid", "gender": ""},
    "twin with a like name": lambda one, _rng: {"first_name": _like(one["first_name"]), "gender": ""},
    "spouse, with one email and one phone": lambda one, _rng: {
        "first_name": "Torgunn",
        "birth_on": one["birth_on"] + timedelta(days=500),
    },
    "child of one name": lambda one, _rng: _child_of(one, 27),
    "child of one name, no days known": lambda one, _rng: {
        "birth_on": None,
        "birth_year": one["birth_year"] + 30,
        "email": "",
    },
    "junior": lambda one, _rng: {"last_name": f"{one['last_name']} jr.", "birth_on": None, "birth_year": None},
    "namesake": lambda one, _rng: {
        "birth_on": one["birth_on"] + timedelta(days=4000),
        "birth_year": (one["birth_on"] + timedelta(days=4000)).year,
        "mobile": "+4700999999",
        "email": "",
        "street": "",
    },
}


@dataclass
class Told:
    """Pairs of ids, the lower first, and what kind each is of."""

    twice: dict[tuple[int, int], str] = field(default_factory=dict)
    others: dict[tuple[int, int], str] = field(default_factory=dict)


def fill(branches: list[Branch], *, people: int, of_each: int) -> Told:
    """A register of some size, with so many of each kind of double and of look-alike in it."""
    rng, told = Random(7), Told()
    rows = [_person(rng, number) for number in range(people)]
    members = [_member(fields, branches[number % len(branches)]) for number, fields in enumerate(rows)]
    at = 0
    for kinds, kept in ((TWICE, told.twice), (OTHERS, told.others)):
        for kind, change in kinds.items():
            for _ in range(of_each):
                fields = rows[at] | change(rows[at], rng) | {"member_number": f"X{len(members)}"}
                members.append(_member(fields, branches[at % len(branches)]))
                kept[at, len(members) - 1] = kind
                at += 1
    made = Member.objects.bulk_create(members)

    def with_ids(kept: dict[tuple[int, int], str]) -> dict[tuple[int, int], str]:
        return {(made[one].pk, made[other].pk): kind for (one, other), kind in kept.items()}

    return Told(with_ids(told.twice), with_ids(told.others))


def _member(fields: Fields, branch: Branch) -> Member:
    member = Member(**fields)
    derive(member, branch)
    return member


def _person(rng: Random, number: int) -> Fields:
    born = date(1940, 1, 1) + timedelta(days=rng.randrange(24_000))
    born = born.replace(day=13 + born.day % 15) if born.day == born.month else born
    gender = rng.choice((WOMAN, MAN))
    first = given_name(rng, "norwegian", gender, born.year)
    return {
        "member_number": f"N{number}",
        "first_name": first,
        "last_name": family_name(rng, "norwegian"),
        "gender": gender,
        "birth_on": born,
        "birth_year": born.year,
        "street": street(rng),
        "postal_code": f"9{rng.randrange(1000):03d}",
        "email": f"nr{number}@example.no",
        "mobile": f"+4700{number:06d}",
        "mobile_ok": True,
    }
