"""Who may open the register, where, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent
from membership.access import access_of, branches_of, may
from membership.actions.grants import give
from membership.models import Branch
from membership.roles import PERMISSIONS, Permission, Role
from tests.factories import TODAY, make_branch, make_county, make_member, make_officer, make_user

pytestmark = pytest.mark.django_db

OPENS = {
    Role.MEMBERSHIP_OFFICER,
    Role.TREASURER,
    Role.BRANCH_LEADER,
    Role.COUNTY_SECRETARY,
    Role.COUNTY_MEMBERSHIP_OFFICER,
}


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.mark.parametrize("role", list(Role))
def test_each_role_finds_the_register_or_does_not(
    kafjord: Branch, client_for: Callable[..., Client], role: Role
) -> None:
    member = make_member(kafjord, "Áile", "Somby")
    client = client_for(make_officer(kafjord, role))
    status = 200 if role in OPENS else 404
    for address in (
        reverse("membership:member_list", args=["kafjord"]),
        reverse("membership:member_detail", args=["kafjord", member.pk]),
    ):
        response = client.get(address)
        assert response.status_code == status
        assert ("Somby" in response.text) is (status == 200)


def test_a_visitor_is_asked_to_sign_in(kafjord: Branch, client: Client) -> None:
    response = client.get(reverse("membership:member_list", args=["kafjord"]))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_what_is_refused_is_not_found_and_logged(
    county: Branch, kafjord: Branch, client_for: Callable[..., Client]
) -> None:
    make_branch(county, "Tromsø")
    client = client_for(make_officer(kafjord))
    refused = client.get(reverse("membership:member_list", args=["tromso"]))
    unknown = client.get(reverse("membership:member_list", args=["ukjent"]))
    assert (refused.status_code, unknown.status_code) == (404, 404)
    assert refused.text == unknown.text
    event = AuditEvent.objects.get(verb=Verb.ACCESS_DENIED)
    assert event.details == {"right": Permission.VIEW_MEMBERS.value}


def test_a_grant_holds_for_the_branch_and_all_under_it_and_not_above(county: Branch, kafjord: Branch) -> None:
    island = make_branch(kafjord, "Birtavarre")
    officer = make_officer(kafjord)
    assert may(officer, Permission.VIEW_MEMBERS, island, on=TODAY)
    assert may(officer, Permission.VIEW_MEMBERS, kafjord, on=TODAY)
    assert not may(officer, Permission.VIEW_MEMBERS, county, on=TODAY)


def test_a_grant_begins_and_ends_on_its_days(kafjord: Branch) -> None:
    user = make_user()
    give(
        user,
        role=Role.TREASURER,
        branch=kafjord,
        by=None,
        starts_on=date(2026, 11, 20),
        ends_on=date(2026, 12, 1),
    )
    days = {date(2026, 11, 19): False, date(2026, 11, 20): True, date(2026, 11, 30): True, date(2026, 12, 1): False}
    assert {day: may(user, Permission.VIEW_MEMBERS, kafjord, on=day) for day in days} == days


def test_rights_of_several_roles_add_up(kafjord: Branch) -> None:
    user = make_officer(kafjord, Role.TREASURER)
    give(user, role=Role.RECRUITMENT_OFFICER, branch=kafjord, by=None, starts_on=date(2026, 1, 1), ends_on=None)
    access = access_of(user, kafjord, on=TODAY)
    assert access.permissions == PERMISSIONS[Role.TREASURER] | PERMISSIONS[Role.RECRUITMENT_OFFICER]
    assert access.roles == {Role.TREASURER, Role.RECRUITMENT_OFFICER}


def test_one_who_may_no_longer_sign_in_may_nothing(kafjord: Branch) -> None:
    officer = make_officer(kafjord)
    officer.is_active = False
    assert not may(officer, Permission.VIEW_MEMBERS, kafjord, on=TODAY)


def test_ones_branches_come_highest_first(county: Branch, kafjord: Branch) -> None:
    user = make_officer(kafjord)
    give(user, role=Role.TREASURER, branch=county, by=None, starts_on=date(2026, 1, 1), ends_on=None)
    assert branches_of(user, on=TODAY) == [county, kafjord]


def test_the_menu_shows_the_register_to_those_who_may_open_it(
    kafjord: Branch, client_for: Callable[..., Client]
) -> None:
    address = reverse("membership:member_list", args=["kafjord"])
    page = client_for(make_officer(kafjord)).get(address)
    assert [item["key"] for item in page.context["nav"] if item["url"] == address] == ["medlemmer"]
    assert "Roller og rettigheter" not in page.text
