"""The harness that kills: what it counts as lost, twice and contradicted; and a small run of it, with real kills."""

from __future__ import annotations

import os
import re
import smtplib
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from chaos.comparing import Row, Verdict, arrived, compare
from chaos.house import House, children_of, connections_to
from chaos.killing import Kill
from scripts.services import postgres_programs

ROOT = Path(__file__).resolve().parent.parent
AT = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


def row(state: str, number: int = 1, *, problem: str = "", seconds: float = 0) -> Row:
    return Row(str(number), "email", state, problem, AT + timedelta(seconds=seconds))


def judged(rows: list[Row], *took: str, expected: int | None = None, kills: list[Kill] | None = None) -> Verdict:
    ids = Counter(line.split()[0] for line in took)
    addresses = Counter(line.split()[-1] for line in took)
    return compare(rows, {"ids": ids, "addresses": addresses}, kills or [], expected=expected or len(rows))


@pytest.mark.parametrize(
    ("state", "times", "lost", "twice", "contradictions"),
    [
        ("sent", 1, 0, 0, 0),
        ("sent", 0, 1, 0, 1),
        ("sent", 2, 0, 1, 0),
        ("unknown", 0, 0, 0, 0),
        ("unknown", 1, 0, 0, 0),
        ("unknown", 2, 0, 1, 0),
        ("failed", 0, 0, 0, 0),
        ("failed", 1, 0, 0, 1),
        ("cancelled", 1, 0, 0, 1),
        ("queued", 0, 1, 0, 1),
        ("queued", 1, 0, 0, 1),
        ("sending", 1, 0, 0, 1),
    ],
)
def test_each_row_is_held_against_its_sink(state: str, times: int, lost: int, twice: int, contradictions: int) -> None:
    verdict = judged([row(state)], *["1 a@b"] * times)
    assert (verdict.lost, verdict.twice, len(verdict.contradictions)) == (lost, twice, contradictions)


def test_rows_that_were_never_made_are_lost_and_those_too_many_are_told() -> None:
    assert judged([row("sent")], "1 a@b", expected=3).lost == 2
    assert judged([row("sent"), row("sent", 2)], "1 a@b", "2 c@d", expected=1).contradictions


def test_one_address_by_two_rows_is_twice_and_a_message_of_no_row_is_told() -> None:
    assert judged([row("sent"), row("sent", 2)], "1 a@b", "2 a@b").twice == 1
    assert judged([row("sent")], "1 a@b", "9 c@d").contradictions == ["9 arrived and is in no row"]


def test_what_is_unknown_is_laid_to_the_kill_that_came_after() -> None:
    kills = [Kill(AT + timedelta(seconds=1), "smtp", 1), Kill(AT + timedelta(seconds=2), "worker", 1)]
    rows = [
        row("unknown", 1, problem="interrupted"),
        row("unknown", 2, problem="SMTPServerDisconnected"),
        row("unknown", 3, problem="SMTPServerDisconnected", seconds=1.5),
        row("unknown", 4, problem="interrupted", seconds=3),
    ]
    verdict = judged(rows, kills=kills)
    assert verdict.unknown_by == {"worker": 1, "smtp": 1, "cut connection": 1, "nobody": 1}


# --- The sinks ------------------------------------------------------------------------------------------------------


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "log").mkdir()
    house = House(tmp_path, 1, ports={"smtp": 0, "sms": 0})
    yield house
    house.close()


def started(house: House, name: str) -> int:
    from chaos.house import free_port

    house.ports[name] = free_port()
    house.start(name)
    return house.ports[name]


def test_the_mail_sink_has_a_letter_on_the_disk_before_it_answers(house: House) -> None:
    port = started(house, "smtp")
    server: Any = smtplib.SMTP("127.0.0.1", port, local_hostname="x")
    letter = "Message-ID: <01234567-89ab-cdef-0123-456789abcdef@x>\r\n\r\nHei\r\n"
    server.sendmail("a@b.example", ["c@d.example"], letter)
    assert arrived(house.folder)["ids"] == {"01234567-89ab-cdef-0123-456789abcdef": 1}
    assert connections_to(port) == 1
    assert house.kill("smtp") == 1
    with pytest.raises(smtplib.SMTPServerDisconnected):
        server.sendmail("a@b.example", ["c@d.example"], letter)
    started(house, "smtp")
    assert arrived(house.folder)["addresses"] == {"c@d.example": 1}


def test_the_sms_sink_answers_as_sveve_does(house: House) -> None:
    port = started(house, "sms")
    answer = requests.post(
        f"http://127.0.0.1:{port}/SMS/SendMessage", data={"ref": "abc", "to": "4790000000", "msg": "Hei"}, timeout=5
    )
    assert answer.json()["response"]["msgOkCount"] == 1
    assert arrived(house.folder) == {"ids": {"abc": 1}, "addresses": {"4790000000": 1}}


def test_children_are_found() -> None:
    with subprocess.Popen(["sleep", "20"]) as child:
        assert child.pid in children_of(os.getpid())
        child.kill()


# --- All of it ------------------------------------------------------------------------------------------------------


@pytest.mark.broker
def test_nothing_is_lost_and_nothing_comes_twice_whoever_is_killed() -> None:
    """As `make chaos`, but small. CHAOS_EMAILS and the other sizes make it larger."""
    if postgres_programs() is None:
        pytest.skip("PostgreSQL's programs are not installed: there is nothing to kill")
    if os.environ.get("TEST_DATABASE_URL"):
        pytest.skip("it has a database of its own, and runs once: with the tests on SQLite")
    small = {
        "CHAOS_EMAILS": "250",
        "CHAOS_SMS": "60",
        "CHAOS_SEED": "5",
        "CHAOS_KILLS": "9",
        "CHAOS_KILL_EVERY": "2",
        "CHAOS_SLOWEST": "0.1",
        "CHAOS_SECONDS": "200",
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_SETTINGS")}
    done = subprocess.run(
        [sys.executable, "-m", "chaos"],
        cwd=ROOT,
        env=small | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    last = done.stdout.strip().splitlines()[-1:]
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(r"lost 0 twice 0 unknown \d+", last[0])
