"""A register file as rows: opened, its sheet chosen, its columns guessed or as the officer left them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

from common.spreadsheet.errors import SpreadsheetError
from common.spreadsheet.reading import read_sheets
from common.spreadsheet.sheets import Sheet, Workbook
from membership.importing.columns import ColumnMapping
from membership.importing.header import ColumnGuess, SheetGuess, choose_sheet, guess
from membership.importing.rows import Row, read_rows


@dataclass(frozen=True, slots=True)
class Source:
    """One opened file. `mapping` is the officer's where there is one, else the guess."""

    sheet: Sheet
    others: list[str]
    guess: SheetGuess
    mapping: ColumnMapping

    def rows(self, *, today: date, year: int) -> Iterator[Row]:
        """The rows as values; `year` is the dues year that a paid column is read for."""
        return read_rows(self.sheet, self.mapping, today=today, year=year)

    def columns_json(self) -> list[dict[str, Any]]:
        """What the preview's list of columns shows."""
        return [self._column_json(column) for column in self.guess.columns]

    def _column_json(self, column: ColumnGuess) -> dict[str, Any]:
        return {
            "index": column.index,
            "header": column.header,
            "field": str(self.mapping.fields.get(column.index, "")),
            "sure": column.sure,
            "why": column.why,
            "example": column.example,
            "identity": column.identity,
        }


def open_source(
    file: IO[bytes] | Path, name: str, *, year: int, sheet_name: str = "", fields: Mapping[int, Any] | None = None
) -> Source:
    """Open a file, in a child process with limits. Raises `SpreadsheetError` with one sentence for the officer."""
    workbook = read_sheets(file, name)
    sheet, others, guessed = _choose(workbook, sheet_name, year)
    mapping = guessed.mapping()
    if fields is not None:
        hidden = {column.index for column in guessed.columns if column.identity}
        mapping = mapping.with_fields({index: field for index, field in fields.items() if index not in hidden})
    return Source(sheet, others, guessed, mapping)


def _choose(workbook: Workbook, sheet_name: str, year: int) -> tuple[Sheet, list[str], SheetGuess]:
    for sheet in workbook.sheets:
        if sheet_name and sheet.name == sheet_name:
            others = [other.name for other in workbook.sheets if other is not sheet and not other.hidden]
            return sheet, others, guess(sheet.rows, year=year)
    choice = choose_sheet(workbook, year=year)
    return choice.sheet, choice.others, choice.guess


def refuse_unreadable(source: Source) -> None:
    """Raise `SpreadsheetError` where the columns cannot tell who is who."""
    if complaints := source.mapping.complaints():
        raise SpreadsheetError(" ".join(complaints))
