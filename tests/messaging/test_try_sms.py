"""`manage.py try_sms`: an administrator's own telephone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from messaging.actions.blocks import block
from messaging.actions.outbox import queue_sms
from messaging.enums import BlockReason, Channel, DeliveryState, Purpose
from messaging.management.commands.try_sms import outcome_of
from messaging.models import Delivery
from tests.messaging.gateways import Gateway, Sveve, open_gateway

pytestmark = pytest.mark.django_db

NUMBER = "+4791234567"


@pytest.fixture
def sveve(settings: Any) -> Iterator[Gateway]:
    settings.DEMO = False
    with open_gateway(Sveve()) as gateway:
        settings.SMS_URL = gateway.url
        yield gateway


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("try_sms", *arguments, stdout=said)
    return said.getvalue()


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as refusal:
        run(*arguments)
    return str(refusal.value)


def test_it_sends_one_and_tells_what_the_gateway_calls_it(sveve: Gateway) -> None:
    assert "912 34 567" in (said := run("912 34 567"))
    assert "42807677" in said
    [taken] = sveve.taken
    assert (taken["to"], taken["msg"]) == ("4791234567", "Dette er en prøve. Du trenger ikke svare.")
    assert Delivery.objects.get().state == DeliveryState.SENT


def test_text_and_sender_can_be_chosen(sveve: Gateway) -> None:
    run(NUMBER, "--text", "Hei", "--sender", "Partiet")
    assert (sveve.taken[0]["msg"], sveve.taken[0]["from"]) == ("Hei", "Partiet")


@pytest.mark.parametrize(
    ("mood", "problem"),
    [("wrong number", "Sveve number"), ("gibberish", "unreadable"), ("closed to us", "account 403")],
)
def test_it_tells_what_went_wrong(sveve: Gateway, mood: str, problem: str) -> None:
    sveve.mood = mood
    assert problem in refused(NUMBER)


def test_a_gateway_that_is_not_there_is_told_of_and_nothing_is_left_to_come_later(sveve: Gateway) -> None:
    sveve.shutdown()
    sveve.server_close()
    assert "ConnectionRefusedError" in refused(NUMBER)
    assert Delivery.objects.get().state == DeliveryState.CANCELLED


def test_a_number_that_has_said_stopp_gets_no_test(sveve: Gateway) -> None:
    block(Channel.SMS, NUMBER, BlockReason.STOPP, now=timezone.now())
    assert "stopped" in refused(NUMBER)
    assert not sveve.asked


@pytest.mark.parametrize("number", ["22334455", "hei", "", "91234567 / 98765432"])
def test_it_wants_one_mobile_number(sveve: Gateway, number: str) -> None:
    assert refused(number) == "Det er ikke et mobilnummer."


def test_the_demo_sends_nothing(sveve: Gateway, settings: Any) -> None:
    settings.DEMO = True
    assert refused(NUMBER) == "Demoen sender ingenting."


def test_without_a_gateway_it_says_what_is_missing(sveve: Gateway, settings: Any) -> None:
    settings.SMS_URL = ""
    assert "SMS_URL" in refused(NUMBER)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_faster_sends_it_and_nobody_else_does(sveve: Gateway) -> None:
    assert "42807677" in run(NUMBER)
    assert sveve.asked == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_has_taken_it_is_waited_for() -> None:
    delivery = queue_sms(key="k", purpose=Purpose.TEST, address=NUMBER, text="Hei", now=timezone.now())
    Delivery.objects.update(state=DeliveryState.SENDING)

    def end() -> None:
        Delivery.objects.update(state=DeliveryState.SENT, provider_id="17")
        connections.close_all()

    worker = threading.Timer(0.5, end)
    worker.start()
    assert outcome_of(delivery).provider_id == "17"
    worker.join()
