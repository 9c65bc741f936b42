"""Every process, each to be killed and started again: PostgreSQL, the broker, the workers and clocks of two hosts."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

from scripts.processes import Child, ProcessFailed, answers, start_broker, stop_all, wait_until
from scripts.services import INITDB_OPTIONS, may_create_databases, postgres_programs, unprivileged_user

ROOT: Final = Path(__file__).resolve().parent.parent
HOSTS: Final = ("north", "south")
# A machine that keeps running loses nothing that was written, synced or not; a killed process does, so a commit is
# written before it is answered.
_POSTGRES: Final = ("fsync=off", "synchronous_commit=on", "max_connections=60", "listen_addresses=")
_SILENCE: Final = 12


def free_port() -> int:
    """One that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@dataclass
class House:
    """What runs, by name."""

    folder: Path
    seed: int
    children: dict[str, Child] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    _programs: Path = Path()
    _starts: int = 0

    def open(self) -> None:
        """Start all but the workers. Raises ProcessFailed."""
        programs = postgres_programs()
        if programs is None:
            raise ProcessFailed("PostgreSQL's programs are not installed here: there is nothing to kill")
        self._programs = programs
        self._make_cluster()
        self.start("postgres")
        self.start("broker")
        self.ports = {"smtp": free_port(), "sms": free_port()}
        self.environment = self._settings()
        for name in ("smtp", "sms"):
            self.start(name)
        self.manage("migrate", "--verbosity=0")

    def start(self, name: str) -> None:
        """Start one, and wait till it answers where it can be asked. Raises ProcessFailed."""
        self._starts += 1
        kind, _, host = name.partition("-")
        starters: dict[str, Callable[[], None]] = {
            "postgres": self._start_postgres,
            "broker": self._start_broker,
            "smtp": lambda: self._start_sink("smtp", b"", b"220"),
            "sms": lambda: self._start_sink("sms", b"GET / HTTP/1.0\r\n\r\n", b"HTTP/"),
            "worker": lambda: self._start_celery(name, host, "worker", "--without-mingle", "--concurrency=2"),
            "clock": lambda: self._start_celery(name, host, "beat"),
        }
        starters[kind]()

    def close(self) -> None:
        """Stop what still runs, the last started first."""
        stop_all(list(self.children.values()), seconds=5)
        for child in self.children.values():
            child.kill()

    def manage(self, *arguments: str) -> str:
        """Run a command of Django's, or a module of ours with -m, and give what it said."""
        program = ["-m", *arguments[1:]] if arguments[0] == "-m" else ["manage.py", *arguments]
        done = subprocess.run(
            [sys.executable, *program],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ProcessFailed(f"{' '.join(program)}: {done.stderr[-3000:]}")
        return done.stdout

    @property
    def database_url(self) -> str:
        """Where the table is."""
        return f"postgresql://postgres@{quote(str(self.folder / 'pg'), safe='')}/postgres"

    # --- Killing ------------------------------------------------------------------------------------------------------

    def kill(self, name: str) -> int:
        """Kill -9, with all its children; how many connections or senders that cut off."""
        child = self.children[name]
        pids = [child.process.pid, *children_of(child.process.pid)]
        cut = connections_to(self.ports[name]) if name in self.ports else len(pids) - 1
        for pid in pids:
            _kill(pid)
        child.wait(5)
        return cut

    def kill_one_sender(self, name: str, chance: random.Random) -> int:
        """Kill -9 one process of a worker's; the worker itself lives on, and starts another."""
        pids = children_of(self.children[name].process.pid)
        if not pids:
            return 0
        _kill(chance.choice(sorted(pids)))
        return 1

    # --- Starting -----------------------------------------------------------------------------------------------------

    def _settings(self) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "MODE": "production",
            "SECRET_KEY": "chaos" * 12,
            "PUBLIC_URL": "https://chaos.example",
            "DATA_DIR": str(self.folder / "data"),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": f"unix://{self.folder / 'run' / 'valkey.sock'}?db=0",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.ports['smtp']}",
            "EMAIL_BACKEND": "",
            "EMAIL_TIMEOUT": "5",
            "SMS_URL": f"sveve://chaos:chaos@127.0.0.1:{self.ports['sms']}",
            "RETURN_ADDRESS": "retur@chaos.example",
            "DELIVERY_SILENCE": str(_SILENCE),
        }

    def _make_cluster(self) -> None:
        user = unprivileged_user()
        data = self.folder / "pg"
        data.mkdir(mode=0o700)
        if user:
            shutil.chown(data, user)
            self.folder.chmod(0o711)
        command = [str(self._programs / "initdb"), f"--pgdata={data / 'cluster'}", *INITDB_OPTIONS]
        subprocess.run(command, user=user, cwd=data, capture_output=True, check=True)

    def _start_postgres(self) -> None:
        data = self.folder / "pg"
        # Whoever outlived the last one still holds its memory.
        while leftovers := [pid for pid in postgres_processes(data / "cluster") if _kill(pid)]:
            time.sleep(0.05 * len(leftovers))
        (data / "cluster" / "postmaster.pid").unlink(missing_ok=True)
        command = [str(self._programs / "postgres"), "-D", str(data / "cluster"), "-k", str(data)]
        command += [part for setting in _POSTGRES for part in ("-c", setting)]
        log = self.folder / "log" / "postgres.log"
        user = unprivileged_user()
        self.children["postgres"] = Child("postgres", command, {}, log, at_our_death=signal.SIGKILL, user=user)
        wait_until(self.children["postgres"], lambda: may_create_databases(self.database_url), seconds=60)

    def _start_broker(self) -> None:
        self.children["broker"], _url = start_broker(self.folder)

    def _start_sink(self, name: str, say: bytes, wanted: bytes) -> None:
        port = self.ports[name]
        command = [
            sys.executable,
            "-m",
            "chaos.sinks",
            name,
            str(port),
            str(self.folder),
            str(self.seed + self._starts),
        ]
        log = self.folder / "log" / f"{name}.log"
        self.children[name] = Child(name, command, {"PYTHONPATH": str(ROOT)}, log, at_our_death=signal.SIGKILL)
        family = socket.AF_INET
        wait_until(self.children[name], lambda: answers(("127.0.0.1", port), family, say, wanted), seconds=20)

    def _start_celery(self, name: str, host: str, *arguments: str) -> None:
        data = self.folder / host
        data.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "celery", "--quiet", "--app=config.celery", *arguments, "--loglevel=WARNING"]
        if arguments[0] == "worker":
            command.append(f"--hostname=worker@{host}")
        environment = {**self.environment, "DATA_DIR": str(data), "PYTHONPATH": str(ROOT)}
        log = self.folder / "log" / f"{name}.log"
        self.children[name] = Child(name, command, environment, log, at_our_death=signal.SIGKILL)


def _kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def children_of(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in tasks.read_text().split()]
        except OSError:
            continue
    return found


def postgres_processes(cluster: Path) -> list[int]:
    """Those that work in a cluster."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == cluster:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def connections_to(port: int) -> int:
    """How many connections a server on this machine has open."""
    wanted = f":{port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(wanted) and row[3] == "01" for row in rows)
