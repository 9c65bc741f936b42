"""Looking for duplicates through a whole county, beside a bare rapidfuzz loop over the same blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import combinations
from typing import Any

from benchmarks.processes import Side, Worker, compare
from benchmarks.table import Figure


def search_duplicates() -> dict[str, Any]:
    """The job's own work: reading the register along its indexes, blocking, scoring, writing the pairs."""
    from common import clock
    from membership.duplicates.searching import search_county
    from membership.models import Branch

    return {"pairs": search_county(Branch.objects.counties().get().pk, now=clock.now())}


@lru_cache
def _blocks() -> list[list[str]]:
    """The names in each block, as the search itself makes them: read once, and not part of the yardstick's time."""
    from membership.duplicates.searching import county_blocks
    from membership.models import Branch

    county = Branch.objects.counties().get()
    return [[f"{p.first} {p.last}" for p in block] for block in county_blocks(county.pk, read=lambda _rows: None)]


def compare_bare() -> dict[str, Any]:
    """Every two names of every block, and nothing else: no register is read, nothing is weighed, nothing written."""
    from rapidfuzz.fuzz import token_sort_ratio

    alike = compared = 0
    for names in _blocks():
        for one, other in combinations(names, 2):
            compared += 1
            alike += token_sort_ratio(one, other) >= 90
    return {"compared": compared, "alike": alike}


def duplicates(start: Callable[[], Worker], where: str, *, pairs: int) -> Iterator[Figure]:
    """Time ÷ the bare loop's, and the most memory a process has while it searches."""
    worker = start()
    worker.ask("search_duplicates")
    peak = worker.ask("peak")["mib"]
    found = compare(Side(worker, "search_duplicates"), Side(worker, "compare_bare"), pairs=pairs)
    worker.close()
    yield Figure(
        "duplicates, whole county: time ÷ bare rapidfuzz loop",
        where,
        found.cpu_ratio,
        100,
        cpu_ms=found.cpu * 1000,
        wall_ms=found.wall * 1000,
        yardstick_ms=found.other_cpu * 1000,
    )
    yield Figure("duplicates, whole county: minutes", where, found.wall / 60, 5, unit="min")
    yield Figure("duplicates, whole county: peak memory", where, peak, 256, unit="MiB")
