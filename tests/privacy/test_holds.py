from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.models import Branch
from membership.roles import Role
from privacy.actions import holds as actions
from privacy.actions.departures import leave
from privacy.enums import HoldReason, LeaveWay
from privacy.holds import hold_of
from privacy.models import Departure, Hold
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer
from tests.privacy.keeping import make_hold

ClientFor = Callable[[User], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county)


def place(branch: Branch, member: Any, *, by: User, until_on: date = TODAY + timedelta(days=30)) -> Hold:
    return actions.place_hold(
        member, branch=branch, reason=HoldReason.APPEAL, until_on=until_on, by=by, now=NOW, today=TODAY
    )


def test_a_hold_keeps_one_who_has_left_until_its_day(county: Branch, kafjord: Branch) -> None:
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    member = make_member(kafjord)
    leave(member, way=LeaveWay.LETTER, left_on=TODAY, by=secretary, now=NOW, today=TODAY)
    place(county, member, by=secretary, until_on=TODAY + timedelta(days=60))
    assert not Departure.objects.due(TODAY + timedelta(days=59)).exists()
    assert Departure.objects.due(TODAY + timedelta(days=60)).exists()
    event = AuditEvent.objects.filter(verb=Verb.MEMBER_HELD).get()
    assert event.branch_id == kafjord.pk
    assert event.details["reason"] == "appeal"


def test_one_that_is_lifted_and_one_that_has_run_out_hold_nobody(county: Branch, kafjord: Branch) -> None:
    """Of one the day is to come, of the other nobody has said that it is over: neither is in force."""
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    member = make_member(kafjord)
    leave(member, way=LeaveWay.LETTER, left_on=TODAY, by=secretary, now=NOW, today=TODAY)
    long = place(county, member, by=secretary, until_on=TODAY + timedelta(days=300))
    actions.lift_hold(long, by=secretary, now=NOW, today=TODAY)
    place(county, member, by=secretary, until_on=TODAY + timedelta(days=60))
    assert not Departure.objects.due(TODAY + timedelta(days=59)).exists()
    assert Departure.objects.due(TODAY + timedelta(days=60)).exists()


@pytest.mark.parametrize(
    ("until_on", "refusal"),
    [
        (TODAY, actions.TooShort),
        (TODAY - timedelta(days=1), actions.TooShort),
        (date(2027, 11, 21), actions.TooLong),
    ],
)
def test_a_hold_is_from_tomorrow_to_one_year(county: Branch, until_on: date, refusal: type[Exception]) -> None:
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    with pytest.raises(refusal):
        place(county, make_member(county), by=secretary, until_on=until_on)
    assert not Hold.objects.exists()


@pytest.mark.parametrize("until_on", [TODAY + timedelta(days=1), date(2027, 11, 20)])
def test_the_first_and_the_last_day_are_days_one_may_choose(county: Branch, until_on: date) -> None:
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    assert place(county, make_member(county), by=secretary, until_on=until_on).until_on == until_on


def test_a_year_from_a_leap_day() -> None:
    assert actions.last_day(date(2028, 2, 29)) == date(2029, 2, 28)


def test_one_hold_at_a_time_and_a_new_one_once_it_has_run_out(county: Branch) -> None:
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    member = make_member(county)
    place(county, member, by=secretary)
    with pytest.raises(actions.HeldAlready):
        place(county, member, by=secretary)
    Hold.objects.update(until_on=TODAY)
    assert hold_of(member, TODAY) is None
    place(county, member, by=secretary)
    assert Hold.objects.in_force(TODAY).count() == 1
    assert Hold.objects.count() == 2


def test_a_hold_is_lifted_once(county: Branch) -> None:
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    hold = place(county, make_member(county), by=secretary)
    actions.lift_hold(hold, by=secretary, now=NOW, today=TODAY)
    with pytest.raises(actions.OverAlready):
        actions.lift_hold(hold, by=secretary, now=NOW, today=TODAY)
    assert not Hold.objects.in_force(TODAY).exists()
    assert AuditEvent.objects.filter(verb=Verb.HOLD_LIFTED).count() == 1


def test_one_of_another_county_is_not_held(county: Branch) -> None:
    stranger = make_member(make_county("Nordland"))
    with pytest.raises(actions.NotHere):
        place(county, stranger, by=make_officer(county, Role.COUNTY_SECRETARY))


def test_the_member_reads_the_reason_and_the_day(county: Branch) -> None:
    member = make_member(county)
    assert hold_of(member, TODAY) is None
    make_hold(member, reason=HoldReason.DISPUTE, until_on=date(2026, 12, 24))
    held = hold_of(member, TODAY)
    assert held is not None
    assert held.sentence.startswith("Du blir ikke slettet før 24. desember 2026. Grunnen: Det er uenighet om")


def test_the_officer_puts_off_and_ends(county: Branch, kafjord: Branch, client_for: ClientFor) -> None:
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    member = make_member(kafjord, "Ragna", "Qvilnes")
    address = reverse("privacy:hold", args=[kafjord.slug, member.pk])
    assert "Ragna Qvilnes" in client.get(address).content.decode()
    refused = client.post(address, {"reason": "legal", "until_on": "20.11.2026"})
    assert refused.status_code == 422
    assert "20.11.2026" in refused.content.decode()
    assert client.post(address, {"reason": "legal", "until_on": "01.02.2027"}).status_code == 302
    page = client.get(reverse("privacy:holds", args=[county.slug])).content.decode()
    assert "Qvilnes" in page
    assert "1. februar 2027" in page
    detail = client.get(reverse("membership:member_detail", args=[kafjord.slug, member.pk])).content.decode()
    assert "1. februar 2027" in detail
    hold = Hold.objects.get()
    client.post(reverse("privacy:hold_lift", args=[county.slug, hold.pk]))
    assert "Qvilnes" not in client.get(reverse("privacy:holds", args=[county.slug])).content.decode()


def test_those_who_have_left_are_held_too(county: Branch, client_for: ClientFor) -> None:
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    member = make_member(county)
    leave(member, way=LeaveWay.LETTER, left_on=TODAY, by=secretary, now=NOW, today=TODAY)
    address = reverse("privacy:hold", args=[county.slug, member.pk])
    client = client_for(secretary)
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": "legal", "until_on": "01.02.2027"}).status_code == 302


def test_the_panel_is_for_those_who_answer_for_erasing(kafjord: Branch, client_for: ClientFor) -> None:
    member = make_member(kafjord)
    make_hold(member, until_on=date(2027, 2, 1))
    client = client_for(make_officer(kafjord))
    page = client.get(reverse("membership:member_detail", args=[kafjord.slug, member.pk])).content.decode()
    assert "1. februar 2027" not in page
    assert "utsett" not in page.casefold()


def test_the_list_costs_the_same_for_one_and_three(county: Branch, client_for: ClientFor) -> None:
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    address = reverse("privacy:holds", args=[county.slug])

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    make_hold(make_member(county))
    client.get(address)
    one = queries()
    make_hold(make_member(county))
    make_hold(make_member(county))
    assert queries() == one


def test_another_countys_members_and_holds_are_not_there(county: Branch, client_for: ClientFor) -> None:
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    stranger = make_member(make_county("Nordland"), "Ragna", "Qvilvik")
    hold = make_hold(stranger)
    assert client.get(reverse("privacy:hold", args=[county.slug, stranger.pk])).status_code == 404
    assert client.post(reverse("privacy:hold", args=[county.slug, stranger.pk])).status_code == 404
    assert client.post(reverse("privacy:hold_lift", args=[county.slug, hold.pk])).status_code == 404
    assert "Qvilvik" not in client.get(reverse("privacy:holds", args=[county.slug])).content.decode()
    assert Hold.objects.in_force(TODAY).count() == 1
