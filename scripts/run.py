"""Starts Medlemsboka on this machine: `make run`.

Web, worker, clock and, when REDIS_URL is not set, a broker; stops all of them together. Only Python's own library is
used here, so that this process stays small and starts at once; what needs Django is done by scripts.prepare.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import IO
from urllib.parse import urlsplit

from scripts import prepared
from scripts.processes import (
    MARK,
    STOPPING,
    AlreadyRunning,
    Child,
    ProcessFailed,
    answers,
    clear_leftovers,
    die_with_my_parent,
    die_with_parent,
    hold,
    port_is_free,
    start_broker,
    stop_all,
    wait_until,
    write_holder,
)

ROOT = Path(__file__).resolve().parent.parent
GRACE_SECONDS = 6
"""How long the programs may take to stop; a job that is cut short is taken up again by the sweep."""

STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}

# The accounts are invented, and production refuses them.
DEMO_PASSWORD = "medlemsboka"  # noqa: S105
DEMO_ACCOUNTS = {
    "fylkessekretaer@demo.example": "county secretary, Troms",
    "medlemsansvarlig.fylke@demo.example": "membership officer, the county",
    "medlemsansvarlig.kafjord@demo.example": "membership officer, Kåfjord",
    "medlemsansvarlig.tromso@demo.example": "membership officer, Tromsø",
    "kasserer@demo.example": "treasurer",
    "leder.tromso@demo.example": "leader, Tromsø",
    "ringer.tromso@demo.example": "caller, Tromsø",
    "drift@demo.example": "administrator",
}


class StartRefused(Exception):
    """It cannot be started. The text is shown as it is."""


class Place:
    """Where this run listens and keeps its files, from the environment."""

    def __init__(self) -> None:
        self.host = os.environ.get("HOST") or "127.0.0.1"
        try:
            self.port = int(os.environ.get("PORT") or 8000)
        except ValueError:
            raise StartRefused(f"PORT must be a number, and is {os.environ['PORT']}.") from None
        self.data_dir = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()
        self.address = os.environ.get("PUBLIC_URL") or f"http://{self.reach}:{self.port}"
        self.demo = os.environ.get("MODE", "demo") == "demo"

    @property
    def reach(self) -> str:
        """A host that a browser on this machine can open."""
        return "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104

    def log(self, name: str) -> Path:
        return self.data_dir / "log" / f"{name}.log"

    def shown(self, path: Path) -> str:
        return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def say(name: str, text: str) -> None:
    print(f"{name:<7} {text}", flush=True)


def take_place(place: Place) -> IO[str]:
    """Makes sure that nobody else is here, while the lock it returns stays open. Raises StartRefused."""
    try:
        place.data_dir.mkdir(parents=True, exist_ok=True)
        lock = hold(place.data_dir, place.address)
    except AlreadyRunning as running:
        raise StartRefused(f"Medlemsboka is running already, at {running}. Stop it first, or set DATA_DIR.") from None
    except OSError as error:
        raise StartRefused(f"The data folder {place.data_dir} cannot be used: {error.strerror}.") from None
    if cleared := clear_leftovers(place.data_dir):
        say("run", f"cleared away {cleared} processes that the last run left behind")
    if not port_is_free(place.host, place.port):
        raise StartRefused(
            f"Port {place.port} is in use by another program. Choose another: make run PORT={place.port + 1}"
        )
    return lock


def prepare(environment: dict[str, str]) -> None:
    """Database, static files, demo. Raises StartRefused when they cannot be made ready."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.prepare"],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        # Ctrl-C is ours to handle; we end it.
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGKILL),
        check=False,
    )
    if done.returncode:
        raise StartRefused("Medlemsboka was not started.")


def start_programs(place: Place, environment: dict[str, str], children: list[Child]) -> None:
    """Starts web, worker and clock, and waits until the web answers. Raises ProcessFailed."""

    def start(name: str, *module: str) -> Child:
        # SIGQUIT makes gunicorn and Celery stop at once, with the processes they have started.
        command = [sys.executable, "-m", *module]
        child = Child(name, command, environment, place.log(name), at_our_death=signal.SIGQUIT)
        children.append(child)
        return child

    web = start("web", "gunicorn", "--config=config/gunicorn.py", "config.wsgi")
    concurrency = f"--concurrency={os.environ.get('WORKER_PROCESSES', '2')}"
    start(
        "worker",
        "celery",
        "--quiet",
        "--app=config.celery",
        "worker",
        "--loglevel=WARNING",
        "--without-mingle",
        concurrency,
    )
    request = f"GET /static/icon.svg HTTP/1.0\r\nHost: {urlsplit(place.address).netloc}\r\n\r\n".encode()
    family = socket.AF_INET6 if ":" in place.reach else socket.AF_INET
    wait_until(web, lambda: answers((place.reach, place.port), family, request, b"HTTP/"), seconds=60)
    start("clock", "celery", "--quiet", "--app=config.celery", "beat", "--loglevel=WARNING")


def greet(place: Place) -> None:
    print(f"\nMedlemsboka runs at {place.address}\n")
    if place.demo:
        print(f"The register is invented. Sign in as one of these, password {DEMO_PASSWORD}:")
        for email, who in DEMO_ACCOUNTS.items():
            print(f"  {email:<40} {who}")
        print()
    print(f"Logs are in {place.shown(place.data_dir / 'log')}. Ctrl-C stops it.", flush=True)


def watch(children: list[Child]) -> int:
    """Waits until someone stops us or a program ends by itself. Returns our exit code."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS | {signal.SIGCHLD})
    while True:
        for child in children:
            if child.exit_code is not None:
                report_end(child)
                return 1
        if signal.sigwait(STOP_SIGNALS | {signal.SIGCHLD}) in STOP_SIGNALS:
            return 0


def report_end(child: Child) -> None:
    say(child.name, f"ended by itself (code {child.exit_code}); everything is stopped. Its last words:")
    for line in child.last_words():
        say("", f"| {line}")


def serve(place: Place) -> int:
    """The whole life of a run. Raises StartRefused."""
    environment = {MARK: str(place.data_dir), "PORT": str(place.port), "DATA_DIR": str(place.data_dir)}
    children: list[Child] = []
    with take_place(place) as lock:
        try:
            if not prepared.is_prepared(place.data_dir):
                prepare(environment)
            return run_programs(place, environment, children)
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
            write_holder(lock, STOPPING)
            stop_all(children, GRACE_SECONDS)


def run_programs(place: Place, environment: dict[str, str], children: list[Child]) -> int:
    """Starts the programs and stays until one ends or we are told to stop. Raises StartRefused."""
    try:
        if not os.environ.get("REDIS_URL"):
            broker, environment["REDIS_URL"] = start_broker(place.data_dir)
            children.append(broker)
        start_programs(place, environment, children)
    except ProcessFailed as error:
        for child in children:
            if child.exit_code is not None:
                report_end(child)
        raise StartRefused(str(error)) from None
    greet(place)
    return watch(children)


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Start Medlemsboka on this machine.")
    parser.add_argument("--with-parent", action="store_true", help="stop when the process that started this one ends")
    options = parser.parse_args(arguments)
    if options.with_parent:
        die_with_my_parent()
    os.umask(0o077)
    os.chdir(ROOT)
    for number in STOP_SIGNALS:
        signal.signal(number, interrupt)
    try:
        return serve(Place())
    except StartRefused as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
