"""Workbooks out: rows go to disk as they come, so a file of half a million rows takes no more memory than a small one.

Texts are written as texts whatever they begin with; nothing a member or an officer typed becomes a formula.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, Final, Self, cast

from openpyxl import Workbook
from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

MAX_ROWS: Final = 1_000_000
SHEET_NAME_LENGTH: Final = 31
# Excel's limit for a list of choices written in the file, commas and quotes included.
MAX_CHOICES: Final = 255

_LONGEST_TEXT: Final = 32_767
_REFUSED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What Excel reads as the code of a character: _x000D_. The underscore is written as such a code itself.
_CODE: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
# Texts that need more than a look: formulas, error words, characters no workbook holds, codes.
_ODD: Final = re.compile("^[=#]|[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_NOT_IN_A_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_DAY: Final = "DD.MM.YYYY"
_BOLD: Final = Font(bold=True)
_TITLE: Final = Font(bold=True, size=14)
_HEAD: Final = PatternFill("solid", fgColor="EFE7EC")
_WRAP: Final = Alignment(vertical="top", wrap_text=True)

Value = str | int | float | date | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, how wide (in characters), and what may be chosen in it."""

    title: str
    width: int
    choices: Sequence[str] = ()


class Book:
    """A workbook in the making. Use it as a context: what it put on disk is gone when it is left."""

    def __init__(self, *, title: str, footer: str) -> None:
        """`footer` stands at the bottom of each printed page."""
        self._book = Workbook(write_only=True)
        self._book.properties.creator = "Medlemsboka"
        self._book.properties.title = sheet_text(title)
        self._footer = sheet_text(footer).replace("&", "&&")[:200]
        self._sheets: list[Sheet] = []
        self._names: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for sheet in self._sheets:
            sheet.forget()

    def sheet(self, name: str, columns: Sequence[Column], *, above: Iterable[str] = ()) -> Sheet:
        """A new sheet; the texts `above` stand over the heading, the first as a title."""
        page = self._book.create_sheet(sheet_name(name, self._names))
        sheet = Sheet(page, columns, list(above), self._footer)
        self._sheets.append(sheet)
        return sheet

    def save(self, file: IO[bytes], *, tick: Callable[[], None] | None = None) -> None:
        """Write the workbook; nothing can be added after. `tick` is called again and again while it is packed."""
        for sheet in self._sheets:
            sheet.finish()
        self._book.save(cast("IO[bytes]", _Ticking(file, tick)) if tick else file)


class _Ticking:
    """A file that says when something is written to it: what zipfile asks of a file, and no more."""

    def __init__(self, file: IO[bytes], tick: Callable[[], None]) -> None:
        self._file = file
        self._tick = tick
        self.seek, self.tell, self.flush = file.seek, file.tell, file.flush

    def write(self, content: bytes) -> int:
        """Write, and tell."""
        self._tick()
        return self._file.write(content)


class Sheet:
    """One sheet: a frozen heading with a filter, printed on A4 across, the heading on every page."""

    def __init__(self, page: Any, columns: Sequence[Column], above: Sequence[str], footer: str) -> None:
        self._page = page
        self._columns = columns
        self._head = len(above) + 1
        self._days: dict[date, Any] = {}
        self.rows = 0
        self._set_up(footer)
        for place, text in enumerate(above):
            page.append([self._styled(text, font=_BOLD if place else _TITLE)])
        page.append([self._styled(column.title, font=_BOLD, fill=_HEAD, alignment=_WRAP) for column in columns])

    def _set_up(self, footer: str) -> None:
        page = self._page
        for place, column in enumerate(self._columns, start=1):
            page.column_dimensions[get_column_letter(place)].width = column.width
        page.freeze_panes = f"A{self._head + 1}"
        page.print_title_rows = f"{self._head}:{self._head}"
        page.page_setup.orientation = "landscape"
        page.page_setup.paperSize = 9
        page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
        page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        page.oddFooter.left.text = footer
        page.oddFooter.right.text = "&P / &N"

    def _styled(self, text: str, **style: Any) -> Any:
        cell = self._text(text)
        for name, value in style.items():
            setattr(cell, name, value)
        return cell

    def add(self, row: Iterable[Value]) -> None:
        """Append one row. Texts stay texts; an empty text leaves the cell empty."""
        self._page.append([self._cell(value) for value in row])
        self.rows += 1

    def _cell(self, value: Value) -> Any:
        if isinstance(value, str):
            # Plain texts, which is nearly all, go straight through: a cell object for each would cost twice the time.
            return (self._text(value) if _ODD.search(value) else value) or None
        return self._day(value) if isinstance(value, date) else value

    def _text(self, value: str) -> Any:
        cell: Any = WriteOnlyCell(self._page)
        # Past openpyxl's setter, which would take “=…” for a formula and “#N/A” for an error.
        cell._value = sheet_text(value)
        cell.data_type = "s"
        return cell

    def _day(self, day: date) -> Any:
        """Dates have a style, and few are different: each is made once."""
        if day not in self._days:
            cell: Any = WriteOnlyCell(self._page)
            cell.value = day
            cell.number_format = _DAY
            self._days[day] = cell
        return self._days[day]

    def finish(self) -> None:
        """What stands after the rows and must know how many there are."""
        last = self._head + max(self.rows, 1)
        self._page.auto_filter.ref = f"A{self._head}:{get_column_letter(len(self._columns))}{last}"
        for place, column in enumerate(self._columns, start=1):
            if column.choices:
                letter = get_column_letter(place)
                choice = _choice(column.choices)
                choice.add(f"{letter}{self._head + 1}:{letter}{last}")
                self._page.data_validations.append(choice)

    def forget(self) -> None:
        """Remove what is left on disk of a sheet that was never saved."""
        writer = self._page._writer
        if writer is not None and Path(writer.out).exists():
            # A full disk is a reason to clean up, not to stop doing it.
            with suppress(OSError):
                if not self._page.closed:
                    self._page.close()
            writer.cleanup()


def _choice(words: Sequence[str]) -> DataValidation:
    formula = '"' + ",".join(words) + '"'
    if len(formula) > MAX_CHOICES or any("," in word or '"' in word for word in words):
        raise ValueError("these choices do not fit in a workbook")
    return DataValidation(type="list", formula1=formula, allow_blank=True)


def sheet_text(value: str) -> str:
    """A text as a cell can hold it: without the characters a workbook refuses, line ends as one sign."""
    text = _REFUSED.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return _CODE.sub("_x005F_", text)[:_LONGEST_TEXT]


def sheet_name(name: str, taken: set[str]) -> str:
    """A name that Excel takes for a sheet, not in `taken` (whatever the case), where it is put."""
    plain = _NOT_IN_A_SHEET_NAME.sub(" ", name).strip(" '")[:SHEET_NAME_LENGTH].strip(" '") or "-"
    if plain.casefold() == "history":
        plain = f"{plain} -"
    unique, number = plain, 1
    while unique.casefold() in taken:
        number += 1
        ending = f" {number}"
        unique = plain[: SHEET_NAME_LENGTH - len(ending)].rstrip() + ending
    taken.add(unique.casefold())
    return unique
