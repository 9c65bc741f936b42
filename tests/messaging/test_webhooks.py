"""The addresses that SMS gateways report to: closed without the secret, harmless whatever is told."""

from __future__ import annotations

import logging
from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from common.log import OneLineFormatter
from membership.models import Branch, Member
from messaging.enums import BlockReason, Channel, DeliveryState, InboxState
from messaging.models import BlockedAddress, Delivery, InboxMessage
from tests.factories import make_member
from tests.messaging.gateways import SID, TOKEN
from tests.messaging.incoming import NUMBER, answers_to, waiting

pytestmark = pytest.mark.django_db

SECRET = "3b1f-hemmelig-i-stien"
SVEVE = "sveve://bruker:passord@sveve.no"
TWILIO = f"twilio://{SID}:{TOKEN}@api.twilio.com"


@pytest.fixture(autouse=True)
def _open(settings: Any) -> None:
    settings.WEBHOOK_SECRET = SECRET
    settings.SMS_URL = SVEVE


@pytest.fixture
def member(branch: Branch) -> Member:
    return make_member(branch, mobile=NUMBER)


@pytest.fixture
def sent(branch: Branch, member: Member) -> Delivery:
    return waiting(branch, member, state=DeliveryState.SENT, provider_id="42807677", sent_at=timezone.now(), attempts=1)


def sveve(client: Client, what: str = "rapport", **fields: str) -> bytes:
    answer = client.post(f"/kroker/{SECRET}/sveve/{what}/", fields)
    assert answer.status_code == 200
    return answer.content


def report(client: Client, delivery: Delivery, **fields: str) -> Delivery:
    """As Sveve tells it; well, unless the fields say otherwise."""
    told = {"number": "4791234567", "status": "true", "id": "42807677", "ref": str(delivery.pk), "errorCode": ""}
    assert sveve(client, "rapport", **(told | fields)) == b""
    delivery.refresh_from_db()
    return delivery


NOT_THERE = {"status": "false", "errorCode": "UNKNOWN", "errorDesc": "Telefonnummeret er ikke et mobilnummer"}
OFF = {"status": "false", "errorCode": "ABSENT-1", "errorDesc": "Telefonen er avslått"}


# --- Who gets in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["sveve/rapport", "sveve/inn", "twilio/rapport", "twilio/inn"])
@pytest.mark.parametrize("secret", ["feil", SECRET[:-1], SECRET + "x", SECRET.upper(), "ø"])
def test_without_the_secret_nothing_is_there(client: Client, settings: Any, what: str, secret: str) -> None:
    settings.SMS_URL = SVEVE if what.startswith("sveve") else TWILIO
    assert client.post(f"/kroker/{secret}/{what}/", {"number": NUMBER, "msg": "STOPP"}).status_code == 404
    assert not InboxMessage.objects.exists()


@pytest.mark.parametrize("what", ["sveve/rapport", "sveve/inn", "twilio/rapport", "twilio/inn"])
def test_where_no_secret_is_set_nothing_is_there(client: Client, settings: Any, what: str) -> None:
    settings.SMS_URL = SVEVE if what.startswith("sveve") else TWILIO
    settings.WEBHOOK_SECRET = ""
    for guess in ("x", "%20", "None"):
        assert client.post(f"/kroker/{guess}/{what}/", {"number": NUMBER, "msg": "Hei"}).status_code == 404


@pytest.mark.parametrize(
    ("url", "what"), [(SVEVE, "twilio/inn"), (TWILIO, "sveve/inn"), ("", "sveve/inn"), ("sveve://nobody", "sveve/inn")]
)
def test_only_the_gateway_that_is_set_up_is_listened_to(client: Client, settings: Any, url: str, what: str) -> None:
    settings.SMS_URL = url
    assert client.post(f"/kroker/{SECRET}/{what}/", {"number": NUMBER, "msg": "Hei"}).status_code == 404


def test_sveve_may_be_asked_for_a_password_too(client: Client, settings: Any, sent: Delivery) -> None:
    settings.SMS_URL = f"{SVEVE}?basic=sveve:inn%26ut"
    url, fields = f"/kroker/{SECRET}/sveve/rapport/", {"status": "true", "ref": str(sent.pk)}
    refused = client.post(url, fields)
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, 'Basic realm="sms"')
    wrong, right = (b64encode(one).decode() for one in (b"sveve:feil", b"sveve:inn&ut"))
    assert client.post(url, fields, headers={"Authorization": f"Basic {wrong}"}).status_code == 401
    assert client.post(url, fields, headers={"Authorization": f"Basic {right}"}).status_code == 200


def test_no_form_token_is_asked_of_a_machine(sent: Delivery) -> None:
    report(Client(enforce_csrf_checks=True), sent)
    assert sent.delivered_at


def test_the_secret_in_the_path_is_kept_out_of_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    assert client.post(f"/kroker/{SECRET}/sveve/inn/").status_code == 400
    assert any(SECRET in record.getMessage() for record in caplog.records)
    for record in caplog.records:
        line = OneLineFormatter().format(record)
        assert SECRET not in line
        assert "/kroker/…/sveve/inn/" in line


def test_the_secret_is_kept_out_of_a_traceback_too() -> None:
    try:
        raise KeyError(f"/kroker/{SECRET}/")
    except KeyError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "Broke", None, (type(error), error, error.__traceback__))
    line = OneLineFormatter().format(record)
    assert "KeyError" in line
    assert SECRET not in line


def test_a_log_without_a_secret_is_as_it_was(settings: Any) -> None:
    settings.WEBHOOK_SECRET = ""
    assert OneLineFormatter().format(logging.LogRecord("x", 20, "", 1, "Hei", None, None)).endswith("INFO x Hei")


# --- What became of it ----------------------------------------------------------------------------------------------


def test_a_report_that_it_arrived(client: Client, sent: Delivery) -> None:
    report(client, sent)
    assert (sent.state, sent.delivered_at) == (DeliveryState.SENT, timezone.now())


def test_sveve_may_report_by_get(client: Client, sent: Delivery) -> None:
    answer = client.get(f"/kroker/{SECRET}/sveve/rapport/", {"status": "true", "id": "42807677"})
    sent.refresh_from_db()
    assert (answer.status_code, sent.delivered_at) == (200, timezone.now())


def test_a_telephone_that_was_off_is_a_failure(client: Client, sent: Delivery) -> None:
    report(client, sent, **OFF)
    assert (sent.state, sent.problem, sent.bounced_at) == (DeliveryState.FAILED, "Sveve ABSENT-1", None)
    assert not BlockedAddress.objects.exists()


def test_a_number_that_does_not_exist_is_written_to_no_more(client: Client, branch: Branch, sent: Delivery) -> None:
    queued = waiting(branch, number=NUMBER)
    report(client, sent, **NOT_THERE)
    assert (sent.state, sent.problem) == (DeliveryState.BOUNCED, "Sveve UNKNOWN")
    assert sent.bounced_at == timezone.now()
    blocked = BlockedAddress.objects.get()
    assert (blocked.channel, blocked.address, blocked.reason) == (Channel.SMS, NUMBER, BlockReason.HARD)
    queued.refresh_from_db()
    assert queued.state == DeliveryState.CANCELLED


def test_what_is_told_twice_changes_nothing_the_second_time(client: Client, sent: Delivery, clock: Any) -> None:
    first = report(client, sent).delivered_at
    clock.shift(timedelta(hours=4))
    assert report(client, sent).delivered_at == first
    before = report(client, sent, **NOT_THERE)
    assert (before.state, before.delivered_at) == (DeliveryState.SENT, first)
    assert not BlockedAddress.objects.exists()


def test_an_arrival_told_after_a_failure_counts(client: Client, sent: Delivery) -> None:
    report(client, sent, **OFF)
    report(client, sent)
    assert (sent.state, sent.problem, sent.bounced_at) == (DeliveryState.SENT, "", None)
    assert sent.delivered_at


def test_what_nobody_knew_of_is_known_by_its_report(client: Client, sent: Delivery) -> None:
    Delivery.objects.update(state=DeliveryState.UNKNOWN, problem="Sveve ReadTimeout", sent_at=None, provider_id="")
    report(client, sent)
    assert (sent.state, sent.problem, sent.sent_at) == (DeliveryState.SENT, "", timezone.now())


def test_an_unknown_one_that_failed_may_be_tried_again(client: Client, sent: Delivery) -> None:
    Delivery.objects.update(state=DeliveryState.UNKNOWN)
    assert report(client, sent, **OFF).state == DeliveryState.FAILED


def test_what_waits_for_another_try_and_has_arrived_is_not_sent_again(client: Client, sent: Delivery) -> None:
    Delivery.objects.update(state=DeliveryState.QUEUED, sent_at=None)
    assert report(client, sent, **OFF).state == DeliveryState.QUEUED
    assert report(client, sent).state == DeliveryState.SENT


def test_what_has_never_been_tried_cannot_have_arrived(client: Client, branch: Branch, member: Member) -> None:
    queued = waiting(branch, member)
    assert report(client, queued).state == DeliveryState.QUEUED
    assert queued.delivered_at is None


def test_a_report_that_comes_before_the_worker_is_done_leaves_the_state_to_it(client: Client, sent: Delivery) -> None:
    Delivery.objects.update(state=DeliveryState.SENDING, sent_at=None)
    report(client, sent)
    assert (sent.state, sent.delivered_at) == (DeliveryState.SENDING, timezone.now())


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"status": "true"},
        {"status": "kanskje", "id": "42807677"},
        {"status": "true", "id": "1"},
        {"status": "true", "id": "x" * 5000},
        {"status": "true", "ref": "ikke-en-id", "id": "42807677"},
        {"status": "true", "ref": str(uuid4())},
        {"status": "false", "id": "", "errorDesc": "finnes ikke"},
        {"status": "true", "id": "\x00"},
    ],
)
def test_reports_about_what_is_not_ours_are_taken_and_change_nothing(
    client: Client, sent: Delivery, fields: dict[str, str]
) -> None:
    assert sveve(client, "rapport", **fields) == b""
    sent.refresh_from_db()
    assert (sent.state, sent.delivered_at) == (DeliveryState.SENT, None)


def test_a_report_changes_no_email(client: Client, sent: Delivery) -> None:
    Delivery.objects.update(channel=Channel.EMAIL)
    assert report(client, sent).delivered_at is None


def test_a_code_tells_no_number(client: Client, sent: Delivery) -> None:
    report(client, sent, status="false", errorCode="E-4791234567 <b>æ", errorDesc="")
    assert sent.problem == "Sveve E-… b"


# --- What comes in, by Sveve ----------------------------------------------------------------------------------------


def test_an_sms_comes_in_by_sveve_and_is_answered_with_nothing(client: Client, member: Member) -> None:
    assert sveve(client, "inn", number="4791234567", msg="Når er møtet?", prefix="", shortnumber="2065") == b""
    message = InboxMessage.objects.get()
    assert (message.member, message.text, message.state) == (member, "Når er møtet?", InboxState.OPEN)


def test_it_may_come_by_get(client: Client, member: Member) -> None:
    assert client.get(f"/kroker/{SECRET}/sveve/inn/", {"number": "4791234567", "msg": "Hei"}).status_code == 200
    assert InboxMessage.objects.get().text == "Hei"


def test_sveve_tells_what_it_answers(client: Client, branch: Branch, member: Member, sent: Delivery) -> None:
    later = waiting(branch, member, state=DeliveryState.SENT)
    Delivery.objects.filter(pk=later.pk).update(created_at=timezone.now() + timedelta(hours=1))
    sveve(client, "inn", number="4791234567", msg="Ja", id="42807677")
    sveve(client, "inn", number="4791234567", msg="Nei", id="999")
    found = InboxMessage.objects.order_by("pk").values_list("answers_to", flat=True)
    assert list(found) == [sent.pk, later.pk]


def test_what_sveve_brings_again_is_the_same_until_something_new_is_sent(
    client: Client, branch: Branch, member: Member, clock: Any
) -> None:
    for _ in range(3):
        sveve(client, "inn", number="4791234567", msg="Ja")
    assert InboxMessage.objects.count() == 1
    waiting(branch, member, state=DeliveryState.SENT)
    sveve(client, "inn", number="4791234567", msg="Ja")
    assert InboxMessage.objects.count() == 2
    clock.shift(timedelta(days=1))
    sveve(client, "inn", number="4791234567", msg="Ja")
    assert InboxMessage.objects.count() == 3


@pytest.mark.parametrize(
    ("msg", "prefix", "text"),
    [
        ("PARTIET Når er møtet?", "PARTIET", "Når er møtet?"),
        ("partiet: Når er møtet?", "PARTIET", "Når er møtet?"),
        ("Når er møtet?", "PARTIET", "Når er møtet?"),
        ("PARTIET", "PARTIET", "PARTIET"),
        ("", "PARTIET", "PARTIET"),
        ("Partiet er bra", "", "Partiet er bra"),
    ],
)
def test_the_word_that_led_it_here_is_no_part_of_it(
    client: Client, member: Member, msg: str, prefix: str, text: str
) -> None:
    sveve(client, "inn", number="4791234567", msg=msg, prefix=prefix)
    assert InboxMessage.objects.get().text == text


@pytest.mark.parametrize(("msg", "prefix"), [("PARTIET STOPP", "PARTIET"), ("", "STOPP"), ("STOPP takk", "STOPP")])
def test_a_stopp_by_a_keyword_is_a_stopp(client: Client, member: Member, msg: str, prefix: str) -> None:
    sveve(client, "inn", number="4791234567", msg=msg, prefix=prefix)
    assert BlockedAddress.objects.get().address == NUMBER
    assert len(answers_to()) == 1


@pytest.mark.parametrize(
    "number", [" ", "٠١٢٣٤٥٦٧", "+", "0" * 500, "\x00", "👎", "91234567 / 98765432", "47" * 30, "a\r\nb", "-1", "1e9"]
)
@pytest.mark.parametrize("msg", ["", "\x00\x01", "Ø" * 300_000, "\u202eSTOPP", "STOPP\x00", "👎" * 80])
def test_whatever_comes_in_is_taken_or_refused_and_never_breaks(
    client: Client, branch: Branch, number: str, msg: str
) -> None:
    answer = client.post(f"/kroker/{SECRET}/sveve/inn/", {"number": number, "msg": msg, "id": number, "prefix": number})
    assert answer.status_code in {200, 400}
    report = {"number": number, "status": "true", "id": number, "ref": number, "errorCode": msg[:5000]}
    assert client.post(f"/kroker/{SECRET}/sveve/rapport/", report).status_code == 200


def test_times_are_true_times(client: Client, sent: Delivery, settings: Any) -> None:
    """Not the demo's own day."""
    delivered_at = report(client, sent).delivered_at
    assert isinstance(delivered_at, datetime)
    assert delivered_at == timezone.now()
