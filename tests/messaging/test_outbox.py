"""The outbox: one row, one letter, whatever happens on the way. Sent to a real mail server, on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from messaging import tasks
from messaging.actions import outbox as actions
from messaging.enums import DeliveryState, Purpose
from messaging.models import Delivery
from messaging.outbox.pump import send_one
from messaging.outbox.run import MAX_ATTEMPTS
from tests.messaging.post_office import PostOffice, open_post_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    """Production's way out, to a server of our own."""
    with open_post_office() as office:
        settings.DEMO = False
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", office.port, 5
        yield office


def queue(key: str = "k", **changes: Any) -> Delivery:
    fields: dict[str, Any] = {
        "purpose": Purpose.NOTICE,
        "address": "kari@demo.example",
        "subject": "Årsmøte på tirsdag",
        "body": "Hei\n",
        "now": timezone.now(),
    }
    return actions.queue_email(key=key, **(fields | changes))


def send_now(delivery: Delivery) -> Delivery:
    send_one(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def now() -> datetime:
    return timezone.now()


def test_a_letter_arrives_as_it_was_written(office: PostOffice) -> None:
    delivery = send_now(queue(body_html="<p>Hei</p>"))

    assert (delivery.state, delivery.sent_at, delivery.attempts) == (DeliveryState.SENT, now(), 1)
    [(recipients, letter)] = office.letters
    assert recipients == ["kari@demo.example"]
    assert letter["Subject"] == "Årsmøte på tirsdag"
    assert letter["To"] == "kari@demo.example"
    assert str(delivery.pk) in letter["Message-ID"]
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().strip() == "Hei"
    assert ">Hei</p>" in html.get_content()


def test_the_same_key_twice_is_one_row_and_one_letter(office: PostOffice) -> None:
    first, second = queue(), queue(subject="Noe annet")
    assert first == second
    assert second.subject == "Årsmøte på tirsdag"
    for delivery in (first, second):
        send_now(delivery)
    tasks.sweep()
    assert len(office.letters) == 1


def test_it_goes_when_the_transaction_is_committed(office: PostOffice, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        queue()
        assert not office.letters
    assert len(office.letters) == 1


def test_what_is_rolled_back_is_never_sent(office: PostOffice, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        try:
            with transaction.atomic():
                queue()
                raise KeyError
        except KeyError:
            pass
    tasks.sweep()
    assert not office.letters
    assert not Delivery.objects.exists()


def test_the_sweep_finds_what_no_kick_reached(office: PostOffice) -> None:
    for number in range(3):
        queue(f"k{number}")
    tasks.sweep()
    assert len(office.letters) == 3
    tasks.sweep()
    assert len(office.letters) == 3


def test_what_is_for_later_waits(office: PostOffice, clock: Any) -> None:
    delivery = queue()
    Delivery.objects.filter(pk=delivery.pk).update(not_before_at=now() + timedelta(hours=1))
    tasks.sweep()
    assert not office.letters
    clock.shift(timedelta(hours=1))
    tasks.sweep()
    assert len(office.letters) == 1


@pytest.mark.parametrize("state", [s for s in DeliveryState if s != DeliveryState.QUEUED])
def test_only_what_is_queued_is_sent(office: PostOffice, state: DeliveryState) -> None:
    delivery = queue()
    Delivery.objects.filter(pk=delivery.pk).update(state=state, started_at=now())
    assert send_now(delivery).state == state
    tasks.sweep()
    assert not office.letters


def test_a_refused_address_fails_for_good_and_the_reason_names_nobody(office: PostOffice) -> None:
    office.mood = "refuses"
    delivery = send_now(queue())
    assert (delivery.state, delivery.problem) == (DeliveryState.FAILED, "RecipientRefused 550")


def test_a_busy_server_gets_another_try_later(office: PostOffice, clock: Any) -> None:
    office.mood = "busy"
    delivery = send_now(queue())
    assert (delivery.state, delivery.not_before_at) == (DeliveryState.QUEUED, now() + timedelta(minutes=1))
    office.mood = "kind"
    tasks.sweep()
    assert not office.letters
    clock.shift(timedelta(minutes=1))
    tasks.sweep()
    assert len(office.letters) == 1


def test_a_server_that_is_closed_costs_no_tries_however_long_it_lasts(
    office: PostOffice, clock: Any, settings: Any
) -> None:
    office.shutdown()
    office.server_close()
    delivery = queue()
    for _ in range(2 * MAX_ATTEMPTS):
        send_now(delivery)
        clock.shift(timedelta(hours=1))
    assert (delivery.state, delivery.attempts, delivery.run) == (DeliveryState.QUEUED, 0, None)
    with open_post_office() as again:
        settings.EMAIL_PORT = again.port
        tasks.sweep()
        assert len(again.letters) == 1


def test_a_server_that_is_always_busy_is_given_up_in_the_end(office: PostOffice, clock: Any) -> None:
    office.mood = "busy"
    delivery = queue()
    for _ in range(MAX_ATTEMPTS):
        send_now(delivery)
        clock.shift(timedelta(hours=1))
    assert (delivery.state, delivery.attempts) == (DeliveryState.FAILED, MAX_ATTEMPTS)


def test_a_notice_that_never_got_away_is_dropped_with_its_text(office: PostOffice, clock: Any) -> None:
    delivery = queue()
    clock.shift(timedelta(days=30))
    tasks.sweep()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.problem, delivery.body) == (DeliveryState.CANCELLED, "too late", "")


def test_a_cut_line_leaves_it_unknown_and_no_machine_sends_it_again(office: PostOffice, clock: Any) -> None:
    office.mood = "hangs up"
    delivery = send_now(queue())
    assert delivery.state == DeliveryState.UNKNOWN
    office.mood = "kind"
    clock.shift(timedelta(days=1))
    tasks.sweep()
    assert not office.letters


def test_a_killed_worker_leaves_one_unknown(office: PostOffice, clock: Any, settings: Any) -> None:
    killed, waiting = queue("killed"), queue("waiting")
    Delivery.objects.filter(pk=killed.pk).update(state=DeliveryState.SENDING, started_at=now())
    tasks.sweep()
    killed.refresh_from_db()
    assert killed.state == DeliveryState.SENDING
    clock.shift(settings.DELIVERY_SILENCE + timedelta(seconds=1))
    tasks.sweep()
    states = dict(Delivery.objects.values_list("key", "state"))
    assert states == {"killed": DeliveryState.UNKNOWN, "waiting": DeliveryState.SENT}
    assert len(office.letters) == 1
    assert waiting.key == "waiting"


def test_a_way_out_with_a_fault_in_it_sends_nothing_and_loses_nothing(settings: Any) -> None:
    settings.DEMO = False
    settings.EMAIL_BACKEND = "tests.messaging.test_outbox.BrokenBackend"
    delivery = send_now(queue())
    assert (delivery.state, delivery.attempts) == (DeliveryState.QUEUED, 0)


class BrokenBackend:
    """A backend with a fault in it."""

    def __init__(self, **options: Any) -> None:
        raise ZeroDivisionError


def test_a_fault_of_our_own_in_mid_sending_is_unknown_too(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_transport: object, _outgoing: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("messaging.transports.email.EmailTransport.send", broken)
    assert send_now(queue()).state == DeliveryState.UNKNOWN


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Hei\r\nBcc: alle@demo.example"},
        {"subject": "Hei\nBcc: alle@demo.example"},
        {"subject": "Hei\u2028Bcc: alle@demo.example"},
        {"subject": "Hei\x00"},
        {"address": "kari@demo.example\r\nBcc: alle@demo.example"},
        {"address": "kari@demo.example,alle@demo.example"},
        {"address": "Kari <kari@demo.example>"},
        {"address": ""},
    ],
)
def test_no_header_or_recipient_can_be_smuggled_in(changes: dict[str, str]) -> None:
    with pytest.raises((actions.UnsafeHeader, ValidationError)):
        queue(**changes)
    assert not Delivery.objects.exists()


def test_a_body_that_looks_like_headers_is_body(office: PostOffice) -> None:
    send_now(queue(body="Bcc: alle@demo.example\r\n\r\n.\r\nHei"))
    [(recipients, letter)] = office.letters
    assert recipients == ["kari@demo.example"]
    assert letter["Bcc"] is None


def test_a_subject_may_hold_a_no_break_space(office: PostOffice) -> None:
    assert send_now(queue(subject="Kontingent 1 000 kr")).state == DeliveryState.SENT


def test_a_code_is_wiped_when_it_is_sent(office: PostOffice) -> None:
    delivery = send_now(queue(purpose=Purpose.SIGN_IN, body="123456", body_html="<b>123456</b>"))
    assert (delivery.state, delivery.body, delivery.body_html) == (DeliveryState.SENT, "", "")
    assert "123456" in str(office.letters[0][1])


def test_a_code_that_is_refused_is_wiped_too(office: PostOffice) -> None:
    office.mood = "refuses"
    assert send_now(queue(purpose=Purpose.SIGN_IN, body="123456")).body == ""


def test_a_code_that_did_not_get_away_in_time_never_goes(office: PostOffice, clock: Any) -> None:
    delivery = queue(purpose=Purpose.SIGN_IN, body="123456")
    clock.shift(timedelta(minutes=10))
    tasks.sweep()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.body) == (DeliveryState.CANCELLED, "")
    assert not office.letters


def test_other_texts_are_wiped_after_their_time(office: PostOffice, clock: Any) -> None:
    delivery = send_now(queue())
    clock.shift(timedelta(days=29, hours=23))
    tasks.sweep()
    delivery.refresh_from_db()
    assert delivery.body == "Hei\n"
    clock.shift(timedelta(hours=1))
    tasks.sweep()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.body) == (DeliveryState.SENT, "")


def test_a_decoy_leaves_nothing_behind(office: PostOffice, clock: Any) -> None:
    actions.queue_decoy(subject="Kode", body="123456", now=now())
    tasks.sweep()
    clock.shift(timedelta(minutes=11))
    tasks.sweep()
    assert not office.letters
    assert not Delivery.objects.exists()


def test_the_demo_sends_nothing_even_where_a_server_is_named(office: PostOffice, settings: Any) -> None:
    settings.DEMO = True
    delivery = send_now(queue(purpose=Purpose.SIGN_IN, body="123456"))
    assert (delivery.state, delivery.body) == (DeliveryState.SENT, "123456")
    assert not office.letters
