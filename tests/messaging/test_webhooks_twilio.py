"""The addresses that Twilio reports to: it signs what it sends, over the address as PUBLIC_URL has it."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from membership.models import Branch, Member
from messaging.enums import DeliveryState
from messaging.models import BlockedAddress, Delivery, InboxMessage
from messaging.transports.twilio import report_address, signature
from tests.factories import make_member
from tests.messaging.gateways import SID, TOKEN
from tests.messaging.incoming import NUMBER, answers_to, waiting

pytestmark = pytest.mark.django_db

SECRET = "3b1f-hemmelig-i-stien"


@pytest.fixture(autouse=True)
def _open(settings: Any) -> None:
    settings.WEBHOOK_SECRET = SECRET
    settings.SMS_URL = f"twilio://{SID}:{TOKEN}@api.twilio.com"


@pytest.fixture
def member(branch: Branch) -> Member:
    return make_member(branch, mobile=NUMBER)


@pytest.fixture
def sent(branch: Branch, member: Member) -> Delivery:
    return waiting(branch, member, state=DeliveryState.SENT, provider_id="42807677", sent_at=timezone.now(), attempts=1)


def twilio(
    client: Client,
    what: str = "rapport",
    *,
    query: str = "",
    token: str = TOKEN,
    base: str = "",
    expect: int = 200,
    **fields: str,
) -> bytes:
    path = f"/kroker/{SECRET}/twilio/{what}/{query}"
    url = (base or django_settings.PUBLIC_URL) + path
    signed = signature(token, url, {name: [value] for name, value in fields.items()})
    answer = client.post(path, fields, headers={"X-Twilio-Signature": signed})
    assert answer.status_code == expect
    return answer.content


def test_a_signature_is_as_twilios_own_example() -> None:
    fields = {
        "CallSid": ["CA1234567890ABCDE"],
        "Caller": ["+12349013030"],
        "Digits": ["1234"],
        "From": ["+12349013030"],
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    signed = signature("12345", url, fields | {"To": ["+18005551212"]})
    assert signed == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


def test_twilio_reports_under_our_own_id(client: Client, sent: Delivery) -> None:
    query = report_address(sent.pk).partition("/rapport/")[2]
    assert query == f"?ref={sent.pk}"
    Delivery.objects.update(state=DeliveryState.UNKNOWN, provider_id="")
    for step in ("queued", "sent", "delivered", "delivered", "read"):
        twilio(client, query=query, expect=204, MessageSid="SM1", MessageStatus=step)
    sent.refresh_from_db()
    assert (sent.state, sent.delivered_at) == (DeliveryState.SENT, timezone.now())


@pytest.mark.parametrize(
    ("code", "state", "blocked"),
    [
        ("30003", DeliveryState.FAILED, False),
        ("30005", DeliveryState.BOUNCED, True),
        ("", DeliveryState.FAILED, False),
    ],
)
def test_twilio_reports_what_went_wrong(client: Client, sent: Delivery, code: str, state: str, blocked: bool) -> None:
    twilio(client, expect=204, MessageSid="42807677", MessageStatus="undelivered", ErrorCode=code)
    sent.refresh_from_db()
    assert (sent.state, sent.problem) == (state, f"Twilio {code or 'undelivered'}")
    assert BlockedAddress.objects.exists() == blocked


def test_what_twilio_has_not_signed_is_refused(client: Client, sent: Delivery) -> None:
    told = {"MessageSid": "42807677", "MessageStatus": "delivered"}
    url = f"/kroker/{SECRET}/twilio/rapport/"
    assert client.post(url, told).status_code == 403
    assert client.post(url, told, headers={"X-Twilio-Signature": "ø"}).status_code == 403
    twilio(client, expect=403, token="feil", **told)
    twilio(client, expect=403, base="https://en-annen.example", **told)
    signed = signature(TOKEN, django_settings.PUBLIC_URL + url, {"MessageSid": ["42807677"]})
    assert client.post(url, told, headers={"X-Twilio-Signature": signed}).status_code == 403
    # The address a request is sent to, by its Host header, counts for nothing.
    signed = signature(TOKEN, f"http://testserver{url}", {name: [value] for name, value in told.items()})
    assert client.post(url, told, headers={"X-Twilio-Signature": signed}).status_code == 403
    sent.refresh_from_db()
    assert sent.delivered_at is None


def test_the_port_may_be_left_out_of_what_is_signed(client: Client, settings: Any, sent: Delivery) -> None:
    settings.PUBLIC_URL = "https://medlem.example:8443"
    told = {"MessageSid": "42807677", "MessageStatus": "delivered"}
    twilio(client, expect=204, base="https://medlem.example", **told)
    twilio(client, expect=204, **told)


def test_a_field_with_several_values_is_signed_in_order(client: Client, sent: Delivery) -> None:
    fields = {"MessageSid": ["42807677"], "MessageStatus": ["delivered"], "X": ["b", "a", "b"]}
    path = f"/kroker/{SECRET}/twilio/rapport/"
    signed = signature(TOKEN, django_settings.PUBLIC_URL + path, fields)
    assert client.post(path, fields, headers={"X-Twilio-Signature": signed}).status_code == 204


def test_an_sms_comes_in_by_twilio_once(client: Client, member: Member) -> None:
    for _ in range(2):
        said = twilio(client, "inn", From=NUMBER, To="+4759440000", Body="STOPP", MessageSid="SM9")
        assert said == b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
    assert InboxMessage.objects.get().member == member
    assert len(answers_to()) == 1


@pytest.mark.parametrize("fields", [{}, {"From": NUMBER}, {"MessageSid": "SM9"}])
def test_what_names_nobody_is_refused(client: Client, fields: dict[str, str]) -> None:
    twilio(client, "inn", expect=400, **fields)


def test_twilio_only_posts(client: Client) -> None:
    assert client.get(f"/kroker/{SECRET}/twilio/inn/").status_code == 405
