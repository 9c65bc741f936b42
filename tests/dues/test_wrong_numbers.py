"""A number that is known to be somebody else's is phoned from no list, page or file."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import User
from calling.actions import LeftOut, ListCaller, make_list
from dues import export
from dues.actions.summaries import recount
from dues.call_lists import unpaid_members, unpaid_on_paper
from membership.enums import AddressProtection
from membership.models import Branch, Member
from messaging.models import BlockedAddress
from tests.factories import NOW, TODAY, hand_out, make_branch, make_county, make_officer, make_unpaid

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county(), "Kåfjord")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord)


@pytest.fixture
def wrong(kafjord: Branch) -> Member:
    """One who has not paid, beside Bo, who can be phoned though he has answered STOPP."""
    reached = make_unpaid(kafjord, "Bo")
    block(reached.mobile, "stopp")
    return make_unpaid(kafjord, "Ane")


def block(number: str, reason: str = "wrong") -> None:
    BlockedAddress.objects.create(channel="sms", address=number, reason=reason, noted_at=NOW, blocked_at=NOW)


def test_it_comes_on_no_new_list(kafjord: Branch, officer: User, wrong: Member) -> None:
    block(wrong.mobile)
    callers = [ListCaller(officer, officer.name)]
    made = make_list(kafjord, members=unpaid_members(kafjord, 2026), callers=callers, by=officer, now=NOW, year=2026)
    assert made.left_out == {LeftOut.WRONG_NUMBER: 1}
    assert [call.member and call.member.first_name for call in made.call_list.calls.order_by("pk")] == ["Bo"]


def test_the_maker_is_told(kafjord: Branch, officer: User, wrong: Member, client_for: ClientFor) -> None:
    block(wrong.mobile)
    address = reverse("dues:call_list_make", args=[kafjord.slug, 2026])
    page = client_for(officer).post(address, {"myself": "1"}, follow=True).content.decode()
    assert "1 har et nummer som er en annens, og er ikke med." in page


def test_an_open_list_no_longer_shows_it(kafjord: Branch, officer: User, wrong: Member, client_for: ClientFor) -> None:
    made = hand_out(kafjord, officer)
    block(wrong.mobile)
    page = client_for(officer).get(reverse("dues:call_list", args=[kafjord.slug, made.pk])).content.decode()
    assert wrong.mobile not in page
    assert page.count("tel:") == 1
    assert "Skal ikke ringes" in page


def test_paper_does_not_have_it(kafjord: Branch, officer: User, wrong: Member) -> None:
    block(wrong.mobile)
    assert {name.name.split()[0]: bool(name.phone) for name in unpaid_on_paper(kafjord, 2026, {}, on=TODAY)} == {
        "Ane": False,
        "Bo": True,
    }


def test_a_file_does_not_have_it(kafjord: Branch, officer: User, wrong: Member) -> None:
    hand_out(kafjord, officer, "Per")
    block(wrong.mobile)
    file = io.BytesIO()
    export.write_unpaid(kafjord, 2026, file=file, by=export.Exporter(officer, NOW))
    book = load_workbook(file)
    numbers = {row[2].value: row[4].value for row in book["Alle"].iter_rows() if row[2].value in {"Ane", "Bo"}}
    assert not numbers["Ane"]
    assert numbers["Bo"]
    assert [row[2].value for row in book["Per"].iter_rows() if row[2].value in {"Ane", "Bo"}] == ["Bo"]


def test_the_unpaid_list_says_who_is_not_to_be_phoned(
    kafjord: Branch, officer: User, wrong: Member, client_for: ClientFor
) -> None:
    block(wrong.mobile)
    make_unpaid(kafjord, "Ung", birth_year=2010)
    make_unpaid(kafjord, "Streng", address_protection=AddressProtection.STRICT)
    make_unpaid(kafjord, "Taus", no_phone=True, mobile="", mobile_ok=False)
    recount()
    page = client_for(officer).get(reverse("dues:unpaid", args=[kafjord.slug, 2026])).content.decode()
    assert (page.count("Feil nummer"), page.count("Skal ikke ringes"), page.count("Vil ikke bli ringt")) == (1, 2, 1)


def test_a_wrong_landline_is_not_phoned_either(kafjord: Branch, officer: User) -> None:
    member = make_unpaid(kafjord, mobile="", mobile_ok=False, phone="+4777712345", phone_ok=True)
    made = hand_out(kafjord, officer)
    block(member.phone)
    names = unpaid_on_paper(made.branch, 2026, {}, on=TODAY)
    assert [name.phone for name in names] == [""]


@pytest.mark.parametrize(
    ("fields", "taps"),
    [
        ({}, True),
        ({"no_phone": True}, False),
        ({"birth_year": 2010}, False),
        ({"address_protection": AddressProtection.STRICT}, False),
        ({"address_protection": AddressProtection.CONFIDENTIAL}, True),
    ],
)
def test_the_members_page_has_its_button_where_a_list_would_have_the_name(
    kafjord: Branch, officer: User, client_for: ClientFor, fields: dict[str, Any], taps: bool
) -> None:
    page = client_for(officer).get(member_page(make_unpaid(kafjord, **fields))).content.decode()
    assert (re.search(r'<a class="ds-button" href="tel:', page) is not None) is taps


def test_the_members_page_says_that_a_number_is_wrong(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    member = make_unpaid(kafjord, phone="+4777712345", phone_ok=True)
    block(member.mobile)
    page = client_for(officer).get(member_page(member)).content.decode()
    assert "Et telefonnummer er en annens" in page
    assert f"tel:{member.mobile}" not in page
    assert f"tel:{member.phone}" in page


def test_whoever_answered_stopp_may_be_phoned(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    member = make_unpaid(kafjord)
    block(member.mobile, "stopp")
    page = client_for(officer).get(member_page(member)).content.decode()
    assert f"tel:{member.mobile}" in page


def member_page(member: Member) -> str:
    return reverse("membership:member_detail", args=[member.branch.slug, member.pk])
