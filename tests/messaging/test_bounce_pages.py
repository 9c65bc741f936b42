"""Whom we do not reach: who is on the list, what is said of each, and how an address is opened again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.enums import AddressProtection, MemberStatus
from membership.models import Branch, Member
from membership.roles import Role
from messaging.actions.blocks import block, strike
from messaging.enums import BlockReason, Channel
from messaging.models import BlockedAddress
from tests.factories import NOW, make_branch, make_member, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(user: User, client_for: Callable[..., Client]) -> Client:
    return client_for(user)


def listed(client: Client, branch: Branch) -> str:
    return str(client.get(reverse("messaging:bounce_list", args=[branch.slug])).text)


def open_url(branch: Branch, row: BlockedAddress) -> str:
    return reverse("messaging:block_open", args=[branch.slug, row.pk])


def test_each_member_whom_we_do_not_reach_stands_there_with_why_and_a_number(kafjord: Branch, officer: Client) -> None:
    make_member(kafjord, "Ragna", email="ragna@example.no", mobile="+4791234567")
    make_member(kafjord, "Odd", mobile="+4792345678")
    make_member(kafjord, "Marked", email_bounced_on=date(2026, 11, 2))
    make_member(kafjord, "Frisk")
    make_member(kafjord, "Borte", email="borte@example.no", status=MemberStatus.RESIGNED)
    block(Channel.EMAIL, "ragna@example.no", BlockReason.HARD, now=NOW)
    block(Channel.EMAIL, "borte@example.no", BlockReason.HARD, now=NOW)
    block(Channel.SMS, "+4792345678", BlockReason.STOPP, now=NOW)
    strike(Channel.EMAIL, "frisk@example.no", now=NOW)
    page = listed(officer, kafjord)
    assert "3 medlemmer nås ikke" in page
    assert "E-postadressen finnes ikke" in page
    assert "siden 20. november 2026" in page
    assert "Har svart STOPP: får ingen SMS" in page
    assert "E-post har kommet i retur" in page
    assert "siden 2. november 2026" in page
    assert 'href="tel:+4791234567"' in page
    assert "Frisk" not in page
    assert "Borte" not in page
    assert AuditEvent.objects.get(verb=Verb.BOUNCES_LISTED).count == 3


def test_a_number_that_one_must_not_call_is_not_there(kafjord: Branch, officer: Client) -> None:
    make_member(kafjord, "Vil-ikke", email_bounced_on=date(2026, 11, 2), no_phone=True, mobile="+4791111111")
    make_member(kafjord, "Ingen", email_bounced_on=date(2026, 11, 2), mobile="", mobile_ok=False)
    make_member(kafjord, "Feil", mobile="+4792222222")
    block(Channel.SMS, "+4792222222", BlockReason.WRONG, now=NOW)
    page = listed(officer, kafjord)
    assert "tel:" not in page
    assert "Vil ikke bli ringt" in page
    assert "Ikke noe nummer å ringe" in page
    assert "ingen SMS og ingen samtaler" in page


def test_of_the_strictly_protected_neither_address_nor_number_is_shown(kafjord: Branch, officer: Client) -> None:
    strict = AddressProtection.STRICT
    make_member(kafjord, "Skjult", email="skjult@example.no", mobile="+4793333333", address_protection=strict)
    make_member(
        kafjord, "Merket", email="merket@example.no", email_bounced_on=date(2026, 11, 2), address_protection=strict
    )
    block(Channel.EMAIL, "skjult@example.no", BlockReason.HARD, now=NOW)
    page = listed(officer, kafjord)
    assert "Skjult" in page
    assert "skjult@" not in page
    assert "merket@" not in page
    assert "93 33 33 33" not in page
    assert "tel:" not in page


def test_the_list_is_the_branchs_own(county: Branch, kafjord: Branch, officer: Client) -> None:
    make_member(make_branch(county, "Tromsø"), "Fremmed", email="a@example.no")
    row = block(Channel.EMAIL, "a@example.no", BlockReason.HARD, now=NOW)
    assert "Fremmed" not in listed(officer, kafjord)
    assert officer.get(open_url(kafjord, row)).status_code == 404
    assert officer.post(open_url(kafjord, row)).status_code == 404
    assert BlockedAddress.objects.exists()


def test_an_empty_list_says_so(kafjord: Branch, officer: Client) -> None:
    assert "Ingen å ringe" in listed(officer, kafjord)


def test_an_address_is_opened_after_a_question(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, email="a@example.no")
    row = block(Channel.EMAIL, "a@example.no", BlockReason.HARD, now=NOW)
    page = officer.get(open_url(kafjord, row)).text
    assert "Sende dit igjen?" in page
    assert "E-postadressen finnes ikke" in page
    assert BlockedAddress.objects.exists()
    answer = officer.post(open_url(kafjord, row), follow=True)
    assert "Vi sender dit igjen" in answer.text
    assert not BlockedAddress.objects.exists()
    assert Member.objects.get(pk=member.pk).email_bounced_on is None
    assert officer.post(open_url(kafjord, row)).status_code == 404


def test_a_stopp_is_opened_only_when_the_member_has_asked(kafjord: Branch, officer: Client) -> None:
    make_member(kafjord, mobile="+4791234567")
    row = block(Channel.SMS, "+4791234567", BlockReason.STOPP, now=NOW)
    refused = officer.post(open_url(kafjord, row))
    assert refused.status_code == 422
    assert "Kryss av for at medlemmet har bedt om det" in refused.text
    assert BlockedAddress.objects.exists()
    officer.post(open_url(kafjord, row), {"medlemmet-ber-om-det": "1"})
    assert not BlockedAddress.objects.exists()


def test_whoever_may_not_change_members_sees_the_list_and_opens_nothing(
    kafjord: Branch, client_for: Callable[..., Client]
) -> None:
    treasurer = client_for(make_officer(kafjord, Role.TREASURER))
    make_member(kafjord, email="a@example.no")
    row = block(Channel.EMAIL, "a@example.no", BlockReason.HARD, now=NOW)
    page = listed(treasurer, kafjord)
    assert "E-postadressen finnes ikke" in page
    assert "Prøv igjen" not in page
    assert treasurer.post(open_url(kafjord, row)).status_code == 404


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(
    kafjord: Branch, officer: Client, how_many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(how_many):
        make_member(kafjord, email=f"a{number}@example.no", mobile=f"+479100000{number}")
        block(Channel.EMAIL, f"a{number}@example.no", BlockReason.HARD, now=NOW)
        block(Channel.SMS, f"+479100000{number}", BlockReason.STOPP, now=NOW)
    listed(officer, kafjord)
    with django_assert_num_queries(QUERIES):
        listed(officer, kafjord)


QUERIES = 9


def wrong(client: Client, member: Member, **data: Any) -> Any:
    url = reverse("messaging:number_wrong", args=[member.branch.slug, member.pk])
    return client.post(url, data, follow=True)


def test_a_wrong_number_is_reported_from_the_members_page_and_taken_back(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, mobile="+4791234567", phone="+4777111222", phone_ok=True)
    page = wrong(officer, member)
    row = BlockedAddress.objects.get()
    assert (row.address, row.reason) == ("+4791234567", BlockReason.WRONG)
    assert "ingen SMS og ingen samtaler" in page.text
    assert open_url(kafjord, row) in page.text
    wrong(officer, member, nummer="+4777111222")
    assert BlockedAddress.objects.count() == 2
    officer.post(open_url(kafjord, row))
    assert BlockedAddress.objects.get().address == "+4777111222"


def test_a_number_that_is_not_the_members_is_not_reported(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, mobile="+4791234567")
    assert "et annet nummer nå" in wrong(officer, member, nummer="+4798765432").text
    without = make_member(kafjord, mobile="", mobile_ok=False)
    assert "et annet nummer nå" in wrong(officer, without).text
    assert not BlockedAddress.objects.exists()


def test_nobody_reports_numbers_of_another_branchs_members(county: Branch, officer: Client) -> None:
    foreign = make_member(make_branch(county, "Tromsø"))
    assert wrong(officer, foreign).status_code == 404
    assert not BlockedAddress.objects.exists()


def test_the_members_page_tells_what_is_wrong_and_takes_a_wrong_number(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, email="a@example.no", mobile="+4791234567", phone="+4777111222", phone_ok=True)
    row = block(Channel.EMAIL, "a@example.no", BlockReason.HARD, now=NOW)
    url = reverse("membership:member_detail", args=[kafjord.slug, member.pk])
    page = officer.get(url).text
    assert "E-postadressen finnes ikke" in page
    assert open_url(kafjord, row) in page
    assert 'name="nummer" value="+4791234567"' in page
    assert 'name="nummer" value="+4777111222"' in page
    wrong(officer, member, nummer="+4791234567")
    page = officer.get(url).text
    assert 'name="nummer" value="+4791234567"' not in page
    assert "Nummeret tilhører noen andre" in page


def test_the_members_page_says_nothing_where_there_is_nothing_to_say(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, mobile="", mobile_ok=False)
    page = officer.get(reverse("membership:member_detail", args=[kafjord.slug, member.pk])).text
    assert "Når vi medlemmet?" not in page
