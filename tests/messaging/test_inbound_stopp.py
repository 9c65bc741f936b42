"""STOPP holds: for the number, whoever has it, in every county; and it loses nobody a formal notice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.enums import Verb
from accounts.models import AuditEvent
from membership.enums import ChangeSource
from membership.models import Branch, Member, MemberChange
from messaging.actions.blocks import block
from messaging.actions.outbox import queue_sms
from messaging.contact import may_contact
from messaging.enums import BlockReason, Channel, DeliveryState, InboxState, MessageState, Purpose, Reason
from messaging.extensions import Placeholder, registry
from messaging.inbound import receive
from messaging.models import BlockedAddress, Delivery, InboxMessage, Message, MessageText, Recipient
from tests.access_mail import make_message
from tests.factories import TODAY, make_branch, make_county, make_member, make_officer, make_user
from tests.messaging.incoming import NUMBER, answers_to, come_in, waiting

pytestmark = pytest.mark.django_db

STOPPED = "Du får ikke flere SMS fra oss. Send START hvis du vil ha dem igjen."
STARTED = "Du får SMS fra oss igjen. Send STOPP hvis du ikke vil ha flere."


@pytest.fixture
def member(branch: Branch) -> Member:
    return make_member(branch, mobile=NUMBER, email="ane@example.no")


def state_of(delivery: Delivery) -> tuple[str, str]:
    delivery.refresh_from_db()
    return delivery.state, delivery.problem


def reached(delivery: Delivery) -> list[tuple[str, str]]:
    """The message's recipients: by which channel, or why not."""
    rows = Recipient.objects.filter(message=delivery.message).order_by("pk")
    return list(rows.values_list("channel", "left_out"))


def may_sms(member: Member, purpose: str = Purpose.MEETINGS) -> Reason:
    member.refresh_from_db()
    return may_contact(member, Channel.SMS, purpose, on=TODAY)


# --- STOPP ----------------------------------------------------------------------------------------------------------


def test_a_stopp_closes_the_number_and_is_confirmed(branch: Branch, member: Member) -> None:
    message = come_in("Stopp!")
    assert (message.state, message.member, message.handled_at) == (InboxState.AUTOMATIC, member, timezone.now())
    blocked = BlockedAddress.objects.get()
    assert (blocked.channel, blocked.address, blocked.reason) == (Channel.SMS, NUMBER, BlockReason.STOPP)
    assert may_sms(member) == Reason.NO_CHANNEL
    assert may_sms(member, Purpose.SERVICE) == Reason.NO_CHANNEL
    [answer] = Delivery.objects.all()
    assert (answer.address, answer.body, answer.branch, answer.parts) == (NUMBER, STOPPED, branch, 1)


def test_the_member_is_told_in_the_history_that_it_was_by_herself(member: Member) -> None:
    come_in("STOPP")
    change = MemberChange.objects.get(member=member)
    assert (change.field, change.before, change.after) == ("no_sms", False, True)
    assert (change.source, change.by) == (ChangeSource.MEMBER, None)


def test_the_confirmation_tells_nobody_who_it_is_or_what_we_are(branch: Branch, member: Member) -> None:
    come_in("STOPP")
    come_in("STOPP", number="+4798765432")
    known, unknown = Delivery.objects.order_by("address")
    assert known.body == unknown.body
    for word in (member.first_name, member.last_name, branch.place, "Arbeiderparti", "medlem"):
        assert word.lower() not in known.body.lower()


def test_the_confirmation_comes_from_a_number_that_can_be_answered(member: Member, settings: Any) -> None:
    come_in("STOPP")
    settings.SMS_URL = "twilio://sid:token@api.twilio.com?from=%2B4759440000"
    come_in("STOPP", number="+4798765432")
    settings.SMS_URL = "sveve://bruker:passord@sveve.no?from=Partiet"
    come_in("STOPP", number="+4798765433")
    senders = Delivery.objects.order_by("address").values_list("sender_name", flat=True)
    assert list(senders) == ["Beskjed", "+4759440000", "Beskjed"]


def test_a_stopp_said_again_is_confirmed_once(member: Member) -> None:
    for _ in range(3):
        assert come_in("STOPP").state == InboxState.AUTOMATIC
    assert answers_to() == [STOPPED]
    assert AuditEvent.objects.filter(verb=Verb.ADDRESS_BLOCKED).count() == 1
    assert MemberChange.objects.count() == 1


def test_a_stopp_holds_in_every_county_and_for_whoever_gets_the_number_next(branch: Branch, member: Member) -> None:
    come_in("STOPP")
    later = make_member(make_branch(make_county("Finnmark"), "Alta"), mobile=NUMBER)
    assert may_sms(later) == Reason.STOPPED
    assert may_sms(later, Purpose.SERVICE) == Reason.STOPPED
    assert may_contact(later, "phone", Purpose.RECRUITMENT, on=TODAY) == Reason.NONE


def test_of_two_with_the_number_neither_is_written_down_and_the_officer_is_asked(
    branch: Branch, member: Member
) -> None:
    second = make_member(branch, "Per", mobile=NUMBER)
    message = come_in("STOPP")
    assert (message.state, message.member) == (InboxState.OPEN, None)
    assert set(message.candidates.all()) == {member, second}
    assert not MemberChange.objects.exists()
    assert may_sms(member) == may_sms(second) == Reason.STOPPED
    assert answers_to() == [STOPPED]


def test_what_more_is_said_is_read_by_a_person(member: Member) -> None:
    assert come_in("STOPP, jeg er meldt ut").state == InboxState.OPEN
    assert may_sms(member) == Reason.NO_CHANNEL


def test_what_waits_for_the_number_is_cancelled_at_once(branch: Branch, member: Member) -> None:
    other = make_member(branch, "Per")
    own, others = waiting(branch, member), waiting(branch, other)
    held = waiting(branch, member, state=DeliveryState.SENDING)
    reply = queue_sms(key="r", purpose=Purpose.REPLY, address=NUMBER, text="Kl. 19", now=timezone.now())
    come_in("STOPP")
    assert state_of(own)[0] == state_of(reply)[0] == DeliveryState.CANCELLED
    assert (state_of(others)[0], state_of(held)[0]) == (DeliveryState.QUEUED, DeliveryState.SENDING)
    assert reached(own) == [("", Reason.STOPPED)]
    assert answers_to() == [STOPPED]


def test_a_code_asked_for_just_now_still_goes(member: Member) -> None:
    code = queue_sms(key="k", purpose=Purpose.SIGN_IN, address=NUMBER, text="123456", now=timezone.now())
    come_in("STOPP")
    assert state_of(code)[0] == DeliveryState.QUEUED


# --- A notice goes another way --------------------------------------------------------------------------------------


def test_a_notice_goes_by_email_instead(branch: Branch, member: Member) -> None:
    sms = waiting(branch, member, purpose=Purpose.SERVICE)
    assert come_in("STOPP").state == InboxState.AUTOMATIC
    assert state_of(sms) == (DeliveryState.CANCELLED, "stopped")
    [email] = Delivery.objects.filter(channel=Channel.EMAIL)
    assert (email.message, email.address, email.state) == (sms.message, "ane@example.no", DeliveryState.QUEUED)
    assert (email.branch, email.purpose, email.not_before_at) == (branch, Purpose.SERVICE, timezone.now())
    recipient = Recipient.objects.get()
    assert (recipient.channel, recipient.left_out, recipient.delivery) == (Channel.EMAIL, "", email)


def test_a_notice_that_waits_for_its_day_waits_by_email_too(branch: Branch, member: Member) -> None:
    sms = waiting(branch, member, purpose=Purpose.SERVICE)
    day = timezone.now() + timedelta(days=3)
    Message.objects.update(state=MessageState.QUEUED)
    Delivery.objects.update(not_before_at=day)
    come_in("STOPP")
    assert Delivery.objects.get(message=sms.message, channel=Channel.EMAIL).not_before_at == day


def test_where_only_an_sms_was_written_the_email_says_the_same(branch: Branch, member: Member) -> None:
    sms = waiting(branch, member, purpose=Purpose.SERVICE, body="", sms="Hei {{ fornavn }}, årsmøte 3. mars")
    come_in("STOPP")
    [email] = Delivery.objects.filter(channel=Channel.EMAIL)
    assert email.body == "Hei Ane, årsmøte 3. mars\n"
    assert email.subject == f"Melding fra {branch.name}"
    assert (email.branch, email.purpose) == (branch, Purpose.SERVICE)
    assert Recipient.objects.get(message=sms.message).delivery == email


def test_without_an_email_it_is_a_letter_to_print(branch: Branch, member: Member) -> None:
    Member.objects.update(email="", street="Storgata 1", postal_code="9143")
    sms = waiting(branch, member, purpose=Purpose.SERVICE)
    assert come_in("STOPP").state == InboxState.AUTOMATIC
    assert reached(sms) == [(Channel.LETTER, "")]
    assert Recipient.objects.get().delivery is None
    assert not Delivery.objects.filter(channel=Channel.EMAIL).exists()


@pytest.mark.parametrize(
    ("changes", "body"), [({"email": ""}, "Hei"), ({"email": "", "street": "Storgata 1", "postal_code": "9143"}, "")]
)
def test_where_there_is_no_other_way_the_officer_is_told(
    branch: Branch, member: Member, changes: dict[str, str], body: str
) -> None:
    Member.objects.update(**changes)
    sms = waiting(branch, member, purpose=Purpose.SERVICE, body=body)
    assert come_in("STOPP").state == InboxState.OPEN
    assert reached(sms) == [("", Reason.STOPPED)]


def test_a_household_gets_one_email_where_nothing_is_personal(branch: Branch, member: Member) -> None:
    second = make_member(branch, "Per", mobile=NUMBER, email="ANE@example.no")
    sms = waiting(branch, member, second, purpose=Purpose.SERVICE)
    come_in("STOPP")
    assert Delivery.objects.filter(channel=Channel.EMAIL).count() == 1
    assert reached(sms) == [(Channel.EMAIL, "")] * 2


def test_two_branches_at_one_address_get_one_each_where_the_text_names_the_branch(
    branch: Branch, member: Member
) -> None:
    second = make_member(make_branch(branch, "Manndalen"), "Per", mobile=NUMBER, email="ane@example.no")
    waiting(branch, member, second, purpose=Purpose.SERVICE, body="{{ kommuneparti }}")
    come_in("STOPP")
    assert Delivery.objects.filter(channel=Channel.EMAIL).count() == 2


def test_each_gets_her_own_where_something_is(branch: Branch, member: Member) -> None:
    second = make_member(branch, "Per", mobile=NUMBER, email="ANE@example.no")
    waiting(branch, member, second, purpose=Purpose.SERVICE, body="{{ medlemsnummer }}")
    come_in("STOPP")
    assert Delivery.objects.filter(channel=Channel.EMAIL).count() == 2


def test_an_email_that_has_gone_to_the_household_is_not_counted_as_hers(branch: Branch, member: Member) -> None:
    second = make_member(branch, "Per", mobile=NUMBER, email="ANE@example.no")
    first = waiting(branch, member, purpose=Purpose.SERVICE)
    come_in("STOPP")
    Delivery.objects.filter(channel=Channel.EMAIL).update(state=DeliveryState.SENT)
    BlockedAddress.objects.all().delete()
    Delivery.objects.filter(pk=first.pk).update(key="gone")
    waiting(branch, second, message=first.message)
    come_in("STOPP")
    states = Delivery.objects.filter(channel=Channel.EMAIL).order_by("state").values_list("state", flat=True)
    assert list(states) == [DeliveryState.QUEUED, DeliveryState.SENT]


def test_the_values_of_other_parts_follow_into_the_email(branch: Branch, member: Member) -> None:
    kid = Placeholder("kid", "KID", True, lambda members, _message: {one.pk: "12345678" for one in members})
    registry.placeholders.append(kid)
    try:
        waiting(branch, member, purpose=Purpose.SERVICE, body="", sms="KID {{ kid }}")
        come_in("STOPP")
    finally:
        registry.placeholders.remove(kid)
    assert Delivery.objects.get(channel=Channel.EMAIL).body == "KID 12345678\n"


def test_an_officers_notice_goes_to_the_address_she_signs_in_with(branch: Branch) -> None:
    officer = make_user(email="Leder@demo.example")
    sms = waiting(branch, number=NUMBER, purpose=Purpose.SERVICE)
    assert sms.message is not None
    Recipient.objects.create(message=sms.message, user=officer, channel=Channel.SMS, delivery=sms)
    come_in("STOPP")
    assert Delivery.objects.get(channel=Channel.EMAIL).address == "leder@demo.example"
    assert reached(sms) == [(Channel.EMAIL, "")]


def test_a_notice_whose_worker_has_begun_is_left_to_it(branch: Branch, member: Member) -> None:
    sms = waiting(branch, member, purpose=Purpose.SERVICE, state=DeliveryState.SENDING)
    come_in("STOPP")
    assert reached(sms) == [(Channel.SMS, "")]


def test_a_notice_of_a_stopped_message_goes_nowhere(branch: Branch, member: Member) -> None:
    sms = waiting(branch, member, purpose=Purpose.SERVICE)
    Message.objects.update(state=MessageState.STOPPED)
    assert come_in("STOPP").state == InboxState.AUTOMATIC
    assert state_of(sms)[0] == DeliveryState.CANCELLED
    assert not Delivery.objects.filter(channel=Channel.EMAIL).exists()


def test_a_notice_that_belongs_to_no_message_is_the_officers_to_see_to(member: Member) -> None:
    sms = queue_sms(key="s", purpose=Purpose.SERVICE, address=NUMBER, text="Purring", now=timezone.now())
    assert come_in("STOPP").state == InboxState.OPEN
    assert state_of(sms)[0] == DeliveryState.CANCELLED


# --- START ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["START", "ja"])
def test_a_start_opens_what_the_stopp_closed(member: Member, clock: Any, text: str) -> None:
    come_in("STOPP")
    clock.shift(timedelta(days=1))
    assert come_in(text).state == InboxState.AUTOMATIC
    assert may_sms(member) == Reason.NONE
    assert answers_to() == [STOPPED, STARTED]
    assert AuditEvent.objects.filter(verb=Verb.ADDRESS_OPENED).count() == 1
    assert list(MemberChange.objects.order_by("at").values_list("after", flat=True)) == [True, False]


def test_a_start_without_a_stopp_is_a_message(member: Member) -> None:
    assert come_in("START").state == InboxState.OPEN
    assert come_in("JA").state == InboxState.OPEN
    assert not answers_to()


def test_a_start_leaves_what_was_said_elsewhere(member: Member) -> None:
    Member.objects.update(no_sms=True)
    come_in("STOPP")
    come_in("START")
    assert may_sms(member) == Reason.NO_CHANNEL


def test_a_start_leaves_what_an_officer_wrote_afterwards(member: Member, clock: Any) -> None:
    come_in("STOPP")
    clock.shift(timedelta(days=1))
    MemberChange.objects.create(
        member=member, field="no_sms", before=False, after=True, source=ChangeSource.OFFICER, at=timezone.now()
    )
    come_in("START")
    assert may_sms(member) == Reason.NO_CHANNEL


def test_a_start_does_not_mend_a_wrong_number(member: Member) -> None:
    come_in("STOPP")
    block(Channel.SMS, NUMBER, BlockReason.WRONG, now=timezone.now())
    come_in("START")
    assert may_sms(member) == Reason.WRONG


def test_a_stopp_after_a_start_is_confirmed_anew(member: Member, clock: Any) -> None:
    for text in ("STOPP", "START", "STOPP"):
        come_in(text)
        clock.shift(timedelta(minutes=1))
    assert answers_to() == [STOPPED, STARTED, STOPPED]
    assert may_sms(member) == Reason.NO_CHANNEL


# --- STOPP by email -------------------------------------------------------------------------------------------------


def mail_in(subject: str, *, address: str = "ane@example.no") -> InboxMessage:
    return receive(
        channel=Channel.EMAIL, address=address, text="", subject=subject, external_id=subject, now=timezone.now()
    )


def emailed(branch: Branch, *members: Member, purpose: str = Purpose.NEWSLETTER) -> Delivery:
    message = make_message(branch, make_officer(branch), MessageState.DONE, purpose=purpose)
    MessageText.objects.filter(message=message).update(body="Hei")
    delivery = waiting(branch, message=message, number=members[0].email, state=DeliveryState.SENT)
    Delivery.objects.filter(pk=delivery.pk).update(channel=Channel.EMAIL)
    for member in members:
        Recipient.objects.create(message=message, member=member, channel=Channel.EMAIL, delivery=delivery)
    return delivery


def test_stopp_in_an_emails_subject_is_no_to_what_it_answers(branch: Branch, member: Member) -> None:
    emailed(branch, member)
    assert mail_in("SV: STOPP").state == InboxState.AUTOMATIC
    member.refresh_from_db()
    assert (member.no_newsletter, member.no_email, member.no_sms) == (True, False, False)


def test_what_cannot_be_left_is_passed_over_for_what_can(branch: Branch, member: Member) -> None:
    emailed(branch, member)
    dues = emailed(branch, member, purpose=Purpose.SERVICE)
    Delivery.objects.filter(pk=dues.pk).update(created_at=timezone.now() + timedelta(hours=1))
    assert mail_in("Stopp").state == InboxState.AUTOMATIC
    member.refresh_from_db()
    assert member.no_newsletter


def test_with_nothing_to_leave_a_person_sees_to_it(branch: Branch, member: Member) -> None:
    assert mail_in("Stopp").state == InboxState.OPEN
    emailed(branch, member, purpose=Purpose.SERVICE)
    assert mail_in("Avmeld").state == InboxState.OPEN


def test_of_two_who_read_an_address_nobody_is_guessed(branch: Branch, member: Member) -> None:
    second = make_member(branch, "Per", email="ane@example.no")
    emailed(branch, member, second)
    message = mail_in("Stopp")
    assert (message.state, message.candidates.count()) == (InboxState.OPEN, 2)
    member.refresh_from_db()
    assert not member.no_newsletter


def test_an_ordinary_subject_is_an_ordinary_message(branch: Branch, member: Member) -> None:
    emailed(branch, member)
    assert mail_in("SV: Nyhetsbrev").state == InboxState.OPEN
