"""The registers measured: made once by `manage.py demo`, kept under DATA_DIR, and used again while the code that makes
them is the same."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from benchmarks.processes import ROOT, BenchmarkFailed

SMALL = 2082


@dataclass(frozen=True, slots=True)
class Register:
    """One database with so many members."""

    database: str
    members: int
    environment: dict[str, str]


def make(database: str, members: int, *, folder: Path, server: str = "") -> Register:
    """The register of one size on one kind of database, made where it is not there already."""
    place = folder / f"{database}-{members}"
    place.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{place / 'medlemsboka.sqlite3'}" if database == "sqlite" else _own(server, members)
    environment = {"DATABASE_URL": url, "DATA_DIR": str(place), "MODE": "demo", "REDIS_URL": ""}
    stamp, mark = place / "made", _mark(url)
    if not stamp.exists() or stamp.read_text() != mark:
        if database != "sqlite":
            _create(server, urlsplit(url).path[1:])
        elif (old := place / "medlemsboka.sqlite3").exists():
            old.unlink()
        arguments = [] if members == SMALL else ["--members", str(members)]
        print(f"Making {members:,} members on {database} …", file=sys.stderr, flush=True)
        _manage(environment, "migrate", "--verbosity=0")
        _manage(environment, "demo", *arguments)
        stamp.write_text(mark)
    # The pages name their styles by content: a worker needs them where the server would have them.
    _manage(environment, "collectstatic", "--noinput", "--verbosity=0")
    return Register(database, members, environment)


def _own(server: str, members: int) -> str:
    parts = urlsplit(server)
    return urlunsplit(parts._replace(path=f"/medlemsboka_bench_{members}"))


def _create(server: str, name: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}"')


def _manage(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchmarkFailed(done.stderr[-2000:])


def _mark(url: str) -> str:
    """Changes with the migrations and the demo."""
    made_by = sorted([*ROOT.glob("*/migrations/*.py"), *ROOT.glob("demo/*.py"), *ROOT.glob("demo/data/*")])
    digest = hashlib.sha256(url.encode())
    for path in made_by:
        digest.update(path.read_bytes())
    return digest.hexdigest()
