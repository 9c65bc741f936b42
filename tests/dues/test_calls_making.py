"""Making call lists on the web: shared out, left out, refused."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from calling.models import Call, CallList
from membership.models import Branch
from membership.roles import Role
from tests.factories import (
    TODAY,
    make_branch,
    make_claim,
    make_county,
    make_member,
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


def test_ring_yourself_is_one_tap(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    member = make_unpaid(kafjord)
    response = client_for(officer).post(make_url(kafjord), {"myself": "1", "token": str(uuid4())}, follow=True)
    assert list(Call.objects.values_list("member_id", "caller__user_id")) == [(member.pk, officer.pk)]
    page = response.content.decode()
    assert "Ane Fjellvær" in page
    assert f'href="tel:{member.mobile}"' in page
    assert "Angre" in page


def test_a_double_click_makes_one_list(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    make_unpaid(kafjord)
    client, data = client_for(officer), {"myself": "1", "token": str(uuid4())}
    first, second = client.post(make_url(kafjord), data), client.post(make_url(kafjord), data)
    assert first["Location"] == second["Location"]
    assert CallList.objects.count() == 1


def test_names_are_shared_among_those_ticked_and_those_typed(
    client_for: ClientFor, kafjord: Branch, officer: User, caller: User
) -> None:
    for number in range(6):
        make_unpaid(kafjord, f"Ane {number}")
    data = {
        "token": str(uuid4()),
        f"caller_{caller.pk}": "on",
        f"caller_{caller.pk}_count": "1",
        f"caller_{officer.pk}": "on",
        "name_1": "  Per på papir ",
        "name_2": "Ingen",
        "name_2_count": "0",
        "finish_by_on": "03122026",
    }
    client_for(officer).post(make_url(kafjord), data)
    made = CallList.objects.get()
    assert [(place.name, place.calls.count()) for place in made.callers.order_by("position")] == [
        ("Kari Nordvik", 3),
        ("Ringe Hjelper", 1),
        ("Per på papir", 2),
    ]
    assert made.finish_by_on is not None
    assert made.finish_by_on.isoformat() == "2026-12-03"


def test_those_left_out_are_counted_for_the_officer(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    make_unpaid(kafjord)
    make_unpaid(kafjord, "Uten", mobile_ok=False)
    make_unpaid(kafjord, "Reservert", no_phone=True)
    page = client_for(officer).post(make_url(kafjord), {"myself": "1"}, follow=True).content.decode()
    assert "1 mangler telefonnummer og er ikke med." in page
    assert "1 skal ikke ringes og er ikke med." in page


def test_only_those_ticked_are_handed_out(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    ticked = make_unpaid(kafjord, "Ane")
    make_unpaid(kafjord, "Bo")
    client_for(officer).post(make_url(kafjord), {"myself": "1", "id": [ticked.pk]})
    assert [call.member for call in Call.objects.all()] == [ticked]


def test_the_pages_filters_narrow_the_list_too(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    make_unpaid(kafjord, "Ane")
    bo = make_unpaid(kafjord, "Bo")
    client_for(officer).post(make_url(kafjord), {"myself": "1", "navn": "Bo"})
    assert [call.member for call in Call.objects.all()] == [bo]


@pytest.mark.parametrize("tampered", ["foreign", "paid", "nobody", "text", "huge"])
def test_an_id_that_is_not_on_the_list_refuses_it_all(
    client_for: ClientFor, kafjord: Branch, officer: User, tampered: str
) -> None:
    mine = make_unpaid(kafjord)
    foreign = make_unpaid(make_branch(kafjord.county, "Lyngen"), "Hemmelig")  # type: ignore[arg-type]
    paid = make_member(kafjord, "Betalt")
    make_claim(paid, outstanding_ore=0)
    ids = {"foreign": foreign.pk, "paid": paid.pk, "nobody": 99999, "text": "1 OR 1", "huge": 10**30}
    response = client_for(officer).post(make_url(kafjord), {"myself": "1", "id": [mine.pk, ids[tampered]]})
    assert response.status_code == 422
    assert "Hemmelig" not in response.content.decode()
    assert not CallList.objects.exists()


def test_what_is_wrong_in_the_form_is_said_and_what_was_typed_is_kept(
    client_for: ClientFor, kafjord: Branch, officer: User, caller: User
) -> None:
    member = make_unpaid(kafjord)
    client = client_for(officer)
    nobody = client.post(make_url(kafjord), {"token": str(uuid4()), "id": [member.pk], "finish_by_on": "1. desember"})
    assert nobody.status_code == 422
    page = nobody.content.decode()
    assert 'id="id_finish_by_on_error"' in page
    assert f'<input type="hidden" name="id" value="{member.pk}">' in page
    too_many = {"token": str(uuid4()), f"caller_{caller.pk}": "on", f"caller_{caller.pk}_count": "5"}
    page = client.post(make_url(kafjord), too_many).content.decode()
    assert "Det er 1 navn å dele ut, men tallene er til sammen 5." in page
    assert "Velg minst én som ringer" in client.post(make_url(kafjord), {"token": str(uuid4())}).content.decode()
    past = {"token": str(uuid4()), "name_1": "Per", "finish_by_on": "19.11.2026"}
    assert "som ikke er passert" in client.post(make_url(kafjord), past).content.decode()
    assert not CallList.objects.exists()


def test_nobody_to_phone_is_told_in_a_sentence(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    make_unpaid(kafjord, mobile_ok=False)
    page = client_for(officer).post(make_url(kafjord), {"myself": "1"}).content.decode()
    assert "Det er ingen å ringe. 1 mangler telefonnummer og er ikke med." in page


def test_a_user_from_elsewhere_cannot_be_made_a_caller(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    make_unpaid(kafjord)
    stranger = make_officer(make_branch(kafjord.county, "Lyngen"))  # type: ignore[arg-type]
    data = {"token": str(uuid4()), f"caller_{stranger.pk}": "on"}
    assert client_for(officer).post(make_url(kafjord), data).status_code == 422
    assert not CallList.objects.exists()


def test_the_form_offers_callers_from_above_and_officers_of_the_branch_alone(
    client_for: ClientFor, kafjord: Branch, officer: User
) -> None:
    county = kafjord.county
    assert county is not None
    from dues.call_forms import call_list_form

    def offered() -> list[str]:
        form = call_list_form(kafjord, user=officer, today=TODAY)
        return [caller.user.name for caller in form.possible]

    assert offered() == ["Kari Nordvik"]
    assert call_list_form(kafjord, user=officer, today=TODAY).alone
    make_officer(county, Role.COUNTY_SECRETARY, name="Fylkes Sekretær")
    make_officer(county, Role.CALLER, name="Fylkets Ringehjelper")
    make_officer(kafjord, Role.TREASURER, name="Kasserer")
    make_officer(kafjord, Role.BRANCH_LEADER, name="Leder")
    make_officer(kafjord, Role.CALLER, name="Borte", is_active=False)
    make_officer(make_branch(kafjord, "Birtavarre"), Role.CALLER, name="Under")
    assert offered() == ["Kari Nordvik", "Fylkets Ringehjelper", "Kasserer"]
