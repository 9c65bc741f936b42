"""Putting something into the outbox: what is taken, and what is refused."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from messaging.actions import outbox as actions
from messaging.enums import Channel, DeliveryState, Purpose
from messaging.models import Delivery
from messaging.outbox.keys import key_of
from tests.factories import make_county

pytestmark = pytest.mark.django_db


def queue_sms(**changes: Any) -> Delivery:
    fields: dict[str, Any] = {
        "key": "k",
        "purpose": Purpose.REPLY,
        "address": "+4790000001",
        "text": "Takk, det er notert.",
        "now": timezone.now(),
    }
    return actions.queue_sms(**(fields | changes))


def test_an_sms_waits_with_its_text_its_sender_and_its_price() -> None:
    county = make_county()
    found = queue_sms(branch=county, sender_name="Troms Ap", parts=2, price_ore=78)
    found.refresh_from_db()
    assert (found.channel, found.state, found.body) == (Channel.SMS, DeliveryState.QUEUED, "Takk, det er notert.")
    assert (found.branch, found.sender_name, found.parts, found.price_ore) == (county, "Troms Ap", 2, 78)


def test_the_same_key_twice_is_one_sms() -> None:
    assert queue_sms() == queue_sms(text="Noe annet")
    assert Delivery.objects.get().body == "Takk, det er notert."


@pytest.mark.parametrize(
    "address", ["", "90000001", "+47 90 00 00 01", "+0700000000", "+4790000001\n", "kari@demo.example", "+47٩0000001"]
)
def test_what_is_no_number_in_full_is_refused(address: str) -> None:
    with pytest.raises((ValidationError, actions.UnsafeHeader)):
        queue_sms(address=address)
    assert not Delivery.objects.exists()


def test_an_email_has_its_branch_its_sender_and_where_answers_go() -> None:
    county = make_county()
    found = actions.queue_email(
        key="k",
        purpose=Purpose.REPLY,
        address="Kari@Demo.Example",
        subject="Svar",
        body="Hei",
        now=timezone.now(),
        branch=county,
        sender_name="Troms Arbeiderparti",
        reply_to="post@demo.example",
    )
    assert (found.address, found.branch) == ("kari@demo.example", county)
    assert (found.sender_name, found.reply_to) == ("Troms Arbeiderparti", "post@demo.example")


@pytest.mark.parametrize(
    "changes", [{"sender_name": "Ap\r\nBcc: alle@demo.example"}, {"reply_to": "a@demo.example\n"}, {"reply_to": "nei"}]
)
def test_no_header_is_smuggled_in_by_the_sender(changes: dict[str, Any]) -> None:
    with pytest.raises((ValidationError, actions.UnsafeHeader)):
        actions.queue_email(
            key="k",
            purpose=Purpose.REPLY,
            address="kari@demo.example",
            subject="Svar",
            body="",
            now=timezone.now(),
            **changes,
        )
    assert not Delivery.objects.exists()


def test_a_key_is_one_for_each_message_channel_address_and_owner() -> None:
    message, other = uuid4(), uuid4()
    base = (message, "email", "kari@demo.example", "")
    assert key_of(*base) == key_of(message, "email", " Kari@Demo.example ")
    different = [
        (other, *base[1:]),
        (message, "sms", *base[2:]),
        (message, "email", "ola@demo.example", ""),
        (*base[:3], "17"),
    ]
    keys = {key_of(*one) for one in [base, *different]}
    assert len(keys) == 5
    assert all(len(key) <= 120 and "kari" not in key for key in keys)
