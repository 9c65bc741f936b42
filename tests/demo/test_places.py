"""The demo's branches."""

import csv
from pathlib import Path

import pytest

from demo import places
from demo.places import make_units, table_units

TABLE = Path(places.__file__).parent / "data" / "troms-2018.csv"


def _members_of(units: list[places.Unit], place: str) -> int:
    position = next(number for number, unit in enumerate(units) if unit.place == place)
    return units[position].members + sum(unit.members for unit in units if unit.parent == position and position)


def test_each_branch_has_as_many_members_as_the_table_says() -> None:
    units = table_units()
    rows = [line.split(";") for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]]
    assert {row[0]: _members_of(units, row[0]) for row in rows} == {row[0]: int(row[5]) for row in rows}
    assert len(rows) == 21
    assert units[0].members == 11
    assert sum(unit.members for unit in units) == 2_082


def test_tromso_has_two_local_branches() -> None:
    units = table_units()
    local = [unit for unit in units if unit.parent not in {None, 0}]
    assert [(unit.row["name"], units[unit.parent or 0].place) for unit in local] == [
        ("Tromsøya partilag", "Tromsø"),
        ("Kvaløya partilag", "Tromsø"),
    ]


def test_what_nobody_can_know_of_merged_municipalities_is_left_blank() -> None:
    results = {unit.place: unit.results for unit in table_units()}
    for place in ("Senja", "Tjeldsund"):
        assert [result.share_hundredths for result in results[place]] == [None, None]
    assert [(result.number, result.votes, result.share_hundredths) for result in results["Kåfjord"]] == [
        ("1940", 336, 3200),
        ("1940", 300, 2500),
    ]


@pytest.mark.parametrize(("members", "branches"), [(10_000, 30), (2_082, 21), (500, 2), (137, 5), (60_000, 700)])
def test_another_size_is_met_exactly(members: int, branches: int) -> None:
    units = make_units(members=members, branches=branches, seed=3)
    assert sum(unit.members for unit in units) == members
    assert sum(unit.parent == 0 for unit in units) == branches
    assert len({unit.slug for unit in units}) == len(units)
    assert {"kafjord", "tromso", "tromsoya", "kvaloya"} <= {unit.slug for unit in units}


def test_the_same_seed_invents_the_same_branches_and_another_seed_others() -> None:
    assert make_units(branches=40, seed=1) == make_units(branches=40, seed=1)
    assert make_units(branches=40, seed=1) != make_units(branches=40, seed=2)


def test_fewer_than_two_branches_are_refused() -> None:
    with pytest.raises(ValueError, match="at least two"):
        make_units(branches=1)


def test_every_place_of_the_table_has_postal_codes_and_shares_of_names() -> None:
    with (TABLE.parent / "places.csv").open(encoding="utf-8", newline="") as file:
        known = {row["place"] for row in csv.DictReader(file, delimiter=";")}
    assert {unit.place for unit in table_units()} == known
