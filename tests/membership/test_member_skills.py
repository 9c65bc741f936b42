"""Knowledge in the ranks is found, whatever accents and letters it was written with."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from membership.actions.members import derive
from membership.models import Branch, Member
from tests.factories import make_branch, make_county, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county(), "Kåfjord")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("trommer", {"Ane"}),
        ("TROM", {"Ane"}),
        ("samisk larer", {"Ane"}),
        ("lærer", {"Ane"}),
        ("sámegiella", {"Biret"}),
        ("samegiella", {"Biret"}),
        ("ommer", set()),
        ("fjellvær", set()),
        ("", set()),
        ("%", set()),
        ("' OR 1=1", set()),
    ],
)
def test_members_are_found_by_what_they_can_contribute(kafjord: Branch, asked: str, found: set[str]) -> None:
    make_member(kafjord, "Ane", skills="Lærer i samisk larer\nTrommer")
    make_member(kafjord, "Biret", skills="Sámegiella, regnskap")
    make_member(kafjord, "Trommer", "Lærer")
    assert {member.first_name for member in kafjord.members.who_can(asked)} == found


def test_only_ones_own_branch_is_looked_in(kafjord: Branch) -> None:
    make_member(make_branch(kafjord.county or kafjord, "Tromsø"), skills="Trommer")
    assert not kafjord.members.who_can("trommer").exists()


def test_skills_are_in_the_search_index_and_follow_a_change(kafjord: Branch) -> None:
    member = Member(first_name="Ane", last_name="Nilsen", skills="Trommer")
    derive(member)
    assert " trommer" in member.search_text


def test_it_takes_two_queries_however_many_there_are(kafjord: Branch) -> None:
    for _ in range(3):
        make_member(kafjord, skills="Trommer")
    with CaptureQueriesContext(connection) as queries:
        assert len(kafjord.members.who_can("trommer")) == 3
    assert len(queries) == 2
