"""The demo's branches: the county of the table, its municipal and local branches, and more where they are asked for."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from typing import Final

from common.text import slugify_nb
from demo.names import DATA, farm_name

PARTY: Final = "Arbeiderparti"
COUNTY: Final = "Troms"
WITHOUT_BRANCH: Final = 11
# Of Tromsø's 574 members these belong to a local branch.
LOCAL_BRANCHES: Final = {"Tromsøya": 243, "Kvaløya": 118}
LOCAL_PARENT: Final = "Tromsø"
# The demo's users have these two, so that the smallest demo has them as well.
ALWAYS: Final = ("Kåfjord", LOCAL_PARENT)


@dataclass(frozen=True, slots=True)
class Number:
    """The municipality number between two reforms; the end is not included."""

    number: str
    name: str
    valid_from: date
    valid_to: date | None


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
    name: str
    members: int
    # Position of the branch above in the list of units; None for the county.
    parent: int | None
    other_names: str = ""
    # Shares of names, in per cent: the rest are Norwegian.
    sami: int = 5
    kven: int = 3
    immigrant: int = 4
    postal_places: Sequence[tuple[str, str]] = ()
    numbers: Sequence[Number] = ()
    results: Sequence[Result] = ()

    @property
    def slug(self) -> str:
        """As it stands in addresses."""
        return slugify_nb(self.place)


def _rows(name: str, delimiter: str) -> list[list[str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))[1:]


def _share(text: str) -> int | None:
    return None if text == "-" else round(float(text.replace(",", ".")) * 100)


def _numbers() -> dict[str, list[Number]]:
    """The numbers of each branch, by its place: a merged branch has those of all it was made from."""
    reforms = (date(1900, 1, 1), date(2020, 1, 1), date(2024, 1, 1), None)
    found: dict[str, dict[Number, None]] = {}
    for municipality, *numbers, merged_into, name_2024, _county, no_2018, no_2020, no_2024 in _rows(
        "troms-municipalities.csv", ","
    ):
        place = merged_into or next((part for part in municipality.split(" - ") if part in _places()), municipality)
        names = (municipality, merged_into or municipality, name_2024)
        for number, name, start, end in zip(numbers, names, reforms, reforms[1:], strict=False):
            if start is not None:
                found.setdefault(place, {})[Number(number, name, start, end)] = None
        for number, start, end in zip((no_2018, no_2020, no_2024), reforms, reforms[1:], strict=False):
            if start is not None and no_2018 == "19":
                found.setdefault(COUNTY, {})[Number(number, COUNTY, start, end)] = None
    return {place: list(numbers) for place, numbers in found.items()}


def _places() -> Mapping[str, Sequence[str]]:
    return {place: cells for place, *cells in _rows("places.csv", ";")}


def _number_on(numbers: Sequence[Number], day: date) -> str:
    """The number on a day; of a branch merged since, the number it got in the merger."""
    then = [
        number for number in numbers if number.valid_from <= day and (number.valid_to is None or day < number.valid_to)
    ]
    if len(then) == 1:
        return then[0].number
    return next(number.number for number in numbers if number.valid_from > day)


def _described(unit: Unit) -> Unit:
    cells = _places().get(unit.place)
    if cells is None:
        return replace(unit, postal_places=(("9999", unit.place),))
    other_names, sami, kven, immigrant, postal_places = cells
    return replace(
        unit,
        other_names=other_names,
        sami=int(sami),
        kven=int(kven),
        immigrant=int(immigrant),
        postal_places=tuple((place[:4], place[5:]) for place in postal_places.split(",")),
    )


def table_units() -> list[Unit]:
    """The county of 2018: itself, its 21 municipal branches in the table's order, then the two local branches."""
    numbers = _numbers()
    county_results = (Result("19", "fy", 2015, 22_093, 3_280),)
    units = [Unit(COUNTY, f"{COUNTY} {PARTY}", WITHOUT_BRANCH, None, numbers=numbers[COUNTY], results=county_results)]
    for place, share_2015, votes_2015, share_2017, votes_2017, members, *_targets in _rows("troms-2018.csv", ";"):
        own = numbers[place]
        results = (
            Result(_number_on(own, date(2015, 9, 14)), "ko", 2015, int(votes_2015), _share(share_2015)),
            Result(_number_on(own, date(2017, 9, 11)), "st", 2017, int(votes_2017), _share(share_2017)),
        )
        count = int(members) - (sum(LOCAL_BRANCHES.values()) if place == LOCAL_PARENT else 0)
        units.append(Unit(place, f"{place} {PARTY}", count, 0, numbers=own, results=results))
    parent = next(position for position, unit in enumerate(units) if unit.place == LOCAL_PARENT)
    units += [Unit(place, f"{place} partilag", count, parent) for place, count in LOCAL_BRANCHES.items()]
    return [_described(unit) for unit in units]


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
        unit = Unit(place, f"{place} {PARTY}", min(2_000, int(25 * rng.paretovariate(1.2))), 0)
        if unit.slug not in slugs:
            slugs.add(unit.slug)
            more.append(_described(unit))
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
