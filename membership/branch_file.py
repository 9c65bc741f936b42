"""Reading a county's tree of branches from a file: what `manage.py load_branches` takes, and nobody needs to type.

One row is one branch; docs/branch-files.md describes the columns. The file may be CSV or a workbook.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from accounts.models import User
from common.spreadsheet.reading import SheetRow, read_sheets
from common.text import clean, fold
from membership.actions.branches import Number
from membership.actions.tree import BranchRow, build_tree
from membership.models import Branch

TROMS: Final = Path(__file__).parent / "data" / "troms.csv"

# Each column by the words people head it with, folded.
_COLUMNS: Final[Mapping[str, str]] = {
    "county": "county",
    "fylke": "county",
    "place": "place",
    "sted": "place",
    "name": "name",
    "navn": "name",
    "parent": "parent",
    "under": "parent",
    "other names": "other_names",
    "andre navn": "other_names",
    "slug": "slug",
    "adresse": "slug",
}
_NUMBERS: Final = re.compile(r"(?:numbers?|kommunenummer) ([0-9]{4})")
_ONE_NUMBER: Final = re.compile(r"([0-9]{1,4})(?: (.+))?")
# As far back as anybody asks: the first column of numbers holds for the years before it too.
_ALWAYS: Final = date(1900, 1, 1)


class BranchFileError(Exception):
    """A file that cannot be loaded; the text says what to mend, and in which row."""


def load(source: str | os.PathLike[str] | Iterable[Mapping[str, str]], *, by: User | None) -> Branch:
    """Make the county and the branches of a file, or of rows by column name, and return the county.

    What is there already stays as it is, so that the same file twice changes nothing. Raises `BranchFileError`,
    `SpreadsheetError` for a file that cannot be read, and the refusals of `build_tree`.
    """
    rows = read(source) if isinstance(source, str | os.PathLike) else _parse(enumerate(source, start=1))
    return build_tree(rows, by=by)


def read(path: str | os.PathLike[str]) -> list[BranchRow]:
    """The branches of a file; writes nothing."""
    sheets = [sheet for sheet in read_sheets(path, Path(path).name).sheets if sheet.rows]
    head, *body = sheets[0].rows
    names = [_column(cell) for cell in head.cells]
    if "place" not in names or "county" not in names:
        raise BranchFileError("The first row must name the columns, among them county and place.")
    return _parse((row.number, dict(zip(names, _texts(row), strict=False))) for row in body)


def _texts(row: SheetRow) -> Sequence[str]:
    # A workbook tells the number 5501 as the float 5501.0.
    return [str(int(cell)) if isinstance(cell, float) else "" if cell is None else str(cell) for cell in row.cells]


def _column(cell: Any) -> str:
    """The column's own name: one of ours, `numbers_<year>`, or empty for a column that is not ours."""
    words = fold(str(cell or ""))
    if found := _NUMBERS.fullmatch(words):
        return f"numbers_{found[1]}"
    return _COLUMNS.get(words, "")


def _parse(rows: Iterable[tuple[int, Mapping[str, str]]]) -> list[BranchRow]:
    found = []
    for number, raw in rows:
        row = {key: clean(value or "") for key, value in raw.items() if key}
        if not any(row.values()):
            continue
        if not row.get("county") or not row.get("place"):
            raise BranchFileError(f"Row {number}: a branch needs both a county and a place.")
        found.append(
            BranchRow(
                county=row["county"],
                place=row["place"],
                parent=row.get("parent", ""),
                name=row.get("name") or row["place"],
                other_names=row.get("other_names", ""),
                slug=row.get("slug", ""),
                numbers=_numbers(row, number),
            )
        )
    return found


def _numbers(row: Mapping[str, str], at: int) -> tuple[Number, ...]:
    """The row's numbers with the days they hold: each column until the next one's first day."""
    years = sorted(int(key.removeprefix("numbers_")) for key in row if key.startswith("numbers_"))
    starts = [_ALWAYS, *(date(year, 1, 1) for year in years[1:])]
    found = []
    for year, start, end in zip(years, starts, [*starts[1:], None], strict=False):
        for part in filter(None, (part.strip() for part in row[f"numbers_{year}"].split("+"))):
            match = _ONE_NUMBER.fullmatch(part)
            if match is None:
                raise BranchFileError(f"Row {at}: “{part}” is not a municipality number.")
            found.append(Number(_full(match[1], row), match[2] or row["place"], start, end))
    return tuple(found)


def _full(digits: str, row: Mapping[str, str]) -> str:
    """Spreadsheets lose leading zeros; a county has two digits, a municipality four."""
    return digits.zfill(2 if row["place"] == row["county"] and not row.get("parent") else 4)
