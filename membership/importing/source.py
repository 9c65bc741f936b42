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
from membership.importing.columns import ColumnMapping, Field
from membership.importing.header import ColumnGuess, SheetGuess, choose_sheet, guess
from membership.importing.rows import Row, read_rows
from membership.importing.variants import fold


@dataclass(frozen=True, slots=True)
class Source:
    """One opened file. `mapping` is the officer's where there is one, else the guess."""

    sheet: Sheet
    others: list[str]
    guess: SheetGuess
    mapping: ColumnMapping
    # Columns (0 is A) that are read as the branch read them the last time.
    remembered: frozenset[int] = frozenset()

    def rows(self, *, today: date, year: int) -> Iterator[Row]:
        """The rows as values; `year` is the dues year that a paid column is read for."""
        return read_rows(self.sheet, self.mapping, today=today, year=year)

    def columns_json(self) -> list[dict[str, Any]]:
        """What the preview's list of columns shows."""
        return [self._column_json(column) for column in self.guess.columns]

    def _column_json(self, column: ColumnGuess) -> dict[str, Any]:
        remembered = column.index in self.remembered
        return {
            "index": column.index,
            "header": column.header,
            "field": str(self.mapping.fields.get(column.index, "")),
            "sure": column.sure or remembered,
            "why": "" if remembered else column.why,
            "remembered": remembered,
            "example": column.example,
            "identity": column.identity,
        }


def open_source(
    file: IO[bytes] | Path,
    name: str,
    *,
    year: int,
    sheet_name: str = "",
    fields: Mapping[int, Any] | None = None,
    memory: Mapping[str, str] | None = None,
) -> Source:
    """Open a file, in a child process with limits. Raises `SpreadsheetError` with one sentence for the officer.

    `fields` are the officer's own columns; where there are none, `memory` (folded heading → field) goes before the
    guess.
    """
    workbook = read_sheets(file, name)
    sheet, others, guessed = _choose(workbook, sheet_name, year)
    mapping = guessed.mapping()
    known = _recall(guessed, memory or {}, year)
    if fields is not None:
        hidden = {column.index for column in guessed.columns if column.identity}
        mapping = mapping.with_fields({index: field for index, field in fields.items() if index not in hidden})
    else:
        remembered = _as_remembered(mapping, known)
        mapping = mapping if remembered.complaints() and not mapping.complaints() else remembered
    kept = frozenset(index for index, name in known.items() if str(mapping.fields.get(index, "")) == name)
    return Source(sheet, others, guessed, mapping, kept)


def _recall(guessed: SheetGuess, memory: Mapping[str, str], year: int) -> dict[int, str]:
    """Column → field as remembered. A heading that names another year than the import's is judged anew."""
    return {
        column.index: memory[heading]
        for column in guessed.columns
        if not column.identity and column.year in (None, year) and (heading := fold(column.header)) in memory
    }


def _as_remembered(mapping: ColumnMapping, known: Mapping[int, str]) -> ColumnMapping:
    """The guess with what is remembered in its place; where two columns would be one field, the guess counts."""
    kept = dict(known)
    while True:
        fields = {index: name for index, name in mapping.fields.items() if index not in kept}
        fields |= {index: Field(name) for index, name in kept.items() if name}
        chosen = list(fields.values())
        twice = {index for index, name in kept.items() if name and chosen.count(Field(name)) > 1}
        if not twice:
            return mapping.with_fields(dict(sorted(fields.items())))
        kept = {index: name for index, name in kept.items() if index not in twice}


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
