"""The demo's branches: the county of the table, its municipal and local branches, and more where they are asked for."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from common.text import slugify_nb
from demo.names import DATA, farm_name
from membership.branch_file import TROMS

PARTY: Final = "Arbeiderparti"
COUNTY: Final = "Troms"
WITHOUT_BRANCH: Final = 11
# Of Tromsø's 574 members these belong to a local branch.
LOCAL_BRANCHES: Final = {"Tromsøya": 243, "Kvaløya": 118}
LOCAL_PARENT: Final = "Tromsø"
# The demo's users have these two, so that the smallest demo has them as well.
ALWAYS: Final = ("Kåfjord", LOCAL_PARENT)


@dataclass(frozen=True, slots=True)
class Result:
    """What a branch got in one election: kind by the election authority's code, share in hundredths of a per cent."""

    number: str
    kind: str
    year: int
    votes: int
    share_hundredths: int | None


@dataclass(frozen=True, slots=True)
class Unit:
    """One branch and how many members it has itself (not those under it)."""

    place: str
    members: int
    # Position of the branch above in the list of units; None for the county.
    parent: int | None
    # As a branch file tells of it: docs/branch-files.md.
    row: Mapping[str, str]
    # Shares of names, in per cent: the rest are Norwegian.
    sami: int = 5
    kven: int = 3
    immigrant: int = 4
    postal_places: Sequence[tuple[str, str]] = ()
    results: Sequence[Result] = ()

    @property
    def slug(self) -> str:
        """As it stands in addresses."""
        return slugify_nb(self.place)


def _dicts(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def _election_table() -> list[list[str]]:
    """The table of 2018 without its heading, in which two columns have the same name."""
    with (DATA / "troms-2018.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=";"))[1:]


@cache
def _places() -> Mapping[str, Mapping[str, str]]:
    return {cells["place"]: cells for cells in _dicts(DATA / "places.csv")}


def _unit(place: str, members: int, parent: int | None, told: Mapping[str, str]) -> Unit:
    """A branch with what data/places.csv tells of the place; one that is not there has a postal code of no place."""
    row = {"county": COUNTY, "place": place, "name": f"{place} {PARTY}", **told}
    cells = _places().get(place)
    if cells is None:
        return Unit(place, members, parent, row, postal_places=(("9999", place),))
    return Unit(
        place,
        members,
        parent,
        row,
        sami=int(cells["sami"]),
        kven=int(cells["kven"]),
        immigrant=int(cells["immigrant"]),
        postal_places=tuple((found[:4], found[5:]) for found in cells["postal_places"].split(",")),
    )


def _share(text: str) -> int | None:
    return None if text == "-" else round(float(text.replace(",", ".")) * 100)


def _number_then(row: Mapping[str, str]) -> str:
    """The number at the elections of 2015 and 2017; of a branch merged since, the number it got in the merger."""
    return row["numbers_2020"] if "+" in row["numbers_2018"] else row["numbers_2018"]


def table_units() -> list[Unit]:
    """The county of 2018: itself, its 21 municipal branches in the table's order, then the two local branches."""
    rows = {row["place"]: row for row in _dicts(TROMS)}
    units = [_unit(COUNTY, WITHOUT_BRANCH, None, rows[COUNTY])]
    for place, share_2015, votes_2015, share_2017, votes_2017, members, *_targets in _election_table():
        number = _number_then(rows[place])
        results = (
            Result(number, "ko", 2015, int(votes_2015), _share(share_2015)),
            Result(number, "st", 2017, int(votes_2017), _share(share_2017)),
        )
        count = int(members) - (sum(LOCAL_BRANCHES.values()) if place == LOCAL_PARENT else 0)
        units.append(replace(_unit(place, count, 0, rows[place]), results=results))
    parent = next(position for position, unit in enumerate(units) if unit.place == LOCAL_PARENT)
    for place, count in LOCAL_BRANCHES.items():
        units.append(_unit(place, count, parent, {"name": f"{place} partilag", "parent": LOCAL_PARENT}))
    return units


def _chosen(units: list[Unit], branches: int) -> list[Unit]:
    """The county and so many of its municipal branches: those the users have, then the largest; and the local ones."""
    municipal = [unit for unit in units if unit.parent == 0]
    by_need = sorted(municipal, key=lambda unit: (unit.place not in ALWAYS, -unit.members))[:branches]
    kept = [units[0], *(unit for unit in municipal if unit in by_need)]
    parent = next(position for position, unit in enumerate(kept) if unit.place == LOCAL_PARENT)
    return [*kept, *(replace(unit, parent=parent) for unit in units if unit.place in LOCAL_BRANCHES)]


def _invented(units: list[Unit], count: int, rng: Random) -> list[Unit]:
    """So many more municipal branches with made-up names, most of them small, a few large."""
    slugs = {unit.slug for unit in units}
    more: list[Unit] = []
    while len(more) < count:
        place = farm_name(rng)
        if len(more) >= 500:
            place = f"{place} {len(more)}"
        unit = _unit(place, min(2_000, int(25 * rng.paretovariate(1.2))), 0, {})
        if unit.slug not in slugs:
            slugs.add(unit.slug)
            more.append(unit)
    return more


def _scaled(units: list[Unit], members: int) -> list[Unit]:
    """The same proportions with another sum, exactly, by largest remainder."""
    total = sum(unit.members for unit in units)
    shares = [divmod(unit.members * members, total) for unit in units]
    missing = members - sum(whole for whole, _rest in shares)
    by_rest = sorted(range(len(units)), key=lambda position: -shares[position][1])
    rounded_up = frozenset(by_rest[:missing])
    return [
        replace(unit, members=whole + (position in rounded_up))
        for position, (unit, (whole, _rest)) in enumerate(zip(units, shares, strict=True))
    ]


def make_units(*, members: int | None = None, branches: int | None = None, seed: int = 0) -> list[Unit]:
    """The branches of a demo with so many members and municipal branches in all; left out, as the table says.

    Raises ValueError for fewer than two branches: the demo's users need two.
    """
    units = table_units()
    in_table = sum(unit.parent == 0 for unit in units)
    branches = in_table if branches is None else branches
    if branches < len(ALWAYS):
        raise ValueError("a demo has at least two municipal branches")
    if branches < in_table:
        units = _chosen(units, branches)
    elif branches > in_table:
        units += _invented(units, branches - in_table, Random(f"places {seed}"))
    return units if members is None else _scaled(units, members)
