"""Rows that are no members: sums, headings again, lines of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from common.spreadsheet.sheets import Cell
from common.text import clean

_SUM: Final = re.compile(
    r"(?:sum|totalt?|total sum|i alt|antall|tal på|medlemmer totalt|sum medlemmer)\b", re.IGNORECASE
)
_ONLY_SUM: Final = re.compile(r"(?:sum|totalt?|total sum|i alt|antall)[\s:]*[0-9\s.,]*", re.IGNORECASE)
# A row with more cells than this is somebody.
FEW_CELLS: Final = 3


def is_heading_again(row_cells: Sequence[Cell], head: Sequence[Cell]) -> bool:
    """Whether a row repeats the heading, as lists printed page by page do."""
    if not head:
        return False
    first = next((cell for cell in row_cells if cell is not None), None)
    if not isinstance(first, str) or not any(_same(first, title) for title in head):
        return False
    shared = sum(_same(cell, title) for cell, title in zip(row_cells, head, strict=False))
    titles = sum(isinstance(title, str) for title in head)
    return shared >= 2 and shared * 3 >= titles * 2


def _same(cell: Cell, title: Cell) -> bool:
    return isinstance(cell, str) and isinstance(title, str) and cell.strip().casefold() == title.strip().casefold()


def not_a_member(row_cells: Sequence[Cell], *, has_number: bool, has_name: bool) -> str:
    """Say why a row without number or name is no member at all; "" where it may be one that lacks something."""
    filled = [cell for cell in row_cells if cell is not None and (not isinstance(cell, str) or cell.strip())]
    # Sum Wang is a member, if she has a number.
    is_sum = _ONLY_SUM.fullmatch if has_number and has_name else _SUM.match
    if len(filled) <= FEW_CELLS and any(isinstance(cell, str) and is_sum(clean(cell)) for cell in filled):
        return _("This looks like a sum, not a member.")
    if has_name and has_number:
        return ""
    if not has_name and len(filled) <= FEW_CELLS - 1 and all(_is_plain_number(cell) for cell in filled):
        return _("This looks like a sum, not a member.")
    if len(filled) == 1:
        return _("The row holds one cell only and does not look like a member.")
    return ""


def _is_plain_number(cell: Cell) -> bool:
    """A number that counts something: no telephone number, no code with a zero in front."""
    if isinstance(cell, str):
        text = clean(cell).replace(" ", "")
        return text.isdecimal() and len(text) < 8 and not text.startswith("0")
    return isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < 10_000_000
