"""Workers of the benchmark: processes on databases of different sizes, asked in turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class BenchmarkFailed(Exception):
    """A worker could not do what it was asked."""


class Worker:
    """A process with one database; `ask("page", url=…)` waits for its figures."""

    def __init__(self, environment: dict[str, str], *, settings: str = "config.settings") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker"],
            cwd=ROOT,
            env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Figures of one command. Raises `BenchmarkFailed`."""
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: PT018
        self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "the worker ended"}
        if "error" in answer:
            raise BenchmarkFailed(f"{do} {arguments}: {answer['error']}")
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=30)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: whom to ask, and what."""

    worker: Worker
    do: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def run(self) -> dict[str, Any]:
        """Ask once."""
        return self.worker.ask(self.do, **self.arguments)


@dataclass(frozen=True, slots=True)
class Compared:
    """Medians of the pairs: the ratios A ÷ B, and each side's own seconds."""

    cpu_ratio: float
    wall_ratio: float
    cpu: float
    wall: float
    other_cpu: float
    other_wall: float


def compare(a: Side, b: Side, *, pairs: int) -> Compared:
    """A B A B …: both sides in the same run, so that a slow minute on the machine slows both."""
    a.run(), b.run()
    runs = [(a.run(), b.run()) for _ in range(pairs)]
    return Compared(
        cpu_ratio=_middle([one["cpu"] / max(other["cpu"], 1e-9) for one, other in runs]),
        wall_ratio=_middle([one["wall"] / max(other["wall"], 1e-9) for one, other in runs]),
        cpu=_middle([one["cpu"] for one, _ in runs]),
        wall=_middle([one["wall"] for one, _ in runs]),
        other_cpu=_middle([other["cpu"] for _, other in runs]),
        other_wall=_middle([other["wall"] for _, other in runs]),
    )


def _middle(values: Sequence[float]) -> float:
    return float(median(values))
