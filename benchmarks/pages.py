"""Pages beside the floor page, and beside themselves on a small register."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.processes import Side, Worker, compare
from benchmarks.table import Figure

COUNTY_USER = "fylkessekretaer@demo.example"
YEAR = 2026


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is measured: its address, and a form's data where it is posted."""

    name: str
    url: str
    data: str = ""

    def side(self, worker: Worker, n: int = 5) -> Side:
        """Asking a worker for it, n times a turn."""
        return Side(worker, "page", {"url": self.url, "user": COUNTY_USER, "data": self.data, "n": n})


UNPAID_COUNTY = Page("unpaid list, county", f"/lag/troms/kontingent/{YEAR}/ubetalt/")
UNPAID_BRANCH = Page("unpaid list, branch", f"/lag/tromso/kontingent/{YEAR}/ubetalt/")
OVERVIEW = Page("county overview", "/lag/troms/")
MEMBERS = Page("register list, county", "/lag/troms/medlemmer/")


def search(term: str) -> Page:
    """The register list's search for a term."""
    return Page("search in names", "/lag/troms/medlemmer/", f"q={term}")


def beside_floor(floor: Worker, worker: Worker, where: str, *, pairs: int) -> Iterator[Figure]:
    """CPU ÷ floor page."""
    for page, goal in ((UNPAID_COUNTY, 2.5), (UNPAID_BRANCH, 2.5), (MEMBERS, 2.5), (OVERVIEW, 3.0)):
        found = compare(page.side(worker), Side(floor, "page", {"url": "/", "n": 5}), pairs=pairs)
        yield Figure(
            f"{page.name}: CPU ÷ floor page",
            where,
            found.cpu_ratio,
            goal,
            cpu_ms=found.cpu * 1000,
            wall_ms=found.wall * 1000,
            yardstick_ms=found.other_cpu * 1000,
        )


def queries(worker: Worker, where: str) -> Iterator[Figure]:
    """Statements sent."""
    for page, goal in ((UNPAID_COUNTY, 10), (UNPAID_BRANCH, 10), (MEMBERS, 10), (OVERVIEW, 12)):
        sent = worker.ask("queries", url=page.url, user=COUNTY_USER)["queries"]
        yield Figure(f"{page.name}: SQL queries", where, sent, goal, unit="queries")


def beside_small(small: Worker, large: Worker, where: str, *, pairs: int) -> Iterator[Figure]:
    """Time on a large register ÷ time on the small one."""
    for page, goal in ((UNPAID_COUNTY, 1.2), (UNPAID_BRANCH, 1.2), (MEMBERS, 1.2), (OVERVIEW, 1.5)):
        yield _grown(page, page, small, large, where, goal, pairs)
    few, many = (worker.ask("term") for worker in (small, large))
    name = f"search, {few['hits']} and {many['hits']} hits"
    yield _grown(
        Page(name, *_address(few["term"])), Page(name, *_address(many["term"])), small, large, where, 1.5, pairs
    )


def _address(term: str) -> tuple[str, str]:
    page = search(term)
    return page.url, page.data


def _grown(few: Page, many: Page, small: Worker, large: Worker, where: str, goal: float, pairs: int) -> Figure:
    found = compare(many.side(large), few.side(small), pairs=pairs)
    return Figure(
        f"{few.name}: time ÷ time at 2,082",
        where,
        found.wall_ratio,
        goal,
        cpu_ms=found.cpu * 1000,
        wall_ms=found.wall * 1000,
        yardstick_ms=found.other_wall * 1000,
    )
