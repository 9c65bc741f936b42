"""Whoever leaves gets nothing more, also when a worker is in the middle of it; those who share with them do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from membership.models import Branch, Member
from messaging.actions.outbox import queue_email
from messaging.enums import Channel, DeliveryState, MessageState, Purpose, Reason
from messaging.letters.addressees import in_envelopes, not_posted, sorted_out
from messaging.models import Delivery, Message, Recipient
from messaging.outbox.pump import pump
from privacy.actions.departures import come_back, leave
from privacy.enums import LeaveWay
from tests.access_mail import make_message
from tests.factories import NOW, TODAY, make_branch, make_member
from tests.messaging.sending import ALL, expanded, swept
from tests.messaging.way_out import WayOut, fate, left_out, wait_for

pytestmark = pytest.mark.django_db

STOPPED = (DeliveryState.CANCELLED, Reason.LEFT)


def go(member: Member, way: LeaveWay = LeaveWay.LETTER) -> None:
    leave(member, way=way, left_on=TODAY, by=None, now=NOW, today=TODAY)


@pytest.mark.parametrize("how", [LeaveWay.LETTER, LeaveWay.DEATH])
@pytest.mark.parametrize("purpose", [Purpose.NEWSLETTER, Purpose.MEETINGS, Purpose.SERVICE])
@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.SENDING])
def test_what_waits_for_one_alone_is_cancelled_at_once(
    county: Branch, user: User, how: LeaveWay, purpose: Purpose, state: MessageState
) -> None:
    message = make_message(county, user, state, expanded_at=NOW, due_at=NOW, purpose=purpose)
    ane, bo = make_member(county, "Ane"), make_member(county, "Bo")
    hers, his = wait_for(message, ane), wait_for(message, bo)
    go(ane, how)
    assert fate(hers) == STOPPED
    assert fate(his) == (DeliveryState.QUEUED, "")
    assert left_out(message) == {"Ane": Reason.LEFT}


def test_what_is_shared_goes_to_the_other_without_this_name(way: WayOut, message: Message, county: Branch) -> None:
    ane, bo = (
        make_member(county, "Ane", email="felles@example.no"),
        make_member(county, "Bo", email="felles@example.no"),
    )
    delivery = wait_for(message, ane, bo)
    go(ane)
    assert fate(delivery) == (DeliveryState.QUEUED, "")
    pump(Channel.EMAIL)
    assert len(way.sent) == 1
    assert "Ane" not in way.sent[0].text
    assert "Bo" in way.sent[0].text
    assert left_out(message) == {"Ane": Reason.LEFT}


def test_both_who_share_leave(message: Message, county: Branch) -> None:
    ane, bo = (
        make_member(county, "Ane", email="felles@example.no"),
        make_member(county, "Bo", email="felles@example.no"),
    )
    delivery = wait_for(message, ane, bo)
    go(ane)
    go(bo)
    assert fate(delivery) == STOPPED


def test_a_sender_in_the_middle_of_a_chunk(way: WayOut, message: Message, three: list[Delivery]) -> None:
    """While the first goes out, those of the last leave: their rows are rendered already."""
    first, second, last = three
    leavers = [Recipient.objects.get(delivery=delivery).member for delivery in (second, last)]

    def everybody_leaves(_outgoing: object) -> None:
        for member in leavers:
            if member and not member.departures.exists():
                go(member)

    way.before = everybody_leaves
    pump(Channel.EMAIL)
    assert way.addresses == [first.address]
    assert fate(first)[0] == DeliveryState.SENT
    assert fate(second) == STOPPED
    assert fate(last) == STOPPED


def test_what_is_on_its_way_out_is_not_called_back(message: Message, county: Branch) -> None:
    ane = make_member(county, "Ane")
    delivery = wait_for(message, ane, state=DeliveryState.SENDING)
    go(ane)
    assert fate(delivery) == (DeliveryState.SENDING, "")
    assert left_out(message) == {}


def test_a_message_that_waits_for_its_day_has_them_no_more(county: Branch, user: User, way: WayOut) -> None:
    ane = make_member(county, "Ane")
    make_member(county, "Bo")
    later = timezone.now() + timedelta(hours=5)
    message = expanded(county, user, 2, audience=ALL, send_at=later)
    go(ane)
    swept(message, later + timedelta(minutes=1))
    pump(Channel.EMAIL)
    assert "Ane" not in "".join(outgoing.text for outgoing in way.sent)


def test_a_letter_is_made_without_the_name(county: Branch, user: User) -> None:
    home = {"street": "Storgata 1", "postal_code": "9146", "city": "Olderdalen", "email": "", "mobile": ""}
    ane, bo = make_member(county, "Ane", **home), make_member(county, "Bo", **home)
    message = make_message(county, user, MessageState.DONE, expanded_at=NOW, purpose=Purpose.SERVICE)
    for member in (ane, bo):
        Recipient.objects.create(message=message, member=member, channel=Channel.LETTER)
    posted = make_message(county, user, MessageState.DONE, expanded_at=NOW)
    Recipient.objects.create(message=posted, member=ane, channel=Channel.LETTER, posted_at=NOW)
    go(ane, LeaveWay.DEATH)
    fine, fallen = sorted_out(list(not_posted(message)), message.purpose, on=TODAY)
    assert fallen == {}
    assert [letter.address[0] for letter in in_envelopes(fine, is_personal=False)] == ["Bo Fjellvær"]
    assert left_out(message) == {"Ane": Reason.LEFT}
    assert left_out(posted) == {}


def test_a_receipt_goes_out_and_an_invitation_does_not(
    county: Branch, django_capture_on_commit_callbacks: object
) -> None:
    ane = make_member(county, "Ane", email="ane@example.no")
    make_member(make_branch(county), "Bo", email="bo@example.no")
    kinds = {}
    for number, (purpose, address) in enumerate(
        [
            (Purpose.NOTICE, ane.email),
            (Purpose.INVITATION, ane.email),
            (Purpose.INVITATION, "bo@example.no"),
            (Purpose.SIGN_IN, ane.email),
        ]
    ):
        key = f"{purpose}:{number}"
        kinds[key] = queue_email(key=key, purpose=purpose, address=address, subject="Hei", body="Hei", now=NOW)
    go(ane)
    states = [fate(delivery)[0] for delivery in kinds.values()]
    assert states == [
        DeliveryState.QUEUED,
        DeliveryState.CANCELLED,
        DeliveryState.QUEUED,
        DeliveryState.QUEUED,
    ]


def test_what_was_stopped_stays_stopped(message: Message, county: Branch) -> None:
    ane = make_member(county, "Ane")
    delivery = wait_for(message, ane)
    go(ane)
    come_back(ane.departures.get(), by=None, now=NOW, today=TODAY)
    assert fate(delivery) == STOPPED
