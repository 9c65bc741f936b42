"""How the machinery runs: for administrators, and for monitors."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from jobs.enums import JobState
from jobs.models import Job, PeriodicRun
from membership.models import Branch
from membership.roles import Permission, Role, permissions_of
from messaging.enums import Channel, DeliveryState, Purpose
from messaging.models import Delivery, SendingRun
from overview import operations
from tests.factories import make_branch, make_county, make_member, make_officer, make_user

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _forget() -> None:
    operations.remembered.forget()


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def admin(county: Branch) -> User:
    return make_officer(county, Role.ADMINISTRATOR)


def deliver(state: str = DeliveryState.QUEUED, channel: str = Channel.EMAIL, *, ago: timedelta = MINUTE) -> Delivery:
    at = timezone.now() - ago
    return Delivery.objects.create(
        key=uuid4().hex,
        channel=channel,
        purpose=Purpose.NOTICE,
        address="hemmelig@example.no",
        subject="Hemmelig emne",
        state=state,
        created_at=min(at, timezone.now()),
        not_before_at=at,
        wipe_at=at,
    )


def ran(name: str, *, ago: timedelta = MINUTE, problem: str = "") -> PeriodicRun:
    at = timezone.now() - ago
    well = None if problem else at
    return PeriodicRun.objects.create(name=name, started_at=at, finished_at=at, succeeded_at=well, problem=problem)


def line_of(name: str) -> operations.Line:
    return next(line for line in operations.timetable(timezone.now()) if line.name == name)


# --- The timetable ----------------------------------------------------------------------------------------------------


def test_a_job_that_ran_lately_is_on_time() -> None:
    ran("sweep-jobs")
    line = line_of("sweep-jobs")
    assert (line.is_late, line.tone, line.word, line.took) == (False, "success", "I rute", 0)


def test_a_job_that_has_not_run_for_long_is_late() -> None:
    ran("sweep-jobs", ago=3 * MINUTE)
    assert (line_of("sweep-jobs").tone, line_of("sweep-jobs").word) == ("danger", "Forsinket")


def test_what_runs_often_and_never_ran_is_late_and_what_runs_at_night_is_not() -> None:
    assert line_of("sweep-deliveries").is_late
    assert (line_of("clear-sessions").is_late, line_of("clear-sessions").word) == (False, "Ikke ennå")


def test_a_job_that_broke_off_says_so_and_is_late_when_it_should_have_gone_well() -> None:
    run = ran("clear-sessions", problem="OperationalError")
    assert line_of("clear-sessions").is_late
    PeriodicRun.objects.filter(pk=run.pk).update(succeeded_at=timezone.now() - timedelta(hours=20))
    line = line_of("clear-sessions")
    assert (line.is_late, line.tone, line.word, line.problem) == (False, "warning", "Brøt av", "OperationalError")


def test_a_job_that_is_going_is_not_late_at_once() -> None:
    now = timezone.now()
    long_ago = now - timedelta(hours=27)
    PeriodicRun.objects.create(name="clear-sessions", started_at=now, finished_at=long_ago, succeeded_at=long_ago)
    assert not line_of("clear-sessions").is_late
    assert line_of("clear-sessions").took is None


# --- Queues -----------------------------------------------------------------------------------------------------------


def test_what_waits_is_counted_by_channel() -> None:
    deliver(ago=5 * MINUTE)
    deliver(ago=-5 * MINUTE)
    deliver(DeliveryState.SENDING)
    for state in (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.UNKNOWN):
        deliver(state)
    deliver(DeliveryState.SENT, ago=timedelta(days=2))
    deliver(channel=Channel.SMS, ago=-5 * MINUTE)
    email, sms = operations.queues(timezone.now())
    assert (email.waiting, email.due, email.sending) == (2, 1, 1)
    assert email.oldest_at == timezone.now() - 5 * MINUTE
    assert (email.sent, email.failed, email.unknown) == (1, 2, 1)
    assert (sms.waiting, sms.due, sms.oldest_at, sms.sent) == (1, 0, None, 0)


def test_an_empty_outbox_is_noughts() -> None:
    assert [(queue.waiting, queue.sent, queue.oldest_at) for queue in operations.queues(timezone.now())] == [
        (0, 0, None)
    ] * 2


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the planner of PostgreSQL chooses by the table's size")
def test_the_outbox_is_counted_along_the_index_of_what_is_open() -> None:
    plan = operations._open_deliveries().order_by("not_before_at").values("pk").explain()
    assert "delivery_open" in plan


def test_workers_that_are_gone_are_not_counted(settings: Settings) -> None:
    now = timezone.now()
    for silent in (timedelta(0), settings.DELIVERY_SILENCE + MINUTE):
        SendingRun.objects.create(channel=Channel.EMAIL, started_at=now - silent, heartbeat_at=now - silent)
    assert operations.sending_runs(now) == {"live": 1, "last_at": now}


def test_jobs_are_counted(county: Branch) -> None:
    now = timezone.now()
    for state in (JobState.QUEUED, JobState.RUNNING, JobState.FAILED, JobState.DONE):
        fields = {"owner": make_user(), "kind": "x", "branch_id": county.pk, "permission": "x", "state": state}
        Job.objects.create(**fields, created_at=now, expires_at=now)
    assert operations.work() == {"waiting": 1, "running": 1, "failed": 1, "oldest_at": now}


# --- The page ---------------------------------------------------------------------------------------------------------


def test_whoever_holds_the_right_somewhere_sees_it(admin: User, client_for: ClientFor) -> None:
    page = client_for(admin).get("/drift/")
    assert page.status_code == 200
    assert AuditEvent.objects.filter(verb=Verb.OPERATIONS_OPENED, actor_id=admin.pk).count() == 1


@pytest.mark.parametrize("role", [role for role in Role if Permission.VIEW_OPERATIONS not in permissions_of(role)])
def test_nobody_else_does(county: Branch, role: Role, client_for: ClientFor) -> None:
    user = make_officer(county, role)
    assert client_for(user).get("/drift/").status_code == 404
    assert AuditEvent.objects.filter(verb=Verb.ACCESS_DENIED, actor_id=user.pk).count() == 1


def test_an_administrators_time_ends(admin: User, client_for: ClientFor) -> None:
    from membership.models import Grant

    Grant.objects.filter(user=admin).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert client_for(admin).get("/drift/").status_code == 404


def test_it_cannot_be_posted_to(admin: User, client_for: ClientFor) -> None:
    assert client_for(admin).post("/drift/").status_code == 405


def test_a_second_factor_is_asked_for_as_elsewhere(admin: User, client_for: ClientFor, settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    assert client_for(admin).get("/drift/").status_code == 302


def test_the_page_tells_nothing_of_a_person(admin: User, client_for: ClientFor) -> None:
    member = make_member(make_branch(admin.grants.get().branch))
    deliver()
    page = client_for(admin).get("/drift/").content.decode()
    for secret in ("hemmelig", "Hemmelig emne", member.last_name, member.email):
        assert secret not in page
    assert "sweep-deliveries" in page


def test_the_page_costs_the_same_whatever_waits(
    admin: User, client_for: ClientFor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_for(admin)
    for _ in range(2):
        deliver()
        ran("sweep-jobs" if not PeriodicRun.objects.exists() else "forget-work")
        with django_assert_num_queries(10):
            client.get("/drift/")


def test_a_broker_that_is_gone_is_said_to_be(admin: User, client_for: ClientFor, settings: Settings) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert "Svarer ikke" in client_for(admin).get("/drift/").content.decode()


# --- For monitors -----------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def broker(settings: Settings) -> None:
    """A broker as far as the check knows: a port of ours where nobody answers is set in the tests that need that."""
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"


def ask(client: Client) -> tuple[int, object]:
    answer = client.get("/helse/")
    return answer.status_code, answer.json()


def test_a_house_without_a_broker_is_well_when_its_database_is(client: Client) -> None:
    assert ask(client) == (200, {"status": "ok"})


def test_a_broker_and_a_sweep_that_are_gone_are_named(client: Client, broker: None) -> None:
    assert ask(client) == (503, {"status": "failing", "parts": ["broker", "sweep"]})


@pytest.mark.broker
def test_a_broker_that_answers_says_how_much_lies_in_it(
    client: Client, settings: Settings, admin: User, client_for: ClientFor
) -> None:
    url = os.environ.get("TEST_REDIS_URL")
    if not url:
        pytest.skip("needs a broker: TEST_REDIS_URL is not set (make test starts one)")
    settings.REDIS_URL = url
    ran("sweep-jobs")
    assert ask(client) == (200, {"status": "ok"})
    assert isinstance(operations.broker_queue(), int)
    assert "i kø" in client_for(admin).get("/drift/").content.decode()


@pytest.mark.parametrize(
    ("ago", "problem", "alive"),
    [(MINUTE, "", True), (6 * MINUTE, "", False), (MINUTE, "OperationalError", False)],
)
def test_a_sweep_is_alive_when_one_began_lately(ago: timedelta, problem: str, alive: bool) -> None:
    ran("sweep-deliveries", ago=ago, problem=problem)
    assert operations.sweep_is_alive(timezone.now()) is alive


def test_a_worker_that_is_sending_is_alive() -> None:
    now = timezone.now()
    SendingRun.objects.create(channel=Channel.EMAIL, started_at=now, heartbeat_at=now)
    assert operations.sweep_is_alive(now)


def test_a_database_that_is_gone_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError("password=hemmelig")

    monkeypatch.setattr(connection, "cursor", refuse)
    assert ask(client) == (503, {"status": "failing", "parts": ["database"]})


def test_a_database_that_goes_in_the_middle_is_named(
    client: Client, broker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_now: datetime) -> bool:
        raise DatabaseError

    monkeypatch.setattr(operations, "sweep_is_alive", refuse)
    assert ask(client) == (503, {"status": "failing", "parts": ["database"]})


def test_asking_often_costs_no_more(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        for _ in range(5):
            ask(client)


def test_it_has_no_session_and_is_kept_by_nobody(client: Client) -> None:
    answer = client.get("/helse/")
    assert not answer.cookies
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.head("/helse/").status_code == 200
    assert client.post("/helse/").status_code == 405


def test_the_version_is_ours() -> None:
    assert operations.version().count(".") == 2
