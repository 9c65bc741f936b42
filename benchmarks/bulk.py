"""Import and export beside their yardsticks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.processes import Side, Worker, compare
from benchmarks.table import Figure


def importing(worker: Worker, where: str, *, pairs: int) -> Iterator[Figure]:
    """Rows a second ÷ bare bulk_create's, and how time grows with the file."""
    rows = 2000
    found = compare(
        Side(worker, "bulk_create", {"rows": rows}), Side(worker, "import_rows", {"rows": rows}), pairs=pairs
    )
    yield Figure(
        "import from xlsx with dry run: rows/s ÷ bulk_create",
        where,
        found.wall_ratio,
        0.2,
        at_least=True,
        cpu_ms=found.other_cpu * 1000,
        wall_ms=found.other_wall * 1000,
        yardstick_ms=found.wall * 1000,
    )
    grown = compare(
        Side(worker, "import_rows", {"rows": 20000}),
        Side(worker, "import_rows", {"rows": rows}),
        pairs=max(1, pairs // 3),
    )
    yield Figure(
        "import: time(20,000) ÷ time(2,000)",
        where,
        grown.wall_ratio,
        10.5,
        cpu_ms=grown.cpu * 1000,
        wall_ms=grown.wall * 1000,
        yardstick_ms=grown.other_wall * 1000,
    )


def importing_changed(worker: Worker, where: str, *, rows: int = 50_000, pairs: int = 1) -> Iterator[Figure]:
    """A whole county's file again, of which a tenth has changed, beside a bare reading and bulk_update."""
    arguments = {"rows": rows}
    found = compare(Side(worker, "import_changed", arguments), Side(worker, "bulk_update_rows", arguments), pairs=pairs)
    yield Figure(
        f"import of {rows:,} with 10 % changed: time ÷ reading and bulk_update",
        where,
        found.wall_ratio,
        10,
        cpu_ms=found.cpu * 1000,
        wall_ms=found.wall * 1000,
        yardstick_ms=found.other_wall * 1000,
    )


def exporting(worker: Worker, where: str, *, pairs: int) -> Iterator[Figure]:
    """Rows written a second ÷ a bare write-only loop's."""
    rows = 5000
    found = compare(Side(worker, "write_bare", {"rows": rows}), Side(worker, "export", {"rows": rows}), pairs=pairs)
    yield Figure(
        "Excel export, 14 columns: rows/s ÷ bare openpyxl",
        where,
        found.wall_ratio,
        0.75,
        at_least=True,
        cpu_ms=found.other_cpu * 1000,
        wall_ms=found.other_wall * 1000,
        yardstick_ms=found.wall * 1000,
    )


def export_memory(
    start: Callable[[], Worker], where: str, *, few: int = 50_000, many: int = 500_000
) -> Iterator[Figure]:
    """Peak memory of an export of many rows less that of few, each in a process of its own."""
    peaks = []
    for rows in (few, many):
        worker = start()
        worker.ask("export", rows=rows)
        peaks.append(worker.ask("peak")["mib"])
        worker.close()
    yield Figure(f"export: peak memory at {many:,} rows less at {few:,}", where, peaks[1] - peaks[0], 10, unit="MiB")
