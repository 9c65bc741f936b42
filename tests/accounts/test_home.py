"""Where the front page leads."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from membership.actions.grants import end, give
from membership.models import Branch, Grant
from membership.roles import Role
from tests.factories import make_branch, make_county, make_officer, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def troms() -> Branch:
    return make_county(slug="troms")


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    assert client.get("/")["Location"] == f"{reverse('account_login')}?next=/"


@pytest.mark.parametrize(
    ("role", "page"),
    [
        (Role.COUNTY_SECRETARY, "overview:branch"),
        (Role.BRANCH_LEADER, "overview:branch"),
        (Role.CALLER, "dues:call_lists"),
        (Role.ADMINISTRATOR, "membership:access_list"),
    ],
)
def test_one_branch_leads_straight_to_what_the_role_opens(client: Client, troms: Branch, role: Role, page: str) -> None:
    client.force_login(make_officer(troms, role))
    assert client.get("/")["Location"] == reverse(page, args=["troms"])


def test_the_highest_of_branches_above_one_another_is_the_one(client: Client, troms: Branch) -> None:
    user = make_officer(make_branch(troms, "Kåfjord", slug="kafjord"))
    give(user, role=Role.COUNTY_MEMBERSHIP_OFFICER, branch=troms, by=None, starts_on=date(2026, 1, 1))
    client.force_login(user)
    assert client.get("/")["Location"] == reverse("overview:branch", args=["troms"])


@pytest.mark.parametrize("extra", [0, 2])
def test_branches_side_by_side_are_a_choice_at_the_same_price(
    client: Client, troms: Branch, django_assert_num_queries: Any, extra: int
) -> None:
    user = make_officer(make_branch(troms, "Kåfjord", slug="kafjord"))
    places = ["Tromsø", "Storfjord", "Lyngen"][: 1 + extra]
    for place in places:
        branch = make_branch(troms, place)
        for role in (Role.TREASURER, Role.BRANCH_LEADER):
            give(user, role=role, branch=branch, by=None, starts_on=date(2026, 1, 1))
    client.force_login(user)
    # Session, user, grants.
    with django_assert_num_queries(3):
        page = client.get("/").content.decode()
    assert f'href="{reverse("overview:branch", args=["kafjord"])}"' in page
    assert f'href="{reverse("overview:branch", args=["tromso"])}"' in page
    assert page.count('class="panel door"') == 1 + len(places)
    assert "Kasserer, Leder" in page


def test_nothing_to_do_is_said_plainly(client: Client) -> None:
    client.force_login(make_user())
    page = client.get("/").content.decode()
    assert "Du har ikke tilgang nå" in page
    assert "Logg ut" in page


def test_an_ended_role_leads_nowhere_from_that_day(client: Client, troms: Branch) -> None:
    user = make_officer(troms)
    client.force_login(user)
    end(Grant.objects.get(user=user), by=None, on=date(2026, 11, 20))
    assert "Du har ikke tilgang nå" in client.get("/").content.decode()
    assert client.get("/lag/troms/medlemmer/importer/").status_code == 404
