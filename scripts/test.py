"""Runs the tests: `make test`.

On SQLite; on PostgreSQL, with a broker and in a browser where those are found or can be started. The last lines say
what was not run and why; with MEDLEMSBOKA_CI_STRICT set that is a failure, and so is too little coverage.

Arguments go to pytest, which then runs once, on SQLite or on the server that TEST_DATABASE_URL names:
make test ARGS="tests/dues -x"
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from scripts.services import Services, temporary_folder

ROOT = Path(__file__).resolve().parent.parent

BRANCHES_COVERED_AT_LEAST = 95
"""Per cent of the branches in our code that tests must take, counted over the tests on SQLite, which take all but
half a per cent of what all runs take together: counting makes a run half as slow again."""

NOTHING_COLLECTED = 5


def say(text: str) -> None:
    print(text, flush=True)


class Runs:
    """The runs of pytest, and what came of them."""

    def __init__(self, services: Services, *, strict: bool) -> None:
        self.services = services
        self.strict = strict
        self.failed: list[str] = []
        self.not_run: dict[str, str] = dict(services.missing)

    def environment(self, name: str, **extra: str) -> dict[str, str]:
        environment = {key: value for key, value in os.environ.items() if key not in {"TEST_DATABASE_URL", "CI"}}
        environment["TEST_REDIS_URL"] = self.services.redis_url
        environment["MEDLEMSBOKA_BROWSER"] = self.services.browser
        environment["COVERAGE_FILE"] = str(self.services.folder / f".coverage.{name.split(maxsplit=1)[0]}{len(name)}")
        return environment | extra

    def pytest(self, name: str, *arguments: str, counted: bool = False, **extra: str) -> int:
        """One run; `counted` for coverage, which makes it half as slow again."""
        say(f"\n── {name}")
        coverage = ["--cov", "--cov-report="] if self.strict and counted else []
        command = [sys.executable, "-m", "pytest", "-q", *coverage, *arguments]
        code = subprocess.run(command, cwd=ROOT, env=self.environment(name, **extra), check=False).returncode
        if code not in {0, NOTHING_COLLECTED}:
            self.failed.append(name)
        return code

    def all(self) -> None:
        workers = f"--numprocesses={min(os.cpu_count() or 1, 4)}"
        beside = "not browser" if self.services.redis_url else "not browser and not broker"
        self.pytest("Tests on SQLite", workers, "-m", f"{beside} and not once", counted=True)
        self.pytest("Walks through everything, on SQLite", workers, "-m", f"{beside} and once")
        if self.services.postgres_url:
            again = f"{beside} and not once and not pure"
            self.pytest("Tests on PostgreSQL", workers, "-m", again, TEST_DATABASE_URL=self.services.postgres_url)
        if self.services.browser:
            code = self.pytest("Tests in the browser", workers, "-m", "browser")
            if code == NOTHING_COLLECTED:
                self.not_run["the browser"] = "there are no browser tests"

    def coverage(self) -> None:
        """Adds the runs up, prints what is not covered, and fails when too little is."""
        coverage = [sys.executable, "-m", "coverage"]
        folder = self.services.folder
        environment = {**os.environ, "COVERAGE_FILE": str(folder / ".coverage")}

        def run(*arguments: str | Path) -> None:
            subprocess.run([*coverage, *arguments], cwd=ROOT, env=environment, check=False)

        say("\n── Coverage of the tests on SQLite")
        run("combine", "--quiet", *folder.glob(".coverage.*"))
        run("report", "--skip-covered")
        run("json", "--quiet", "-o", folder / "coverage.json")
        totals = json.loads((folder / "coverage.json").read_text())["totals"]
        covered = 100 * totals["covered_branches"] / max(totals["num_branches"], 1)
        say(f"Branches covered: {covered:.1f} % (at least {BRANCHES_COVERED_AT_LEAST:.0f} % is asked for)")
        if covered < BRANCHES_COVERED_AT_LEAST:
            self.failed.append("Coverage")

    def report(self) -> int:
        say("")
        for what, why in self.not_run.items():
            say(f"Not run: {what}: {why}.")
        if self.not_run and self.strict:
            say("MEDLEMSBOKA_CI_STRICT is set: what is not run counts as failed.")
        for name in self.failed:
            say(f"Failed: {name}.")
        failed = bool(self.failed or (self.strict and self.not_run))
        if not failed:
            say("All that was run passed." if self.not_run else "Everything was run, and passed.")
        return 1 if failed else 0


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    strict = bool(os.environ.get("MEDLEMSBOKA_CI_STRICT"))
    folder = temporary_folder()
    services = Services(folder)
    try:
        services.find_all(but_postgres=bool(arguments))
        runs = Runs(services, strict=strict and not arguments)
        if arguments:
            chosen = os.environ.get("TEST_DATABASE_URL", "")
            runs.pytest("The chosen tests", *arguments, TEST_DATABASE_URL=chosen)
            return 1 if runs.failed else 0
        runs.all()
        if strict:
            runs.coverage()
        return runs.report()
    except KeyboardInterrupt:
        return 130
    finally:
        services.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
