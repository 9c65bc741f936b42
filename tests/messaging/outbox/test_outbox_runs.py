"""Runs: one connection a chunk, a commit between two messages, and nothing sent twice whatever happens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from membership.models import Branch
from messaging import tasks
from messaging.actions.messages import settle
from messaging.actions.outbox import queue_email
from messaging.enums import Channel, DeliveryState, MessageState, Purpose
from messaging.expanding import WAITING
from messaging.models import Delivery, Message, SendingRun
from messaging.outbox import closing, leasing, pauses
from messaging.outbox.pump import pump, send_one
from messaging.outbox.run import send_chunk
from messaging.transports.base import Outcome, Outgoing
from tests.access_mail import make_message
from tests.factories import NOW, make_member
from tests.messaging.post_office import open_post_office
from tests.messaging.way_out import QUEUED, SENT, UNKNOWN, WayOut, fate, states, wait_for

pytestmark = pytest.mark.django_db


def queue_code(**fields: Any) -> Delivery:
    values = {"key": "code", "address": "kari@demo.example", "subject": "Kode", "body": "123456"}
    return queue_email(purpose=Purpose.SIGN_IN, now=timezone.now(), **(values | fields))


# --- A chunk ----------------------------------------------------------------------------------------------------------


def test_a_chunk_goes_out_on_one_connection(settings: Any, three: list[Delivery]) -> None:
    with open_post_office() as office:
        settings.DEMO = False
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", office.port, 5
        pump(Channel.EMAIL)
        assert (len(office.letters), office.connections) == (3, 1)
    assert states() == [SENT] * 3
    assert not SendingRun.objects.exists()


def test_of_what_is_due_only_the_channels_own_goes(way: WayOut, message: Message, county: Branch) -> None:
    wait_for(message, make_member(county), channel=Channel.SMS)
    later = wait_for(message, make_member(county), not_before_at=NOW + timedelta(seconds=1))
    pump(Channel.EMAIL)
    assert not way.sent
    assert way.opened == 0
    assert fate(later)[0] == QUEUED


def test_while_one_is_sent_only_that_one_is_marked(way: WayOut, three: list[Delivery]) -> None:
    seen = []
    way.before = lambda _outgoing: seen.append(states())
    pump(Channel.EMAIL)
    assert seen == [
        ["sending", "queued", "queued"],
        ["sent", "sending", "queued"],
        ["sent", "sent", "sending"],
    ]


def test_what_the_provider_calls_it_is_kept(way: WayOut, three: list[Delivery]) -> None:
    way.answers = [Outcome(SENT, provider_id="x" * 130), Outcome(DeliveryState.FAILED, "p" * 300)]
    pump(Channel.EMAIL)
    first, second, _third = Delivery.objects.order_by("pk")
    assert (first.provider_id, first.sent_at) == ("x" * 120, NOW)
    assert (second.problem, second.sent_at) == ("p" * 200, None)


def test_more_than_a_chunk_goes_chunk_by_chunk(
    way: WayOut, three: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "CHUNK", 2)
    pump(Channel.EMAIL)
    assert (len(way.sent), way.opened) == (3, 2)


def test_after_a_minute_it_tells_the_next(way: WayOut, three: list[Delivery], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messaging.outbox.pump.LONGEST_SECONDS", 0.0)
    told: list[str] = []
    monkeypatch.setattr("messaging.outbox.pump.tell", told.append)
    pump(Channel.EMAIL)
    assert told == [Channel.EMAIL]


def test_the_sweep_finds_what_is_due_and_sends_it(way: WayOut, three: list[Delivery]) -> None:
    tasks.sweep()
    assert len(way.sent) == 3
    tasks.sweep()
    assert len(way.sent) == 3


def test_only_so_many_send_at_a_time(way: WayOut, three: list[Delivery]) -> None:
    other = SendingRun.objects.create(channel=Channel.EMAIL, started_at=NOW, heartbeat_at=NOW)
    Delivery.objects.filter(pk=three[0].pk).update(run=other)
    pump(Channel.EMAIL)
    tasks.sweep()
    assert not way.sent
    SendingRun.objects.filter(pk=other.pk).update(heartbeat_at=NOW - leasing.LIVELY)
    tasks.sweep()
    assert len(way.sent) == 2


def test_a_run_with_a_single_code_keeps_no_pump_from_beginning(way: WayOut, three: list[Delivery]) -> None:
    other = SendingRun.objects.create(channel=Channel.EMAIL, started_at=NOW, heartbeat_at=NOW)
    Delivery.objects.filter(pk=queue_code().pk).update(run=other)
    pump(Channel.EMAIL)
    assert len(way.sent) == 3


def test_a_worker_that_is_asked_to_stop_ends_between_two_messages(way: WayOut, three: list[Delivery]) -> None:
    way.before = lambda _outgoing: closing.close()
    try:
        pump(Channel.EMAIL)
        assert states() == [SENT, QUEUED, QUEUED]
        assert not SendingRun.objects.exists()
    finally:
        closing.begin()
    assert pauses.pause_of(Channel.EMAIL) is None
    way.before = lambda _outgoing: None
    pump(Channel.EMAIL)
    assert states() == [SENT] * 3


def test_a_message_goes_at_once_when_its_time_has_come(
    way: WayOut, county: Branch, user: User, django_capture_on_commit_callbacks: Any
) -> None:
    message = make_message(county, user, MessageState.QUEUED, expanded_at=NOW, due_at=NOW)
    wait_for(message, make_member(county), not_before_at=WAITING)
    with django_capture_on_commit_callbacks(execute=True):
        settle(NOW)
        assert not way.sent
    assert len(way.sent) == 1


# --- Who comes in between ---------------------------------------------------------------------------------------------


def test_what_is_cancelled_by_hand_in_between_is_not_sent(way: WayOut, three: list[Delivery]) -> None:
    way.before = lambda _outgoing: three[1] and Delivery.objects.filter(pk=three[1].pk).update(state="cancelled")
    pump(Channel.EMAIL)
    assert way.addresses == [three[0].address, three[2].address]
    assert states() == [SENT, "cancelled", SENT]


def test_of_a_message_that_is_stopped_in_mid_sending_not_one_more_begins(
    way: WayOut, message: Message, three: list[Delivery]
) -> None:
    way.before = lambda _outgoing: Message.objects.filter(pk=message.pk).update(state=MessageState.STOPPED)
    pump(Channel.EMAIL)
    assert way.addresses == [three[0].address]
    assert states()[0] == SENT


def test_what_another_run_has_taken_over_in_between_is_not_sent_by_this_one(way: WayOut, three: list[Delivery]) -> None:
    other = SendingRun.objects.create(channel=Channel.EMAIL, started_at=NOW, heartbeat_at=NOW)
    way.before = lambda _outgoing: Delivery.objects.filter(pk=three[1].pk).update(run=other)
    send_chunk(Channel.EMAIL)
    assert way.addresses == [three[0].address, three[2].address]
    assert states() == [SENT, QUEUED, SENT]


def test_what_another_run_has_leased_is_left_alone(way: WayOut, three: list[Delivery]) -> None:
    other = SendingRun.objects.create(channel=Channel.SMS, started_at=NOW, heartbeat_at=NOW)
    Delivery.objects.filter(pk=three[1].pk).update(run=other)
    pump(Channel.EMAIL)
    send_one(three[1].pk)
    assert states() == [SENT, QUEUED, SENT]


def test_a_code_does_not_wait_for_a_long_queue(
    way: WayOut, three: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.outbox.run.TELL_SECONDS", 0.0)
    way.before = lambda outgoing: outgoing.address == three[0].address and queue_code()
    pump(Channel.EMAIL)
    assert way.addresses[:2] == [three[0].address, "kari@demo.example"]
    assert len(way.sent) == 4


def test_while_a_code_is_sent_in_between_nothing_else_is_in_doubt(
    way: WayOut, three: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.outbox.run.TELL_SECONDS", 0.0)
    queue_code()
    seen: list[list[str]] = []

    def look(outgoing: Outgoing) -> None:
        if outgoing.address == "kari@demo.example":
            seen.append(states())

    way.before = look
    pump(Channel.EMAIL)
    assert seen
    assert all(found.count("sending") == 1 for found in seen)


# --- The dead and the slow --------------------------------------------------------------------------------------------


def die(settings: Any) -> None:
    """As the sweep sees it when every run has been silent too long."""
    past = timezone.now() - settings.DELIVERY_SILENCE - timedelta(seconds=1)
    SendingRun.objects.update(heartbeat_at=past)
    Delivery.objects.filter(state="sending").update(started_at=past)
    leasing.bury(timezone.now())


def test_a_dead_run_leaves_one_unknown_and_the_rest_free(way: WayOut, three: list[Delivery], settings: Any) -> None:
    run = uuid4()
    assert len(leasing.lease(run, Channel.EMAIL, timezone.now())) == 3
    Delivery.objects.filter(pk=three[0].pk).update(state="sending", started_at=NOW)
    tasks.sweep()
    assert states() == ["sending", QUEUED, QUEUED]
    die(settings)
    assert states() == [UNKNOWN, QUEUED, QUEUED]
    assert fate(three[0]) == (UNKNOWN, "interrupted")
    assert not SendingRun.objects.filter(pk=run).exists()
    tasks.sweep()
    assert way.addresses == [three[1].address, three[2].address]


def test_a_live_run_is_not_buried(three: list[Delivery], settings: Any, clock: Any) -> None:
    run = uuid4()
    leasing.lease(run, Channel.EMAIL, timezone.now())
    Delivery.objects.filter(pk=three[0].pk).update(state="sending", started_at=NOW)
    clock.shift(settings.DELIVERY_SILENCE + timedelta(seconds=1))
    assert leasing.beat(run, timezone.now())
    leasing.bury(timezone.now())
    assert states() == ["sending", QUEUED, QUEUED]
    assert leasing.leased(run).count() == 2


def test_a_slow_worker_that_was_given_up_still_says_what_came_of_it_and_takes_nothing_more(
    way: WayOut, three: list[Delivery], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.outbox.run.BEAT_SECONDS", 0.0)
    seen: list[str] = []

    def hang(outgoing: Outgoing) -> None:
        if outgoing.address != three[0].address:
            return
        # It began long ago by its own clock; what it knows the row by stays as it is.
        SendingRun.objects.update(heartbeat_at=NOW - timedelta(hours=1))
        Delivery.objects.filter(pk=three[0].pk).update(run=None, state=UNKNOWN, problem="interrupted")
        leasing.bury(timezone.now())
        seen.extend(states())

    way.before = hang
    monkeypatch.setattr("messaging.outbox.pump.LONGEST_SECONDS", -1.0)
    monkeypatch.setattr("messaging.outbox.pump.tell", lambda _channel: None)
    send_chunk(Channel.EMAIL)
    assert seen == [UNKNOWN, QUEUED, QUEUED]
    assert way.addresses == [three[0].address]
    assert states() == [SENT, QUEUED, QUEUED]
    assert fate(three[0]) == (SENT, "")


def test_a_row_that_a_person_queued_anew_is_not_the_slow_workers_any_more(
    way: WayOut, three: list[Delivery], clock: Any
) -> None:
    def requeue(outgoing: Outgoing) -> None:
        if outgoing.address == three[0].address:
            clock.shift(timedelta(minutes=10))
            Delivery.objects.filter(pk=three[0].pk).update(
                state="sending", started_at=timezone.now(), run=None, attempts=1
            )

    way.before = requeue
    pump(Channel.EMAIL)
    assert states() == ["sending", SENT, SENT]
