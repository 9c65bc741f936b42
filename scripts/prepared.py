"""Whether anything is to be prepared before a start, told without loading Django: that is most of a start's time.

Only for SQLite, where the database itself can be asked in a moment what it has; anything unusual counts as unprepared.
"""

import hashlib
import os
import sqlite3
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def static_state() -> str:
    """What the collected static files depend on, without reading them."""
    state = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for path in sorted((ROOT / "static").rglob("*")):
        if path.is_file():
            facts = path.stat()
            state.update(f"{path.relative_to(ROOT)} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return state.hexdigest()


def code_state() -> str:
    """Our migrations, those of the packages (by the lock), the static files, and which kind of house it is."""
    state = hashlib.sha256(static_state().encode())
    state.update(os.environ.get("MODE", "demo").encode())
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        state.update(f"{path.relative_to(ROOT)}\n".encode())
    return state.hexdigest()


def database_state(data_dir: Path) -> str:
    """The migrations that the default database has had, and whether it has a register; empty when it cannot be told."""
    path = data_dir / "medlemsboka.sqlite3"
    if os.environ.get("DATABASE_URL") or not path.exists():
        return ""
    try:
        connection = sqlite3.connect(path, timeout=5)
        try:
            applied = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
            register = connection.execute("SELECT 1 FROM membership_branch LIMIT 1").fetchall()
        finally:
            connection.close()
    except sqlite3.Error:
        return ""
    return hashlib.sha256(repr((applied, register)).encode()).hexdigest()


def stamp(data_dir: Path) -> Path:
    return data_dir / "prepared.stamp"


def current(data_dir: Path) -> str:
    """What the stamp says when everything is prepared; empty when that cannot be told."""
    database = database_state(data_dir)
    return f"{code_state()} {database}" if database else ""


def is_prepared(data_dir: Path) -> bool:
    """Whether nothing has changed since the last time everything was prepared."""
    now = current(data_dir)
    static = data_dir / "static" / "staticfiles.json"
    return bool(now) and static.exists() and stamp(data_dir).exists() and stamp(data_dir).read_text() == now


def set_prepared(data_dir: Path) -> None:
    """Remember that all is prepared."""
    stamp(data_dir).write_text(current(data_dir))
