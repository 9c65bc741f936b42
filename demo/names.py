"""Invented people's names: common given names and family names, drawn apart from one another and put together.

The tables are in data/names.csv. A pair that happens to be somebody's name is chance, as in any telephone book.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

DATA: Final = Path(__file__).parent / "data"
IMMIGRANT: Final = ("polish", "arabic", "somali", "ukrainian", "asian", "tamil")
WOMAN: Final = "K"
MAN: Final = "M"

# The first names of a table are the commonest.
_SKEW: Final = 1.4
_FARM_NAMES: Final = 0.3
_MIDDLE_NAMES: Final = 0.1
_DOUBLE_FAMILY_NAMES: Final = 0.06
_NORWEGIAN_GIVEN_NAMES: Final = 0.3


@dataclass(frozen=True, slots=True)
class Culture:
    """Where names come from: women's and men's given names by generation (one or three), and family names."""

    women: Sequence[Sequence[str]]
    men: Sequence[Sequence[str]]
    families: Sequence[str]


@cache
def _tables() -> Mapping[tuple[str, str], tuple[str, ...]]:
    with (DATA / "names.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["culture"], row["kind"]): tuple(row["names"].split(",")) for row in csv.DictReader(file, delimiter=";")
        }


@cache
def culture(name: str) -> Culture:
    """The names of one culture; KeyError for a word that is none."""
    tables = _tables()
    if name == "norwegian":
        generations = ("old", "middle", "young")
        return Culture(
            [tables[name, f"woman_{generation}"] for generation in generations],
            [tables[name, f"man_{generation}"] for generation in generations],
            tables[name, "family"],
        )
    return Culture([tables[name, "woman"]], [tables[name, "man"]], tables[name, "family"])


def street(rng: Random) -> str:
    """A street and a number, more often a low one."""
    return f"{rng.choice(_tables()['address', 'street'])} {1 + int(140 * rng.random() ** 2)}"


def _pick(rng: Random, names: Sequence[str]) -> str:
    return names[int(len(names) * rng.random() ** _SKEW)]


def farm_name(rng: Random) -> str:
    """A name of the kind farms gave: a thousand of them, so that a large register has rare names too."""
    tables = _tables()
    first, last = rng.choice(tables["norwegian", "farm_first"]), rng.choice(tables["norwegian", "farm_last"])
    return first + (last[1:] if first[-2:] == last[0] * 2 else last)


def family_name(rng: Random, culture_name: str) -> str:
    """One family name, now and then a double one."""
    families = culture(culture_name).families
    if culture_name != "norwegian":
        return _pick(rng, families)
    name = farm_name(rng) if rng.random() < _FARM_NAMES else _pick(rng, families)
    if rng.random() < _DOUBLE_FAMILY_NAMES:
        other = _pick(rng, families)
        if other != name:
            return f"{name}{rng.choice('  -')}{other}"
    return name


def given_name(rng: Random, culture_name: str, gender: str, birth_year: int) -> str:
    """One given name, now and then two, as fits the gender (K or M) and the year of birth."""
    own = culture(culture_name)
    if culture_name in {"sami", "kven"} and rng.random() < _NORWEGIAN_GIVEN_NAMES:
        own = culture("norwegian")
    generations = own.women if gender == WOMAN else own.men
    generation = 0 if birth_year < 1955 else 1 if birth_year < 1985 else 2
    names = generations[min(generation, len(generations) - 1)]
    name = _pick(rng, names)
    if rng.random() < _MIDDLE_NAMES and " " not in name and "-" not in name:
        other = _pick(rng, names)
        if " " not in other and "-" not in other and other != name:
            return f"{name} {other}"
    return name
