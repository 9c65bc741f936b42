"""What is done with what comes in: answered once, forwarded, marked, and told whose it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.models import Branch
from messaging.actions.blocks import block
from messaging.actions.inbox import (
    AnsweredMeanwhile,
    MovedMeanwhile,
    NotACandidate,
    NotThere,
    Nowhere,
    Stopped,
    answer,
    choose_who,
    close,
    forward,
    open_again,
    subject_of,
)
from messaging.enums import BlockReason, Channel, InboxState, Purpose
from messaging.models import Delivery, InboxMessage, InboxReply, MessagingSettings
from tests.factories import NOW, make_branch, make_county, make_member

pytestmark = pytest.mark.django_db


def received(branch: Branch, channel: Channel = Channel.EMAIL, **fields: Any) -> InboxMessage:
    values: dict[str, Any] = {
        "address": "ragna@example.no" if channel == Channel.EMAIL else "+4791234567",
        "subject": "Møtet" if channel == Channel.EMAIL else "",
        "text": "Når er møtet?",
        "external_id": uuid4().hex,
        "received_at": NOW,
    }
    return InboxMessage.objects.create(
        branch=branch, municipal_id=branch.municipal_id, county_id=branch.root_id, channel=channel, **(values | fields)
    )


def send(
    message: InboxMessage, user: User, text: str = "Klokka 19.", *, seen: int = 0, form_token: UUID | None = None
) -> InboxReply:
    token = form_token or uuid4()
    return answer(message, text=text, seen=seen, form_token=token, by=user, now=NOW, machine_now=NOW)


def verbs() -> list[str]:
    return list(AuditEvent.objects.filter(verb__startswith="inbox").order_by("pk").values_list("verb", flat=True))


def test_an_email_is_answered_by_email_in_the_name_of_the_branch(kafjord: Branch, user: User) -> None:
    MessagingSettings.objects.create(branch=kafjord, reply_to="post@kafjord.example")
    message = received(kafjord)
    reply = send(message, user)
    sent = Delivery.objects.get()
    assert (sent.channel, sent.purpose, sent.address) == (Channel.EMAIL, Purpose.REPLY, "ragna@example.no")
    assert (sent.subject, sent.sender_name, sent.reply_to) == ("SV: Møtet", kafjord.name, "post@kafjord.example")
    assert sent.body == "Klokka 19.\n\nDu skrev:\n> Når er møtet?"
    assert (sent.branch, reply.delivery, reply.by, reply.at) == (kafjord, sent, user, NOW)
    message.refresh_from_db()
    assert (message.state, message.handled_by) == (InboxState.ANSWERED, user)
    line = AuditEvent.objects.get(verb=Verb.INBOX_ANSWERED)
    assert (line.branch_id, line.details) == (kafjord.pk, {"channel": "email"})


def test_an_sms_is_answered_by_sms_with_its_parts_and_its_price(kafjord: Branch, user: User) -> None:
    send(received(kafjord, Channel.SMS), user, "å" * 161)
    sent = Delivery.objects.get()
    assert (sent.channel, sent.address, sent.body) == (Channel.SMS, "+4791234567", "å" * 161)
    assert (sent.parts, sent.price_ore, sent.branch) == (2, 78, kafjord)


def test_a_form_sent_twice_is_one_answer(kafjord: Branch, user: User) -> None:
    message, token = received(kafjord), uuid4()
    first = send(message, user, form_token=token)
    assert send(message, user, "Noe annet", form_token=token) == first
    assert Delivery.objects.count() == InboxReply.objects.count() == 1
    assert verbs() == [Verb.INBOX_ANSWERED]


def test_of_two_who_answer_at_once_the_second_reads_the_first(kafjord: Branch, user: User) -> None:
    message = received(kafjord)
    send(message, user)
    with pytest.raises(AnsweredMeanwhile):
        send(message, user)
    send(message, user, "Og forresten:", seen=1)
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize("reason", [BlockReason.STOPP, BlockReason.WRONG, BlockReason.HARD])
def test_where_nothing_may_go_no_answer_goes(kafjord: Branch, user: User, reason: BlockReason) -> None:
    message = received(kafjord, Channel.SMS)
    block(Channel.SMS, message.address, reason, now=NOW)
    with pytest.raises(Stopped):
        send(message, user)
    assert not InboxReply.objects.exists()
    assert not Delivery.objects.exists()


def test_whoever_complained_of_newsletters_and_writes_gets_an_answer(kafjord: Branch, user: User) -> None:
    message = received(kafjord)
    block(Channel.EMAIL, message.address, BlockReason.COMPLAINT, now=NOW)
    send(message, user)
    assert Delivery.objects.count() == 1


def test_an_answer_must_say_something_to_somebody(kafjord: Branch, user: User) -> None:
    with pytest.raises(ValueError, match="empty"):
        send(received(kafjord), user, " \n ")
    with pytest.raises(Nowhere):
        send(received(kafjord, Channel.SMS, address="2400"), user)
    with pytest.raises(Nowhere):
        send(received(kafjord, address="ingen adresse"), user)
    assert not InboxReply.objects.exists()


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("Møtet", "SV: Møtet"),
        ("Re: Møtet", "Re: Møtet"),
        ("", "SV: Meldingen din"),
        ("a\r\nBcc: x@y.example", "SV: a Bcc: x@y.example"),
    ],
)
def test_the_subject_of_an_answer(kafjord: Branch, subject: str, said: str) -> None:
    assert subject_of(InboxMessage(branch=kafjord, subject=subject)) == said


def test_closed_and_opened_again_each_once(kafjord: Branch, user: User) -> None:
    message = received(kafjord)
    assert close(message, by=user, now=NOW)
    assert not close(message, by=user, now=NOW)
    message.refresh_from_db()
    assert (message.state, message.handled_by, message.handled_at) == (InboxState.CLOSED, user, NOW)
    assert open_again(message, by=user, now=NOW)
    assert not open_again(message, by=user, now=NOW)
    message.refresh_from_db()
    assert (message.state, message.handled_by, message.handled_at) == (InboxState.OPEN, None, None)
    assert verbs() == [Verb.INBOX_HANDLED, Verb.INBOX_HANDLED]


def test_what_has_been_answered_is_not_closed_over_it(kafjord: Branch, user: User) -> None:
    message = received(kafjord)
    send(message, user)
    assert not close(message, by=user, now=NOW)
    message.refresh_from_db()
    assert message.state == InboxState.ANSWERED


def test_forwarded_it_is_the_other_branchs_and_waits_there(county: Branch, kafjord: Branch, user: User) -> None:
    tromso = make_branch(county, "Tromsø")
    message = received(kafjord)
    close(message, by=user, now=NOW)
    forward(message, to=tromso, by=user, now=NOW)
    assert not InboxMessage.objects.of(kafjord).exists()
    there = InboxMessage.objects.of(tromso).open().get()
    assert (there.municipal_id, there.county_id) == (tromso.municipal_id, county.pk)
    assert (there.forwarded_from, there.handled_by) == (kafjord, None)
    line = AuditEvent.objects.get(verb=Verb.INBOX_FORWARDED)
    assert (line.branch_id, line.details) == (kafjord.pk, {"to": tromso.pk})
    with pytest.raises(MovedMeanwhile):
        forward(message, to=county, by=user, now=NOW)
    with pytest.raises(MovedMeanwhile):
        send(message, user)


def test_it_is_not_forwarded_out_of_the_county_nor_to_where_it_is(kafjord: Branch, user: User) -> None:
    message = received(kafjord)
    for there in (kafjord, make_branch(make_county("Nordland"), "Bodø")):
        with pytest.raises(NotThere):
            forward(message, to=there, by=user, now=NOW)
    assert InboxMessage.objects.get().branch == kafjord


def test_which_of_two_it_was_is_told_and_taken_back(kafjord: Branch, user: User) -> None:
    ragna, odd, other = (make_member(kafjord, name) for name in ("Ragna", "Odd", "Ane"))
    message = received(kafjord)
    message.candidates.set([ragna, odd])
    with pytest.raises(NotACandidate):
        choose_who(message, member=other, by=user, now=NOW)
    choose_who(message, member=odd, by=user, now=NOW)
    choose_who(message, member=odd, by=user, now=NOW)
    assert InboxMessage.objects.get().member == odd
    assert verbs() == [Verb.INBOX_HANDLED]
    choose_who(message, member=None, by=user, now=NOW)
    assert InboxMessage.objects.get().member is None
