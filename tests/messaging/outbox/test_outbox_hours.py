"""An SMS and the hour; and what belongs to no message."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from membership.models import Branch
from messaging.actions.outbox import queue_sms
from messaging.enums import BlockReason, Channel, DeliveryState, MessageState, Purpose, Reason
from messaging.models import BlockedAddress, Delivery, InboxMessage, Message
from messaging.outbox.keys import AUTOMATIC
from messaging.outbox.pump import pump, send_alone, send_one
from tests.access_mail import make_message
from tests.factories import NOW, make_member
from tests.messaging.way_out import WayOut, fate, left_out, wait_for

pytestmark = pytest.mark.django_db

CANCELLED = DeliveryState.CANCELLED


def block(address: str, why: BlockReason, channel: Channel = Channel.EMAIL) -> None:
    BlockedAddress.objects.create(channel=channel, address=address, reason=why, noted_at=NOW, blocked_at=NOW)


# --- Quiet hours ------------------------------------------------------------------------------------------------------


def test_an_sms_waits_for_the_morning_and_an_email_does_not(
    way: WayOut, message: Message, county: Branch, clock: Any
) -> None:
    clock.shift(timedelta(hours=2, minutes=30))
    ane = make_member(county)
    sms = wait_for(message, ane, channel=Channel.SMS)
    pump(Channel.SMS)
    assert not way.sent
    assert fate(sms)[0] == DeliveryState.QUEUED
    # Friday half past nine in the evening: Saturday at ten.
    assert sms.not_before_at == NOW + timedelta(hours=15)
    assert (sms.attempts, sms.run) == (0, None)
    wait_for(message, make_member(county))
    pump(Channel.EMAIL)
    assert len(way.sent) == 1
    clock.move_to(NOW + timedelta(hours=15))
    pump(Channel.SMS)
    assert way.addresses[1:] == [ane.mobile]


def test_an_sms_that_would_come_too_late_is_cancelled(
    way: WayOut, message: Message, county: Branch, clock: Any
) -> None:
    clock.shift(timedelta(hours=3))
    Message.objects.filter(pk=message.pk).update(expires_at=NOW + timedelta(hours=15))
    sms = wait_for(message, make_member(county, "Ane"), channel=Channel.SMS)
    pump(Channel.SMS)
    assert fate(sms) == (CANCELLED, Reason.EXPIRED)
    assert left_out(message) == {"Ane": Reason.EXPIRED}


def test_a_meeting_may_be_reminded_of_on_a_sunday(way: WayOut, county: Branch, user: User, clock: Any) -> None:
    clock.move_to(NOW + timedelta(days=1, hours=20))
    for purpose in (Purpose.MEETINGS, Purpose.NEWSLETTER):
        wait_for(make_message(county, user, MessageState.SENDING, purpose=purpose), make_member(county), channel="sms")
    pump(Channel.SMS)
    assert len(way.sent) == 1


# --- What belongs to no message ---------------------------------------------------------------------------------------


def sms(purpose: Purpose, **fields: Any) -> Delivery:
    values: dict[str, Any] = {"key": purpose, "address": "+4790000001", "text": "Hei", "now": timezone.now()}
    return queue_sms(purpose=purpose, **(values | fields))


@pytest.mark.parametrize("purpose", [Purpose.SIGN_IN, Purpose.TEST, Purpose.REPLY, Purpose.NOTICE])
def test_at_night_only_what_one_waits_for_oneself_goes(way: WayOut, clock: Any, purpose: Purpose) -> None:
    clock.shift(timedelta(hours=8))
    delivery = sms(purpose)
    send_one(delivery.pk)
    delivery.refresh_from_db()
    goes = purpose in {Purpose.SIGN_IN, Purpose.TEST}
    assert delivery.state == (DeliveryState.SENT if goes else DeliveryState.QUEUED)
    assert goes or delivery.not_before_at == NOW + timedelta(hours=15)


def test_an_answer_goes_at_any_hour_to_one_who_wrote_just_now(way: WayOut, clock: Any, county: Branch) -> None:
    clock.shift(timedelta(hours=8))
    InboxMessage.objects.create(
        branch=county,
        county=county,
        channel=Channel.SMS,
        external_id="1",
        address="+4790000001",
        received_at=timezone.now() - timedelta(minutes=29),
    )
    delivery = sms(Purpose.REPLY, branch=county)
    other = sms(Purpose.REPLY, key="other", address="+4790000002", branch=county)
    send_alone()
    assert way.addresses == ["+4790000001"]
    assert fate(delivery)[0] == DeliveryState.SENT
    assert fate(other)[0] == DeliveryState.QUEUED


@pytest.mark.parametrize("purpose", [Purpose.SIGN_IN, Purpose.REPLY, Purpose.NOTICE])
def test_to_a_number_that_is_somebody_elses_only_codes_go(way: WayOut, purpose: Purpose) -> None:
    block("+4790000001", BlockReason.WRONG, Channel.SMS)
    delivery = sms(purpose)
    send_alone()
    expected = (DeliveryState.SENT, "") if purpose == Purpose.SIGN_IN else (CANCELLED, Reason.WRONG)
    assert fate(delivery) == expected


def test_who_answered_stopp_gets_the_confirmation_and_codes_and_nothing_else(way: WayOut) -> None:
    block("+4790000001", BlockReason.STOPP, Channel.SMS)
    going = [sms(Purpose.REPLY, key=f"{AUTOMATIC}1"), sms(Purpose.SIGN_IN)]
    stopped = [sms(Purpose.REPLY), sms(Purpose.NOTICE)]
    send_alone()
    assert {fate(delivery) for delivery in going} == {(DeliveryState.SENT, "")}
    assert {fate(delivery) for delivery in stopped} == {(CANCELLED, Reason.STOPPED)}


def test_a_code_that_is_too_old_is_not_sent(way: WayOut, clock: Any) -> None:
    delivery = sms(Purpose.SIGN_IN)
    Delivery.objects.update(wipe_at=NOW)
    send_one(delivery.pk)
    assert fate(delivery) == (CANCELLED, "too late")
    assert not way.sent
