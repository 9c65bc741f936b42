"""Public results that no table of a county's branches holds: data/elections.csv, whole counties' county elections.

A line has the county number of election day, the election authority's code for the kind of election, the year, the
party's votes, and its share in per cent with a decimal comma.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Final

from membership.models import Branch
from recruitment.actions import record_result

_FILE: Final = Path(__file__).parent / "data" / "elections.csv"


def keep_known_results(county: Branch) -> int:
    """Keep the results in our own data that are of this county; how many were new or different."""
    changed = 0
    with _FILE.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file, delimiter=";"))
    for line in lines:
        year = int(line["year"])
        day = date(year, 9, 10)
        numbers = county.numbers.filter(number=line["number"], valid_from__lte=day).exclude(valid_to__lte=day)
        if numbers.exists():
            changed += record_result(
                county,
                number=line["number"],
                kind=line["kind"],
                year=year,
                votes=int(line["votes"]),
                share_hundredths=round(float(line["share"].replace(",", ".")) * 100),
            )
    return changed
