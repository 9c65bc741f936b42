"""Call lists are opened by those they were handed to and nobody else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from calling.models import CallList
from dues.models import Claim
from membership.enums import AddressProtection
from membership.models import Branch, Member
from membership.roles import Role
from tests.factories import (
    NOW,
    hand_out,
    make_branch,
    make_county,
    make_officer,
    make_unpaid,
)

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county(), "Kåfjord")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik")


@pytest.fixture
def caller(kafjord: Branch) -> User:
    return make_officer(kafjord, Role.CALLER, name="Ringe Hjelper")


def url(name: str, branch: Branch, *args: Any) -> str:
    return reverse(f"dues:{name}", args=[branch.slug, *args])


def make_url(branch: Branch) -> str:
    return url("call_list_make", branch, 2026)


def test_a_caller_sees_the_own_names_and_no_others(
    client_for: ClientFor, kafjord: Branch, officer: User, caller: User
) -> None:
    for name in ("Ane", "Bo"):
        make_unpaid(kafjord, name, note="Hemmelig notat", email=f"{name}@example.no")
    made = hand_out(kafjord, officer, caller, officer)
    page = client_for(caller).get(url("call_list", kafjord, made.pk)).content.decode()
    assert "Ane Fjellvær" in page
    for hidden in ("Bo Fjellvær", "Hemmelig", "@example.no", "Excel", "Hvem ringer hvem", "Lukk lista"):
        assert hidden not in page


def test_an_officer_sees_everyones_names(client_for: ClientFor, kafjord: Branch, officer: User, caller: User) -> None:
    make_unpaid(kafjord, "Ane")
    make_unpaid(kafjord, "Bo")
    made = hand_out(kafjord, officer, caller, officer)
    page = client_for(officer).get(url("call_list", kafjord, made.pk)).content.decode()
    assert "Ane Fjellvær" in page
    assert "Bo Fjellvær" in page
    assert "Hvem ringer hvem" in page


def test_who_has_paid_meanwhile_is_struck_off(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    ane, bo = make_unpaid(kafjord, "Ane"), make_unpaid(kafjord, "Bo")
    made = hand_out(kafjord, officer)
    Claim.objects.filter(member=ane).update(outstanding_ore=0)
    Member.objects.filter(pk=bo.pk).update(no_phone=True)
    page = client_for(officer).get(url("call_list", kafjord, made.pk)).content.decode()
    assert "<s>Ane Fjellvær</s>" in page
    assert "Betalt" in page
    assert "<s>Bo Fjellvær</s>" in page
    assert "tel:" not in page


@pytest.mark.parametrize(
    "change", [{"address_protection": AddressProtection.STRICT}, {"status": "resigned"}, {"no_phone": True}]
)
def test_who_is_not_to_be_phoned_any_more_has_no_number(
    client_for: ClientFor, kafjord: Branch, officer: User, change: dict[str, Any]
) -> None:
    member = make_unpaid(kafjord)
    made = hand_out(kafjord, officer)
    Member.objects.filter(pk=member.pk).update(**change)
    page = client_for(officer).get(url("call_list", kafjord, made.pk)).content.decode()
    assert "tel:" not in page
    assert ("Ikke lenger medlem" if "status" in change else "Skal ikke ringes") in page


def test_a_member_who_has_moved_away_is_not_to_be_phoned(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    member = make_unpaid(kafjord)
    made = hand_out(kafjord, officer)
    lyngen = make_branch(kafjord.county, "Lyngen")  # type: ignore[arg-type]
    Claim.objects.filter(member=member).update(branch=lyngen, municipal=lyngen)
    assert "tel:" not in client_for(officer).get(url("call_list", kafjord, made.pk)).content.decode()


def test_a_caller_finds_no_other_callers_list_sheet_or_file(
    client_for: ClientFor, kafjord: Branch, officer: User, caller: User
) -> None:
    make_unpaid(kafjord, "Ane")
    make_unpaid(kafjord, "Bo")
    shared, own = hand_out(kafjord, officer, caller, officer), caller
    other = make_officer(kafjord, Role.CALLER)
    make_unpaid(kafjord, "Cato")
    elsewhere = hand_out(kafjord, officer, other)
    client = client_for(own)
    mine, officers = shared.callers.get(user=own), shared.callers.get(user=officer)
    assert client.get(url("call_list_print", kafjord, shared.pk, mine.pk)).status_code == 200
    assert client.get(url("call_list_print", kafjord, shared.pk, officers.pk)).status_code == 404
    assert client.get(url("call_list", kafjord, elsewhere.pk)).status_code == 404
    assert client.get(url("call_list_print", kafjord, elsewhere.pk, mine.pk)).status_code == 404
    assert client.post(url("call_list_export", kafjord, shared.pk)).status_code == 404
    assert client.post(url("call_list_close", kafjord, shared.pk)).status_code == 404
    assert client.post(make_url(kafjord), {"myself": "1"}).status_code == 404
    page = client.get(url("call_lists", kafjord)).content.decode()
    assert url("call_list", kafjord, shared.pk) in page
    assert url("call_list", kafjord, elsewhere.pk) not in page
    assert "1 av 1 har ikke betalt" in page
    assert AuditEvent.objects.filter(verb=Verb.ACCESS_DENIED, actor_id=own.pk).count() == 6


def test_a_closed_list_is_gone_for_its_callers(
    client_for: ClientFor, kafjord: Branch, officer: User, caller: User
) -> None:
    make_unpaid(kafjord)
    made = hand_out(kafjord, officer, caller)
    client_for(officer).post(url("call_list_close", kafjord, made.pk))
    assert client_for(caller).get(url("call_list", kafjord, made.pk)).status_code == 404
    page = client_for(officer).get(url("call_list", kafjord, made.pk)).content.decode()
    assert "Lukket 20.11.2026" in page
    assert "Lukk lista" not in page
    assert (
        url("call_list", kafjord, made.pk) not in client_for(officer).get(url("call_lists", kafjord)).content.decode()
    )


def test_another_branchs_officer_finds_nothing(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    make_unpaid(kafjord)
    made = hand_out(kafjord, officer)
    place = made.callers.get()
    lyngen = make_branch(kafjord.county, "Lyngen")  # type: ignore[arg-type]
    client = client_for(make_officer(lyngen))
    for branch in (kafjord, lyngen):
        assert client.get(url("call_list", branch, made.pk)).status_code == 404
        assert client.get(url("call_list_print", branch, made.pk, place.pk)).status_code == 404
        assert client.post(url("call_list_export", branch, made.pk)).status_code == 404
        assert client.post(url("call_list_close", branch, made.pk)).status_code == 404
    made.refresh_from_db()
    assert made.closed_at is None


def test_the_county_finds_the_lists_of_its_branches(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    make_unpaid(kafjord)
    made = hand_out(kafjord, officer)
    county = kafjord.county
    assert county is not None
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    assert url("call_list", county, made.pk) in client.get(url("call_lists", county)).content.decode()
    assert client.get(url("call_list", county, made.pk)).status_code == 200


def test_a_list_can_be_regretted_only_where_it_was_just_made(
    client_for: ClientFor, kafjord: Branch, officer: User
) -> None:
    make_unpaid(kafjord)
    made = hand_out(kafjord, officer)
    client = client_for(officer)
    assert "Angre" in client.get(url("call_list", kafjord, made.pk)).content.decode()
    CallList.objects.filter(pk=made.pk).update(created_at=NOW - timedelta(minutes=11))
    page = client.get(url("call_list", kafjord, made.pk)).content.decode()
    assert "Angre" not in page
    assert "Lukk lista" in page


def test_empty_pages_say_what_to_do(client_for: ClientFor, kafjord: Branch, officer: User, caller: User) -> None:
    assert "Lag en fra lista over dem som ikke har betalt" in (
        client_for(officer).get(url("call_lists", kafjord)).content.decode()
    )
    assert "Ingen liste er gitt til deg" in client_for(caller).get(url("call_lists", kafjord)).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_index_costs_the_same_number_of_queries_at_any_length(
    client_for: ClientFor,
    kafjord: Branch,
    officer: User,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(number):
        make_unpaid(kafjord)
        hand_out(kafjord, officer)
    client = client_for(officer)
    client.get(url("call_lists", kafjord))
    with django_assert_num_queries(9):
        client.get(url("call_lists", kafjord))


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_costs_the_same_number_of_queries_at_any_length(
    client_for: ClientFor,
    kafjord: Branch,
    officer: User,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(number):
        make_unpaid(kafjord)
    made = hand_out(kafjord, officer)
    client = client_for(officer)
    with django_assert_num_queries(10):
        client.get(url("call_list", kafjord, made.pk))
