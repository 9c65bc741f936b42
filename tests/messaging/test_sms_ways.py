"""Which way an SMS leaves, by SMS_URL: the demo's, a file, a gateway, or none at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from messaging.enums import DeliveryState
from messaging.transports import gateway as http
from messaging.transports import sms
from messaging.transports.base import NotOpen, Outcome, Outgoing
from tests.messaging.gateways import Gateway

NUMBER = "+4791234567"
QUEUED, SENT, UNKNOWN = DeliveryState.QUEUED, DeliveryState.SENT, DeliveryState.UNKNOWN


@pytest.fixture(autouse=True)
def _in_production(settings: Any) -> None:
    settings.DEMO = False


def outgoing(text: str = "Møte i kveld. Gáivuotna.", *, address: str = NUMBER, sender: str = "") -> Outgoing:
    return Outgoing(id=uuid4(), address=address, text=text, sender=sender)


def send(*all_outgoing: Outgoing) -> list[Outcome]:
    """Over one connection, as a worker does it."""
    transport = sms.sms_transport()
    transport.open()
    try:
        return [transport.send(one) for one in all_outgoing or [outgoing()]]
    finally:
        transport.close()


def states(outcomes: list[Outcome]) -> list[DeliveryState]:
    return [outcome.state for outcome in outcomes]


def test_the_demo_sends_nothing_even_where_a_gateway_is_named(sveve: Gateway, settings: Any) -> None:
    settings.DEMO = True
    assert states(send()) == [SENT]
    assert not sveve.asked


def test_demo_as_an_address_sends_nothing_either(settings: Any) -> None:
    settings.SMS_URL = "demo://"
    assert states(send()) == [SENT]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "smtp://a:b@c",
        "sveve://bare-vert",
        "sveve://bruker@vert",
        "sveve://bruker:hemmelig@vert:ikke-tall",
        "sveve://bruker:hemmelig@[vert",
        "file://",
    ],
)
def test_without_a_way_out_it_says_so_and_nothing_is_lost(settings: Any, url: str) -> None:
    settings.SMS_URL = url
    transport = sms.sms_transport()
    assert not sms.sms_is_possible()
    with pytest.raises(NotOpen) as refusal:
        transport.open()
    assert "SMS" in str(refusal.value)
    assert "hemmelig" not in str(refusal.value)
    assert states([transport.send(outgoing())]) == [QUEUED]
    transport.close()


def test_pages_can_ask_whether_there_is_a_way_out(sveve: Gateway) -> None:
    assert sms.sms_is_possible()


def test_a_file_gets_a_line_for_each(settings: Any, tmp_path: Path) -> None:
    path = tmp_path / "sms.jsonl"
    settings.SMS_URL = f"file://{path}"
    first = outgoing(text="Én\nto", sender="Partiet")
    assert states(send(first, outgoing())) == [SENT, SENT]
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert rows[0] == {"id": str(first.id), "to": NUMBER, "from": "Partiet", "text": "Én\nto"}
    assert len(rows) == 2
    assert path.stat().st_mode & 0o077 == 0


def test_a_file_that_cannot_be_opened_is_not_open(settings: Any, tmp_path: Path) -> None:
    settings.SMS_URL = f"file://{tmp_path}/mangler/sms.jsonl"
    with pytest.raises(NotOpen):
        sms.sms_transport().open()


def test_a_file_that_cannot_be_written_leaves_it_unknown(settings: Any) -> None:
    settings.SMS_URL = "file:///dev/full"
    assert states(send()) == [UNKNOWN]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Tromsø Ap", "Troms Ap"),
        ("+4791234567", "+4791234567"),
        ("2077", "2077"),
        ("Arbeiderpartiet i Troms", "Arbeiderpar"),
        ("Partiet  er  her", "Partiet er"),
        ("æøå", ""),
        ("", ""),
        ("\r\nBcc: x", "Bcc x"),
    ],
)
def test_a_sender_is_written_as_gateways_take_it(raw: str, clean: str) -> None:
    assert http.sender_id(raw) == clean
