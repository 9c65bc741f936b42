"""Who a row is about: member number, names, date of birth, gender."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.dates import format_date
from common.spreadsheet.sheets import Cell
from common.text import clean
from membership.importing import cells
from membership.importing.cells import Unreadable
from membership.importing.draft import Draft
from membership.importing.words import GENDERS, NO_NAME

NUMBER_LENGTH: Final = 32
NAME_LENGTH: Final = 120
_LEFT_OUT: Final = gettext_lazy("The row is left out.")
_NO_BIRTH: Final = gettext_lazy("The row goes in without a date of birth.")
_NO_DAY: Final = gettext_lazy("The row goes in without this date.")
_SHORTENED: Final = re.compile(r"[0-9][.,]?[0-9]*E\+?[0-9]+", re.IGNORECASE)
_GONE: Final = re.compile(r"\b(?:avdød|død|utmeldt|utmeld|sluttet)\b|†", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]+")
# Small words within a name, when names in capitals are written as names.
_PARTICLES: Final = frozenset(("af", "av", "da", "de", "del", "der", "di", "du", "la", "van", "von"))


def read_member_number(cell: Cell, draft: Draft, column: str) -> None:
    """The number that decides who is who."""
    if isinstance(cell, bool | date):
        draft.refuse(column, _("This is not a member number."), _LEFT_OUT, cells.number_text(cell))
        return
    number = cells.digits_text(cell)
    if not number:
        return
    if isinstance(cell, str) and _SHORTENED.fullmatch(number):
        draft.refuse(
            column, _("Excel has shortened the member number, so its last digits are lost."), _LEFT_OUT, number
        )
    elif len(number) > NUMBER_LENGTH:
        draft.refuse(column, _("The member number is too long."), _LEFT_OUT, number)
    elif not any(map(str.isdigit, number)) or (isinstance(cell, float) and not number.isdecimal()):
        draft.refuse(column, _("This is not a member number."), _LEFT_OUT, number)
    else:
        draft.values["member_number"] = number


def name_text(cell: Cell) -> str:
    """A name, cleaned; "" where the register wrote that it has none. Tom and Nil are names."""
    name = clean(cell) if isinstance(cell, str) else cells.text_of(cell)
    return "" if name.casefold() in NO_NAME else name


def split_name(name: str, last_first: bool) -> tuple[str, str]:
    """First and last name from one cell: split at the comma, else at the last space (`last_first`: at the first)."""
    before, comma, after = name.partition(",")
    if comma and before.strip() and after.strip():
        return after.strip(" ,"), before.strip()
    name = name.strip(" ,")
    if last_first:
        last, _space, first = name.partition(" ")
    else:
        first, _space, last = name.rpartition(" ")
    return first, last


def as_name(capitals: str) -> str:
    """A name in capitals as names are written: "ANNE-MARIE VAN DER BERG" is "Anne-Marie van der Berg"."""
    words = [word.casefold() if word.casefold() in _PARTICLES else _capitalised(word) for word in capitals.split(" ")]
    return " ".join(words)[:1].upper() + " ".join(words)[1:]


def _capitalised(word: str) -> str:
    return _WORD.sub(lambda part: part[0][:1] + part[0][1:].lower(), word)


def is_capitals(names: Iterable[Cell]) -> bool:
    """Whether every name of a file is in capitals. A few names alone do not tell."""
    seen = 0
    for name in names:
        if isinstance(name, str) and any(map(str.isalpha, name)):
            if not name.isupper():
                return False
            seen += 1
    return seen >= 5


def set_names(draft: Draft, parts: dict[str, str], columns: dict[str, str], last_first: bool) -> None:
    """Make first and last name of what the row's name columns held: a middle name goes with the first."""
    first, last = parts.get("first_name", ""), parts.get("last_name", "")
    if full := parts.get("full_name", ""):
        split_first, split_last = split_name(full, last_first)
        first, last = first or split_first, last or split_last
    first = " ".join(filter(None, (first, parts.get("middle_name", ""))))
    column = columns.get("last_name") or columns.get("full_name") or columns.get("first_name", "")
    for key, name in (("first_name", first), ("last_name", last)):
        if len(name) > NAME_LENGTH:
            draft.problem(column, _("The name is longer than 120 characters."), _("The first 120 are kept."), name)
        if name:
            draft.values[key] = name[:NAME_LENGTH].rstrip()
    if gone := _GONE.search(f"{first} {last}"):
        draft.notice(
            column,
            _("The name says “%(word)s”.") % {"word": gone[0]},
            _("The row goes in. Check whether the person is still a member."),
            f"{first} {last}".strip(),
        )


def read_birth(cell: Cell, draft: Draft, column: str) -> None:
    """A day, or a year alone. An age is not turned into a year: it would be wrong for most."""
    today = draft.reading.today
    if cells.is_age(cell):
        draft.notice_once(column, _("The column holds ages."), _("They are not read: an age is wrong within a year."))
        return
    try:
        found = cells.day_or_year(cell, first_short_year=today.year - 99, epoch_1904=draft.reading.epoch_1904)
    except Unreadable as unreadable:
        draft.problem(column, str(unreadable), _NO_BIRTH, cells.text_of(cell))
        return
    if found is None or found in cells.PLACEHOLDER_DAYS:
        return
    year = found.year if isinstance(found, date) else found
    if (found > today) if isinstance(found, date) else found > today.year:
        draft.problem(column, _("The date of birth is in the future."), _NO_BIRTH, cells.text_of(cell))
    elif year < today.year - 120:
        draft.problem(column, _("Nobody is that old."), _NO_BIRTH, cells.text_of(cell))
    else:
        draft.values["birth_year"] = year
        if isinstance(found, date):
            draft.values["birth_date"] = found


def read_day(key: str, cell: Cell, draft: Draft, column: str) -> None:
    """The day somebody joined, left, agreed or was checked."""
    today = draft.reading.today
    try:
        found = cells.day_or_year(cell, first_short_year=today.year - 79, epoch_1904=draft.reading.epoch_1904)
    except Unreadable as unreadable:
        draft.problem(column, str(unreadable), _NO_DAY, cells.text_of(cell))
        return
    if found is None or found in cells.PLACEHOLDER_DAYS:
        return
    if not isinstance(found, date):
        found = date(found, 1, 1)
        draft.notice(column, _("Only the year is given."), _("It is kept as 1 January."), format_date(found))
    if found > today and key != "left":
        draft.problem(column, _("The date is in the future."), _NO_DAY, format_date(found))
    else:
        draft.values[key] = found


def read_gender(cell: Cell, draft: Draft, column: str) -> None:
    """K, M or X."""
    text = cells.text_of(cell)
    if not text:
        return
    gender = GENDERS.get(text.casefold().strip("."))
    if gender is None:
        draft.problem(column, _("We do not know this word for a gender."), _("The row goes in without it."), text)
    else:
        draft.values["gender"] = str(gender)
