"""What the tests of a register file's rows share: one cell, or some rows, read as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from common.spreadsheet.sheets import Cell, Sheet, SheetRow
from membership.importing.columns import ColumnMapping, Field
from membership.importing.problems import Problem
from membership.importing.rows import Row, read_rows

TODAY = date(2026, 11, 22)
YEAR = 2026
NAUGHTY = Path(__file__).parents[2].parent / "shared" / "corpora" / "naughty-strings" / "blns.json"
NOBODY = "14906110084"  # a made-up person: 80 is added to the month


def sheet_of(lines: Sequence[Sequence[Cell]], *, epoch_1904: bool = False) -> Sheet:
    filled = [
        SheetRow(number, list(cells))
        for number, cells in enumerate(lines, 1)
        if any(cell is not None for cell in cells)
    ]
    return Sheet("Ark1", filled, epoch_1904=epoch_1904)


def mapping_of(*fields: Field | None, headers: dict[int, str] | None = None, **more: Any) -> ColumnMapping:
    chosen = {index: field for index, field in enumerate(fields) if field}
    titles = {index: str(field.label) for index, field in chosen.items()} | (headers or {})
    return ColumnMapping(1, chosen, titles, **more)


@dataclass
class Told:
    """What one row told about a field, and what was said."""

    row: Row

    @property
    def values(self) -> dict[str, Any]:
        return {key: value for key, value in self.row.values.items() if key not in ("member_number", "last_name")}

    @property
    def problem(self) -> Problem:
        (problem,) = self.row.problems
        return problem


def told(field: Field, cell: Cell, *, header: str = "", year: int = YEAR, **more: Any) -> Told:
    """Read one cell of a field in a row that is otherwise right."""
    mapping = mapping_of(Field.MEMBER_NUMBER, Field.LAST_NAME, field, headers={2: header or str(field.label)}, **more)
    lines: list[list[Cell]] = [["Nr", "Navn", "x"], ["1001", "Nordmann", cell]]
    (row,) = read_rows(sheet_of(lines), mapping, today=TODAY, year=year)
    assert row.accepted
    return Told(row)


def read(
    *lines: Sequence[Cell], fields: tuple[Field | None, ...] = (Field.MEMBER_NUMBER, Field.FULL_NAME)
) -> list[Row]:
    head: list[Cell] = [str(field.label) if field else None for field in fields]
    return list(read_rows(sheet_of([head, *lines]), mapping_of(*fields), today=TODAY, year=YEAR))
