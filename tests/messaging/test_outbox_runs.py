"""Runs: one connection a chunk, a commit between two messages, and nothing sent twice whatever happens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from django.utils import timezone

from accounts.models import User
from membership.models import Branch
from messaging import tasks
from messaging.actions.outbox import queue_email
from messaging.enums import Channel, DeliveryState, MessageState, Purpose
from messaging.models import Delivery, Message, SendingRun
from messaging.outbox import leasing, pauses
from messaging.outbox.pump import pump, send_one
from messaging.outbox.run import MAX_ATTEMPTS
from messaging.transports.base import Outcome, Outgoing
from tests.access_mail import make_message
from tests.factories import NOW, make_county, make_member, make_officer
from tests.messaging.post_office import open_post_office
from tests.messaging.way_out import WayOut, fate, open_way_out, wait_for

pytestmark = pytest.mark.django_db

QUEUED, SENT, UNKNOWN = DeliveryState.QUEUED, DeliveryState.SENT, DeliveryState.UNKNOWN
BUSY = Outcome(QUEUED, "451")
NAMES = ("Ane", "Bo", "Cai")
needs_postgres = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="two writers at once: SQLite has one at a time"
)


@pytest.fixture
def way(monkeypatch: pytest.MonkeyPatch) -> WayOut:
    return open_way_out(monkeypatch)


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def user(county: Branch) -> User:
    return make_officer(county)


@pytest.fixture
def message(county: Branch, user: User) -> Message:
    return make_message(county, user, MessageState.SENDING, started_at=NOW, expanded_at=NOW, due_at=NOW)


@pytest.fixture
def three(message: Message, county: Branch) -> list[Delivery]:
    """In the order in which they go."""
    deliveries = [wait_for(message, make_member(county, name)) for name in NAMES]
    return sorted(deliveries, key=lambda delivery: delivery.pk)


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


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
    run = SendingRun.objects.create(channel=Channel.EMAIL, started_at=NOW, heartbeat_at=NOW)
    pump(Channel.EMAIL)
    tasks.sweep()
    assert not way.sent
    SendingRun.objects.filter(pk=run.pk).update(heartbeat_at=NOW - leasing.LIVELY)
    tasks.sweep()
    assert len(way.sent) == 3


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
    way.before = lambda outgoing: outgoing.address == "kari@demo.example" and seen.append(states())
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
    class Killed(BaseException):
        pass

    def kill(_outgoing: Outgoing) -> None:
        raise Killed

    run, rows = leasing.lease(Channel.EMAIL, timezone.now())
    assert len(rows) == 3
    Delivery.objects.filter(pk=three[0].pk).update(state="sending", started_at=NOW)
    tasks.sweep()
    assert states() == ["sending", QUEUED, QUEUED]
    die(settings)
    assert states() == [UNKNOWN, QUEUED, QUEUED]
    assert fate(three[0]) == (UNKNOWN, "interrupted")
    assert not SendingRun.objects.filter(pk=run.pk).exists()
    tasks.sweep()
    assert way.addresses == [three[1].address, three[2].address]
    assert kill


def test_a_live_run_is_not_buried(three: list[Delivery], settings: Any, clock: Any) -> None:
    run, _rows = leasing.lease(Channel.EMAIL, timezone.now())
    Delivery.objects.filter(pk=three[0].pk).update(state="sending", started_at=NOW)
    clock.shift(settings.DELIVERY_SILENCE + timedelta(seconds=1))
    assert leasing.beat(run.pk, timezone.now())
    leasing.bury(timezone.now())
    assert states() == ["sending", QUEUED, QUEUED]
    assert leasing.leased(run.pk).count() == 2


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
    from messaging.outbox.run import send_chunk

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


# --- A way out that ails ----------------------------------------------------------------------------------------------


def test_a_busy_answer_is_tried_again_later_and_later_and_given_up_in_the_end(
    way: WayOut, message: Message, county: Branch, clock: Any
) -> None:
    delivery = wait_for(message, make_member(county))
    for attempt in range(1, MAX_ATTEMPTS):
        way.answers = [BUSY]
        pump(Channel.EMAIL)
        assert fate(delivery) == (QUEUED, "451")
        wait = timedelta(seconds=30 * 2**attempt)
        assert (delivery.attempts, delivery.not_before_at - timezone.now(), delivery.run) == (attempt, wait, None)
        clock.shift(wait)
    way.answers = [BUSY]
    pump(Channel.EMAIL)
    assert fate(delivery) == (DeliveryState.FAILED, "451")


def test_behind_a_closed_door_nothing_changes_and_it_is_asked_less_and_less_often(
    way: WayOut, three: list[Delivery], clock: Any
) -> None:
    way.is_closed = True
    for _ in range(50):
        tasks.sweep()
        clock.shift(timedelta(seconds=10))
    assert 5 < way.opened < 12
    assert set(Delivery.objects.values_list("state", "attempts", "run", "not_before_at")) == {(QUEUED, 0, None, NOW)}
    pause = pauses.pause_of(Channel.EMAIL)
    assert pause is not None
    assert (pause.problem, pause.times) == ("ConnectionRefusedError", way.opened)
    way.is_closed = False
    clock.shift(timedelta(minutes=5))
    tasks.sweep()
    assert len(way.sent) == 3
    assert pauses.pause_of(Channel.EMAIL) is None


def test_a_door_that_closes_in_mid_chunk_leaves_the_rest_as_it_was(
    way: WayOut, three: list[Delivery], clock: Any
) -> None:
    way.answers = [Outcome(UNKNOWN, "SMTPServerDisconnected", broken=True)]
    way.before = lambda _outgoing: setattr(way, "is_closed", True)
    pump(Channel.EMAIL)
    assert states() == [UNKNOWN, QUEUED, QUEUED]
    assert set(Delivery.objects.filter(state=QUEUED).values_list("attempts", "run")) == {(0, None)}
    assert not SendingRun.objects.exists()
    way.is_closed, way.before = False, lambda _outgoing: None
    clock.shift(timedelta(minutes=1))
    tasks.sweep()
    assert states() == [UNKNOWN, SENT, SENT]


def test_a_broken_connection_is_opened_anew_before_the_next(way: WayOut, three: list[Delivery]) -> None:
    way.answers = [Outcome(UNKNOWN, "SMTPServerDisconnected", broken=True)]
    pump(Channel.EMAIL)
    assert states() == [UNKNOWN, SENT, SENT]
    assert way.opened == 2


def test_a_long_rate_limit_puts_everything_off_and_counts_no_try(
    way: WayOut, three: list[Delivery], clock: Any
) -> None:
    way.answers = [Outcome(SENT), Outcome(QUEUED, "429", retry_after=60)]
    pump(Channel.EMAIL)
    tasks.sweep()
    assert states() == [SENT, QUEUED, QUEUED]
    three[1].refresh_from_db()
    assert (three[1].attempts, three[1].not_before_at) == (0, NOW + timedelta(seconds=60))
    clock.shift(timedelta(seconds=60))
    tasks.sweep()
    assert states() == [SENT] * 3


def test_a_short_rate_limit_is_waited_for_on_the_spot(way: WayOut, three: list[Delivery], clock: Any) -> None:
    way.answers = [Outcome(QUEUED, "429", retry_after=1)]
    pump(Channel.EMAIL)
    assert states() == [QUEUED, SENT, SENT]
    assert way.opened == 1
    assert pauses.pause_of(Channel.EMAIL) is None
    clock.shift(timedelta(seconds=1))
    pump(Channel.EMAIL)
    assert states() == [SENT] * 3


def test_so_many_failures_in_a_row_make_it_stop_and_look(
    way: WayOut, message: Message, county: Branch, clock: Any
) -> None:
    for number in range(12):
        wait_for(message, make_member(county, f"A{number}"))
    way.answers = [Outcome(UNKNOWN, "SMTPServerDisconnected", broken=True)] * 20
    pump(Channel.EMAIL)
    assert states().count(UNKNOWN) == 5
    tasks.sweep()
    assert states().count(UNKNOWN) == 5
    way.answers = []
    clock.shift(timedelta(seconds=10))
    tasks.sweep()
    assert (states().count(UNKNOWN), states().count(SENT)) == (5, 7)


def test_without_a_cache_the_outbox_goes_on(
    way: WayOut, three: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lost:
        def __getattr__(self, name: str) -> Any:
            raise ConnectionError

    monkeypatch.setattr(pauses, "cache", Lost())
    way.is_closed = True
    pump(Channel.EMAIL)
    way.is_closed = False
    pump(Channel.EMAIL)
    assert len(way.sent) == 3


# --- The database -----------------------------------------------------------------------------------------------------


class Cut:
    """Ends the database's side of this worker's connection, from beside it."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.pid = cursor.fetchone()[0]

    def __call__(self) -> None:
        beside = connection.copy("beside")
        try:
            with beside.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [self.pid])
        finally:
            beside.close()


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """Rows that other connections see."""
    yield
    connections.close_all()


@needs_postgres
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_loses_the_database_after_sending_records_it_when_it_is_back(
    way: WayOut, three: list[Delivery]
) -> None:
    cut, cuts = Cut(), []

    def lose(_outgoing: Outgoing) -> None:
        if not cuts:
            cuts.append(1)
            cut()

    way.before = lose
    pump(Channel.EMAIL)
    assert sorted(way.addresses) == sorted(delivery.address for delivery in three)
    assert states() == [SENT] * 3
    assert set(Delivery.objects.values_list("attempts", "run", "problem")) == {(1, None, "")}
    assert not SendingRun.objects.exists()


@needs_postgres
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_loses_the_database_before_sending_sends_nothing(
    way: WayOut, three: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    from messaging.outbox import run as runs

    cut, step = Cut(), runs.step
    lost: list[Any] = []

    def step_and_lose(*arguments: Any) -> Any:
        """The statement is committed, and the answer never comes."""
        done = step(*arguments)
        if not lost:
            lost.append(done)
            cut()
            raise OperationalError
        return done

    monkeypatch.setattr(runs, "step", step_and_lose)
    runs.send_chunk(Channel.EMAIL)
    assert lost == [(False, True)]
    assert not way.sent
    assert set(Delivery.objects.values_list("state", "attempts", "run")) == {(QUEUED, 0, None)}
    pump(Channel.EMAIL)
    assert len(way.sent) == 3


def test_a_database_that_is_long_away_is_waited_for(
    way: WayOut, three: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    from messaging.outbox import run as runs

    step, slept = runs.step, []

    def away(*arguments: Any) -> Any:
        if way.sent and len(slept) < 3:
            raise OperationalError
        return step(*arguments)

    monkeypatch.setattr(runs, "step", away)
    monkeypatch.setattr(runs, "sleep", slept.append)
    monkeypatch.setattr(connection, "close", lambda: None)
    runs.send_chunk(Channel.EMAIL)
    assert slept == [0.25, 0.5, 1.0]
    assert way.addresses == [three[0].address]
    assert states() == [SENT, QUEUED, QUEUED]


# --- Several at once --------------------------------------------------------------------------------------------------


@needs_postgres
@pytest.mark.django_db(transaction=True)
def test_several_workers_send_each_message_once(
    way: WayOut, message: Message, county: Branch, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "CHUNK", 7)
    settings.DELIVERY_RUNS = 10
    for number in range(60):
        wait_for(message, make_member(county, f"A{number}"))
    gate = threading.Barrier(4)
    workers_of: dict[str, set[str]] = {}
    way.before = lambda outgoing: workers_of.setdefault(outgoing.address, set()).add(threading.current_thread().name)

    def work() -> None:
        gate.wait()
        try:
            pump(Channel.EMAIL)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, name=str(number)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(way.sent) == len(set(way.addresses)) == 60
    assert set(states()) == {SENT}
    assert len({name for names in workers_of.values() for name in names}) > 1


@needs_postgres
@pytest.mark.django_db(transaction=True)
def test_stopping_by_hand_and_sending_do_not_wait_for_each_other(way: WayOut, message: Message, county: Branch) -> None:
    """The stop holds rows in a transaction of its own while the worker goes on: it passes them by."""
    from django.db import transaction

    rows = sorted((wait_for(message, make_member(county, f"A{n}")) for n in range(4)), key=lambda row: row.pk)
    held, go = threading.Event(), threading.Event()

    def stop() -> None:
        try:
            with transaction.atomic():
                Delivery.objects.filter(pk__in=[row.pk for row in rows[1:3]]).update(state="cancelled", problem="x")
                held.set()
                go.wait(10)
        finally:
            connections.close_all()

    thread = threading.Thread(target=stop)

    def begin_stop(outgoing: Outgoing) -> None:
        if outgoing.address == rows[0].address:
            thread.start()
            held.wait(10)

    way.before = begin_stop
    from messaging.outbox.run import send_chunk

    send_chunk(Channel.EMAIL)
    assert way.addresses == [rows[0].address, rows[3].address]
    go.set()
    thread.join()
    assert states() == [SENT, "cancelled", "cancelled", SENT]
