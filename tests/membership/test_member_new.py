"""Registering a new member: numbers, likely the same person, ages, and where one may put whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.actions.member_creating import Newcomer, NumberTaken, register_member
from membership.actions.numbers import forget_number
from membership.enums import MemberStatus
from membership.models import Branch, BranchSummary, FormerNumber, Member
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer
from tests.membership.page_forms import fields_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def user(kafjord: Branch) -> User:
    return make_officer(kafjord)


@pytest.fixture
def officer(user: User, client_for: Callable[..., Client]) -> Client:
    return client_for(user)


def send(client: Client, slug: str = "kafjord", **typed: Any) -> Any:
    url = reverse("membership:member_new", args=[slug])
    answer = client.get(url)
    assert answer.status_code == 200
    return client.post(url, {**fields_in(answer.text, url), "first_name": "Ravdna", "last_name": "Somby", **typed})


def newest() -> Member:
    return Member.objects.order_by("-id")[0]


def test_a_member_is_registered_with_a_number_of_our_own(kafjord: Branch, officer: Client) -> None:
    answer = send(officer, birth="1990", mobile="41234567", note="Hei")
    member = newest()
    assert answer.status_code == 302
    assert answer["Location"] == reverse("membership:member_detail", args=["kafjord", member.pk])
    assert (member.full_name, member.branch, member.status) == ("Ravdna Somby", kafjord, MemberStatus.MEMBER)
    assert (member.member_number, member.number_is_local) == ("L10001", True)
    assert (member.joined_on, member.birth_year, member.mobile, member.note) == (TODAY, 1990, "+4741234567", "Hei")
    assert member.placements.get().branch == kafjord
    assert BranchSummary.objects.get(branch=kafjord).members == 1
    event = AuditEvent.objects.get(verb=Verb.MEMBER_CREATED)
    assert (event.branch_id, event.object_id, event.details) == (kafjord.pk, str(member.pk), {})
    send(officer, first_name="Biret")
    assert newest().member_number == "L10002"


def test_a_number_from_the_central_register_is_kept(officer: Client) -> None:
    send(officer, member_number=" 0077421 ")
    assert (newest().member_number, newest().number_is_local) == ("0077421", False)


def test_an_applicant_is_no_member_yet(kafjord: Branch, officer: Client) -> None:
    send(officer, status="applied", birth="2014")
    assert newest().status == MemberStatus.APPLIED
    assert BranchSummary.objects.get(branch=kafjord).members == 0


@pytest.mark.parametrize("status", ["resigned", "deceased", "expelled", ""])
def test_nobody_is_registered_as_one_who_has_left(officer: Client, status: str) -> None:
    assert send(officer, status=status).status_code == 422
    assert not Member.objects.exists()


def test_a_number_that_is_taken_or_was_is_refused_without_telling_whose(county: Branch, officer: Client) -> None:
    foreign = make_member(make_branch(county, "Tromsø"), "Áile", "Valnes", member_number="77421")
    FormerNumber.objects.create(number="88", member=foreign)
    for number in ("77421", "88"):
        answer = send(officer, member_number=number)
        assert answer.status_code == 422
        assert "Nummeret er i bruk" in answer.text
        assert "Valnes" not in answer.text
    assert Member.objects.count() == 1


def test_an_erased_number_is_said_to_be_so(officer: Client) -> None:
    forget_number("77421", on=date(2026, 3, 1))
    answer = send(officer, member_number="77421")
    assert answer.status_code == 422
    assert "slettet 1. mars 2026" in answer.text


def test_an_identity_number_is_no_member_number(officer: Client) -> None:
    answer = send(officer, member_number="21883649874")
    assert answer.status_code == 422
    assert "21883649874" not in answer.text


def test_under_fifteen_takes_a_guardians_consent(officer: Client) -> None:
    answer = send(officer, birth="21.11.2011")
    assert answer.status_code == 422
    assert "Under 15 år" in answer.text
    assert send(officer, birth="21.11.2011", guardian_name="Mor", guardian_consent_on="1.11.2026").status_code == 302


def test_one_who_is_fifteen_today_needs_none(officer: Client) -> None:
    assert send(officer, birth="20.11.2011").status_code == 302


def test_a_year_alone_counts_as_the_youngest_it_can_be(officer: Client) -> None:
    assert send(officer, birth="2011").status_code == 422
    assert send(officer, birth="2010").status_code == 302


@pytest.mark.parametrize(
    "known",
    [
        {"first_name": "Ravdna", "last_name": "Sombý", "birth_year": 1990},
        {"first_name": "Ravdna Elle", "last_name": "Somby"},
        {"first_name": "Ravdna", "last_name": "Hansen", "mobile": "+4741234567"},
        {"first_name": "Ravdna", "last_name": "Hansen", "email": "RAVDNA@example.no"},
    ],
)
def test_one_who_may_be_here_already_is_shown_before_anything_is_saved(
    kafjord: Branch, officer: Client, known: dict[str, Any]
) -> None:
    there = make_member(kafjord, **known)
    typed = {"birth": "12.3.1990", "mobile": "41234567", "email": "ravdna@example.no"}
    answer = send(officer, **typed)
    assert answer.status_code == 422
    assert "Er dette samme person?" in answer.text
    assert reverse("membership:member_detail", args=["kafjord", there.pk]) in answer.text
    assert Member.objects.count() == 1
    url = reverse("membership:member_new", args=["kafjord"])
    assert officer.post(url, fields_in(answer.text, url)).status_code == 302
    assert Member.objects.count() == 2


@pytest.mark.parametrize(
    "known",
    [
        {"first_name": "Ravdna", "last_name": "Somby", "birth_year": 1950},
        {"first_name": "Ánte", "last_name": "Hansen", "mobile": "+4741234567"},
        {"first_name": "Ánte", "last_name": "Somby", "email": "ravdna@example.no"},
    ],
)
def test_another_of_the_family_is_not_taken_for_the_same(
    kafjord: Branch, officer: Client, known: dict[str, Any]
) -> None:
    make_member(kafjord, **known)
    assert send(officer, birth="1990", mobile="41234567", email="ravdna@example.no").status_code == 302


def test_nothing_is_told_of_the_same_person_in_another_branch(county: Branch, officer: Client) -> None:
    make_member(make_branch(county, "Tromsø"), "Ravdna", "Somby", email="ravdna@example.no")
    answer = send(officer, email="ravdna@example.no")
    assert answer.status_code == 302
    assert newest().branch.slug == "kafjord"


def test_the_county_says_which_branch_and_a_branch_only_its_own(
    county: Branch, kafjord: Branch, officer: Client, client_for: Callable[..., Client]
) -> None:
    make_branch(county, "Tromsø")
    client = client_for(make_officer(county))
    assert send(client, "troms", branch="kafjord").status_code == 302
    assert newest().branch == kafjord
    send(client, "troms", first_name="Biret")
    assert newest().branch == county
    # A municipal branch has no such field: what is sent is ignored.
    send(officer, first_name="Máret", branch="tromso")
    assert newest().branch == kafjord


def test_a_branch_elsewhere_is_refused(county: Branch, kafjord: Branch, client_for: Callable[..., Client]) -> None:
    make_branch(kafjord, "Manndalen")
    make_branch(county, "Tromsø")
    client = client_for(make_officer(kafjord))
    assert send(client, branch="tromso").status_code == 422
    assert not Member.objects.exists()


def test_a_name_is_needed(officer: Client) -> None:
    answer = send(officer, first_name="", last_name=" ")
    assert answer.status_code == 422
    assert "Skriv navnet" in answer.text


def test_the_same_number_twice_is_refused_by_the_action_too(kafjord: Branch, user: User) -> None:
    newcomer = Newcomer({"first_name": "A", "last_name": "B"}, MemberStatus.MEMBER, "5")
    how: Any = {"branch": kafjord, "working_in": kafjord, "by": user, "now": NOW, "today": TODAY}
    register_member(newcomer, **how)
    with pytest.raises(NumberTaken):
        register_member(newcomer, **how)
