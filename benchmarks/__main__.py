"""`python -m benchmarks [--large] [--pairs N]`: one table; both sides of each figure are taken in the same run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from benchmarks import bulk, deliveries, duplicates, erasing, pages, queueing, web
from benchmarks.processes import ROOT, Worker
from benchmarks.registers import SMALL, Register, make
from benchmarks.table import Figure, text
from scripts.processes import ProcessFailed
from scripts.services import Services, temporary_folder

FLOOR = "benchmarks.floor_settings"


def main() -> int:
    """0 when every figure is there; goals that are missed are said, not punished: machines differ."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--large", action="store_true", help="also 500,000 members")
    parser.add_argument("--pairs", type=int, default=9, help="how many times each pair is taken")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one database")
    asked = parser.parse_args()
    services = Services(temporary_folder())
    try:
        figures = [figure for figure in _all(asked, services) if _say(figure)]
    finally:
        services.stop()
    print(text(figures))
    missed = sum(not figure.met for figure in figures)
    print(f"\n{len(figures) - missed} of {len(figures)} goals are met.")
    return 0


def _say(figure: Figure) -> bool:
    print(f"{figure.where}: {figure.what}: {figure.value:.2f}", file=sys.stderr, flush=True)
    return True


def _all(asked: argparse.Namespace, services: Services) -> Iterator[Figure]:
    sizes = [SMALL, 50_000, *([500_000] if asked.large else [])]
    for database, server in _databases(asked.only, services):
        registers = [make(database, size, folder=ROOT / "var" / "bench", server=server) for size in sizes]
        yield from _one_database(registers, asked.pairs)
        if database == "sqlite":
            yield from _whole_machine(registers[0], large=asked.large)


def _databases(only: str | None, services: Services) -> Iterable[tuple[str, str]]:
    if only != "postgresql":
        yield "sqlite", ""
    if only != "sqlite":
        try:
            services.find_postgres()
        except ProcessFailed as error:
            print(f"Not measured on PostgreSQL: {error}", file=sys.stderr)
            return
        yield "postgresql", services.postgres_url


def _one_database(registers: list[Register], pairs: int) -> Iterator[Figure]:
    floor = Worker(registers[0].environment, settings=FLOOR)
    small = Worker(registers[0].environment)
    for register in registers:
        where = f"{register.database} {register.members:,}"
        worker = small if register is registers[0] else Worker(register.environment)
        yield from pages.queries(worker, where)
        yield from pages.beside_floor(floor, worker, where, pairs=pairs)
        if worker is not small:
            yield from pages.beside_small(small, worker, where, pairs=pairs)
            worker.close()
            yield from duplicates.duplicates(partial(Worker, register.environment), where, pairs=max(1, pairs // 3))
        if register.members == 50_000:
            sender = Worker(register.environment)
            yield from queueing.queueing(floor, sender, where, pairs=pairs)
            sender.close()
            yield from deliveries.memory(partial(_sender, register), where)
            yield from erasing.erasing(register, where, pairs=min(pairs, 3))
        if register is registers[-1] and register.members > SMALL:
            # On the largest there is: a tenth of its members, and nine tenths.
            few, many = register.members // 10, register.members * 9 // 10
            yield from erasing.memory(register, where, few=few, many=many)
    where = f"{registers[0].database} {registers[0].members:,}"
    yield from bulk.importing(small, where, pairs=max(3, pairs // 3))
    yield from bulk.importing_changed(small, where)
    yield from bulk.exporting(small, where, pairs=pairs)
    yield from deliveries.sending(partial(_sender, registers[0]), where, pairs=max(3, pairs // 3))
    small.close()
    floor.close()


def _sender(register: Register, environment: dict[str, str]) -> Worker:
    return Worker(register.environment | environment)


def _whole_machine(register: Register, *, large: bool) -> Iterator[Figure]:
    many = 500_000 if large else 200_000
    yield from bulk.export_memory(lambda: Worker(register.environment), f"sqlite {register.members:,}", many=many)
    worker = Worker(register.environment)
    yield from web.weights(worker)
    cookie = worker.ask("cookie", email=pages.COUNTY_USER)["cookie"]
    worker.close()
    yield from web.memory(register.environment, cookie)
    with web.serving(web.OURS, register.environment) as (port, _pid):
        yield Figure("sign-in page, first visit", "wire", web.first_visit(port), 140, unit="kB")


if __name__ == "__main__":
    Path(ROOT / "var").mkdir(exist_ok=True)
    sys.exit(main())
