"""Those under 18 are not phoned by others: not from a list, not from paper, not from a file."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import User
from calling.models import Call
from membership.models import Branch, Member, under_age
from membership.roles import Role
from tests.factories import TODAY, hand_out, make_branch, make_county, make_member, make_officer, make_unpaid

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county(), "Kåfjord")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord)


AGES = [
    ({"birth_on": date(2008, 11, 20)}, False),
    ({"birth_on": date(2008, 11, 21)}, True),
    ({"birth_on": date(2008, 11, 21), "birth_year": 1950}, True),
    ({"birth_year": 2007}, False),
    # Born on the last day of the year, perhaps.
    ({"birth_year": 2008}, True),
    ({}, False),
]


@pytest.mark.parametrize(("born", "young"), AGES)
def test_age_is_reckoned_alike_in_python_and_in_the_database(kafjord: Branch, born: Any, young: bool) -> None:
    member = make_member(kafjord, **born)
    assert member.is_under(18, on=TODAY) is young
    assert Member.objects.filter(under_age(18, on=TODAY)).exists() is young
    assert Member.objects.exclude(under_age(18, on=TODAY)).exists() is not young


def test_a_birthday_on_the_29th_of_february_is_reckoned_alike(kafjord: Branch) -> None:
    member = make_member(kafjord, birth_on=date(2008, 2, 29))
    for day in (date(2026, 2, 28), date(2026, 3, 1), date(2024, 2, 29), date(2028, 2, 29)):
        for years in (16, 18, 20):
            found = Member.objects.filter(under_age(years, on=day)).exists()
            assert member.is_under(years, on=day) is found, (day, years)


@pytest.mark.parametrize(("born", "young"), AGES)
def test_the_young_are_on_no_list_and_the_officer_is_told_how_many(
    kafjord: Branch, officer: User, client_for: ClientFor, born: Any, young: bool
) -> None:
    make_unpaid(kafjord, "Ane")
    member = make_unpaid(kafjord, "Biret", **born)
    url = reverse("dues:call_list_make", args=["kafjord", 2026])
    answer = client_for(officer).post(url, {"myself": "1"}, follow=True)
    assert Call.objects.filter(member=member).exists() is not young
    assert ("1 er under 18 år og er ikke med" in answer.text) is young


def test_one_who_turns_out_to_be_young_is_taken_off_every_callers_list(
    kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    caller = make_officer(kafjord, Role.CALLER, name="Ringe Hjelper")
    make_unpaid(kafjord, "Ane", mobile="+4791234567")
    member = make_unpaid(kafjord, "Biret", mobile="+4798765432")
    made = hand_out(kafjord, officer, caller)
    Member.objects.filter(pk=member.pk).update(birth_year=2010)
    place = made.callers.get().pk
    for url in (
        reverse("dues:call_list", args=["kafjord", made.pk]),
        reverse("dues:call_list_print", args=["kafjord", made.pk, place]),
    ):
        text = client_for(caller).get(url).text
        assert "912 34 567" in text
        assert "987 65 432" not in text


def test_the_printed_list_leaves_the_young_out_and_says_so(
    kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    make_unpaid(kafjord, "Ane")
    make_unpaid(kafjord, "Biret", birth_on=date(2010, 1, 1))
    make_unpaid(kafjord, "Ukjent")
    text = client_for(officer).get(reverse("dues:unpaid_print", args=["kafjord", 2026])).text
    assert "Ane Fjellvær" in text
    assert "Ukjent Fjellvær" in text
    assert "Biret" not in text
    assert "1 er under 18 år og står ikke på arket" in text


def test_the_workbook_has_no_number_of_the_young(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    make_unpaid(kafjord, "Ane", mobile="+4791234567")
    member = make_unpaid(kafjord, "Biret", mobile="+4798765432", phone="+4777712345", phone_ok=True)
    hand_out(kafjord, officer, "Odd-Arne")
    Member.objects.filter(pk=member.pk).update(birth_year=2010)
    answer = client_for(officer).post(reverse("dues:unpaid_export", args=["kafjord", 2026]))
    book = load_workbook(io.BytesIO(answer.content))
    everyone, callers = (
        {str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell} for sheet in book.worksheets
    )
    assert {"Ane", "Biret", "912 34 567"} <= everyone
    assert not {"987 65 432", "77 71 23 45"} & everyone
    assert "Biret" not in callers
