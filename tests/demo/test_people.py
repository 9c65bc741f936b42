"""The demo's members, as the generator makes them."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from functools import cache

from common.phone import parse_phone
from demo.people import MAIL_DOMAINS, Person, Register, demo_number
from demo.places import make_units, table_units
from membership.enums import AddressProtection, Category, Gender, MemberSource, MemberStatus
from tests.conftest import ROOT

TODAY = date(2026, 11, 20)
DIGEST = """
import django; django.setup()
from tests.demo.test_people import digest
print(digest())
"""


@cache
def everybody() -> tuple[Person, ...]:
    return tuple(Register(table_units(), today=TODAY, seed=1).people())


def digest() -> str:
    return hashlib.sha256(repr(everybody()).encode()).hexdigest()


def _members() -> list[Person]:
    return [person for person in everybody() if person.status == "member"]


def test_the_same_people_in_another_process_with_other_hashes() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", DIGEST], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == digest()


def test_another_seed_makes_other_people() -> None:
    other = next(Register(table_units(), today=TODAY, seed=2).people())
    assert other != everybody()[0]


def test_each_branch_has_its_number_of_members_and_some_who_have_left() -> None:
    units = table_units()
    counts = Counter(person.unit for person in _members())
    assert [counts[position] for position in range(len(units))] == [unit.members for unit in units]
    left = [person for person in everybody() if person.left_on]
    assert {person.status for person in left} == {"resigned", "deceased", "expelled"}
    assert all(person.joined_on < (person.left_on or TODAY) <= TODAY for person in left)


def test_every_number_is_one_nobody_can_dial_and_a_mobile_in_the_demo() -> None:
    numbers = [number for person in everybody() for number in (person.mobile, person.phone) if number.startswith("+")]
    assert all(parse_phone(number, demo=True).mobile for number in numbers)
    assert not any(parse_phone(number, demo=False).e164 for number in numbers)
    assert sum(person.mobile.startswith("+") for person in _members()) > 1_900
    assert any(person.mobile and not person.mobile.startswith("+") for person in everybody())


def test_numbers_below_a_million_differ() -> None:
    some = [*range(1, 2_200), *range(99_000, 101_000), *range(499_000, 500_000)]
    assert len({demo_number(index) for index in some}) == len(some)
    assert all(len(demo_number(index)) == 11 for index in some)


def test_every_address_is_at_a_reserved_name() -> None:
    assert {person.email.partition("@")[2] for person in everybody() if person.email} == set(MAIL_DOMAINS)
    assert all(domain.endswith((".example", "example.org", "example.net")) for domain in MAIL_DOMAINS)


def test_words_are_the_registers_own() -> None:
    for person in everybody():
        assert person.status in MemberStatus.values
        assert person.category in Category.values
        assert person.gender in Gender.values
        assert person.source in MemberSource.values
        assert person.address_protection in AddressProtection.values


def test_names_are_mixed() -> None:
    letters = Counter(letter for person in everybody() for letter in f"{person.first_name} {person.last_name}".lower())
    assert all(letters[letter] for letter in "áŋæøåä")
    families = Counter(person.last_name for person in everybody())
    assert families["Hansen"] > families["Somby"] > 0
    assert sum(families[name] for name in ("Nguyen", "Haddad", "Nowak", "Farah", "Kovalenko", "Rajan")) > 3


def test_there_is_life_in_the_register() -> None:
    members = _members()
    this_year = [person for person in members if person.joined_on.year == TODAY.year]
    assert 100 < len(this_year) < 220
    assert len({person.joined_on.month for person in this_year}) == 11
    assert any(person.recruited_by for person in this_year)
    assert any(person.recruited_by_text for person in this_year)
    assert 5 < sum(bool(person.address_protection) for person in members) < 40
    assert 20 < sum(person.no_phone for person in members) < 120
    assert any(person.moved_from is not None for person in members)
    assert any(person.birth_year > TODAY.year - 18 for person in members)
    assert all(person.guardian_consent_on for person in members if person.birth_year > TODAY.year - 16)
    assert all(person.joined_on <= TODAY for person in members)


def test_nobody_joined_as_a_small_child() -> None:
    assert all(person.joined_on.year - person.birth_year >= 13 for person in everybody())


def test_households_share_name_and_address_and_some_an_email() -> None:
    households = Counter((person.last_name, person.street, person.postal_code) for person in _members())
    assert sum(count > 1 for count in households.values()) > 150
    emails = Counter(person.email for person in _members() if person.email)
    assert 20 < sum(count > 1 for count in emails.values()) < 200


def test_recruiters_are_people_of_the_same_branch_who_were_there_before() -> None:
    units = {person.id: person.unit for person in everybody()}
    for person in everybody():
        if person.recruited_by is not None:
            assert person.recruited_by < person.id
            assert units[person.recruited_by] == person.unit


def test_member_numbers_differ() -> None:
    assert len({person.member_number for person in everybody()}) == len(everybody())
    assert all(len(person.member_number) == 7 for person in everybody())


def test_a_demo_on_new_years_day_has_nobody_from_the_future() -> None:
    today = date(2027, 1, 1)
    people = list(Register(make_units(members=300, branches=3), today=today, seed=1).people())
    assert all(max(person.joined_on, person.left_on or today) <= today for person in people)
