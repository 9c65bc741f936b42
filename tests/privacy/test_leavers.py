"""Those who have left and are not erased yet: who is listed, putting right, receipts by letter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.enums import MemberStatus
from membership.models import Branch, Member
from membership.roles import Role
from privacy.enums import LeaveWay
from privacy.letters import Letter, receipt_letter, reply_letter
from privacy.models import Departure, PrivacySettings
from privacy.rules import rules_of
from tests.factories import TODAY, make_branch, make_county, make_member, make_officer
from tests.messaging.test_letters import pages_of
from tests.privacy.leaving import make_leaver

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def client(kafjord: Branch, client_for: ClientFor) -> Client:
    return client_for(make_officer(kafjord))


def url(branch: Branch, query: str = "") -> str:
    return reverse("privacy:leavers", args=[branch.slug]) + query


def listed(client: Client, branch: Branch, query: str = "") -> list[str]:
    return [row.name for row in client.get(url(branch, query)).context["rows"]]


def act(client: Client, name: str, departure: Departure, slug: str = "kafjord", **data: str) -> Any:
    return client.post(reverse(f"privacy:{name}", args=[slug, departure.pk]), data)


def words(made: Letter) -> str:
    """All that stands on a letter."""
    runs = [run["text"] for block in made.blocks for run in block["runs"]]
    return "\n".join([*made.address, made.subject, *runs, made.sender, made.contact]).replace("\u00a0", " ")


def test_each_stands_with_how_and_when_and_the_day_of_erasing(kafjord: Branch, client: Client) -> None:
    make_member(kafjord, "Bo", "Blir")
    make_leaver(kafjord, "Tor", "Utgått", way=LeaveWay.LETTER)
    make_leaver(kafjord, "Ada", "Minne", way=LeaveWay.DEATH)
    page = client.get(url(kafjord)).text.replace("\u00a0", " ")
    assert listed(client, kafjord) == ["Minne, Ada", "Utgått, Tor"]
    for said in ("Utmeldt 20. november 2026, i brev", "Død 20. november 2026", "Slettes 27. november 2026"):
        assert said in page
    assert "Blir" not in page
    assert list(AuditEvent.objects.filter(verb=Verb.LEAVERS_LISTED).values_list("count", flat=True)) == [2, 2]


def test_a_county_sees_those_of_its_branches_and_a_branch_its_own(
    county: Branch, kafjord: Branch, client: Client, client_for: ClientFor
) -> None:
    make_leaver(kafjord, "Tor", "Utgått")
    make_leaver(make_branch(county, "Lyngen"), "Liv", "Borte")
    assert listed(client, kafjord) == ["Utgått, Tor"]
    secretary = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    assert listed(secretary, county) == ["Borte, Liv", "Utgått, Tor"]
    assert "Lyngen" in secretary.get(url(county)).text


def test_three_cost_as_many_queries_as_one(kafjord: Branch, client_for: ClientFor, county: Branch) -> None:
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    make_leaver(kafjord, by_letter=True)
    client.get(url(county))
    with CaptureQueriesContext(connection) as one:
        client.get(url(county))
    for place in ("Lyngen", "Storfjord"):
        make_leaver(make_branch(county, place), by_letter=True)
    with CaptureQueriesContext(connection) as three:
        assert len(client.get(url(county)).context["rows"]) == 3
    assert len(three) == len(one)


def test_there_are_pages_of_fifty(kafjord: Branch, client: Client) -> None:
    for number in range(51):
        make_leaver(kafjord, f"T{number}")
    assert len(listed(client, kafjord)) == 50
    assert len(listed(client, kafjord, "?side=2")) == 1


# --- Put right -------------------------------------------------------------------------------------------------------


def test_a_mistake_is_put_right_from_the_list_and_from_the_notice(kafjord: Branch, client: Client) -> None:
    departure = make_leaver(kafjord)
    page = client.get(url(kafjord, f"?registrert={departure.pk}")).text
    assert "Registrert." in page
    assert page.count(reverse("privacy:leaver_return", args=["kafjord", departure.pk])) == 2
    answer = client.post(reverse("privacy:leaver_return", args=["kafjord", departure.pk]), follow=True)
    assert "Rettet opp" in answer.text
    member = Member.objects.get(pk=departure.member_id)
    assert (member.status, member.left_on) == (MemberStatus.MEMBER, None)
    assert client.get(reverse("membership:member_detail", args=["kafjord", member.pk])).status_code == 200
    assert listed(client, kafjord) == []
    assert "Registrert." not in client.get(url(kafjord, f"?registrert={departure.pk}")).text
    # And once more.
    again = client.post(reverse("privacy:leaver_return", args=["kafjord", departure.pk]), follow=True)
    assert "rettet opp allerede" in again.text


def test_one_of_another_branch_is_not_found(county: Branch, kafjord: Branch, client: Client) -> None:
    theirs = make_leaver(make_branch(county, "Lyngen"), "Liv", "Borte", by_letter=True)
    for name in ("leaver_return", "leaver_receipt", "leaver_posted"):
        assert act(client, name, theirs).status_code == 404
    assert "Registrert." not in client.get(url(kafjord, f"?registrert={theirs.pk}&postet={theirs.pk}")).text
    assert Member.objects.get(pk=theirs.member_id).status == MemberStatus.RESIGNED


@pytest.mark.parametrize("query", ["?registrert=x", "?registrert=" + "9" * 30, "?side=99", "?vis=alt", "?postet=-1"])
def test_an_odd_address_shows_the_list(kafjord: Branch, client: Client, query: str) -> None:
    make_leaver(kafjord)
    assert len(listed(client, kafjord, query)) == 1


# --- Receipts by letter ----------------------------------------------------------------------------------------------


def test_a_receipt_is_printed_posted_and_taken_back(county: Branch, kafjord: Branch, client: Client) -> None:
    PrivacySettings.objects.create(county=county, controller="Troms fylkeslag", contact_phone="77 00 00 00")
    make_leaver(kafjord, "Bo", "Annen")
    departure = make_leaver(
        kafjord, "Tor", "Utgått", by_letter=True, street="Veien 1", postal_code="9146", city="Olderdalen"
    )
    assert "1 kvittering må skrives ut" in client.get(url(kafjord)).text
    assert listed(client, kafjord, "?vis=brev") == ["Utgått, Tor"]
    answer = act(client, "leaver_receipt", departure)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    assert pages_of(answer.content) == 1
    text = words(receipt_letter(departure, rules=rules_of(kafjord), today=TODAY))
    for said in ("Tor Utgått", "Veien 1", "9146 Olderdalen", "27. november 2026", "77 00 00 00", "Troms fylkeslag"):
        assert said in text
    posted = act(client, "leaver_posted", departure)
    assert Departure.objects.get(pk=departure.pk).receipt_posted_at
    assert "merket som lagt i posten" in client.get(posted["Location"]).text
    assert listed(client, kafjord, "?vis=brev") == []
    act(client, "leaver_posted", departure)
    assert AuditEvent.objects.filter(verb=Verb.LETTERS_POSTED).count() == 1
    act(client, "leaver_posted", departure, angre="1")
    assert Departure.objects.get(pk=departure.pk).receipt_posted_at is None
    act(client, "leaver_posted", departure, angre="1")
    assert AuditEvent.objects.filter(verb=Verb.LETTERS_POSTED).count() == 2


def test_there_is_no_receipt_for_one_who_got_it_otherwise(kafjord: Branch, client: Client) -> None:
    departure = make_leaver(kafjord)
    assert act(client, "leaver_receipt", departure).status_code == 404
    act(client, "leaver_posted", departure)
    assert Departure.objects.get(pk=departure.pk).receipt_posted_at is None


# --- The letter with a slip ------------------------------------------------------------------------------------------


def letter(client: Client, member: Member) -> str:
    """What stands on it; and it can be printed, on one page."""
    answer = client.post(reverse("privacy:resignation_letter", args=["kafjord", member.pk]))
    assert pages_of(answer.content) == 1
    return words(reply_letter(member, rules=rules_of(member.branch), today=TODAY))


def test_the_letter_has_a_slip_to_sign_and_where_to_post_it(county: Branch, kafjord: Branch, client: Client) -> None:
    PrivacySettings.objects.create(
        county=county, controller="Troms fylkeslag", controller_address="Storgata 3, 9008 Tromsø"
    )
    member = make_member(
        kafjord, email="", mobile="", mobile_ok=False, street="Veien 1", postal_code="9146", city="Olderdalen"
    )
    page = client.get(reverse("privacy:resignation", args=["kafjord", member.pk])).text
    assert reverse("privacy:resignation_letter", args=["kafjord", member.pk]) in page
    text = letter(client, member)
    for said in (
        "Svarslipp",
        "Underskrift",
        "Ane Fjellvær",
        "Veien 1",
        "Storgata 3, 9008 Tromsø",
        member.member_number,
    ):
        assert said in text
    assert Member.objects.get(pk=member.pk).status == MemberStatus.MEMBER
    event = AuditEvent.objects.get(verb=Verb.LEAVE_LETTER_MADE)
    assert "Fjellvær" not in str(event.details)


def test_a_name_is_set_as_it_is_and_never_read_as_typst(kafjord: Branch, client: Client) -> None:
    member = make_member(kafjord, "#panic(1)", '*A* $x$ "#include"', street='#read("/etc/passwd")', postal_code="1")
    text = letter(client, member)
    assert "#panic(1)" in text
    assert '#read("/etc/passwd")' in text


def test_a_protected_address_is_in_no_letter(kafjord: Branch, client: Client) -> None:
    member = make_member(
        kafjord,
        street="Hemmeligveien 3",
        postal_code="9198",
        city="Skjultby",
        care_of="Vert",
        address_protection="strict",
    )
    text = letter(client, member)
    assert not [word for word in ("Hemmelig", "9198", "Skjultby", "Vert") if word in text]
    departure = make_leaver(kafjord, by_letter=True, street="Hemmeligveien 3", address_protection="confidential")
    assert "Hemmelig" not in words(receipt_letter(departure, rules=rules_of(kafjord), today=TODAY))
