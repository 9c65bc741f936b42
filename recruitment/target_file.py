"""Reading a county's table of targets: `read(path)`. CSV and workbooks alike, as the county office made them by hand.

The first row that names both a column of branches and one of members or targets is the heading. A column of votes
without a name of its own belongs to the election in the column before it. docs/target-files.md describes the rest.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from common.spreadsheet.reading import Sheet, SheetRow, read_sheets
from common.spreadsheet.sheets import Cell
from common.text import clean, fold

_HEADING_ROWS: Final = 20
_YEAR: Final = re.compile(r"\b(20[0-9]{2})\b")
_NOTHING: Final = frozenset({"", "-", "–", "—", "−", "?", "ukjent"})
_TOTALS: Final = frozenset(
    {"sum", "sum totalt", "total", "totalt", "i alt", "til sammen", "tilsammen", "samlet", "hele fylket", "fylket"}
)
# What each kind of column is headed by; the first that fits counts.
_COLUMNS: Final[Sequence[tuple[str, re.Pattern[str]]]] = (
    ("number", re.compile(r"^(?:kommune(?:nummer|nr)|nr|nummer)$")),
    ("branch", re.compile(r"^(?:kommune|kommuneparti|kommunelag|lag|branch)$")),
    ("municipal_share", re.compile(r"^(?:oppslutning|prosent|resultat).*kommunevalg")),
    ("storting_share", re.compile(r"^(?:oppslutning|prosent|resultat).*stortingsvalg")),
    ("municipal_votes", re.compile(r"stemmer.*kommunevalg")),
    ("storting_votes", re.compile(r"stemmer.*stortingsvalg")),
    ("votes", re.compile(r"^(?:antall )?stemmer$")),
    ("members", re.compile(r"^(?:antall )?(?:medlemstall|medlemmer)")),
    ("total_target", re.compile(r"^totalmål")),
    ("recruit_target", re.compile(r"^vervemål")),
)


class TargetFileError(Exception):
    """A file that is no table of targets; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class UnreadCell:
    """A cell that could not be read as a number; it is left out."""

    row: int
    heading: str


@dataclass(slots=True)
class TargetRow:
    """One branch of the table. None where the file tells nothing. Shares are hundredths of a per cent."""

    number: int
    name: str
    municipality_number: str = ""
    values: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class TargetTable:
    """What the file says. The years are those of its headings; None where they name none."""

    rows: list[TargetRow] = field(default_factory=list)
    recruit_year: int | None = None
    total_year: int | None = None
    unread: list[UnreadCell] = field(default_factory=list)


def read(path: str | os.PathLike[str]) -> TargetTable:
    """The table of a file. Raises `SpreadsheetError` for what cannot be opened, `TargetFileError` for other tables."""
    for sheet in read_sheets(path, Path(path).name).sheets:
        position, columns = _heading(sheet)
        if columns:
            return _table(sheet.rows[position], sheet.rows[position + 1 :], columns)
    raise TargetFileError("No heading with a column of branches (Kommune) and one of members or targets was found.")


def _heading(sheet: Sheet) -> tuple[int, dict[int, str]]:
    for position, row in enumerate(sheet.rows[:_HEADING_ROWS]):
        columns = _columns(row)
        kinds = set(columns.values())
        if kinds & {"branch", "number"} and kinds & {"members", "total_target", "recruit_target"}:
            return position, columns
    return 0, {}


def _columns(row: SheetRow) -> dict[int, str]:
    """The kind of each column that is ours, by its position."""
    found: dict[int, str] = {}
    before = ""
    for position, cell in enumerate(row.cells):
        words = fold(str(cell or ""))
        kind = next((kind for kind, pattern in _COLUMNS if pattern.search(words)), "")
        if kind == "votes":
            # “Antall stemmer” says no election: it is the one of the column before.
            kind = before.replace("_share", "_votes") if before.endswith("_share") else ""
        before = kind
        if kind and kind not in found.values():
            found[position] = kind
    return found


def _table(heading: SheetRow, rows: Sequence[SheetRow], columns: dict[int, str]) -> TargetTable:
    titles = {kind: clean(str(heading.cells[position])) for position, kind in columns.items()}
    table = TargetTable(
        recruit_year=_year(titles.get("recruit_target", "")), total_year=_year(titles.get("total_target", ""))
    )
    fractions = {
        position for position, kind in columns.items() if kind.endswith("_share") and _are_fractions(rows, position)
    }
    for row in rows:
        texts = {kind: _cell(row, position) for position, kind in columns.items()}
        name = clean(str(texts.pop("branch", None) or ""))
        number = _digits(texts.pop("number", None))
        if fold(name) in _TOTALS or not (name or number):
            continue
        found = TargetRow(row.number, name, number)
        for position, kind in columns.items():
            if kind in texts:
                _read_value(table, found, kind, titles[kind], texts[kind], position in fractions)
        table.rows.append(found)
    return table


def _read_value(table: TargetTable, row: TargetRow, kind: str, title: str, cell: Cell, is_fraction: bool) -> None:
    read_one: Callable[[Cell], int] = _whole
    if kind.endswith("_share"):
        read_one = _fraction if is_fraction else _hundredths
    if _is_unknown(cell):
        return
    try:
        row.values[kind] = read_one(cell)
    except (ValueError, OverflowError):
        table.unread.append(UnreadCell(row.number, title))


def _is_unknown(cell: Cell) -> bool:
    """Whether a cell says “unknown”: empty, or one of the dashes people write."""
    return cell is None or clean(str(cell)).casefold() in _NOTHING


def _year(title: str) -> int | None:
    found = _YEAR.search(title)
    return int(found[1]) if found else None


def _cell(row: SheetRow, position: int) -> Cell:
    return row.cells[position] if position < len(row.cells) else None


def _digits(cell: Cell) -> str:
    """A municipality number with the zero that spreadsheets drop."""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else clean(str(cell or ""))
    return text.zfill(4) if text.isascii() and text.isdigit() and len(text) <= 4 else ""


def _number(cell: Cell) -> float:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    text = re.sub(r"[\s%]", "", str(cell)).replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,6})?", text):
        raise ValueError("not a number")
    return float(text)


def _whole(cell: Cell) -> int:
    value = _number(cell)
    if not value.is_integer() or not 0 <= value < 10_000_000:
        raise ValueError("not a count")
    return int(value)


def _hundredths(cell: Cell) -> int:
    value = _number(cell)
    if not 0 <= value <= 100:
        raise ValueError("not a share")
    return round(value * 100)


def _fraction(cell: Cell) -> int:
    return _hundredths(_number(cell) * 100)


def _are_fractions(rows: Sequence[SheetRow], position: int) -> bool:
    """A workbook's cells in per cent hold 0.49 where 49 % is shown; no party has under 1 % everywhere."""
    values = [cell for row in rows if isinstance(cell := _cell(row, position), float)]
    return bool(values) and max(values) <= 1
