"""Addresses that nothing goes to: why, from when, what it does to what waits, and how they are opened again."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.enums import ChangeSource
from membership.models import Branch, Member, MemberChange
from messaging.actions.blocks import (
    SaidNo,
    block,
    clear_outlived_strikes,
    clear_strikes,
    open_again,
    report_wrong_number,
    strike,
)
from messaging.contact import PHONE, may_contact
from messaging.enums import BlockReason, Channel, DeliveryState, MessageState, Purpose, Reason
from messaging.models import BlockedAddress, Delivery, Recipient
from tests.access_mail import make_message
from tests.factories import NOW, TODAY, make_branch, make_county, make_member

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county(), "Kåfjord")


def make_delivery(address: str, channel: Channel = Channel.EMAIL, **fields: object) -> Delivery:
    values: dict[str, object] = {
        "key": uuid4().hex,
        "purpose": Purpose.NEWSLETTER,
        "created_at": NOW,
        "not_before_at": NOW,
        "wipe_at": NOW + DAY,
    }
    return Delivery.objects.create(channel=channel, address=address, **(values | fields))


def bounced_on(member: Member) -> object:
    return Member.objects.get(pk=member.pk).email_bounced_on


def test_an_address_that_does_not_exist_is_written_on_everybody_who_has_it(kafjord: Branch) -> None:
    elsewhere = make_branch(make_county("Nordland"), "Bodø")
    one = make_member(kafjord, email="Post@Example.no")
    two = make_member(elsewhere, email="post@example.no")
    other = make_member(kafjord)
    row = block(Channel.EMAIL, " POST@example.no", BlockReason.HARD, now=NOW)
    assert (row.address, row.blocked_at) == ("post@example.no", NOW)
    assert (bounced_on(one), bounced_on(two), bounced_on(other)) == (TODAY, TODAY, None)
    change = MemberChange.objects.get(member=one)
    assert (change.source, change.by) == (ChangeSource.RETURNED, None)
    line = AuditEvent.objects.get(verb=Verb.ADDRESS_BLOCKED)
    assert "example" not in str(line.details)


def test_blocked_twice_is_one_block_one_line_and_the_first_day(kafjord: Branch) -> None:
    member = make_member(kafjord, email="a@example.no")
    block(Channel.EMAIL, "a@example.no", BlockReason.HARD, now=NOW)
    block(Channel.EMAIL, "a@example.no", BlockReason.HARD, now=NOW + 5 * DAY)
    assert BlockedAddress.objects.get().blocked_at == NOW
    assert bounced_on(member) == TODAY
    assert AuditEvent.objects.filter(verb=Verb.ADDRESS_BLOCKED).count() == 1
    assert MemberChange.objects.filter(member=member).count() == 1


def test_what_waits_for_the_address_is_cancelled_and_its_recipients_are_told_why(kafjord: Branch, user: User) -> None:
    message = make_message(kafjord, user, MessageState.QUEUED)
    waiting = make_delivery("a@example.no", message=message)
    recipient = Recipient.objects.create(
        message=message, member=make_member(kafjord), channel=Channel.EMAIL, delivery=waiting
    )
    begun = make_delivery("a@example.no", state=DeliveryState.SENDING)
    code = make_delivery("a@example.no", purpose=Purpose.SIGN_IN)
    formal = make_delivery("a@example.no", purpose=Purpose.SERVICE)
    others = make_delivery("b@example.no")
    by_sms = make_delivery("a@example.no", Channel.SMS)
    block(Channel.EMAIL, "a@example.no", BlockReason.HARD, now=NOW)
    states = dict(Delivery.objects.values_list("pk", "state"))
    assert states[waiting.pk] == DeliveryState.CANCELLED
    assert states[begun.pk] == DeliveryState.SENDING
    assert {states[row.pk] for row in (code, formal, others, by_sms)} == {DeliveryState.QUEUED}
    recipient.refresh_from_db()
    assert (recipient.channel, recipient.left_out) == ("", Reason.WRONG)
    assert AuditEvent.objects.get(verb=Verb.ADDRESS_BLOCKED).count == 1


def test_a_complaint_stops_letters_to_many_and_leaves_the_address_and_what_is_ones_own(
    kafjord: Branch, user: User
) -> None:
    member = make_member(kafjord, email="a@example.no")
    message = make_message(kafjord, user, MessageState.QUEUED)
    news = make_delivery("a@example.no", message=message)
    recipient = Recipient.objects.create(message=message, member=member, channel=Channel.EMAIL, delivery=news)
    own = [make_delivery("a@example.no", purpose=purpose) for purpose in (Purpose.INVITATION, Purpose.NOTICE)]
    block(Channel.EMAIL, "a@example.no", BlockReason.COMPLAINT, now=NOW)
    assert bounced_on(member) is None
    recipient.refresh_from_db()
    assert recipient.left_out == Reason.STOPPED
    assert {Delivery.objects.get(pk=row.pk).state for row in own} == {DeliveryState.QUEUED}
    assert may_contact(member, Channel.EMAIL, Purpose.NEWSLETTER, on=TODAY) == Reason.STOPPED


def test_the_third_soft_bounce_blocks(kafjord: Branch) -> None:
    member = make_member(kafjord, email="full@example.no")
    assert not strike(Channel.EMAIL, "Full@example.no", now=NOW)
    assert not strike(Channel.EMAIL, "full@example.no", now=NOW + DAY)
    assert may_contact(member, Channel.EMAIL, Purpose.NEWSLETTER, on=TODAY) == Reason.NONE
    assert not AuditEvent.objects.filter(verb=Verb.ADDRESS_BLOCKED).exists()
    assert strike(Channel.EMAIL, "full@example.no", now=NOW + 2 * DAY)
    assert BlockedAddress.objects.get().blocked_at == NOW + 2 * DAY
    assert bounced_on(member) == TODAY + 2 * DAY
    assert AuditEvent.objects.get(verb=Verb.ADDRESS_BLOCKED).details["reason"] == BlockReason.SOFT
    assert strike(Channel.EMAIL, "full@example.no", now=NOW + 3 * DAY)
    assert BlockedAddress.objects.get().blocked_at == NOW + 2 * DAY


def test_what_arrives_clears_the_strikes_and_never_a_block() -> None:
    strike(Channel.EMAIL, "a@example.no", now=NOW)
    strike(Channel.EMAIL, "a@example.no", now=NOW)
    block(Channel.EMAIL, "b@example.no", BlockReason.SOFT, now=NOW)
    clear_strikes(Channel.EMAIL, "A@example.no")
    clear_strikes(Channel.EMAIL, "b@example.no")
    assert [row.address for row in BlockedAddress.objects.all()] == ["b@example.no"]
    assert not strike(Channel.EMAIL, "a@example.no", now=NOW)


@pytest.mark.parametrize(
    ("sent", "bounced", "left"),
    [(1, None, 0), (1, 2, 1), (-1, None, 1), (5, None, 1), (None, None, 1)],
    ids=["arrived", "came back", "sent before the strike", "sent just now", "nothing sent"],
)
def test_strikes_are_outlived_by_a_later_message_that_nobody_returned(
    sent: int | None, bounced: int | None, left: int
) -> None:
    strike(Channel.EMAIL, "a@example.no", now=NOW)
    if sent is not None:
        make_delivery(
            "a@example.no",
            state=DeliveryState.SENT,
            sent_at=NOW + sent * DAY,
            bounced_at=NOW + bounced * DAY if bounced else None,
        )
    clear_outlived_strikes(now=NOW + 6 * DAY)
    assert BlockedAddress.objects.count() == left


def test_an_address_is_opened_again_with_its_members_and_all_that_said_it_does_not_work(
    kafjord: Branch, user: User
) -> None:
    member = make_member(kafjord, email="a@example.no")
    row = block(Channel.EMAIL, "a@example.no", BlockReason.HARD, now=NOW)
    for _ in range(3):
        strike(Channel.EMAIL, "a@example.no", now=NOW)
    block(Channel.EMAIL, "a@example.no", BlockReason.COMPLAINT, now=NOW)
    assert open_again(row, by=user, now=NOW)
    assert bounced_on(member) is None
    assert [left.reason for left in BlockedAddress.objects.all()] == [BlockReason.COMPLAINT]
    assert AuditEvent.objects.get(verb=Verb.ADDRESS_OPENED).actor_id == user.pk
    assert not open_again(row, by=user, now=NOW)
    assert AuditEvent.objects.filter(verb=Verb.ADDRESS_OPENED).count() == 1


@pytest.mark.parametrize("reason", [BlockReason.STOPP, BlockReason.COMPLAINT])
def test_a_no_is_opened_only_when_the_one_who_said_it_asks(user: User, reason: BlockReason) -> None:
    row = block(Channel.SMS, "+4791234567", reason, now=NOW)
    wrong = report_wrong_number("+4791234567", by=user, now=NOW)
    with pytest.raises(SaidNo):
        open_again(row, by=user, now=NOW)
    assert open_again(row, by=user, now=NOW, asked_by_member=True)
    assert BlockedAddress.objects.get() == wrong


def test_to_a_wrong_number_goes_neither_sms_nor_call(kafjord: Branch, user: User) -> None:
    member = make_member(kafjord, mobile="+4791234567")
    waiting = make_delivery("+4791234567", Channel.SMS)
    report_wrong_number("+4791234567", by=user, now=NOW)
    report_wrong_number("+4791234567", by=user, now=NOW)
    assert may_contact(member, Channel.SMS, Purpose.SERVICE, on=TODAY) == Reason.WRONG
    assert may_contact(member, PHONE, Purpose.SERVICE, on=TODAY) == Reason.WRONG
    assert may_contact(member, Channel.EMAIL, Purpose.SERVICE, on=TODAY) == Reason.NONE
    assert Delivery.objects.get(pk=waiting.pk).state == DeliveryState.CANCELLED
    assert AuditEvent.objects.get(verb=Verb.ADDRESS_BLOCKED).actor_id == user.pk
