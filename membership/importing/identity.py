"""National identity numbers (fødselsnummer, D-number): never kept, never shown, not even in a complaint."""

from __future__ import annotations

import re
from typing import Final

from stdnum.no import fodselsnummer

from common.spreadsheet.sheets import Cell

_CANDIDATE: Final = re.compile(r"(?<![0-9])[0-9]{6}[\s\u00a0.-]?[0-9]{5}(?![0-9])")
_NOT_DIGITS: Final = re.compile(r"[^0-9]")


def is_identity_number(cell: Cell) -> bool:
    """Whether a cell is, or holds, a national identity number. A number may have lost its leading zero."""
    if isinstance(cell, str):
        return len(cell) >= 11 and any(map(_is_valid, _CANDIDATE.findall(cell)))
    if isinstance(cell, int | float) and 1e9 <= cell < 1e11:
        return cell == int(cell) and _is_valid(f"{int(cell):011d}")
    return False


def looks_like_one(text: str) -> bool:
    """Whether a text holds eleven digits that may be one with a slip: not to be shown either."""
    return _CANDIDATE.search(text) is not None


def without_identity_numbers(text: str) -> str:
    """The text as it may be shown again to the one who typed it."""
    return _CANDIDATE.sub("…", text)


def _is_valid(number: str) -> bool:
    digits = _NOT_DIGITS.sub("", number)
    return bool(fodselsnummer.is_valid(digits)) or _is_test_number(digits)


def _is_test_number(digits: str) -> bool:
    """Made-up persons have 80 added to the month: a file that has them is one that would have real ones."""
    return (
        81 <= int(digits[2:4]) <= 92
        and digits[9] == fodselsnummer.calc_check_digit1(digits)
        and digits[10] == fodselsnummer.calc_check_digit2(digits)
    )
