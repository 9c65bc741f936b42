"""The web processes' memory, and the weight of pages."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.pages import COUNTY_USER, MEMBERS, OVERVIEW, UNPAID_BRANCH, UNPAID_COUNTY
from benchmarks.processes import ROOT, BenchmarkFailed, Worker
from benchmarks.table import Figure

PAGES_FETCHED = 1000
WORKERS = 2
OURS = "config.wsgi:application"


def memory(environment: dict[str, str], cookie: str) -> Iterator[Figure]:
    """Our two workers after a thousand pages ÷ a minimal Django app's two."""
    ours = _memory(OURS, environment, [p.url for p in (UNPAID_COUNTY, MEMBERS, OVERVIEW)], cookie)
    floor = _memory("benchmarks.minimal:application", {}, ["/"], "")
    yield Figure(
        f"web memory, 2 workers, after {PAGES_FETCHED:,} pages ÷ minimal Django", "sqlite 2,082", ours / floor, 1.8
    )
    yield Figure("web memory, 2 workers and their parent", "sqlite 2,082", ours, 300, unit="MiB")


def weights(worker: Worker) -> Iterator[Figure]:
    """Kilobytes, compressed: each page's HTML, and all that a first visit to the sign-in page fetches."""
    pages = [
        ("/konto/logg-inn/", ""),
        *((p.url, COUNTY_USER) for p in (UNPAID_COUNTY, UNPAID_BRANCH, MEMBERS, OVERVIEW)),
    ]
    for url, user in [*pages, ("/lag/troms/verving/mal/", COUNTY_USER)]:
        found = worker.ask("weight", url=url, user=user)
        if found["status"].startswith("200"):
            yield Figure(f"HTML of {url}", "sqlite 2,082", found["compressed"] / 1000, 15, unit="kB")


def first_visit(port: int) -> float:
    """Kilobytes on the wire for the sign-in page and everything it names."""
    html = _get(port, "/konto/logg-inn/")
    found = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', gzip.decompress(html).decode()))
    # The font's second part is fetched only where a page has its letters.
    return (len(html) + sum(len(_get(port, url)) for url in sorted(found))) / 1000


def _get(port: int, url: str, cookie: str = "") -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Accept-Encoding": "gzip"} | ({"Cookie": cookie} if cookie else {})
    connection.request("GET", url, headers=headers)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    if response.status != 200:
        raise BenchmarkFailed(f"{url}: {response.status}")
    return content


def _memory(application: str, environment: dict[str, str], urls: list[str], cookie: str) -> float:
    with serving(application, environment) as (port, parent):
        for n in range(PAGES_FETCHED):
            _get(port, urls[n % len(urls)], cookie)
        return sum(_proportional(pid) for pid in (parent, *_children(parent)))


@contextmanager
def serving(application: str, environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Gunicorn with two workers on a free port; its port and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Ours as `make run` serves it; the other as gunicorn does by default.
    config = ["--config=config/gunicorn.py"] if application == OURS else [f"--bind=127.0.0.1:{port}"]
    command = [sys.executable, "-m", "gunicorn", *config, f"--workers={WORKERS}", application]
    settings = {**os.environ, **environment, "PORT": str(port)}
    process = subprocess.Popen(command, cwd=ROOT, env=settings, start_new_session=True)
    try:
        _wait(port)
        yield port, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _wait(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise BenchmarkFailed("gunicorn did not start")


def _children(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def _proportional(pid: int) -> float:
    """MiB of a process, shared pages divided among those who share them."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found.group(1)) / 1024 if found else 0.0
