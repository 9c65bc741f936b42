"""Who has looked at a member: in which role and where, and never the volunteer's name."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import Traveller

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.actions.editing import Edit, Pen, write
from membership.actions.grants import give
from membership.actions.moves import accept, request_move
from membership.enums import ChangeSource
from membership.models import Branch, Grant, Member
from membership.roles import Role
from privacy.lookups import lists_with, lookups_of
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member, make_officer, make_user
from tests.privacy_my import open_for

URL = "/min-side/meg/innsyn/"


@pytest.fixture
def county(db: None) -> Branch:
    return make_county()


@pytest.fixture
def member(county: Branch) -> Member:
    return make_member(make_branch(county, "Kåfjord"), "Ane", "Fjellvær")


def opened(member: Member, by: User | None, verb: Verb = Verb.MEMBER_OPENED, **details: Any) -> None:
    record(verb, by=by, branch_id=member.branch_id, subject=member, **details)


def lines(member: Member) -> list[tuple[str, str]]:
    return [(one.what, one.who) for one in lookups_of(member, 1).rows]


def test_role_and_branch_are_told_and_not_the_name(member: Member, client: Client) -> None:
    opened(member, make_officer(member.branch, name="Kari Nordvik"))
    assert lines(member) == [("Åpnet siden om deg", "Medlemsansvarlig i Kåfjord Arbeiderparti")]
    text = open_for(client, member).get(URL).content.decode()
    assert "Medlemsansvarlig i Kåfjord Arbeiderparti" in text
    assert "Nordvik" not in text


def test_the_role_is_that_of_the_day(member: Member, clock: Traveller) -> None:
    officer = make_user("Kari Nordvik")
    held = {"user": officer, "branch": member.branch}
    Grant.objects.create(**held, role=Role.TREASURER, starts_on=date(2026, 1, 1), ends_on=date(2026, 11, 1))
    Grant.objects.create(**held, role=Role.BRANCH_LEADER, starts_on=date(2026, 11, 1))
    clock.move_to(NOW - timedelta(days=60))
    opened(member, officer)
    clock.move_to(NOW)
    opened(member, officer)
    now, then = Role.BRANCH_LEADER.label, Role.TREASURER.label
    assert [who for _what, who in lines(member)] == [f"{role} i Kåfjord Arbeiderparti" for role in (now, then)]


def test_an_office_above_counts_and_one_elsewhere_does_not(member: Member, county: Branch) -> None:
    opened(member, make_officer(county, Role.COUNTY_SECRETARY))
    opened(member, make_officer(make_branch(county, "Skjervøy")))
    who = [who for _what, who in lines(member)]
    assert who == ["Noen som hadde tilgang da", f"{Role.COUNTY_SECRETARY.label} i Troms Arbeiderparti"]


def test_the_nearest_office_is_told(member: Member, county: Branch) -> None:
    officer = make_officer(county, Role.COUNTY_SECRETARY)
    give(officer, role=Role.MEMBERSHIP_OFFICER, branch=member.branch, by=None, starts_on=date(2026, 1, 1), ends_on=None)
    opened(member, officer)
    assert lines(member)[0][1] == "Medlemsansvarlig i Kåfjord Arbeiderparti"


def test_one_whose_user_is_gone_is_somebody(member: Member) -> None:
    officer = make_officer(member.branch)
    opened(member, officer)
    Grant.objects.filter(user=officer).delete()
    officer.delete()
    assert lines(member)[0][1] == "Noen som hadde tilgang da"


def test_one_s_own_hand_is_told_from_a_machine_s(member: Member) -> None:
    for source, email in ((ChangeSource.MEMBER, "a@example.no"), (ChangeSource.RETURNED, "b@example.no")):
        write([Edit(Member.objects.get(pk=member.pk), {"email": email})], pen=Pen(None, source, NOW, TODAY))
    opened(member, None, Verb.MY_PAGE_OPENED)
    assert lines(member) == [
        ("Åpnet Min side", "Deg selv"),
        ("Endret opplysningene dine: e-post", "Medlemsboka selv"),
        ("Endret opplysningene dine: e-post", "Deg selv"),
    ]


def test_the_reason_a_protected_address_was_opened_for_is_told(member: Member, county: Branch) -> None:
    opened(member, make_officer(county, Role.COUNTY_SECRETARY), Verb.PROTECTED_OPENED, reason="emergency")
    assert lines(member)[0][0] == "Åpnet den beskyttede adressen din: Liv eller helse er i fare"


def test_payments_and_moves_are_among_them(member: Member, county: Branch) -> None:
    officer = make_officer(county, Role.COUNTY_SECRETARY)
    record(Verb.PAYMENT_REGISTERED, by=officer, branch_id=member.branch_id, subject=make_claim(member))
    asked = request_move(member, to=make_branch(county, "Skjervøy"), by=None, now=NOW, today=TODAY, by_member=True)
    accept(asked, by=officer, now=NOW, today=TODAY)
    told = [what for what, _who in lines(member)]
    assert "Registrerte en betaling fra deg" in told
    assert "Ba om at du flyttes" in told
    assert "Flyttet deg til et annet lag" in told


def test_another_s_lines_are_not_there(member: Member) -> None:
    other = make_member(member.branch, "Berit")
    opened(other, make_officer(member.branch))
    assert lines(member) == []


def test_lists_are_counts_of_one_s_own_branch_and_those_above(member: Member, county: Branch) -> None:
    officer = make_officer(member.branch)
    elsewhere = make_branch(county, "Skjervøy")
    for branch in (member.branch, member.branch, county, elsewhere):
        record(Verb.MEMBERS_LISTED, by=officer, branch_id=branch.pk)
    record(Verb.MEMBERS_EXPORTED, by=officer, branch_id=member.branch_id, count=12)
    record(Verb.MEMBERS_PRINTED, by=officer, branch_id=member.branch_id, now=NOW - timedelta(days=367))
    assert lists_with(member, NOW) == ["Lister over medlemmer åpnet 3 ganger", "Lister hentet som fil 1 gang"]


def test_it_costs_the_same_for_one_line_and_for_many(member: Member) -> None:
    opened(member, make_officer(member.branch))
    with CaptureQueriesContext(connection) as one:
        lookups_of(member, 1)
    for n in range(3):
        opened(member, make_officer(member.branch, email=f"o{n}@example.no"))
    with CaptureQueriesContext(connection) as many:
        lookups_of(member, 1)
    assert len(one) == len(many)


def test_a_long_list_has_pages(member: Member, client: Client) -> None:
    officer = make_officer(member.branch)
    for _n in range(55):
        opened(member, officer)
    open_for(client, member)
    assert client.get(URL).content.decode().count("Åpnet siden om deg") == 50
    assert client.get(f"{URL}?side=2").content.decode().count("Åpnet siden om deg") == 5
    assert client.get(f"{URL}?side=²").status_code == 200
