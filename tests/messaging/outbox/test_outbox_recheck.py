"""At the moment of sending it is asked again: who may still get it, where, and at this hour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from membership.enums import AddressProtection, MemberStatus
from membership.models import Branch, Member
from messaging.enums import BlockReason, Channel, DeliveryState, MessageState, Reason
from messaging.models import BlockedAddress, Delivery, Message, Recipient
from messaging.outbox.pump import pump
from tests.access_mail import make_message
from tests.factories import NOW, TODAY, make_member, make_user
from tests.messaging.way_out import WayOut, fate, left_out, wait_for

pytestmark = pytest.mark.django_db

CANCELLED = DeliveryState.CANCELLED


def block(address: str, why: BlockReason, channel: Channel = Channel.EMAIL) -> None:
    BlockedAddress.objects.create(channel=channel, address=address, reason=why, noted_at=NOW, blocked_at=NOW)


def change(**fields: Any) -> Callable[[Member], object]:
    """What happens to a member between queueing and sending."""
    return lambda member: Member.objects.filter(pk=member.pk).update(**fields)


def test_everybody_gets_their_own_copy_by_name(way: WayOut, message: Message, county: Branch) -> None:
    deliveries = [wait_for(message, make_member(county, name)) for name in ("Ane", "Bo")]
    pump(Channel.EMAIL)
    assert {outgoing.text.split("!")[0] for outgoing in way.sent} == {"Hei Ane", "Hei Bo"}
    for delivery in deliveries:
        assert fate(delivery) == (DeliveryState.SENT, "")
        assert (delivery.sent_at, delivery.attempts, delivery.run) == (timezone.now(), 1, None)
    assert left_out(message) == {}


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (change(status=MemberStatus.RESIGNED), Reason.LEFT),
        (change(address_protection=AddressProtection.STRICT), Reason.PROTECTED),
        (change(birth_on=date(2015, 1, 1)), Reason.UNDER_AGE),
        (change(no_newsletter=True), Reason.NO_PURPOSE),
        (change(no_email=True), Reason.NO_CHANNEL),
        (change(email=""), Reason.NO_ADDRESS),
        (change(email_bounced_on=TODAY), Reason.WRONG),
        (lambda member: block(member.email, BlockReason.COMPLAINT), Reason.STOPPED),
        (lambda member: block(member.email, BlockReason.HARD), Reason.WRONG),
    ],
)
def test_who_may_not_be_reached_any_more_is_left_out_and_the_others_go(
    way: WayOut, message: Message, county: Branch, what: Callable[[Member], object], why: Reason
) -> None:
    ane, bo = make_member(county, "Ane"), make_member(county, "Bo")
    hers, his = wait_for(message, ane), wait_for(message, bo)
    what(ane)
    pump(Channel.EMAIL)
    assert way.addresses == [bo.email]
    assert fate(hers) == (CANCELLED, why)
    assert hers.run is None
    assert fate(his)[0] == DeliveryState.SENT
    assert left_out(message) == {"Ane": why}
    assert Recipient.objects.get(member=ane).channel == ""


def test_who_is_not_in_the_audience_any_more_gets_nothing(way: WayOut, county: Branch, user: User) -> None:
    ane, bo = make_member(county, "Ane"), make_member(county, "Bo")
    message = make_message(county, user, MessageState.SENDING, audience={"kind": "people", "ids": [bo.pk]})
    delivery = wait_for(message, ane)
    wait_for(message, bo)
    pump(Channel.EMAIL)
    assert way.addresses == [bo.email]
    assert fate(delivery) == (CANCELLED, Reason.NOT_IN_AUDIENCE)
    assert left_out(message) == {"Ane": Reason.NOT_IN_AUDIENCE}


def test_what_went_before_is_not_asked_about(way: WayOut, message: Message, county: Branch) -> None:
    ane = make_member(county, "Ane")
    delivery = wait_for(message, ane)
    pump(Channel.EMAIL)
    change(status=MemberStatus.RESIGNED)(ane)
    pump(Channel.EMAIL)
    assert fate(delivery)[0] == DeliveryState.SENT
    assert left_out(message) == {}


def test_a_member_who_is_erased_gets_nothing(way: WayOut, message: Message, county: Branch) -> None:
    ane = make_member(county, "Ane")
    delivery = wait_for(message, ane)
    Recipient.objects.filter(member=ane).delete()
    pump(Channel.EMAIL)
    assert fate(delivery) == (CANCELLED, Reason.LEFT)
    assert not way.sent


# --- Households -------------------------------------------------------------------------------------------------------


def test_a_household_gets_one_with_the_names_of_those_who_may_still_get_it(
    way: WayOut, message: Message, county: Branch
) -> None:
    ane, bo, cai = (make_member(county, name, email="hjemme@example.no") for name in ("Ane", "Bo", "Cai"))
    delivery = wait_for(message, ane, bo, cai)
    change(no_newsletter=True)(bo)
    pump(Channel.EMAIL)
    [outgoing] = way.sent
    assert "Hei Ane og Cai!" in outgoing.text
    assert fate(delivery)[0] == DeliveryState.SENT
    assert left_out(message) == {"Bo": Reason.NO_PURPOSE}
    assert Recipient.objects.get(member=bo).delivery is None
    assert Recipient.objects.filter(delivery=delivery).count() == 2


def test_a_household_of_whom_nobody_may_get_it_gets_none(way: WayOut, message: Message, county: Branch) -> None:
    ane, bo = (make_member(county, name, email="hjemme@example.no") for name in ("Ane", "Bo"))
    delivery = wait_for(message, ane, bo)
    change(no_newsletter=True)(bo)
    change(status=MemberStatus.RESIGNED)(ane)
    pump(Channel.EMAIL)
    assert not way.sent
    assert fate(delivery) == (CANCELLED, Reason.LEFT)
    assert left_out(message) == {"Ane": Reason.LEFT, "Bo": Reason.NO_PURPOSE}


# --- Addresses that were corrected ------------------------------------------------------------------------------------


def test_a_corrected_address_is_followed(way: WayOut, message: Message, county: Branch) -> None:
    ane = make_member(county, "Ane")
    delivery = wait_for(message, ane)
    change(email="Ny@Example.no")(ane)
    pump(Channel.EMAIL)
    assert way.addresses == ["ny@example.no"]
    assert fate(delivery)[0] == DeliveryState.SENT
    assert delivery.address == "ny@example.no"


def test_a_corrected_address_that_the_message_goes_to_already_gets_one(
    way: WayOut, message: Message, county: Branch
) -> None:
    ane, bo = make_member(county, "Ane"), make_member(county, "Bo", email="hjemme@example.no")
    hers = wait_for(message, ane)
    wait_for(message, bo)
    change(email="hjemme@example.no")(ane)
    pump(Channel.EMAIL)
    assert way.addresses == ["hjemme@example.no"]
    assert fate(hers) == (CANCELLED, Reason.SHARED)
    assert left_out(message) == {"Ane": Reason.SHARED}


def test_whoever_leaves_a_shared_address_gets_a_copy_of_their_own(
    way: WayOut, message: Message, county: Branch
) -> None:
    ane, bo = (make_member(county, name, email="hjemme@example.no") for name in ("Ane", "Bo"))
    wait_for(message, ane, bo)
    change(email="ny@example.no")(bo)
    pump(Channel.EMAIL)
    assert {outgoing.address: outgoing.text.split("!")[0] for outgoing in way.sent} == {
        "hjemme@example.no": "Hei Ane",
        "ny@example.no": "Hei Bo",
    }
    assert left_out(message) == {}


def test_a_shared_address_that_all_have_left_gets_none(way: WayOut, message: Message, county: Branch) -> None:
    ane, bo = (make_member(county, name, email="hjemme@example.no") for name in ("Ane", "Bo"))
    delivery = wait_for(message, ane, bo)
    change(email="ny@example.no")(bo)
    change(email="annet@example.no")(ane)
    pump(Channel.EMAIL)
    assert sorted(way.addresses) == ["annet@example.no", "ny@example.no"]
    assert fate(delivery) == (CANCELLED, Reason.SHARED)
    assert left_out(message) == {}


def test_a_personal_text_goes_to_the_new_address_though_another_has_it(
    way: WayOut, message: Message, county: Branch
) -> None:
    message.texts.update(body="Du har nummer {{ medlemsnummer }}.")
    ane, bo = make_member(county, "Ane"), make_member(county, "Bo", email="hjemme@example.no")
    wait_for(message, ane)
    wait_for(message, bo)
    change(email="hjemme@example.no")(ane)
    pump(Channel.EMAIL)
    assert way.addresses == ["hjemme@example.no"] * 2
    assert {outgoing.text.split()[3] for outgoing in way.sent} == {f"{one.member_number}." for one in (ane, bo)}


# --- The message itself -----------------------------------------------------------------------------------------------


def test_of_a_message_that_was_stopped_nothing_more_goes(way: WayOut, message: Message, county: Branch) -> None:
    deliveries = [wait_for(message, make_member(county, name)) for name in ("Ane", "Bo")]
    Message.objects.filter(pk=message.pk).update(state=MessageState.STOPPED)
    pump(Channel.EMAIL)
    assert not way.sent
    assert {fate(delivery) for delivery in deliveries} == {(CANCELLED, Reason.STOPPED_BY_HAND)}
    assert left_out(message) == dict.fromkeys(("Ane", "Bo"), Reason.STOPPED_BY_HAND)


@pytest.mark.parametrize("by_state", [True, False])
def test_of_a_message_that_has_run_out_nothing_more_goes(
    way: WayOut, message: Message, county: Branch, by_state: bool
) -> None:
    delivery = wait_for(message, make_member(county, "Ane"))
    changes = {"state": MessageState.EXPIRED} if by_state else {"expires_at": NOW}
    Message.objects.filter(pk=message.pk).update(**changes)
    pump(Channel.EMAIL)
    assert not way.sent
    assert fate(delivery) == (CANCELLED, Reason.EXPIRED)
    assert left_out(message) == {"Ane": Reason.EXPIRED}


def test_a_message_that_is_a_draft_again_waits(way: WayOut, message: Message, county: Branch) -> None:
    delivery = wait_for(message, make_member(county))
    Message.objects.filter(pk=message.pk).update(state=MessageState.DRAFT)
    pump(Channel.EMAIL)
    assert not way.sent
    assert fate(delivery)[0] == DeliveryState.QUEUED
    assert delivery.not_before_at == NOW + timedelta(minutes=1)


def test_one_letter_that_cannot_be_written_stops_no_other(
    way: WayOut, message: Message, county: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    ane, bo = make_member(county, "Ane"), make_member(county, "Bo")
    hers, his = wait_for(message, ane), wait_for(message, bo)

    def headers_for(delivery: Delivery) -> dict[str, str]:
        if delivery == hers:
            raise ZeroDivisionError
        return {}

    monkeypatch.setattr("messaging.outbox.rendering.headers_for", headers_for)
    pump(Channel.EMAIL)
    assert way.addresses == [bo.email]
    assert fate(hers) == (DeliveryState.FAILED, "not written")
    assert fate(his)[0] == DeliveryState.SENT


# --- Officers ---------------------------------------------------------------------------------------------------------


def test_officers_are_written_to_as_long_as_they_may_sign_in(way: WayOut, county: Branch, user: User) -> None:
    audience = {"kind": "officers", "roles": ["leader"]}
    message = make_message(county, user, MessageState.SENDING, audience=audience)
    here, gone, moved, blocked = (make_user(name, email=f"{name}@demo.example") for name in ("A", "B", "C", "D"))
    for one in (here, gone, moved, blocked):
        wait_for(message, one)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    User.objects.filter(pk=moved.pk).update(email="ny@demo.example")
    block("d@demo.example", BlockReason.HARD)
    pump(Channel.EMAIL)
    assert sorted(way.addresses) == ["a@demo.example", "ny@demo.example"]
    assert sorted(left_out(message).values()) == [Reason.LEFT, Reason.WRONG]
    assert all("List-Unsubscribe" not in outgoing.headers for outgoing in way.sent)


def test_an_officer_without_an_address_is_left_out(way: WayOut, message: Message) -> None:
    one = make_user("A", email="a@demo.example", phone="+4790000009")
    delivery = wait_for(message, one)
    User.objects.filter(pk=one.pk).update(email=None)
    pump(Channel.EMAIL)
    assert fate(delivery) == (CANCELLED, Reason.NO_ADDRESS)


def test_an_officer_is_reached_by_sms_unless_they_have_answered_stopp(way: WayOut, message: Message) -> None:
    one, other = make_user("A", phone="+4790000009"), make_user("B", phone="+4790000008")
    wait_for(message, one, channel=Channel.SMS, address="+4790000009")
    delivery = wait_for(message, other, channel=Channel.SMS, address="+4790000008")
    block("+4790000008", BlockReason.STOPP, Channel.SMS)
    pump(Channel.SMS)
    assert way.addresses == ["+4790000009"]
    assert fate(delivery) == (CANCELLED, Reason.STOPPED)
