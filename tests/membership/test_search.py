"""Finding members: the same people by every way the databases have of looking."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from membership.actions.members import derive
from membership.enums import AddressProtection
from membership.models import Branch, Member
from membership.search import READ, WALKED, find, is_partial
from tests.factories import make_branch, make_county, make_member

pytestmark = pytest.mark.django_db

# How many people find() is told there are: reading, the trigram index, single letters capped.
PLANS = (1, READ + 1, WALKED + 1, 1_000_000)


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def register(county: Branch) -> Branch:
    """Kåfjord, with people whose names are hard to type."""
    kafjord, tromso = make_branch(county, "Kåfjord"), make_branch(county, "Tromsø")
    for first, last in (
        ("Áile", "Čállo"),
        ("Đorđe", "Ŋávdi"),
        ("Åse", "Sørgård"),
        ("Bjørn-Ove", "Ærøskjøbing"),
        ("Isaac", "Müller"),
        ("Per", "O'Brien"),
        ("100", "%_wild"),
    ):
        make_member(kafjord, first, last)
    make_member(
        kafjord, "Kari", "Nordvik", member_number="M-77421", mobile="+4791234567", email="kari.nordvik@post.example"
    )
    make_member(tromso, "Áile", "Hansen", street="Hemmeligveien 3", city="Skjultby")
    return kafjord


def found(branch: Branch, q: str) -> set[str]:
    """First names found, which must be the same by every plan."""
    answers = {frozenset(find(branch, q, people=people).values_list("first_name", flat=True)) for people in PLANS}
    assert len(answers) == 1, f"the plans disagree on {q!r}: {answers}"
    return set(answers.pop())


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("Áile", {"Áile"}),
        ("aile", {"Áile"}),
        ("ČÁLLO", {"Áile"}),
        ("callo", {"Áile"}),
        ("álL", {"Áile"}),
        ("dorde", {"Đorđe"}),
        ("Navdi", {"Đorđe"}),
        ("Åse", {"Åse"}),
        ("aase", {"Åse"}),
        ("sørg", {"Åse"}),
        ("ærø", {"Bjørn-Ove"}),
        ("bjørn ove", {"Bjørn-Ove"}),
        ("Ove Bjørn", {"Bjørn-Ove"}),
        ("isaac", {"Isaac"}),
        ("isåc", {"Isaac"}),
        ("muller", {"Isaac"}),
        ("myller", {"Isaac"}),
        ("o'brien", {"Per"}),
        ("obrien", {"Per"}),
        # Two letters: where a word begins. One: the same.
        ("ka", {"Kari"}),
        ("ar", set()),
        ("Å", {"Åse"}),
        ("k", {"Kari"}),
        ("k nord", {"Kari"}),
        ("x nord", set()),
        # Numbers, addresses of email.
        ("91234567", {"Kari"}),
        ("912 34 567", {"Kari"}),
        ("+47 912 34 567", {"Kari"}),
        ("004791234567", {"Kari"}),
        ("34 567", {"Kari"}),
        ("M-77421", {"Kari"}),
        ("77421", {"Kari"}),
        ("kari.nordvik@post.example", {"Kari"}),
        ("nordvik@post", {"Kari"}),
        ("kari nordvik tromsø", set()),
    ],
)
def test_members_are_found_by_what_one_remembers(register: Branch, q: str, names: set[str]) -> None:
    assert found(register, q) == names


@pytest.mark.parametrize("q", ["", "   ", "-", "@", "%", "_", '"', "*", "\x00", "…"])
def test_a_query_without_a_word_narrows_nothing(register: Branch, q: str) -> None:
    assert len(found(register, q)) == 8


@pytest.mark.parametrize(
    "q",
    ["%%%wild%%%", "a_b", "wild*", 'wild" OR "a', "NEAR(a b)", "^wild", "wild NOT zzz", "{search_text}: wild", "-wild"],
)
def test_wildcards_and_operators_are_only_letters(register: Branch, q: str) -> None:
    assert found(register, q) <= {"100"}


def test_only_the_branch_and_those_under_it_are_searched(county: Branch, register: Branch) -> None:
    assert find(register, "aile", people=READ + 1).count() == 1
    assert find(county, "aile", people=READ + 1).count() == 2
    assert found(register, "hansen") == set()


def test_an_address_finds_nobody(county: Branch, register: Branch) -> None:
    member = Member.objects.get(last_name="Hansen")
    for protection in AddressProtection:
        member.address_protection = protection
        derive(member)
        member.save()
        assert found(county, "Hemmeligveien") == found(county, "Skjultby") == set()


def test_a_changed_and_an_erased_member_follow_in_the_index(register: Branch) -> None:
    member = Member.objects.get(first_name="Kari")
    member.last_name = "Zakariassen"
    derive(member)
    member.save()
    assert found(register, "zakarias") == {"Kari"}
    assert found(register, "kari nordvik xx") == set()
    member.email = ""
    derive(member)
    member.save()
    assert found(register, "post") == set()
    member.delete()
    assert found(register, "zakarias") == set()


def test_a_word_that_very_many_have_is_read_along_the_list(register: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("membership.search.COMMON", 3)
    assert found(register, "example") == {"Áile", "Đorđe", "Åse", "Bjørn-Ove", "Isaac", "Per", "100", "Kari"}


def test_single_letters_among_very_many_are_looked_for_among_the_first(
    register: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("membership.search.WALKED", 2)
    capped = connection.vendor == "sqlite"
    assert is_partial("k", people=READ + 1) is capped
    assert not is_partial("k", people=2)
    assert not is_partial("k nord", people=READ + 1)
    assert find(register, "k", people=READ + 1).count() == (0 if capped else 1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=st.text(max_size=60))
def test_no_text_breaks_a_search(register: Branch, q: str) -> None:
    for people in PLANS:
        assert find(register, q, people=people).count() <= 8


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(member=st.integers(0, 7), start=st.integers(0, 20), length=st.integers(3, 12))
def test_any_piece_of_a_name_finds_its_owner(register: Branch, member: int, start: int, length: int) -> None:
    person = register.members.order_by("id")[member]
    for name in (person.first_name, person.last_name):
        piece = name[start : start + length]
        # A piece that begins or ends within “aa” is another letter than the “å” it is folded to.
        if len(piece) >= 3 and re.fullmatch(r"[^\W_]+", piece) and "aa" not in name.lower():
            assert person.first_name in found(register, piece)


NAUGHTY = Path(__file__).parents[2].parent / "shared" / "corpora" / "naughty-strings" / "blns.json"


@pytest.mark.skipif(not NAUGHTY.is_file(), reason="shared/corpora is not beside the project")
def test_naughty_strings_are_only_text(register: Branch) -> None:
    for text in json.loads(NAUGHTY.read_text(encoding="utf-8")):
        assert find(register, text, people=READ + 1).count() <= 8
