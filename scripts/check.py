"""Everything that can be told without running a test: `make check`. Says all that is wrong, not only the first."""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 400
LINES_SHOWN = 80

SIZED = ("*.py", "*.html", "*.js")
"""Files that are read from top to bottom, and so must be short."""

NOT_OURS = {".venv", "node_modules", "var", "vendor", "migrations"}


def python(*module: str) -> list[str]:
    return [sys.executable, "-m", *module]


def manage(*command: str) -> list[str]:
    return [sys.executable, "manage.py", *command]


STEPS: dict[str, list[str]] = {
    "Format": python("ruff", "format", "--check", "--quiet", "."),
    "Lint": python("ruff", "check", "--quiet", "--output-format=concise", "."),
    "Types": python("mypy", "--no-error-summary", "."),
    "Layers": [str(Path(sys.executable).with_name("lint-imports")), "--no-logo"],
    "Templates": python("djlint", "templates", "--lint", "--quiet"),
    "Migrations": manage("makemigrations", "--check", "--dry-run", "--verbosity=1"),
    "Translations": python("scripts.messages", "--check"),
    "Deployment": manage("check", "--deploy", "--fail-level=WARNING"),
}

DEMO = {"MODE": "demo"}
PRODUCTION = {
    "MODE": "production",
    "PUBLIC_URL": "https://medlemsboka.example",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "DATABASE_URL": "postgres://medlemsboka@localhost/medlemsboka",
    "REDIS_URL": "redis://localhost/0",
}


def run_step(command: list[str], environment: dict[str, str]) -> str:
    """What a step complains of; empty when it has nothing to say against us."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return (done.stdout.strip() or f"exit code {done.returncode}") if done.returncode else ""


def long_files() -> str:
    """Our files that have outgrown what one reads in one go."""
    paths = (path for pattern in SIZED for path in ROOT.rglob(pattern))
    ours = (path for path in paths if not NOT_OURS & set(path.relative_to(ROOT).parts))
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in ours}
    return "\n".join(
        f"{path.relative_to(ROOT)}: {length} lines; split it by noun"
        for path, length in sorted(lengths.items())
        if length > LONGEST_FILE
    )


def report(name: str, complaint: str, seconds: float) -> bool:
    print(f"{name:<14}{'FAILED' if complaint else 'ok':<8}{seconds:5.1f} s", flush=True)
    lines = complaint.splitlines()
    for line in lines[:LINES_SHOWN]:
        print(f"    {line}")
    if len(lines) > LINES_SHOWN:
        print(f"    … and {len(lines) - LINES_SHOWN} lines more", flush=True)
    return bool(complaint)


def main() -> int:
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        for name, command in STEPS.items():
            started = time.monotonic()
            environment = PRODUCTION if name == "Deployment" else DEMO
            complaint = run_step(command, {**environment, "DATA_DIR": folder})
            if report(name, complaint, time.monotonic() - started):
                failed.append(name)
    if report("File lengths", long_files(), 0):
        failed.append("File lengths")
    if failed:
        print(f"Failed: {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
