"""Whether a row tells that the dues are paid, from any of the ways registers say it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from common.dates import format_date
from common.money import parse_kroner
from common.spreadsheet.sheets import Cell
from membership.importing import cells
from membership.importing.cells import Unreadable
from membership.importing.draft import Draft
from membership.importing.words import NO_WORDS, PAID_WORDS, UNPAID_WORDS, YES_WORDS

_NEVER_PAID: Final[dict[str, Any]] = {"paid": False, "paid_on": None, "paid_ore": None}
# No dues are so high, so a bare number from here on is Excel's count of days (from 1954).
_FIRST_SERIAL: Final = 20_000
_PAID: Final = PAID_WORDS | YES_WORDS
_UNPAID: Final = UNPAID_WORDS | NO_WORDS
_UNTIL: Final = ("betalttil", "betalttom", "gyldigtil", "paiduntil", "paidto")


class PaidReader:
    """Reads one column about payment: yes or no, the day it was paid, the amount, or the day it is paid until.

    A member has paid for a dues year when
    - the cell says yes, or a word for paid, or an amount above nothing (whether it is enough, dues decides); or
    - the day of payment is in that year, or the heading names the year (“Betalt 2026”), whatever the day is; or
    - “Betalt til” reaches the year's last day. “Betalt til 31.01.2019” is the 2018 dues with a month's grace.
    An empty cell is not paid. A day of payment in a later year tells nothing about this one: paid is None.
    """

    def __init__(self, header: str, header_year: int | None, is_until: bool) -> None:
        self._header_year = header_year
        self._is_until = is_until
        self._is_amount = bool(re.search(r"beløp|\bkr\b|sum", header, re.IGNORECASE))

    def read(self, cell: Cell, draft: Draft, column: str) -> None:
        """Set `paid`."""
        if self._header_year is not None and self._header_year != draft.reading.year:
            draft.notice_once(
                column,
                _("The column is about %(year)s.") % {"year": self._header_year},
                _("It is not read as payment for %(year)s.") % {"year": draft.reading.year},
            )
            return
        draft.values["paid"] = self._answer(cell, draft, column)

    def _answer(self, cell: Cell, draft: Draft, column: str) -> dict[str, Any]:
        if isinstance(cell, bool):
            return {"paid": cell, "paid_on": None, "paid_ore": None}
        if isinstance(cell, date):
            return self._by_day(cells.day_or_year(cell, first_short_year=1950), draft, column)
        if isinstance(cell, int | float):
            return self._by_number(cell, draft, column)
        return self._by_text(cell, draft, column)

    def _by_text(self, cell: Cell, draft: Draft, column: str) -> dict[str, Any]:
        text = cells.text_of(cell)
        word = text.casefold().strip(".")
        if not word or word in _UNPAID:
            return dict(_NEVER_PAID)
        if word in _PAID:
            return {"paid": True, "paid_on": None, "paid_ore": None}
        try:
            return self._by_day(cells.day_or_year(text, first_short_year=1980), draft, column)
        except Unreadable:
            pass
        try:
            return self._by_amount(parse_kroner(text))
        except ValueError:
            return self._unknown(_("This does not tell whether it is paid."), draft, column, text)

    def _by_number(self, number: float, draft: Draft, column: str) -> dict[str, Any]:
        """0 and 1 are no and yes; a year is the last one paid, a count of days is a day; the rest is money."""
        if number in (0, 1):
            return {"paid": bool(number), "paid_on": None, "paid_ore": None}
        near = abs(number - draft.reading.year) <= 20 and number == int(number)
        if not self._is_amount and (near or number >= _FIRST_SERIAL):
            try:
                found = cells.day_or_year(number, first_short_year=1980, epoch_1904=draft.reading.epoch_1904)
                return self._by_day(found, draft, column)
            except Unreadable as unreadable:
                return self._unknown(str(unreadable), draft, column, cells.number_text(number))
        try:
            return self._by_amount(parse_kroner(number))
        except ValueError:
            return self._unknown(_("This is no amount of dues."), draft, column, cells.number_text(number))

    def _by_amount(self, ore: int) -> dict[str, Any]:
        return {"paid": ore > 0, "paid_on": None, "paid_ore": max(ore, 0)}

    def _by_day(self, found: date | int | None, draft: Draft, column: str) -> dict[str, Any]:
        year = draft.reading.year
        if found is None or found in cells.PLACEHOLDER_DAYS:
            return dict(_NEVER_PAID)
        if not isinstance(found, date):
            # A year alone: the last one paid for.
            return {"paid": found >= year, "paid_on": None, "paid_ore": None}
        if self._is_until:
            return {"paid": found >= date(year, 12, 31), "paid_on": None, "paid_ore": None}
        if found > draft.reading.today:
            return self._unknown(_("The day of payment is in the future."), draft, column, format_date(found))
        if self._header_year is not None or found.year == year:
            return {"paid": True, "paid_on": found, "paid_ore": None}
        return self._by_other_year(found.year, draft, column)

    def _by_other_year(self, paid_year: int, draft: Draft, column: str) -> dict[str, Any]:
        """A day of payment outside the dues year."""
        year = {"year": draft.reading.year}
        if paid_year < draft.reading.year:
            what = _("Some were paid before %(year)s.") % year
            draft.notice_once(column, what, _("They do not count as paid for %(year)s.") % year)
            return dict(_NEVER_PAID)
        what = _("Some were paid after %(year)s.") % year
        draft.notice_once(column, what, _("They tell nothing about %(year)s, and are left as they are.") % year)
        return {"paid": None, "paid_on": None, "paid_ore": None}

    def _unknown(self, what: str, draft: Draft, column: str, typed: str) -> dict[str, Any]:
        draft.problem(column, what, _("The row goes in, and the payment is left as it is."), typed)
        return {"paid": None, "paid_on": None, "paid_ore": None}


def is_until(folded_header: str) -> bool:
    """Whether a heading names the day that something is paid until."""
    return folded_header.startswith(_UNTIL)
