"""A file in the making, as a workbook or as text: rows go out as they come."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import IO, TYPE_CHECKING, Final, Protocol

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.dates import format_date
from common.spreadsheet.escape import escape

if TYPE_CHECKING:
    # Where it is used: openpyxl is seven megabytes that a process which shows pages seldom needs.
    from common.spreadsheet.writing import Value

XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE: Final = "text/csv; charset=utf-8"


class Format(models.TextChoices):
    """The two kinds of file."""

    XLSX = "xlsx", _("Excel (xlsx)")
    CSV = "csv", _("Text with semicolons (csv)")

    @property
    def content_type(self) -> str:
        """As a browser is told."""
        return XLSX_TYPE if self == Format.XLSX else CSV_TYPE


@dataclass(frozen=True, slots=True)
class Head:
    """What stands over the rows: headings with their widths, and lines of text, the first as a title."""

    sheet: str
    headings: Sequence[tuple[str, int]]
    above: Sequence[str]


class Rows(Protocol):
    """What rows are added to."""

    def add(self, row: Iterable[Value]) -> None:
        """Append one row."""


@contextmanager
def writing(file: IO[bytes], kind: str, head: Head, *, tick: Callable[[], None] | None = None) -> Iterator[Rows]:
    """A file of one sheet; it is complete when the block is left without an error."""
    if kind == Format.CSV:
        yield (text := _Text(file, head))
        text.finish()
        return
    from common.spreadsheet.writing import Book, Column

    with Book(title=head.above[0], footer=". ".join(head.above[:2])) as book:
        columns = [Column(title, width) for title, width in head.headings]
        yield book.sheet(head.sheet, columns, above=head.above)
        book.save(file, tick=tick)


class _Text:
    """Rows with semicolons, in UTF-8 with the mark that Excel looks for; nothing in it runs as a formula.

    The lines above are as wide as the rows, as when Excel writes them: so the semicolon is found out.
    """

    def __init__(self, file: IO[bytes], head: Head) -> None:
        self._stream = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", errors="replace")
        self._writer = csv.writer(self._stream, delimiter=";", lineterminator="\r\n")
        width = len(head.headings)
        for line in head.above:
            self._writer.writerow([escape(line), *[""] * (width - 1)])
        self._writer.writerow([escape(title) for title, _width in head.headings])

    def add(self, row: Iterable[Value]) -> None:
        """Append one row."""
        self._writer.writerow([_as_text(value) for value in row])

    def finish(self) -> None:
        """Leave the file open for its owner."""
        self._stream.flush()
        self._stream.detach()


def _as_text(value: Value) -> str:
    if isinstance(value, str):
        return escape(value.replace("\x00", ""))
    return format_date(value) if isinstance(value, date) else ("" if value is None else str(value))
