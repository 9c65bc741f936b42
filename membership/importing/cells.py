"""Single cells: texts, dates, yes and no, and the numbers that Excel made of what somebody typed.

Each function gives the value, None where the cell says nothing, or raises `Unreadable` with what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext as _

from common.dates import format_date, parse_date
from common.spreadsheet.sheets import Cell
from common.text import clean
from membership.importing.words import NO_WORDS, NOTHING, YES_WORDS

_LONGEST_NOTHING: Final = max(map(len, NOTHING))
_FLOAT_TEXT: Final = re.compile(r"-?[0-9]{1,15}[.,]0+")
_MONTH_FIRST: Final = re.compile(r"\s*([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})\b")
_DATE_SHAPED: Final = re.compile(r"[0-9]{1,4}[./ -]+[0-9]{1,2}[./ -]+[0-9]{1,4}\.?")
_EPOCH_1900: Final = date(1899, 12, 30)
_EPOCH_1904: Final = date(1904, 1, 1)
# Day numbers from 1909 to 2064.
_SERIALS: Final = range(3_500, 60_001)
_DAYS_AS_DIGITS: Final = range(1_01_1800, 31_12_2201)
_YEARS: Final = range(1880, 2101)
# What old systems write for "we do not know".
PLACEHOLDER_DAYS: Final = frozenset({date(1800, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1)})


class Unreadable(ValueError):
    """A cell that cannot be read. The text is one sentence for the officer and does not repeat the cell."""


def text_of(cell: Cell) -> str:
    """A cell as text, cleaned; "" where it says nothing: empty, "-", "ukjent", an Excel error."""
    if isinstance(cell, str):
        text = clean(cell)
    elif cell is None:
        return ""
    else:
        text = number_text(cell)
    if len(text) <= _LONGEST_NOTHING and text.casefold() in NOTHING:
        return ""
    return text


def number_text(cell: Cell) -> str:
    """A cell that is no text as a person would write it: 91234567.0 is 91234567, a day is dd.mm.yyyy."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e40 else str(cell)
    return format_date(cell) if isinstance(cell, date) else str(cell)


def digits_text(cell: Cell) -> str:
    """A number that is a name for something: 12345.0 and "12345.0" are "12345", "12 345" too; leading zeros stay."""
    text = text_of(cell)
    if _FLOAT_TEXT.fullmatch(text):
        text = re.split("[.,]", text)[0]
    joined = text.replace(" ", "")
    return joined if joined.isdecimal() else text


def yes_no(cell: Cell) -> bool | None:
    """Yes or no. Raises Unreadable for anything else."""
    if isinstance(cell, bool):
        return cell
    text = text_of(cell).casefold().strip(".")
    if not text:
        return None
    if text in YES_WORDS:
        return True
    if text in NO_WORDS:
        return False
    raise Unreadable(_("This is neither yes nor no."))


def is_month_first(cells: Iterable[Cell]) -> bool:
    """Whether the dates of a column are written month first: 12/31/1980. One such day tells, if no other denies it."""
    found = False
    for cell in cells:
        if isinstance(cell, str) and "/" in cell and (match := _MONTH_FIRST.match(cell)):
            if int(match[1]) > 12:
                return False
            found = found or int(match[2]) > 12
    return found


def day_or_year(cell: Cell, *, first_short_year: int, epoch_1904: bool = False) -> date | int | None:
    """A day, or a year where only that is given. Raises Unreadable."""
    if isinstance(cell, date):
        return parse_date(cell)
    if isinstance(cell, bool):
        raise Unreadable(_("This is not a date."))
    if isinstance(cell, int | float):
        return _from_number(cell, epoch_1904)
    text = text_of(cell)
    if not text:
        return None
    if _FLOAT_TEXT.fullmatch(text):
        return _from_number(float(text.replace(",", ".")), epoch_1904)
    if text.isdecimal() and len(text) in (4, 5):
        return _from_number(int(text), epoch_1904)
    return _from_text(text, first_short_year)


def swap_month_first(text: str) -> str:
    """Turn 12/31/1980 into 31/12/1980."""
    return _MONTH_FIRST.sub(r"\2/\1/\3", text)


@lru_cache(maxsize=20_000)
def _from_text(text: str, first_short_year: int) -> date:
    try:
        return parse_date(text, first_short_year=first_short_year)
    except (ValueError, OverflowError):
        if _DATE_SHAPED.fullmatch(text):
            raise Unreadable(_("That date does not exist.")) from None
        raise Unreadable(_("This is not a date.")) from None


def _from_number(number: float, epoch_1904: bool) -> date | int:
    """A year, Excel's count of days, or the digits of a day."""
    if number != number or abs(number) > 1e9:
        raise Unreadable(_("This is not a date."))
    whole = int(number)
    if whole in _YEARS and whole == number:
        return whole
    if whole in _SERIALS:
        return (_EPOCH_1904 if epoch_1904 else _EPOCH_1900) + timedelta(days=whole)
    if whole in _DAYS_AS_DIGITS:
        # 1031961 is 01.03.1961 with its leading zero lost.
        return _from_text(f"{whole:08d}", 1950)
    raise Unreadable(_("This is not a date."))


def is_age(cell: Cell) -> bool:
    """Whether a number is rather an age than a date."""
    text = digits_text(cell)
    return text.isdecimal() and len(text) <= 3 and int(text) <= 120
