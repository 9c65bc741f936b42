"""The way out of every mail: the link, the headers, and the button in the mail program."""

import re

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client

from accounts.enums import Verb
from accounts.models import AuditEvent
from membership.models import Branch, Member, MemberChange
from messaging.enums import Channel, Purpose
from messaging.models import Delivery, Recipient
from messaging.unsubscribe import delivery_of, headers_for, readers_of, token_for, url_for
from tests.factories import make_member
from tests.messaging.unsubscribing import SHARED, page, path_of, reservations, sent_to

pytestmark = pytest.mark.django_db


# --- The link and the headers -----------------------------------------------------------------------------------------


def test_the_link_is_the_same_each_time_and_leads_back(branch: Branch) -> None:
    delivery = sent_to(branch, make_member(branch))
    assert url_for(delivery) == url_for(delivery) == f"{settings.PUBLIC_URL}/avmelding/{token_for(delivery)}/"
    assert delivery_of(token_for(delivery)) == delivery
    assert len(url_for(delivery)) < 120


def test_the_link_carries_no_date(branch: Branch) -> None:
    """It ends with the delivery."""
    token = token_for(sent_to(branch, make_member(branch)))
    assert not re.search(r"[.:].*[.:]", token)


@pytest.mark.parametrize("spoil", ["", "x", "æøå", "a.b", "." * 90])
def test_a_garbled_link_finds_nothing(branch: Branch, spoil: str) -> None:
    token = token_for(sent_to(branch, make_member(branch)))
    assert delivery_of(spoil) is None
    assert delivery_of(token + spoil if spoil else token[:-1]) is None
    assert delivery_of(spoil + token if spoil else token[1:]) is None


def test_a_link_signed_for_something_else_finds_nothing(branch: Branch) -> None:
    delivery = sent_to(branch, make_member(branch))
    name = token_for(delivery).partition(".")[0]
    assert delivery_of(signing.Signer(sep=".", salt="another").sign(name)) is None


def test_what_is_signed_but_no_delivery_finds_nothing() -> None:
    assert delivery_of(signing.Signer(sep=".", salt="messaging.unsubscribe").sign("kort")) is None


def test_a_newsletter_carries_both_headers(branch: Branch) -> None:
    delivery = sent_to(branch, make_member(branch))
    assert headers_for(delivery) == {
        "List-Unsubscribe": f"<{url_for(delivery)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_what_one_cannot_say_no_to_carries_none(branch: Branch) -> None:
    member = make_member(branch)
    code = Delivery(channel=Channel.EMAIL, purpose=Purpose.SIGN_IN, address=member.email)
    to_officers = sent_to(branch, audience={"kind": "officers", "roles": []})
    assert headers_for(sent_to(branch, member, purpose=Purpose.SERVICE)) == {}
    assert headers_for(code) == {}
    assert headers_for(to_officers) == {}


# --- The button in the mail program -----------------------------------------------------------------------------------


@pytest.fixture
def strict() -> Client:
    """Asks for the token of each form, as in production."""
    return Client(enforce_csrf_checks=True)


ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def test_one_click_says_no_to_that_kind_only(branch: Branch, strict: Client) -> None:
    member = make_member(branch)
    response = strict.post(path_of(sent_to(branch, member)), ONE_CLICK)
    assert response.status_code == 200
    assert "set-cookie" not in {name.lower() for name in response.headers}
    assert not response.cookies
    said = {name for name, value in reservations(member).items() if value}
    assert said == {"no_newsletter"}


def test_one_click_as_a_plain_form(branch: Branch, strict: Client) -> None:
    member = make_member(branch)
    body = "List-Unsubscribe=One-Click"
    response = strict.post(path_of(sent_to(branch, member)), body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 200
    assert reservations(member)["no_newsletter"]


def test_one_click_twice_is_once(branch: Branch, strict: Client) -> None:
    member = make_member(branch)
    url = path_of(sent_to(branch, member))
    assert [strict.post(url, ONE_CLICK).status_code for _ in range(2)] == [200, 200]
    assert MemberChange.objects.filter(member=member).count() == 1
    assert AuditEvent.objects.filter(verb=Verb.UNSUBSCRIBED).count() == 1


def test_one_click_for_a_household_is_for_all_who_got_it(branch: Branch, strict: Client) -> None:
    both = [make_member(branch, name, email=SHARED) for name in ("Kari", "Ola")]
    strict.post(path_of(sent_to(branch, *both)), ONE_CLICK)
    assert all(reservations(member)["no_newsletter"] for member in both)


@pytest.mark.parametrize(
    "data",
    [{}, {"no_more": "1"}, ONE_CLICK | {"no_email": "on"}, {"List-Unsubscribe": "x"}, {"initial-no_sms": "True"}],
)
def test_every_other_post_needs_its_token(branch: Branch, strict: Client, data: dict[str, str]) -> None:
    member = make_member(branch)
    before = reservations(member)
    assert strict.post(path_of(sent_to(branch, member)), data).status_code == 403
    assert reservations(member) == before


def test_one_click_on_a_garbled_link_does_nothing(strict: Client) -> None:
    assert strict.post("/avmelding/x.y/", ONE_CLICK).status_code == 404


# --- Who it is about --------------------------------------------------------------------------------------------------


def test_whoever_has_another_address_by_now_is_not_touched(branch: Branch, client: Client) -> None:
    moved, stays = (make_member(branch, name, email=SHARED) for name in ("Kari", "Ola"))
    delivery = sent_to(branch, moved, stays)
    Member.objects.filter(pk=moved.pk).update(email="ny@example.no")
    assert list(readers_of(delivery).values()) == [stays]
    client.post(path_of(delivery), ONE_CLICK)
    assert not reservations(moved)["no_newsletter"]


def test_capitals_make_no_other_address(branch: Branch) -> None:
    member = make_member(branch, email="Kari.Nordvik@Example.no")
    assert list(readers_of(sent_to(branch, member)).values()) == [member]


def test_a_link_to_nobody_is_a_neutral_page(branch: Branch, client: Client) -> None:
    delivery = sent_to(branch, make_member(branch))
    Recipient.objects.all().delete()
    assert page(client, path_of(delivery), 404) == page(client, "/avmelding/x.y/", 404)


def test_a_service_delivery_has_no_page(branch: Branch, client: Client) -> None:
    assert "Lenken virker ikke" in page(client, path_of(sent_to(branch, make_member(branch), purpose="service")), 404)


@pytest.mark.parametrize("query", ["?email=andre@example.no", "?hvem=1", "?member=1&branch=2", "?hvem=x"])
def test_what_is_added_to_the_address_has_no_effect(branch: Branch, client: Client, query: str) -> None:
    member = make_member(branch)
    other = make_member(branch, email="andre@example.no")
    sent_to(branch, other)
    client.post(path_of(sent_to(branch, member)) + query, {"no_more": "1"})
    assert reservations(member)["no_newsletter"]
    assert not reservations(other)["no_newsletter"]
