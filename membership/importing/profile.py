"""What the cells of a column look like, for headings that do not tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from common.dates import parse_date
from common.spreadsheet.sheets import Cell
from common.text import clean
from membership.importing.identity import is_identity_number
from membership.importing.words import FEE_WORDS, NO_WORDS, PAID_WORDS, STATUS_WORDS, UNPAID_WORDS, YES_WORDS

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_POSTAL: Final = re.compile(r"(?:N-?|NO-?)?\d{3,4}(?:\.0)?(?:\s+\D.*)?", re.IGNORECASE)
_AMOUNT: Final = re.compile(
    r"(?:kr\.?\s*)?-?\d{1,3}(?:[ .\u00a0]?\d{3})*(?:[.,](?:\d{1,2}|-))?(?:\s*kr)?", re.IGNORECASE
)
_NOT_DIGITS: Final = re.compile(r"\D")
# Excel's day numbers from 1909 to 2064: no amount of dues and no postal code reaches so far.
SERIALS: Final = range(3_500, 60_001)


@dataclass(frozen=True, slots=True)
class Profile:
    """The cells of one column that hold something, a sample of them."""

    cells: tuple[Cell, ...]

    def share(self, test: Callable[[Cell], bool]) -> float:
        """How many of the cells pass, from 0 to 1; 0 where there are none."""
        return sum(map(test, self.cells)) / len(self.cells) if self.cells else 0.0

    def mostly(self, test: Callable[[Cell], bool]) -> bool:
        """Whether at least seven of ten cells pass."""
        return self.share(test) >= 0.7

    @property
    def example(self) -> str:
        """The first cell as a person would read it; an identity number is not shown."""
        for cell in self.cells:
            if text := as_text(cell):
                return "" if is_identity_number(cell) else text[:60]
        return ""


def as_text(cell: Cell) -> str:
    """A cell as a person would read it: 91234567.0 is 91234567."""
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return "" if cell is None else str(cell)


def words(known: Iterable[str]) -> Callable[[Cell], bool]:
    """A test for being one of some words, whatever the case."""
    wanted = frozenset(known)
    return lambda cell: isinstance(cell, str) and clean(cell).casefold().strip(".") in wanted


def is_date(cell: Cell) -> bool:
    """A date, in a date cell or as text."""
    if isinstance(cell, date):
        return True
    if not isinstance(cell, str) or not any(mark in cell for mark in "./-"):
        return False
    try:
        parse_date(cell)
    except ValueError:
        return False
    return True


def is_year(cell: Cell) -> bool:
    """A year alone."""
    text = as_text(cell)
    return len(text) == 4 and text.isdecimal() and 1880 <= int(text) <= 2100


def is_age(cell: Cell) -> bool:
    """A whole number that could be somebody's age."""
    text = as_text(cell)
    return text.isdecimal() and len(text) < 4 and 0 <= int(text) <= 120


def is_serial(cell: Cell) -> bool:
    """A bare number that Excel would show as a date if it were told to."""
    return isinstance(cell, int | float) and not isinstance(cell, bool) and int(cell) in SERIALS


def is_date_or_year(cell: Cell) -> bool:
    """Anything a date can be read from."""
    return is_date(cell) or is_year(cell) or is_serial(cell)


def is_yes_no(cell: Cell) -> bool:
    """Yes or no, in any of the ways a register writes it."""
    return isinstance(cell, bool) or as_text(cell).casefold().strip(".") in YES_WORDS | NO_WORDS


def is_amount(cell: Cell) -> bool:
    """A sum of money; 0 and 1 alone are rather no and yes."""
    if isinstance(cell, bool):
        return False
    if isinstance(cell, int | float):
        return cell >= 2
    return isinstance(cell, str) and bool(_AMOUNT.fullmatch(clean(cell))) and clean(cell) not in ("0", "1")


def is_postal(cell: Cell) -> bool:
    """Four digits, or three where the leading zero was lost, perhaps with the town behind them."""
    return bool(_POSTAL.fullmatch(as_text(cell)))


def is_email(cell: Cell) -> bool:
    """Something with an @ where an address has it."""
    return isinstance(cell, str) and bool(_EMAIL.search(cell))


def phone_digits(cell: Cell) -> str:
    """The digits of a telephone number without Norway's country code."""
    digits = _NOT_DIGITS.sub("", as_text(cell))
    for prefix in ("0047", "47"):
        if len(digits) == 8 + len(prefix) and digits.startswith(prefix):
            return digits[len(prefix) :]
    return digits


def is_phone(cell: Cell) -> bool:
    """Eight digits, or a number from abroad, or two numbers in one cell."""
    return 8 <= len(phone_digits(cell)) <= 22 and not is_email(cell)


def is_landline(cell: Cell) -> bool:
    """A Norwegian number that no mobile has."""
    digits = phone_digits(cell)
    return len(digits) == 8 and digits[0] in "235678"


def is_number(cell: Cell) -> bool:
    """A number, or a text with digits in it: what member numbers look like."""
    return any(character.isdigit() for character in as_text(cell))


is_status_word = words(STATUS_WORDS)
is_paid_word = words(PAID_WORDS | UNPAID_WORDS)
is_fee_word = words(FEE_WORDS)
