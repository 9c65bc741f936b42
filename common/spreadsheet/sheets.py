"""What a spreadsheet is to us: sheets of rows of plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

Cell = str | int | float | bool | date | datetime | None


class SheetRow(NamedTuple):
    """One row that holds something. `number` is the row number Excel shows; empty cells are None, none at the end."""

    number: int
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: only the rows that hold something, in order."""

    name: str
    rows: list[SheetRow]
    hidden: bool = False
    # Whether a bare number that means a date counts from 1904 (old Excel for Mac) instead of 1900.
    epoch_1904: bool = False


@dataclass(frozen=True, slots=True)
class Workbook:
    """A file that was read. `kind` is what it turned out to be, whatever it was called: xlsx, xlsb, xls, ods, csv."""

    name: str
    kind: str
    sheets: list[Sheet] = field(default_factory=list)
