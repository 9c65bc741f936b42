"""Reports of a provider of django-anymail: who may tell, what each does, and that telling twice does it once."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from membership.models import Member
from messaging.actions.blocks import strike
from messaging.enums import BlockReason, Channel, DeliveryState, MessageState
from messaging.models import BlockedAddress, Delivery, Recipient
from tests.access_mail import make_message
from tests.factories import NOW, make_branch, make_county, make_member, make_officer
from tests.messaging.test_returned import sent

pytestmark = pytest.mark.django_db

SECRET = "kroket-hemmelighet"
LOGIN = f"medlemsboka:{SECRET}"
KEY = "signeringsnokkel"
Post = Callable[..., Any]


@pytest.fixture(autouse=True)
def _provider(settings: Any) -> None:
    settings.WEBHOOK_SECRET = SECRET
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {"WEBHOOK_SECRET": LOGIN}


def basic(login: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(login.encode()).decode()}"}


def tell(event: Any, *, secret: str = SECRET, name: str = "postmark", login: str = LOGIN) -> int:
    body = event if isinstance(event, str) else json.dumps(event)
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    url = reverse("messaging:events", args=[secret, name])
    return client.post(url, body, content_type="application/json", headers=basic(login)).status_code


def bounce(one: Delivery, kind: str = "HardBounce", **more: Any) -> dict[str, Any]:
    return {"RecordType": "Bounce", "Type": kind, "MessageID": one.provider_id, "Email": one.address, "ID": 1} | more


def blocks() -> list[tuple[str, str]]:
    return list(BlockedAddress.objects.in_force().order_by("pk").values_list("address", "reason"))


@pytest.fixture
def one() -> Delivery:
    return sent("a@example.no", provider_id="pm-1")


def test_a_bounce_blocks_once_however_often_it_is_told(one: Delivery) -> None:
    assert tell(bounce(one)) == 200
    assert blocks() == [("a@example.no", BlockReason.HARD)]
    BlockedAddress.objects.all().delete()
    assert tell(bounce(one)) == 200
    assert blocks() == []


@pytest.mark.parametrize(
    "how",
    [
        {"secret": "feil"},
        {"secret": "krøket"},
        {"name": "mailgun"},
        {"name": "console"},
    ],
)
def test_without_the_secret_or_for_another_provider_nothing_is_here(one: Delivery, how: dict[str, str]) -> None:
    assert tell(bounce(one), **how) == 404
    assert blocks() == []


@pytest.mark.parametrize("login", ["", "medlemsboka:feil", "annen:" + SECRET, "medlemsboka:krøket"])
def test_the_secret_in_the_path_is_not_enough(one: Delivery, login: str) -> None:
    assert tell(bounce(one), login=login) == 400
    assert blocks() == []


@pytest.mark.parametrize(
    "change",
    [
        {"WEBHOOK_SECRET": ""},
        {"ANYMAIL": {}},
        {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"},
        {"EMAIL_BACKEND": "anymail.backends.mailgun.EmailBackend"},
    ],
)
def test_where_nothing_is_set_up_nothing_is_open(one: Delivery, settings: Any, change: dict[str, Any]) -> None:
    for name, value in change.items():
        setattr(settings, name, value)
    assert tell(bounce(one)) == 404
    assert tell(bounce(one), secret="x") == 404
    assert blocks() == []


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', '{"RecordType": []}'])
def test_what_is_no_report_is_refused(one: Delivery, body: str) -> None:
    assert tell(body) == 400


def test_only_what_is_posted_is_taken() -> None:
    url = reverse("messaging:events", args=[SECRET, "postmark"])
    assert Client().get(url).status_code == 405
    assert Client().head(url).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"MessageID": "pm-2"},
        {"Email": "b@example.no"},
        {"MessageID": ""},
        {"Metadata": {"delivery": "x"}, "MessageID": ""},
    ],
)
def test_a_report_of_what_we_did_not_send_changes_nothing(one: Delivery, change: dict[str, Any]) -> None:
    assert tell(bounce(one) | change) == 200
    assert blocks() == []
    assert Delivery.objects.get().state == DeliveryState.SENT


def test_the_id_that_went_along_finds_what_the_answer_was_lost_of() -> None:
    lost = sent("a@example.no", state=DeliveryState.UNKNOWN, sent_at=None)
    event = {"RecordType": "Delivery", "Recipient": "A@example.no", "MessageID": "pm-9"}
    assert tell(event | {"Metadata": {"delivery": str(lost.pk)}}) == 200
    assert Delivery.objects.get().state == DeliveryState.SENT


def test_what_has_arrived_clears_the_strikes(one: Delivery) -> None:
    strike(Channel.EMAIL, one.address, now=NOW)
    tell({"RecordType": "Delivery", "Recipient": one.address, "MessageID": "pm-1"})
    assert not BlockedAddress.objects.exists()
    assert Delivery.objects.get().delivered_at == NOW


@pytest.mark.parametrize(
    ("kind", "more", "state", "blocked"),
    [
        ("HardBounce", {}, DeliveryState.BOUNCED, BlockReason.HARD),
        ("BadEmailAddress", {}, DeliveryState.BOUNCED, BlockReason.HARD),
        ("SoftBounce", {"Details": "552 5.2.2 mailbox full"}, DeliveryState.BOUNCED, ""),
        ("SoftBounce", {"Details": "smtp;452 4.2.2 over quota"}, DeliveryState.BOUNCED, ""),
        ("VirusNotification", {}, DeliveryState.BOUNCED, ""),
        ("VirusNotification", {"Details": "550 5.1.1 no such user"}, DeliveryState.BOUNCED, BlockReason.HARD),
        ("Transient", {}, DeliveryState.SENT, ""),
        ("AutoResponder", {}, DeliveryState.SENT, ""),
        ("Blocked", {}, DeliveryState.FAILED, ""),
        ("SMTPApiError", {}, DeliveryState.FAILED, ""),
        ("SpamComplaint", {}, DeliveryState.SENT, BlockReason.COMPLAINT),
    ],
)
def test_each_kind_of_report(one: Delivery, kind: str, more: dict[str, Any], state: str, blocked: str) -> None:
    tell(bounce(one, kind, **more))
    assert Delivery.objects.get().state == state
    assert [reason for _address, reason in blocks()] == [blocked] * bool(blocked)


def test_unsubscribed_at_the_provider_is_a_no_to_more_of_the_kind() -> None:
    kafjord = make_branch(make_county())
    member = make_member(kafjord, email="a@example.no")
    message = make_message(kafjord, make_officer(kafjord), MessageState.DONE)
    news = sent("a@example.no", message=message, branch=kafjord, provider_id="pm-1")
    Recipient.objects.create(message=message, member=member, channel=Channel.EMAIL, delivery=news)
    tell(
        {
            "RecordType": "SubscriptionChange",
            "Recipient": news.address,
            "MessageID": "pm-1",
            "SuppressSending": True,
            "SuppressionReason": "ManualSuppression",
        }
    )
    assert Member.objects.get().no_newsletter
    assert blocks() == []


def test_a_code_cannot_be_unsubscribed_from(one: Delivery) -> None:
    tell(
        {
            "RecordType": "SubscriptionChange",
            "Recipient": one.address,
            "MessageID": "pm-1",
            "SuppressSending": True,
            "SuppressionReason": "ManualSuppression",
        }
    )
    assert blocks() == []


def mailgun(one: Delivery, *, key: str = KEY) -> dict[str, Any]:
    signature = hmac.new(key.encode(), b"1795197600tegn", hashlib.sha256).hexdigest()
    return {
        "signature": {"token": "tegn", "timestamp": "1795197600", "signature": signature},
        "event-data": {
            "event": "failed",
            "severity": "permanent",
            "reason": "bounce",
            "recipient": one.address,
            "message": {"headers": {"message-id": one.provider_id}},
            "timestamp": 1795197600.0,
        },
    }


def test_a_provider_that_signs_must_sign_right_too(one: Delivery, settings: Any) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    settings.ANYMAIL = {"WEBHOOK_SECRET": LOGIN, "MAILGUN_WEBHOOK_SIGNING_KEY": KEY}
    assert tell(mailgun(one, key="feil"), name="mailgun") == 400
    assert tell(mailgun(one), name="mailgun", login="") == 400
    assert blocks() == []
    Delivery.objects.update(provider_id=f"<{one.provider_id}>")
    assert tell(mailgun(one), name="mailgun") == 200
    assert blocks() == [("a@example.no", BlockReason.HARD)]
