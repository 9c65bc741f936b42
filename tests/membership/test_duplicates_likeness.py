"""How alike two records are, case by case."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import Any

import pytest

from membership.duplicates.blocks import MOST, pairs
from membership.duplicates.likeness import CERTAIN, LIKELY, Names, likeness, names_of
from membership.duplicates.people import Person, person_of
from tests.membership.twice_told import short_name

BORN = date(1970, 3, 14)


def person(first: str = "Kari", last: str = "Hansen", pk: int = 1, **fields: Any) -> Person:
    row: dict[str, Any] = {
        "id": pk, "status": "member", "branch_id": pk, "municipal_id": pk, "first_name": first, "last_name": last,
        "birth_on": None, "birth_year": None, "gender": "", "email": "", "mobile": "", "mobile_ok": True, "phone": "",
        "phone_ok": True, "street": "", "postal_code": "", "address_protection": "",
    }  # fmt: skip
    return person_of((row | fields).values())


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (("Kari", "Hansen"), ("KARI", "hansen"), Names.EQUAL),
        (("Kari", "Hansen"), ("Hansen", "Kari"), Names.EQUAL),
        (("Ánne Márjá", "Somby"), ("Anne Marja", "Somby"), Names.EQUAL),
        (("Åse", "Aas"), ("Aase", "Ås"), Names.EQUAL),
        (("Kari", "Hansen (DØD)"), ("Kari", "Hansen"), Names.EQUAL),
        (("Anne-Marie", "Lie"), ("Anne Marie", "Lie"), Names.EQUAL),
        (("Christian", "Hanssen"), ("Kristian", "Hansen"), Names.SPELT),
        (("Thorbjørn", "Sæther"), ("Torbjörn", "Sether"), Names.SPELT),
        (("Anne", "Lie"), ("Anne Marie", "Lie"), Names.PART),
        (("Kari", "Hansen Berg"), ("Kari", "Berg"), Names.PART),
        (("Kari", "Johansen"), ("Kari", "Johnasen"), Names.SLIP),
        (("Marthe", "Lie"), ("Marhte", "Lie"), Names.SLIP),
        (("K", "Hansen"), ("Kari", "Hansen"), Names.SLIP),
        (("Kari", "Hansen"), ("Kari", "Fjellvær"), Names.FIRST_ONLY),
        (("Ola", "Hansen"), ("Ole", "Hansen"), Names.UNLIKE),
        (("Marie", "Lie"), ("Anne Marie", "Lie"), Names.UNLIKE),
        (("Kari", "Hansen"), ("Per", "Hansen"), Names.UNLIKE),
        (("", "Hansen"), ("", "Olsen"), Names.UNLIKE),
        (("", ""), ("", ""), Names.UNLIKE),
    ],
)
def test_names(one: tuple[str, str], other: tuple[str, str], alike: Names) -> None:
    assert names_of(person(*one), person(*other)) == alike
    assert names_of(person(*other), person(*one)) == alike


def test_a_name_alone_is_never_enough() -> None:
    assert likeness(person(), person(pk=2)) is None
    assert likeness(person(birth_year=1970), person(pk=2, birth_year=1970)) is None


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        ({"birth_on": BORN}, {"birth_on": BORN}, ("name", "birth")),
        ({"mobile": "+4790000001"}, {"phone": "+4790000001"}, ("name", "phone")),
        ({"email": "Kari@example.no"}, {"email": "kari@example.no"}, ("name", "email")),
        (
            {"street": "Storgata 1", "postal_code": "9146"},
            {"street": "STORGATA 1", "postal_code": "9146 ", "branch_id": 1},
            ("name", "address"),
        ),
    ],
)
def test_a_name_and_one_thing_of_ones_own_is(
    one: dict[str, Any], other: dict[str, Any], reasons: tuple[str, ...]
) -> None:
    found = likeness(person(**one), person(pk=2, **other))
    assert found is not None
    assert found.reasons == reasons
    assert found.score >= LIKELY


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Born on different days speaks against everything else.
        ({"birth_on": BORN}, {"birth_on": date(1943, 3, 14)}),
        ({"birth_on": BORN}, {"birth_year": 1943}),
        ({"birth_year": 1970}, {"birth_year": 1972}),
        # Spouses with one email, one phone and one address.
        ({}, {"first_name": "Per"}),
        # A junior.
        ({}, {"last_name": "Hansen d.y."}),
        ({}, {"last_name": "Hansen Jr."}),
        # Two who have both left.
        ({"status": "resigned"}, {"status": "deceased"}),
    ],
)
def test_what_speaks_against(one: dict[str, Any], other: dict[str, Any]) -> None:
    shared: dict[str, Any] = {
        "email": "a@example.no",
        "mobile": "+4790000001",
        "street": "Storgata 1",
        "postal_code": "9146",
    }
    assert likeness(person(**(shared | one)), person(pk=2, **(shared | other))) is None
    assert likeness(person(**shared), person(pk=2, **shared)) is not None


def test_what_could_not_be_read_as_a_number_is_shared_by_nobody() -> None:
    unknown: dict[str, Any] = {"mobile": "ukjent", "mobile_ok": False}
    assert likeness(person(**unknown), person(pk=2, **unknown)) is None


def test_certain_takes_the_whole_name_and_the_day_or_phone_and_email() -> None:
    shared: dict[str, Any] = {"email": "a@example.no", "mobile": "+4790000001", "branch_id": 1}

    def score(other: Person, **fields: Any) -> int:
        found = likeness(person(**(shared | fields)), other)
        assert found is not None
        return found.score

    assert score(person(pk=2, **shared)) >= CERTAIN
    assert score(person(pk=2, **shared, birth_on=BORN), birth_on=BORN) == 100
    assert score(person("Kari", "Fjellvær", pk=2, **shared, birth_on=BORN), birth_on=BORN) < CERTAIN
    assert score(person("Karin", pk=2, **shared, birth_on=BORN), birth_on=BORN, first_name="Karen") < CERTAIN


def test_a_small_block_is_compared_in_full_and_a_large_one_by_words() -> None:
    few = [person(short_name(n), short_name(n + 500), pk=n) for n in range(8)]
    assert len(list(pairs(few))) == len(list(combinations(few, 2)))
    many = [person(short_name(n), short_name(n + 500), pk=n) for n in range(100)]
    many.append(person(short_name(5), "Lie", pk=200))
    assert [(one.pk, other.pk) for one, other in pairs(many)] == [(5, 200)]


def test_a_block_of_thousands_is_narrowed_to_those_of_one_name() -> None:
    crowd = [person(short_name(n % 1000), "Hansen", pk=n) for n in range(MOST * 6)]
    found = list(pairs(crowd))
    assert {(one.pk, other.pk) for one, other in found} == {(n, n + 1000) for n in range(200)}
    assert len(found) == 200
