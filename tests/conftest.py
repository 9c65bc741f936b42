"""What every test has: a clock that stands still, no network, templates that may not guess, a client for a user."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.template import engines
from django.test import Client
from kombu import pools

from accounts.models import User
from common import clock as house_clock
from config.celery import app
from tests.strictness import StrictUndefined, refuse_network

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)

# The same inputs in every run: a test that fails once in a hundred is found by asking for more inputs, not by luck.
hypothesis.settings.register_profile("medlemsboka", deadline=None, derandomize=True, max_examples=100)
hypothesis.settings.register_profile("many", deadline=None, max_examples=5000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "medlemsboka"))

refuse_network()


# They ask no database; start one of their own; or look at what an invented county holds, not at how it is kept.
PURE = ("common", "test_chaos.py", "demo/test_life.py", "demo/test_officers.py", "demo/test_people.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests that need not run on each database."""
    for item in items:
        if any(item.path.is_relative_to(ROOT / "tests" / part) for part in PURE):
            item.add_marker(pytest.mark.pure)


@pytest.fixture(scope="session", autouse=True)
def _strict_templates() -> None:
    engine: Any = engines["django"]
    engine.engine.string_if_invalid = StrictUndefined("undefined")


@pytest.fixture(scope="session", autouse=True)
def _flush_despite_append_only_log() -> None:
    """Tests that commit are cleaned up after by emptying every table; SQLite's triggers would refuse it for the log."""
    operations: Any = type(connection.ops)
    if connection.vendor != "sqlite":
        return
    flush = operations.execute_sql_flush

    def flush_without_triggers(self: Any, statements: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%append-only%'")
            triggers = cursor.fetchall()
        drop = [f"DROP TRIGGER {name}" for name, _sql in triggers]
        flush(self, [*drop, *statements, *(sql for _name, sql in triggers)])

    operations.execute_sql_flush = flush_without_triggers


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Throttles and counters of one test are not the next one's."""
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def clock(request: pytest.FixtureRequest) -> Iterator[time_machine.Traveller | None]:
    """The time stands still at 20 November 2026, 19.00 in Norway; `clock.move_to(…)` moves it.

    Tests in a browser and with a broker have other processes beside them, and so run in true time.
    """
    registered = list(house_clock._demo_day)
    house_clock.register_demo_day(lambda: None)
    if request.node.get_closest_marker("browser") or request.node.get_closest_marker("broker"):
        yield None
    else:
        with time_machine.travel(NOW, tick=False) as traveller:
            yield traveller
    house_clock._demo_day[:] = registered


@pytest.fixture
def client_for() -> Callable[[User], Client]:
    """A function that gives a client signed in as a user. A server error in a page is the test's error."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


# --- A real broker and a real worker --------------------------------------------------------------------------------


def _end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """Stop a worker whose work has been looked at, and by force where it will not hear."""
    process.send_signal(how)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker in a process of its own, on the test's database; this process's tasks reach it by the broker.

    For tests marked `broker`. Needs TEST_REDIS_URL, which `make test` sets; skips without.
    """
    url = os.environ.get("TEST_REDIS_URL")
    if not url:
        pytest.skip("needs a broker: TEST_REDIS_URL is not set (make test starts one)")
    environment = {**os.environ, "REDIS_URL": url, "DATABASE_URL": database_url(connection.settings_dict)}
    environment["DATA_DIR"] = str(settings.DATA_DIR)
    # Not the tests' settings, which know no broker.
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    log = tmp_path / "worker.log"
    queue = f"test-{os.getpid()}"
    command = [sys.executable, "-m", "celery", "--app=config.celery", "worker", "--loglevel=INFO", "--concurrency=1"]
    before = {name: app.conf[name] for name in ("broker_url", "task_always_eager", "task_default_queue")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--without-mingle", "--without-gossip", f"--queues={queue}", f"--hostname={queue}@%h"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        wait_for(lambda: b"ready." in log.read_bytes() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        point_app_at(broker_url=kombu_url(url), task_always_eager=False, task_default_queue=queue)
        yield process
    finally:
        point_app_at(**before)
        _end(process, signal.SIGTERM)


def point_app_at(**changes: Any) -> None:
    """Changes Celery's settings, and drops the connections it made under the old ones."""
    for name, value in changes.items():
        app.conf[name] = value
    # All pools: `app.pool` would be made under the new settings, only to be closed.
    pools.reset()  # type: ignore[no-untyped-call]
    app._pool = None
    app.amqp._producer_pool = None
    for cached in ("queues", "router", "default_exchange"):
        app.amqp.__dict__.pop(cached, None)


def kombu_url(url: str) -> str:
    return f"redis+socket://{url.removeprefix('unix://')}" if url.startswith("unix://") else url


def database_url(settings: dict[str, Any]) -> str:
    """The URL of the test database, for another process."""
    if settings["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{settings['NAME']}"
    host, port = str(settings["HOST"] or "").replace("/", "%2F"), settings["PORT"]
    login = ":".join(filter(None, [settings["USER"], settings["PASSWORD"]]))
    return f"postgres://{login}@{host}{f':{port}' if port else ''}/{settings['NAME']}"


@pytest.fixture
def wait_for_it() -> Callable[[Callable[[], object]], None]:
    """Waits until another process has done something; fails after half a minute."""
    return wait_for


def wait_for(done: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise AssertionError(f"it did not happen in {seconds:.0f} seconds")
        time.sleep(0.02)
