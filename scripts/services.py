"""Finds or starts what the tests want beside Python: PostgreSQL, a broker, Chromium."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from scripts.processes import Child, ProcessFailed, start_broker, stop_all, wait_until

USERS_FOR_POSTGRES = ("postgres", "nobody")
USUAL_LOGINS = (
    "postgresql://postgres@127.0.0.1:5432/postgres",
    "postgresql://postgres:postgres@127.0.0.1:5432/postgres",
    "postgresql:///postgres",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

INITDB_OPTIONS = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")

# A throw-away cluster need not survive a power cut.
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "listen_addresses="]


@dataclass
class Services:
    """What was found or started, and why the rest was not."""

    folder: Path
    postgres_url: str = ""
    redis_url: str = ""
    browser: str = ""
    missing: dict[str, str] = field(default_factory=dict)
    children: list[Child] = field(default_factory=list)

    def find_all(self, *, but_postgres: bool = False) -> None:
        for name, find in {"PostgreSQL": self.find_postgres, "a broker": self.find_broker}.items():
            if but_postgres and name == "PostgreSQL":
                continue
            try:
                find()
            except ProcessFailed as error:
                self.missing[name] = str(error)
        self.browser = next(filter(None, map(shutil.which, BROWSERS)), "")
        if not self.browser:
            self.missing["the browser"] = "no Chromium is installed"

    def stop(self) -> None:
        stop_all(self.children, seconds=10)

    # --- PostgreSQL ---

    def find_postgres(self) -> None:
        """TEST_DATABASE_URL, else a cluster of our own, else a server that lets us in as it usually does."""
        self.postgres_url = os.environ.get("TEST_DATABASE_URL", "")
        if self.postgres_url:
            return
        programs = postgres_programs()
        if programs is not None:
            self.start_postgres(programs)
            return
        self.postgres_url = next(filter(may_create_databases, USUAL_LOGINS), "")
        if not self.postgres_url:
            raise ProcessFailed("TEST_DATABASE_URL is not set, no server answers at 127.0.0.1:5432, none is installed")

    def start_postgres(self, programs: Path) -> None:
        user = unprivileged_user()
        data = self.folder / "postgres"
        data.mkdir(mode=0o700)
        if user:
            # Root may not run it, and whoever does must be able to walk to the folder.
            shutil.chown(data, user)
            self.folder.chmod(0o711)
        cluster = data / "cluster"
        made = subprocess.run(
            [programs / "initdb", f"--pgdata={cluster}", *INITDB_OPTIONS],
            user=user,
            cwd=data,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise ProcessFailed(f"initdb failed: {made.stderr.strip()[-200:]}")
        command = [str(programs / "postgres"), "-D", str(cluster), "-k", str(data)]
        command += [part for setting in FAST for part in ("-c", setting)]
        log = self.folder / "log" / "postgres.log"
        server = Child("postgres", command, {}, log, at_our_death=signal.SIGINT, user=user)
        self.children.append(server)
        url = f"postgresql://postgres@{quote(str(data), safe='')}/postgres"
        wait_until(server, lambda: may_create_databases(url), seconds=30)
        self.postgres_url = url

    # --- The broker ---

    def find_broker(self) -> None:
        """TEST_REDIS_URL, else the Valkey that comes with the packages."""
        self.redis_url = os.environ.get("TEST_REDIS_URL", "")
        if self.redis_url:
            return
        try:
            broker, self.redis_url = start_broker(self.folder)
        except ImportError as error:
            raise ProcessFailed(str(error)) from error
        self.children.append(broker)


def postgres_programs() -> Path | None:
    """The folder with initdb and postgres, the newest version first."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    candidates = [*versions, Path(on_path).resolve().parent] if on_path else versions
    return next((path for path in candidates if (path / "initdb").exists() and (path / "postgres").exists()), None)


def unprivileged_user() -> str | None:
    """Whom to run PostgreSQL as, when we are root; None when we are not."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in USERS_FOR_POSTGRES:
        if name in known:
            return name
    raise ProcessFailed("PostgreSQL does not run as root, and there is no other user to run it as")


def may_create_databases(url: str) -> bool:
    """Whether a server answers and lets us make databases in it."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            found = connection.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
            row = found.fetchone()
            return bool(row and row[0])
    except psycopg.Error:
        return False


def temporary_folder() -> Path:
    """A folder that another user can be given a part of. A home folder's TMPDIR may be closed to others."""
    parent = "/tmp" if os.geteuid() == 0 else None  # noqa: S108
    return Path(tempfile.mkdtemp(prefix="medlemsboka-tests-", dir=parent))
