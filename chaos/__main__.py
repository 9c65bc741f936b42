"""`make chaos`: thousands of messages through the real outbox, while everything is killed that can be.

Sizes come from the environment: CHAOS_EMAILS (10,000), CHAOS_SMS (2,000), CHAOS_SEED, CHAOS_KILLS (at most, 80),
CHAOS_KILL_EVERY (seconds, 5), CHAOS_SLOWEST (seconds that a sink takes at most, 0.012), CHAOS_SECONDS (for all of it,
900). The last line is `lost 0 twice 0 unknown N`. The exit code is 1 where something was lost or came twice, where a
row says what its sink did not see, or where more are unknown than what was killed or cut can account for.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos.comparing import Row, Verdict, arrived, compare
from chaos.house import HOSTS, House
from chaos.killing import Killer
from scripts.processes import ProcessFailed

_MEMBERS_ROWS = "SELECT id::text, channel, state, problem, started_at FROM messaging_delivery ORDER BY id"
_STATES = "SELECT state, count(*) FROM messaging_delivery GROUP BY state"
_MESSAGES = "SELECT count(*) FROM messaging_message WHERE state NOT IN ('done')"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much, and how long."""

    emails: int
    sms: int
    seed: int
    kills: int
    every: float
    seconds: float

    @property
    def total(self) -> int:
        """How many rows there must be."""
        return self.emails + self.sms


def sizes() -> Sizes:
    """From the environment."""

    def number(name: str, default: float) -> float:
        return float(os.environ.get(name) or default)

    return Sizes(
        emails=int(number("CHAOS_EMAILS", 10_000)),
        sms=int(number("CHAOS_SMS", 2_000)),
        seed=int(number("CHAOS_SEED", random.SystemRandom().randrange(10_000))),
        kills=int(number("CHAOS_KILLS", 80)),
        every=number("CHAOS_KILL_EVERY", 5),
        seconds=number("CHAOS_SECONDS", 900),
    )


def ask(house: House, sql: str) -> list[tuple[Any, ...]] | None:
    """Rows, or None while the database is away."""
    import psycopg

    try:
        with psycopg.connect(house.database_url, connect_timeout=3) as connection:
            return connection.execute(sql.encode()).fetchall()
    except psycopg.Error:
        return None


class Run:
    """One run, from the first process to the verdict."""

    def __init__(self, folder: Path, asked: Sizes) -> None:
        self.asked = asked
        self.house = House(folder, asked.seed)
        self.killer = Killer(self.house, random.Random(asked.seed), asked.every)
        self.started = time.monotonic()

    def say(self, text: str) -> None:
        """With the seconds since the beginning."""
        print(f"{time.monotonic() - self.started:6.1f} s  {text}", flush=True)

    def all(self) -> int:
        """The exit code."""
        asked = self.asked
        self.say(f"{asked.emails:,} emails and {asked.sms:,} SMS, seed {asked.seed}")
        self.house.open()
        for host in HOSTS:
            # Two clocks as well: each sweep comes twice.
            self.house.start(f"worker-{host}")
            self.house.start(f"clock-{host}")
        self.house.manage("-m", "chaos.filling", str(asked.emails), str(asked.sms))
        self.say("queued; the killing begins")
        began = time.monotonic()
        in_time = self._until(self._is_nearly_done, killing=True)
        self.killer.bring_back()
        kills = ", ".join(f"{kind} {count}" for kind, count in sorted(self.killer.counts.items()))
        self.say(f"the killing is over: {len(self.killer.kills)} in {time.monotonic() - began:.0f} s ({kills})")
        in_time = self._until(self._is_settled, killing=False) and in_time
        self.say("settled" if in_time else "time is up")
        return self._report(self._verdict(), in_time=in_time)

    def _until(self, done: Callable[[], bool], *, killing: bool) -> bool:
        looked = 0.0
        while time.monotonic() - self.started < self.asked.seconds:
            self.killer.tick(killing=killing)
            if time.monotonic() - looked > 1:
                looked = time.monotonic()
                if done():
                    return True
            time.sleep(0.02)
        return False

    def _is_nearly_done(self) -> bool:
        """Enough has been killed, or there is hardly anybody left to catch in the middle of something."""
        if len(self.killer.kills) >= self.asked.kills:
            return True
        states = self._states()
        moving = states["queued"] + states["sending"]
        return sum(states.values()) >= self.asked.total and moving <= self.asked.total // 50

    def _is_settled(self) -> bool:
        states = self._states()
        if sum(states.values()) < self.asked.total or states["queued"] + states["sending"]:
            return False
        return ask(self.house, _MESSAGES) == [(0,)]

    def _states(self) -> Counter[str]:
        return Counter(dict(ask(self.house, _STATES) or []))

    def _verdict(self) -> Verdict:
        rows = [Row(*row) for row in ask(self.house, _MEMBERS_ROWS) or []]
        return compare(rows, arrived(self.house.folder), self.killer.kills, expected=self.asked.total)

    def _report(self, verdict: Verdict, *, in_time: bool) -> int:
        folder = self.house.folder
        hung_up = sum(lines_in(folder / f"{name}.cut") for name in ("smtp", "sms"))
        may_be_unknown = sum(kill.cut for kill in self.killer.kills) + hung_up
        talks = lines_in(folder / "smtp.connected")
        print("\nstate of the rows:")
        for state, count in sorted(verdict.states.items()):
            print(f"  {state:<18} {count:>7,}")
        print("what is written about them:")
        for problem, count in verdict.problems.most_common(20):
            print(f"  {problem:<60} {count:>5,}")
        print("killed -9, and how many were unknown after it:")
        for kind, count in sorted(self.killer.counts.items()):
            print(f"  {kind:<10} {count:>4} kills {verdict.unknown_by[kind]:>4} unknown")
        print(f"  {'hung up':<10} {hung_up:>4} cuts  {verdict.unknown_by['cut connection']:>4} unknown")
        print(f"  {'else':<10} {'':>10} {verdict.unknown_by['nobody']:>4} unknown")
        print(
            f"unknown: {verdict.unknown}, of which {verdict.unknown_arrived} arrived; at most {may_be_unknown} may be"
        )
        print(f"SMTP connections: {talks} for {self.asked.emails:,} emails")
        for contradiction in verdict.contradictions[:20]:
            print(f"  WRONG: {contradiction}")
        wrong = verdict.lost or verdict.twice or verdict.contradictions or verdict.unknown > may_be_unknown
        print(f"lost {verdict.lost} twice {verdict.twice} unknown {verdict.unknown}", flush=True)
        return 1 if wrong or not in_time else 0


def lines_in(path: Path) -> int:
    """How many; none where there is no such file."""
    return path.read_bytes().count(b"\n") if path.exists() else 0


def main() -> int:
    """Run, and clear away; the logs stay where something went wrong."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Not TMPDIR: PostgreSQL runs as another user, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir="/tmp"))
    run = Run(folder, sizes())
    code = 1
    try:
        code = run.all()
    except ProcessFailed as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        code = 130
    finally:
        run.house.close()
        if code in {0, 130} and not os.environ.get("CHAOS_KEEP"):
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"What the processes wrote is in {folder}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
