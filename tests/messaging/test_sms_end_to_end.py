"""From the outbox by the pump to a gateway, and back: its report, a STOPP, and nothing more."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from membership.models import Branch, Member
from messaging import tasks
from messaging.actions.blocks import block
from messaging.actions.outbox import queue_sms
from messaging.enums import BlockReason, Channel, DeliveryState, InboxState, Purpose, Reason
from messaging.models import BlockedAddress, Delivery, InboxMessage, Recipient
from messaging.transports.twilio import signature
from tests.factories import NOW, make_branch, make_county, make_member
from tests.messaging.gateways import TOKEN, Gateway, Sveve, SveveCounter, open_gateway
from tests.messaging.incoming import NUMBER, come_in, waiting

pytestmark = pytest.mark.django_db

SECRET = "i-stien"


@pytest.fixture(autouse=True)
def _in_production(settings: Any) -> None:
    settings.DEMO = False
    settings.WEBHOOK_SECRET = SECRET
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def member(branch: Branch) -> Member:
    return make_member(branch, mobile=NUMBER, email="ane@example.no")


def go_round() -> None:
    """What the clock and the workers do in ten seconds."""
    tasks.sweep()
    tasks.pump(Channel.SMS)
    tasks.pump(Channel.EMAIL)


def tell(client: Client, name: str, **fields: str) -> None:
    answer = client.post(reverse(f"messaging:{name}", args=[SECRET]), fields)
    assert answer.status_code == 200


def texts(gateway: Gateway) -> list[str]:
    return [taken.get("msg", taken.get("Body", "")) for taken in gateway.taken]


def test_out_by_sveve_back_by_report_and_closed_by_stopp(
    client: Client, sveve: Gateway, branch: Branch, member: Member, clock: Any
) -> None:
    sent = waiting(branch, member)
    go_round()
    sent.refresh_from_db()
    assert (sent.state, sent.provider_id) == (DeliveryState.SENT, "42807677")
    assert texts(sveve) == ["Hei Ane, møte i kveld"]
    assert sveve.taken[0]["from"]

    tell(client, "sveve_report", number=NUMBER[1:], status="true", id="42807677", ref=sveve.taken[0]["ref"])
    sent.refresh_from_db()
    assert sent.delivered_at == timezone.now()

    tell(client, "sveve_inbound", number=NUMBER[1:], msg="Stopp", id="42807677")
    assert InboxMessage.objects.get().answers_to == sent
    go_round()
    assert texts(sveve)[1:] == ["Du får ikke flere SMS fra oss. Send START hvis du vil ha dem igjen."]

    # Whatever comes afterwards, and however it came to be in the outbox.
    waiting(branch, member)
    queue_sms(key="answer", purpose=Purpose.REPLY, address=NUMBER, text="Hei", now=timezone.now(), branch=branch)
    queue_sms(key="notice", purpose=Purpose.NOTICE, address=NUMBER, text="Hei", now=timezone.now())
    go_round()
    clock.shift(timedelta(hours=15))
    go_round()
    assert len(sveve.taken) == 2
    assert not Delivery.objects.filter(state__in=[DeliveryState.QUEUED, DeliveryState.SENDING]).exists()

    # But a code asked for just now; and after a START all of it again.
    queue_sms(key="code", purpose=Purpose.SIGN_IN, address=NUMBER, text="123456", now=timezone.now())
    go_round()
    assert texts(sveve)[2:] == ["123456"]
    tell(client, "sveve_inbound", number=NUMBER[1:], msg="START")
    waiting(branch, member)
    go_round()
    assert sorted(texts(sveve)[3:])[1] == "Hei Ane, møte i kveld"


def test_a_stopp_at_night_is_confirmed_at_once(sveve: Gateway, member: Member, clock: Any) -> None:
    """Whoever sends it is awake."""
    clock.shift(timedelta(hours=6))
    come_in("STOPP")
    go_round()
    assert len(sveve.taken) == 1


def test_a_report_finds_what_a_cut_line_left_unknown(client: Client, twilio: Gateway, member: Member) -> None:
    sent = waiting(member.branch, member)
    twilio.mood = "cut off"
    go_round()
    sent.refresh_from_db()
    assert (sent.state, sent.provider_id) == (DeliveryState.UNKNOWN, "")
    url = twilio.taken[0]["StatusCallback"]
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    signed = signature(TOKEN, url, {name: [value] for name, value in fields.items()})
    path = re.sub(r"^https?://[^/]+", "", url)
    assert client.post(path, fields, headers={"X-Twilio-Signature": signed}).status_code == 204
    sent.refresh_from_db()
    assert (sent.state, sent.delivered_at) == (DeliveryState.SENT, timezone.now())
    twilio.mood = "kind"
    go_round()
    assert twilio.asked == 1


def test_a_gateway_without_credit_costs_no_recipient_a_try(sveve: Gateway, branch: Branch, clock: Any) -> None:
    rows = [waiting(branch, make_member(branch)) for _ in range(3)]
    sveve.mood = "out of credit"
    for _ in range(10):
        go_round()
        clock.shift(timedelta(minutes=2))
    assert sveve.asked <= 3
    for row in rows:
        row.refresh_from_db()
        assert (row.state, row.attempts) == (DeliveryState.QUEUED, 0)
    sveve.mood = "kind"
    clock.shift(timedelta(minutes=20))
    go_round()
    assert len(sveve.taken) == 3


def test_a_number_the_gateway_knows_is_none_is_written_to_no_more(sveve: Gateway, member: Member) -> None:
    first = waiting(member.branch, member)
    sveve.mood = "wrong number"
    go_round()
    second = waiting(member.branch, member)
    sveve.mood = "kind"
    go_round()
    assert not sveve.taken
    for delivery, state in ((first, DeliveryState.FAILED), (second, DeliveryState.CANCELLED)):
        delivery.refresh_from_db()
        assert delivery.state == state
    assert BlockedAddress.objects.get().reason == BlockReason.HARD


def test_a_refusal_that_is_about_us_blocks_nobody(sveve: Gateway, member: Member) -> None:
    waiting(member.branch, member)
    sveve.mood = "particular"
    go_round()
    assert Delivery.objects.get().problem == "Sveve refused"
    assert not BlockedAddress.objects.exists()


def test_without_a_gateway_they_wait(settings: Any, branch: Branch, member: Member) -> None:
    settings.SMS_URL = ""
    sent = waiting(branch, member)
    go_round()
    sent.refresh_from_db()
    assert (sent.state, sent.attempts) == (DeliveryState.QUEUED, 0)


def test_a_notice_goes_by_email_when_a_stopp_comes_first(
    sveve: Gateway, branch: Branch, member: Member, mailoutbox: Any
) -> None:
    waiting(branch, member, purpose=Purpose.SERVICE, body="Årsmøte 3. mars", sms="Årsmøte 3. mars")
    come_in("STOPP")
    go_round()
    assert [letter.to for letter in mailoutbox] == [["ane@example.no"]]
    assert "Årsmøte 3. mars" in mailoutbox[0].body
    assert all("Årsmøte" not in text for text in texts(sveve))


@pytest.mark.parametrize(
    ("reason", "left_out"), [(BlockReason.STOPP, Reason.STOPPED), (BlockReason.HARD, Reason.WRONG)]
)
def test_a_notice_that_slipped_through_to_a_closed_number_goes_by_email_too(
    sveve: Gateway, branch: Branch, member: Member, mailoutbox: Any, reason: BlockReason, left_out: Reason
) -> None:
    """Queued after the STOPP, by a job that had counted before it."""
    block(Channel.SMS, NUMBER, reason, now=timezone.now())
    other = make_member(branch, "Per", mobile="+4798765432")
    nobody = make_member(branch, "Mia", mobile=NUMBER, email="")
    sms = waiting(branch, member, nobody, purpose=Purpose.SERVICE, body="Årsmøte 3. mars", sms="Årsmøte 3. mars")
    waiting(branch, other, message=sms.message)
    go_round()
    go_round()
    assert [taken["to"] for taken in sveve.taken] == ["4798765432"]
    assert [letter.to for letter in mailoutbox] == [["ane@example.no"]]
    rows = Recipient.objects.order_by("pk").values_list("channel", "left_out")
    assert list(rows) == [(Channel.EMAIL, ""), ("", left_out), (Channel.SMS, "")]


def test_a_newsletter_that_slipped_through_is_left_out(
    sveve: Gateway, branch: Branch, member: Member, mailoutbox: Any
) -> None:
    block(Channel.SMS, NUMBER, BlockReason.STOPP, now=timezone.now())
    waiting(branch, member, body="Nytt", sms="Nytt")
    go_round()
    assert not sveve.taken
    assert not mailoutbox
    assert Recipient.objects.get().left_out == Reason.STOPPED


class StoppingCounter(SveveCounter):
    """While it takes the first message, the second one's recipient sends a STOPP."""

    def be_kind(self, fields: dict[str, str]) -> None:
        if not self.server.taken:
            come_in("STOPP", number="+4798765432", external_id="once")
            connections.close_all()
        super().be_kind(fields)


@pytest.mark.django_db(transaction=True)
def test_a_stopp_in_mid_sending_holds(settings: Any) -> None:
    branch = make_branch(make_county())
    people = [make_member(branch, mobile=f"+479876543{number}") for number in range(5)]
    first = waiting(branch, people[0])
    rows = [first, *(waiting(branch, one, message=first.message) for one in people[1:])]
    for number, row in enumerate(rows):
        Delivery.objects.filter(pk=row.pk).update(not_before_at=NOW - timedelta(minutes=10 - number))
    gateway = Sveve()
    gateway.RequestHandlerClass = StoppingCounter
    with open_gateway(gateway):
        settings.SMS_URL = gateway.url
        go_round()
    reached = {taken["to"] for taken in gateway.taken if "møte" in taken["msg"]}
    assert reached == {one.mobile[1:] for one in people} - {"4798765432"}
    stopped = rows[2]
    stopped.refresh_from_db()
    assert (stopped.address, stopped.state) == ("+4798765432", DeliveryState.CANCELLED)
    assert Recipient.objects.get(delivery=stopped).left_out == Reason.STOPPED
    assert InboxMessage.objects.get().state == InboxState.AUTOMATIC
