"""Min side is one member's own: nobody without a link, nobody else, nothing more, and for half an hour."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Final

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from accounts.models import User
from calling.models import Call, CallList, CallListCaller
from membership.enums import MemberStatus
from membership.models import Member, MemberChange, MoveRequest
from membership.roles import Role
from messaging.enums import Channel, InboxState
from messaging.models import InboxMessage
from privacy.models import Departure, RightsRequest
from recruitment.models import RecruiterLink
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member, make_officer, make_tag
from tests.privacy.linking import my_page_link_of
from tests.privacy_my import open_for
from tests.test_conventions import all_views
from tests.test_reads_change_nothing import tables

MINE: Final = sorted(name for name, _route, view in all_views() if getattr(view, "guard", None) == ("member",))
WAY_IN: Final = "/min-side/"
FORMS: Final = ("my_details", "my_reservations", "my_move", "my_requests", "my_recruiting", "my_leave")
LONG: Final = "å" * 100_000
ODD: Final = (
    "",
    "\x00",
    "a\x00b",
    "<script>alert(1)</script>",
    "'\" OR 1=1 --",
    "{{ 7*7 }}{% now 'Y' %}",
    "%s%n",
    "🙂" * 60,
    "\u202egnp.exe",
    "١٢٣",
    "9" * 40,
    "-1",
    "a@b.example\r\nBcc: x@y.example",
    LONG,
)


@pytest.fixture
def member(db: None) -> Member:
    county = make_county()
    return make_member(make_branch(county, "Kåfjord"), "Ane", "Fjellvær", birth_year=1987)


def urls() -> list[str]:
    return [reverse(name) for name in MINE]


def test_there_are_pages_to_try() -> None:
    assert len(MINE) > 12


@pytest.mark.parametrize("name", MINE)
def test_without_a_session_each_page_leads_to_the_way_in(name: str, client: Client, db: None) -> None:
    for answer in (client.get(reverse(name)), client.post(reverse(name), {"handling": "lag"})):
        assert answer.status_code in {302, 405}
        assert answer.status_code == 405 or answer["Location"] == WAY_IN


def test_the_link_opens_every_page_and_signing_out_closes_them(member: Member) -> None:
    client = Client()
    assert client.post(my_page_link_of(member), {"proof": "1987"}).status_code == 302
    client.post("/min-side/meg/verv/", {"handling": "lag"})
    for url in urls():
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert answer["Cache-Control"] == "no-store"
    client.post("/min-side/ut/")
    assert {client.get(url).status_code for url in urls()} == {302}


def test_one_who_has_left_is_out_at_the_next_click(member: Member, client: Client) -> None:
    open_for(client, member)
    Member.objects.filter(pk=member.pk).update(status=MemberStatus.RESIGNED)
    assert {client.get(url).status_code for url in urls()} == {302}


def test_one_who_was_erased_is_out_at_the_next_click(member: Member, client: Client) -> None:
    open_for(client, member)
    Member.objects.filter(pk=member.pk).delete()
    assert client.get("/min-side/meg/").status_code == 302


def test_half_an_hour_without_a_click_ends_it(member: Member, client: Client, clock: Traveller) -> None:
    open_for(client, member)
    clock.move_to(NOW + timedelta(minutes=29))
    assert client.get("/min-side/meg/").status_code == 200
    clock.move_to(NOW + timedelta(minutes=58))
    assert client.get("/min-side/meg/").status_code == 200
    clock.move_to(NOW + timedelta(minutes=88, seconds=1))
    assert client.get("/min-side/meg/").status_code == 302


def test_four_hours_of_clicks_end_it_too(member: Member, client: Client, clock: Traveller) -> None:
    open_for(client, member)
    for minutes in range(20, 240, 20):
        clock.move_to(NOW + timedelta(minutes=minutes))
        assert client.get("/min-side/meg/").status_code == 200
    clock.move_to(NOW + timedelta(minutes=240))
    assert client.get("/min-side/meg/").status_code == 302


def test_an_officer_in_the_same_browser_is_let_into_nothing_more(member: Member, client: Client) -> None:
    officer: User = make_officer(member.branch, Role.MEMBERSHIP_OFFICER)
    client.force_login(officer)
    assert client.get("/min-side/meg/").status_code == 302
    other = make_branch(member.county, "Skjervøy")
    open_for(client, member)
    assert client.get("/min-side/meg/").status_code == 200
    assert client.get(f"/lag/{other.slug}/medlemmer/").status_code == 404
    assert client.get(f"/lag/{member.branch.slug}/medlemmer/").status_code == 200
    client.post("/min-side/ut/")
    assert client.get(f"/lag/{member.branch.slug}/medlemmer/").status_code == 200


def test_the_member_opens_no_page_of_the_office(member: Member, client: Client) -> None:
    open_for(client, member)
    for path in ("medlemmer/", "innboks/", "personvern/", f"medlemmer/{member.pk}/"):
        assert client.get(f"/lag/{member.branch.slug}/{path}").status_code in {302, 404}


# --- Another member --------------------------------------------------------------------------------------------------

SECRETS: Final = ("Qvigstad", "Zakarias", "zakarias@hemmelig.example", "Hemmeligveien", "47999111", "ZSECRET")


def a_neighbour(member: Member) -> Member:
    """Another of the same branch and household, with something in every table."""
    other = make_member(
        member.branch,
        "Zakarias",
        "Qvigstad",
        email="zakarias@hemmelig.example",
        mobile="+4747999111",
        street="Hemmeligveien 9",
        note="ZSECRET notat",
        skills="ZSECRET kan",
        recruited_by=member,
    )
    caller = make_officer(member.branch, Role.CALLER, name="Qvigstad Ringer")
    claim = make_claim(other)
    make_tag(member.county, "ZSECRET-gruppe", other)
    calls = CallList.objects.create(
        branch=member.branch, purpose="welcome", made_by=caller, created_at=NOW, finish_by_on=TODAY
    )
    place = CallListCaller.objects.create(call_list=calls, user=caller, name="Qvigstad Ringer", position=1)
    Call.objects.create(call_list=calls, caller=place, member=other, position=1, note="ZSECRET samtale")
    Call.objects.create(call_list=calls, caller=place, member=member, position=2, note="Egen samtale")
    Member.objects.filter(pk=member.pk).update(recruited_by=other, recruited_by_text="Zakarias Qvigstad")
    MemberChange.objects.create(member=other, field="note", after="ZSECRET", source="officer", at=NOW)
    MemberChange.objects.create(
        member=member, field="recruited_by_text", before="", after="Zakarias Qvigstad", source="officer", at=NOW
    )
    RightsRequest.objects.create(
        branch=member.branch,
        county=member.county,
        member=other,
        kind="access",
        way="email",
        text="ZSECRET",
        received_on=TODAY,
        due_on=TODAY,
        created_at=NOW,
    )
    RecruiterLink.objects.create(member=other, code="zekstra", made_at=NOW)
    InboxMessage.objects.create(
        branch=member.branch,
        county=member.county,
        channel=Channel.EMAIL,
        external_id="z1",
        address=other.email,
        text="ZSECRET svar",
        state=InboxState.OPEN,
        member=other,
        received_at=NOW,
    ).candidates.add(member)
    to = make_branch(member.county, "Skjervøy")
    MoveRequest.objects.create(member=other, from_branch=other.branch, to_branch=to, asked_at=NOW)
    assert claim.kid
    return other


def test_a_session_of_one_never_shows_another(member: Member, client: Client) -> None:
    other = a_neighbour(member)
    secrets = [*SECRETS, "zekstra", other.member_number, other.claims.get().kid]
    open_for(client, Member.objects.get(pk=member.pk))
    client.post("/min-side/meg/verv/", {"handling": "lag"})
    assert "Egen samtale" in client.get("/min-side/meg/alt/").content.decode()
    for url in urls():
        text = client.get(url).content.decode("utf-8", "replace")
        assert [word for word in secrets if word in text] == [], url


def test_another_s_move_request_is_not_withdrawn(member: Member, client: Client) -> None:
    a_neighbour(member)
    open_for(client, member)
    client.post("/min-side/meg/flytt/", {"handling": "trekk", "pk": MoveRequest.objects.get().pk})
    assert MoveRequest.objects.get().state == "waiting"


# --- What is sent in -------------------------------------------------------------------------------------------------


def fields_of(client: Client, url: str) -> dict[str, Any]:
    """The form as a browser would send it back, untouched."""
    text = client.get(url).content.decode()
    inputs = re.findall(r"<input[^>]*>", text)
    found = {}
    for tag in inputs:
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]*)"', tag)
        if name and (not kind or kind[1] not in {"checkbox", "radio"} or "checked" in tag):
            ticked = "on" if kind and kind[1] == "checkbox" else ""
            found[name[1]] = value[1] if value else ticked
    return found


def row_of(member: Member) -> dict[str, Any]:
    return dict(Member.objects.filter(pk=member.pk).values().get())


def test_fields_that_no_form_has_are_not_heard(member: Member, client: Client) -> None:
    open_for(client, member)
    other = make_branch(member.county, "Skjervøy")
    extra = {
        "status": "expelled",
        "branch": other.pk,
        "branch_id": other.pk,
        "member_number": "1",
        "checked_on": "2026-01-01",
        "joined_on": "1999-01-01",
        "category": "youth",
        "note": "x",
        "tags": "1",
        "address_protection": "strict",
        "protection": "strict",
        "recruited_by": "1",
        "guardian_name": "x",
        "first_name": "Ane Marie",
    }
    before = row_of(member)
    for name in FORMS[:-1]:
        url = reverse(f"privacy:{name}")
        client.post(url, {**fields_of(client, url), **extra})
    after = row_of(member)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"first_name", "sort_key", "search_text", "updated_at"}


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_odd_input_is_refused_or_lies_still(value: str, member: Member, client: Client) -> None:
    open_for(client, member)
    for name in FORMS[:-1]:
        url = reverse(f"privacy:{name}")
        for data in (dict.fromkeys(fields_of(client, url), value), {"kind": "access", "text": value, "to": value}):
            answer = client.post(url, data)
            assert answer.status_code in {302, 400, 422}, url
    for url in urls():
        answer = client.get(url)
        assert answer.status_code in {200, 404}
        if answer["Content-Type"].startswith("text/html"):
            assert "<script>alert" not in answer.content.decode()
            assert ">49<" not in answer.content.decode()


@pytest.mark.parametrize("name", FORMS)
def test_no_post_is_heard_without_its_token(name: str, member: Member) -> None:
    client = Client(enforce_csrf_checks=True)
    open_for(client, member)
    before = row_of(member)
    data = {"to": "x", "kind": "access", "text": "x", "first_name": "Ny"}
    assert client.post(reverse(f"privacy:{name}"), data).status_code == 403
    assert row_of(member) == before
    assert not Departure.objects.exists()


def test_reading_writes_nothing_but_the_log(member: Member, client: Client) -> None:
    open_for(client, member)
    client.post("/min-side/meg/verv/", {"handling": "lag"})
    before = tables()
    for url in urls():
        client.get(url)
    after = tables()
    assert [model.__name__ for model in before if before[model] != after[model]] == []
