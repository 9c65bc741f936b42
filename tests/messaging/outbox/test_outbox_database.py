"""A database that goes away in the middle, and several workers at one."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from membership.models import Branch
from messaging.enums import Channel
from messaging.models import Delivery, Message, SendingRun
from messaging.outbox import leasing, statements
from messaging.outbox import run as runs
from messaging.outbox.pump import pump
from messaging.outbox.run import send_chunk
from messaging.transports.base import Outgoing
from tests.conftest import database_url
from tests.conftest import wait_for as wait_until
from tests.factories import make_member
from tests.messaging.post_office import Clerk, PostOffice, open_post_office
from tests.messaging.way_out import QUEUED, SENT, UNKNOWN, WayOut, needs_postgres, states, wait_for

pytestmark = pytest.mark.django_db


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
    cut = Cut()
    cuts: list[int] = []

    def lose(_outgoing: Outgoing) -> None:
        if not cuts:
            cuts.append(1)
            cut()

    way.before = lose
    pump(Channel.EMAIL)
    assert sorted(way.addresses) == sorted(delivery.address for delivery in three)
    assert states() == [SENT] * 3
    assert not Delivery.objects.exclude(attempts=1, run=None, problem="").exists()
    assert not SendingRun.objects.exists()


@needs_postgres
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_loses_the_database_before_sending_sends_nothing(
    way: WayOut, three: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = Cut()
    lost: list[Any] = []

    def step_and_lose(*arguments: Any) -> Any:
        """The statement is committed, and the answer never comes."""
        done = statements.step(*arguments)
        if not lost:
            lost.append(done)
            cut()
            raise OperationalError
        return done

    monkeypatch.setattr(runs, "step", step_and_lose)
    send_chunk(Channel.EMAIL)
    assert lost == [(False, True)]
    assert not way.sent
    assert not Delivery.objects.exclude(state=QUEUED, attempts=0, run=None).exists()
    pump(Channel.EMAIL)
    assert len(way.sent) == 3


def test_a_database_that_is_long_away_is_waited_for(
    way: WayOut, three: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    def away(*arguments: Any) -> Any:
        if way.sent and len(slept) < 3:
            raise OperationalError
        return statements.step(*arguments)

    monkeypatch.setattr(runs, "step", away)
    monkeypatch.setattr(runs, "sleep", slept.append)
    monkeypatch.setattr(connection, "close", lambda: None)
    send_chunk(Channel.EMAIL)
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
    send_chunk(Channel.EMAIL)
    assert way.addresses == [rows[0].address, rows[3].address]
    go.set()
    thread.join()
    assert states() == [SENT, "cancelled", "cancelled", SENT]


# --- Kill -9 ----------------------------------------------------------------------------------------------------------


class SlowClerk(Clerk):
    """Takes its time over each letter."""

    def read_letter(self) -> EmailMessage:
        """Long enough for somebody to be killed in it."""
        time.sleep(0.05)
        return super().read_letter()


def production(office: PostOffice) -> dict[str, str]:
    """The environment of a worker that sends to this server, on the test's database."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(connection.settings_dict),
        "EMAIL_URL": f"smtp://127.0.0.1:{office.port}",
        "MODE": "production",
        "PUBLIC_URL": "https://medlemsboka.example",
        "SECRET_KEY": "x" * 50,
    }


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_leaves_one_unknown_and_nothing_is_sent_twice(
    message: Message, county: Branch, settings: Any
) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    for number in range(30):
        wait_for(message, make_member(county, f"A{number}"), not_before_at=long_ago)
    with open_post_office() as office:
        office.RequestHandlerClass = SlowClerk
        work = "import django; django.setup(); from messaging.outbox.pump import pump; pump('email')"
        worker = subprocess.Popen([sys.executable, "-c", work], env=production(office))
        wait_until(lambda: len(office.letters) >= 5)
        worker.kill()
        worker.wait()
        assert states().count("sending") <= 1
        assert states().count(QUEUED) > 10
        run = SendingRun.objects.get()
        leasing.bury(run.heartbeat_at + settings.DELIVERY_SILENCE + timedelta(minutes=1))
        settings.DEMO = False
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
        pump(Channel.EMAIL)
        times = Counter(recipient for [recipient], _letter in office.letters)
    unknown = set(Delivery.objects.filter(state=UNKNOWN).values_list("address", flat=True))
    assert len(unknown) <= 1
    assert set(states()) <= {SENT, UNKNOWN}
    for address in Delivery.objects.values_list("address", flat=True):
        assert times[address] <= 1 if address in unknown else times[address] == 1
