"""What messages say of one who is erased: nothing. What others share with them stays theirs."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from membership.actions.erasure import erase, erase_many
from membership.models import Branch, Member, MemberChange
from messaging.actions.inbox import answer
from messaging.actions.outbox import queue_email, queue_sms
from messaging.audience import people_audience
from messaging.enums import BlockReason, Channel, DeliveryState, Purpose
from messaging.erasing import ERASED, wipe
from messaging.models import BlockedAddress, Delivery, InboxMessage, InboxReply, Message, Recipient
from tests.access_mail import make_message
from tests.factories import NOW, TODAY, make_member, make_user
from tests.messaging.sendings import came_in, deliver, reach, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def ane(branch: Branch) -> Member:
    return make_member(branch, "Ane", email="Ane.Sagatun@Example.no", mobile="+4799887766", phone="+4777665544")


def gone(member: Member) -> None:
    erase(member, by=None, now=NOW, today=TODAY)


def texts(delivery: Delivery) -> tuple[str, str, str, str]:
    delivery.refresh_from_db()
    return delivery.address, delivery.subject, delivery.body, delivery.body_html


def test_where_and_what_of_those_sent_to_one_alone(branch: Branch, user: User, ane: Member) -> None:
    own, theirs = make_message(branch, user), make_message(branch, user)
    alone = reach(own, ane, address="ane.sagatun@example.no", subject="Hei", body="Hei", body_html="<p>Hei").delivery
    assert alone is not None
    shared = deliver(theirs, address="felles@example.no")
    for member in (ane, make_member(branch, "Bo")):
        Recipient.objects.create(message=theirs, member=member, channel="email", delivery=shared)
    gone(ane)
    assert texts(alone) == (ERASED, "", "", "")
    assert alone.state == DeliveryState.SENT
    assert texts(shared)[0] == "felles@example.no"
    assert Recipient.objects.count() == 1


def notice(address: str, purpose: Purpose = Purpose.NOTICE, state: str = DeliveryState.SENT) -> Delivery:
    values: dict[str, Any] = {"key": f"receipt:{uuid4()}:{address}", "purpose": purpose, "address": address, "now": NOW}
    if address.startswith("+"):
        made = queue_sms(text="Hei Ane", **values)
    else:
        made = queue_email(subject="Hei Ane", body="Hei Ane", body_html="<p>Hei Ane", **values)
    Delivery.objects.filter(pk=made.pk).update(state=state)
    return made


def test_notices_to_their_addresses(branch: Branch, ane: Member) -> None:
    MemberChange.objects.create(
        member=ane, field="email", before="gammel@example.no", after="x", source="import", at=NOW
    )
    make_member(branch, "Bo", mobile="+4777665544")
    mail, text, old, anothers = map(
        notice, ("ane.sagatun@example.no", "+4799887766", "gammel@example.no", "+4777665544")
    )
    waits = notice("ane.sagatun@example.no", state=DeliveryState.QUEUED)
    gone(ane)
    assert {texts(delivery) for delivery in (mail, text, old)} == {(ERASED, "", "", "")}
    assert not Delivery.objects.filter(key__contains="sagatun").exclude(pk=waits.pk).exists()
    assert texts(anothers)[0] == "+4777665544"
    assert texts(waits)[0] == "ane.sagatun@example.no"


def test_a_code_to_a_user_stays_the_users(branch: Branch, ane: Member) -> None:
    code = notice("ane.sagatun@example.no", Purpose.SIGN_IN)
    make_user("Ane", email="ane.sagatun@example.no")
    gone(ane)
    assert texts(code)[0] == "ane.sagatun@example.no"


def test_what_they_wrote_and_what_was_answered_is_gone(branch: Branch, user: User, ane: Member) -> None:
    bo, cai = make_member(branch, "Bo", mobile="+4790000009"), make_member(branch, "Cai", mobile="+4790000009")
    by_member = came_in(branch, ane, address="+4799887766", text="Jeg, Ane, vil ut")
    came_in(branch, None, address="ane.sagatun@example.no", channel=Channel.EMAIL)
    others = came_in(branch, bo, address="+4790000010")
    asked = came_in(branch, None, address="+4790000009")
    asked.candidates.set([bo, cai])
    answer(by_member, text="Hei, Ane", seen=0, form_token=uuid4(), by=user, now=NOW, machine_now=NOW)
    gone(ane)
    assert set(InboxMessage.objects.all()) == {others, asked}
    assert not InboxReply.objects.exists()
    assert set(Delivery.objects.values_list("address", "body", "state")) == {(ERASED, "", DeliveryState.CANCELLED)}
    gone(bo)
    asked.refresh_from_db()
    assert list(asked.candidates.all()) == [cai]
    gone(cai)
    assert not InboxMessage.objects.exists()


def test_they_are_picked_no_more(branch: Branch, user: User, ane: Member) -> None:
    bo = make_member(branch, "Bo")
    draft = make_message(branch, user, audience=people_audience([ane.pk, bo.pk]))
    done = sent(branch, user, ane, audience=people_audience([ane.pk]))
    everybody = make_message(branch, user)
    gone(ane)
    assert [Message.objects.get(pk=one.pk).audience for one in (draft, done, everybody)] == [
        {"kind": "people", "ids": [bo.pk]},
        {"kind": "people", "ids": []},
        {"kind": "members", "params": {}},
    ]


def test_an_address_that_must_not_be_written_to_stays(branch: Branch, ane: Member) -> None:
    BlockedAddress.objects.create(channel="sms", address=ane.mobile, reason=BlockReason.STOPP, noted_at=NOW)
    gone(ane)
    assert BlockedAddress.objects.get().address == "+4799887766"


def test_wiping_twice_is_wiping_once(branch: Branch, user: User, ane: Member) -> None:
    reach(make_message(branch, user), ane)
    notice("ane.sagatun@example.no")
    wipe([ane], NOW)
    before = list(Delivery.objects.order_by("pk").values())
    wipe([ane], NOW)
    assert list(Delivery.objects.order_by("pk").values()) == before


def test_many_cost_no_more_queries_than_one(branch: Branch, user: User) -> None:
    def cost(count: int) -> int:
        members = [make_member(branch) for _number in range(count)]
        message = make_message(branch, user)
        for member in members:
            reach(message, member, address=member.email)
            notice(member.email)
            came_in(branch, member, address=member.mobile)
        with CaptureQueriesContext(connection) as queries:
            wipe(members, NOW)
        erase_many([member.pk for member in members], by=None, now=NOW, today=TODAY)
        return len(queries)

    assert cost(1) == cost(20)
