"""Leaving by the link that was sent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from time_machine import Traveller

from accounts.enums import Verb
from accounts.models import AuditEvent
from membership.enums import AddressProtection, ChangeSource, MemberStatus
from membership.models import Branch, Member, MemberChange
from messaging.enums import BlockReason, Channel, DeliveryState
from messaging.models import Delivery
from privacy.actions.departures import come_back, leave
from privacy.actions.resign_links import send_resign_link
from privacy.enums import LeaveWay, LinkKind
from privacy.models import AccessLink, Departure, PrivacySettings
from tests.factories import NOW, TODAY, make_branch, make_county, make_officer
from tests.privacy.linking import (
    BORN,
    SPOIL,
    block,
    link_in,
    member_of,
    my_page_link_of,
    opened,
    resign_link_of,
    text_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch() -> Branch:
    return make_branch(make_county())


@pytest.fixture
def member(branch: Branch) -> Member:
    return member_of(branch)


# --- Sending it ------------------------------------------------------------------------------------------------------


def test_it_goes_by_email_first(client: Client, member: Member, branch: Branch) -> None:
    officer = make_officer(branch)
    assert send_resign_link(member, by=officer, now=NOW) == Channel.EMAIL
    delivery = Delivery.objects.get()
    assert delivery.address == member.email
    assert delivery.wipe_at <= NOW + timedelta(days=14)
    assert AccessLink.objects.get().expires_at == NOW + timedelta(days=14)
    assert "Vil du melde deg ut?" in opened(client, link_in(delivery))
    event = AuditEvent.objects.get(verb=Verb.LEAVE_LINK_SENT)
    assert (event.actor_id, event.object_id, event.details) == (officer.pk, str(member.pk), {"way": "email"})


def test_else_by_sms_and_nothing_shows_what_it_is_about(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(email_bounced_on=TODAY)
    member.refresh_from_db()
    assert send_resign_link(member, by=None, now=NOW) == Channel.SMS
    delivery = Delivery.objects.get()
    assert delivery.address == member.mobile
    shown = delivery.body.replace(link_in(delivery), "") + delivery.sender_name
    for secret in (
        member.first_name,
        member.last_name,
        member.member_number,
        str(BORN),
        "Ap",
        "rbeiderparti",
        "medlem",
    ):
        assert secret not in shown
    assert delivery.parts >= 1


@pytest.mark.parametrize("reason", list(BlockReason))
def test_nothing_goes_to_what_is_blocked(member: Member, reason: BlockReason) -> None:
    block(Channel.EMAIL, member.email, reason)
    block(Channel.SMS, member.mobile, reason)
    assert send_resign_link(member, by=None, now=NOW) is None
    assert not Delivery.objects.exists()
    assert not AccessLink.objects.exists()


def test_where_there_is_neither_there_is_none(branch: Branch) -> None:
    assert send_resign_link(member_of(branch, email="", mobile="", mobile_ok=False), by=None, now=NOW) is None
    strict = member_of(branch, email="", address_protection=AddressProtection.STRICT)
    assert send_resign_link(strict, by=None, now=NOW) is None


def test_an_address_that_is_none_gives_way_to_the_number(branch: Branch) -> None:
    """As files bring them: no mail can be sent there."""
    assert send_resign_link(member_of(branch, email="ola..n@x.no"), by=None, now=NOW) == Channel.SMS
    nowhere = member_of(branch, email="bjørn@x.no", mobile="", mobile_ok=False)
    assert send_resign_link(nowhere, by=None, now=NOW) is None


def test_one_who_has_left_gets_none(member: Member) -> None:
    leave(member, way=LeaveWay.EMAIL, left_on=TODAY, by=None, now=NOW, today=TODAY)
    member.refresh_from_db()
    assert send_resign_link(member, by=None, now=NOW) is None


def test_twice_a_day_is_one(member: Member) -> None:
    assert [send_resign_link(member, by=None, now=NOW) for _ in range(2)] == [Channel.EMAIL] * 2
    assert (Delivery.objects.count(), AccessLink.objects.count()) == (1, 1)
    send_resign_link(member, by=None, now=NOW + timedelta(days=1))
    assert (Delivery.objects.count(), AccessLink.objects.count()) == (2, 2)


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.CANCELLED])
def test_one_that_came_back_is_sent_anew(member: Member, state: DeliveryState) -> None:
    send_resign_link(member, by=None, now=NOW)
    Delivery.objects.update(state=state)
    assert send_resign_link(member, by=None, now=NOW) == Channel.EMAIL
    assert Delivery.objects.filter(state=DeliveryState.QUEUED).count() == 1


def test_an_address_that_bounced_or_was_put_right_gets_one_the_same_day(member: Member) -> None:
    send_resign_link(member, by=None, now=NOW)
    Member.objects.filter(pk=member.pk).update(email_bounced_on=TODAY)
    assert send_resign_link(member, by=None, now=NOW) == Channel.SMS
    Member.objects.filter(pk=member.pk).update(email="ny@example.no", email_bounced_on=None)
    assert send_resign_link(member, by=None, now=NOW) == Channel.EMAIL
    assert [one.address for one in Delivery.objects.filter(channel="email").order_by("key")][-1] == "ny@example.no"


def test_a_link_that_was_used_by_mistake_is_followed_by_another(client: Client, member: Member) -> None:
    send_resign_link(member, by=None, now=NOW)
    client.post(link_in(Delivery.objects.get()), {"proof": str(BORN)})
    come_back(Departure.objects.get(), by=None, now=NOW, today=TODAY)
    assert send_resign_link(member, by=None, now=NOW) == Channel.EMAIL
    assert Delivery.objects.filter(key__startswith="resign:").count() == 2


def test_one_who_was_put_out_gets_none_and_a_link_from_before_opens_nothing(client: Client, member: Member) -> None:
    path = resign_link_of(member)
    Member.objects.filter(pk=member.pk).update(status=MemberStatus.EXPELLED)
    assert client.post(path, {"proof": str(BORN)}).status_code == 404
    assert send_resign_link(member, by=None, now=NOW) is None


# --- The page --------------------------------------------------------------------------------------------------------


def test_a_mail_scanner_resigns_nobody(client: Client, member: Member) -> None:
    path = resign_link_of(member)
    for _ in range(3):
        opened(client, path)
        client.head(path)
    member.refresh_from_db()
    assert member.status == MemberStatus.MEMBER
    assert (AccessLink.objects.get().spent_at, AccessLink.objects.get().tries) == (None, 0)


def test_the_page_says_what_happens_and_names_nobody(client: Client, member: Member) -> None:
    PrivacySettings.objects.create(county=member.county, correction_days=3)
    page = opened(client, resign_link_of(member))
    for said in ("slutter med en gang", "blir slettet 23. november 2026", "i fem år", "melde deg inn igjen"):
        assert said in page
    for secret in (member.first_name, member.last_name, member.email, member.member_number, str(BORN)):
        assert secret not in page


@pytest.mark.parametrize("proof", ["year", "number", "birthday"])
def test_one_step_and_the_member_has_left(client: Client, branch: Branch, proof: str) -> None:
    member = member_of(branch, birth_on=date(BORN, 5, 17), birth_year=None)
    client.post(my_page_link_of(member), {"proof": str(BORN)})
    answer = member.member_number if proof == "number" else str(BORN)
    response = client.post(resign_link_of(member), {"proof": answer})
    assert response["Location"] == "/utmelding/"
    assert ["27. november 2026" in opened(client, "/utmelding/") for _ in range(2)] == [True, False]
    member.refresh_from_db()
    assert (member.status, member.left_on) == (MemberStatus.RESIGNED, TODAY)
    departure = Departure.objects.get()
    assert (departure.way, departure.recorded_by, departure.text) == (LeaveWay.LINK, None, "")
    assert MemberChange.objects.filter(field="status", source=ChangeSource.MEMBER, by=None).exists()
    assert Delivery.objects.filter(key__startswith="left:").count() == 2
    # Nor is there a way in any more.
    assert client.get("/min-side/meg/")["Location"] == "/min-side/"


def test_the_receipt_on_the_screen_tells_a_stranger_nothing(client: Client, member: Member) -> None:
    Client().post(resign_link_of(member), {"proof": str(BORN)})
    page = opened(client, "/utmelding/")
    assert "slettet" not in page


def test_a_wrong_day_of_joining_keeps_nobody(client: Client, branch: Branch) -> None:
    member = member_of(branch, joined_on=TODAY + timedelta(days=1))
    assert client.post(resign_link_of(member), {"proof": str(BORN)})["Location"] == "/utmelding/"


def test_a_link_that_was_forwarded_resigns_nobody(client: Client, member: Member) -> None:
    path = resign_link_of(member)
    for _ in range(4):
        response = client.post(path, {"proof": "1986"})
        assert response.status_code == 422
        assert 'aria-invalid="true"' in text_of(response)
    assert client.post(path, {"proof": "1986"}).status_code == 404
    assert client.post(path, {"proof": str(BORN)}).status_code == 404
    member.refresh_from_db()
    assert member.status == MemberStatus.MEMBER
    assert not Departure.objects.exists()


@pytest.mark.parametrize("proof", ["", " ", "\x00", "x" * 100_000, "19\x0787", "\u202e7891"])
def test_strange_proof_is_answered_with_a_sentence(client: Client, member: Member, proof: str) -> None:
    response = client.post(resign_link_of(member), {"proof": proof})
    assert response.status_code == 422
    assert "Skriv fødselsåret ditt med fire siffer, eller medlemsnummeret." in text_of(response)
    assert AccessLink.objects.get().tries == 0


def test_another_who_shares_the_address_is_not_resigned(client: Client, branch: Branch) -> None:
    ane = member_of(branch, "Ane", email="familien@example.no")
    berit = member_of(branch, "Berit", email="familien@example.no", birth_year=1990)
    response = client.post(resign_link_of(ane), {"proof": berit.member_number})
    assert response.status_code == 422
    assert not Departure.objects.exists()


@pytest.mark.parametrize("how", sorted(SPOIL))
def test_a_link_that_opens_nothing_has_one_page(client: Client, member: Member, clock: Traveller, how: str) -> None:
    path = SPOIL[how](resign_link_of(member), member, clock)
    forged = text_of(client.get(f"/utmelding/{'a' * 43}/"))
    for response in (client.get(path), client.post(path, {"proof": str(BORN)})):
        assert response.status_code == 404
        assert text_of(response) == forged
    assert Departure.objects.count() == (how == "twice")


def test_one_who_left_by_another_door_meanwhile_has_the_same_page(client: Client, member: Member) -> None:
    path = resign_link_of(member)
    leave(member, way=LeaveWay.LETTER, left_on=TODAY, by=None, now=NOW, today=TODAY)
    for response in (client.get(path), client.post(path, {"proof": str(BORN)})):
        assert response.status_code == 404
    assert Departure.objects.count() == 1


def test_a_spent_link_resigns_nobody_who_came_back(client: Client, member: Member) -> None:
    path = resign_link_of(member)
    client.post(path, {"proof": str(BORN)})
    come_back(Departure.objects.get(), by=None, now=NOW, today=TODAY)
    assert client.post(path, {"proof": str(BORN)}).status_code == 404
    member.refresh_from_db()
    assert member.status == MemberStatus.MEMBER


def test_a_link_to_ones_own_page_resigns_nobody(client: Client, member: Member) -> None:
    path = my_page_link_of(member).replace("/min-side/l/", "/utmelding/")
    assert client.post(path, {"proof": str(BORN)}).status_code == 404
    assert AccessLink.objects.get().kind == LinkKind.MY_PAGE


def test_it_cannot_be_done_from_another_site(member: Member) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(resign_link_of(member), {"proof": str(BORN)}).status_code == 403


def test_the_page_is_kept_and_told_nowhere(client: Client, member: Member) -> None:
    for path in (resign_link_of(member), "/utmelding/tull/", "/utmelding/", "/ikke-meg/tull/"):
        headers = client.get(path).headers
        assert headers["Referrer-Policy"] == "strict-origin"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
