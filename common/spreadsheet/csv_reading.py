"""Rows from a text file, whatever program wrote it: its encoding and its separator are found out, not asked for."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable
from itertools import islice
from typing import Final, Literal

from common.spreadsheet.escape import unescape
from common.spreadsheet.refusals import Limits, Refusal, Refused
from common.spreadsheet.sheets import Cell, Sheet, SheetRow

_DELIMITERS: Final = (";", "\t", ",", "|")
_SAMPLE_CHARACTERS: Final = 64 * 1024
_SAMPLE_RECORDS: Final = 100
_EXCEL_HINT: Final = re.compile(r"\ufeff?sep=(.)\r?\n", re.IGNORECASE)
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# More lines than this in one cell: a quote that was never closed has swallowed them.
_LINES_IN_A_CELL: Final = 200


def read_csv(content: bytes, name: str, limits: Limits) -> Sheet:
    """Read a whole text file. Raises Refused. Row numbers are those Excel shows when it opens the file."""
    text = decode(content)
    if hint := _EXCEL_HINT.match(text):
        text, delimiter = text[hint.end() :], hint[1]
    else:
        delimiter = delimiter_of(text)
    try:
        rows = _rows(text, delimiter, csv.QUOTE_MINIMAL, limits)
    except csv.Error:
        rows = []
    if not rows or _has_open_quote(rows):
        try:
            rows = _rows(text, delimiter, csv.QUOTE_NONE, limits)
        except csv.Error as error:
            raise Refused(Refusal.DAMAGED) from error
    if not rows:
        raise Refused(Refusal.EMPTY)
    return Sheet(name, rows)


def decode(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or Windows-1252. Raises Refused where it is no text."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\x00" in content:
        return _decode_unmarked_utf16(content)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        # The five bytes Windows-1252 leaves undefined become U+FFFD instead of an error.
        return content.decode("cp1252", "replace")


def _decode_unmarked_utf16(content: bytes) -> str:
    """Two bytes a letter and no mark in front: the zero bytes of plain letters tell which of the two comes first."""
    odd, even = content[1::2].count(0), content[::2].count(0)
    if max(odd, even) * 5 < len(content) or min(odd, even) * 20 > max(odd, even):
        raise Refused(Refusal.OTHER_KIND)
    return content.decode("utf-16-le" if odd > even else "utf-16-be", "replace")


def delimiter_of(text: str) -> str:
    """The separator that cuts the first hundred records into the most even columns; on a tie, Norway's semicolon."""
    sample = text[:_SAMPLE_CHARACTERS]
    return max(_DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(sample: str, delimiter: str) -> float:
    """How well a separator fits: the share of records of the commonest width, more for more columns, 0 for one."""
    widths: dict[int, int] = {}
    try:
        for record in islice(_records(sample, delimiter, csv.QUOTE_MINIMAL), _SAMPLE_RECORDS):
            if record:
                widths[len(record)] = widths.get(len(record), 0) + 1
    except csv.Error:
        return 0.0
    wide = {width: count for width, count in widths.items() if width > 1}
    if not wide:
        return 0.0
    width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
    return count / sum(widths.values()) * (1 - 0.5 / width)


def _records(text: str, delimiter: str, quoting: Literal[0, 3]) -> Iterable[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting)


def _rows(text: str, delimiter: str, quoting: Literal[0, 3], limits: Limits) -> list[SheetRow]:
    rows: list[SheetRow] = []
    cells = 0
    # Our own files carry escapes, and most others have none: looked for once, undone only where there are some.
    escaped = "'" in text
    for number, record in enumerate(_records(text, delimiter, quoting), start=1):
        row: list[Cell] = [value or None for value in (map(unescape, record) if escaped else record)]
        while row and row[-1] is None:
            row.pop()
        if not row:
            continue
        cells += len(row)
        if cells > limits.cells:
            raise Refused(Refusal.TOO_MANY_CELLS)
        rows.append(SheetRow(number, row))
    return rows


def _has_open_quote(rows: list[SheetRow]) -> bool:
    return any(isinstance(value, str) and value.count("\n") > _LINES_IN_A_CELL for value in rows[-1].cells)
