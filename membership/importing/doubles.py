"""Rows that say the same as an earlier one: a number twice, a person twice."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from common.spreadsheet.sheets import Cell
from common.text import fold
from membership.importing.draft import Draft


class Doubles:
    """Remembers the rows of a file, to know one again."""

    def __init__(self, number_label: str, *, people: bool = True) -> None:
        """`people`: whether likely doubles under two numbers are pointed out."""
        self._look_at_people = people
        self._number_label = number_label
        self._numbers: dict[str, tuple[int, tuple[str, str], Sequence[Cell]]] = {}
        self._people: dict[tuple[str, object], tuple[int, str]] = {}

    def check(self, draft: Draft, row_cells: Sequence[Cell]) -> None:
        """Refuse a number that stands on another row; leave out a row told before; point out a likely double."""
        number = draft.values.get("member_number")
        name = (draft.values.get("first_name", ""), draft.values.get("last_name", ""))
        if draft.numberless:
            self._same_as_before(draft, name)
            return
        if number is None or any(problem.stops_row for problem in draft.problems):
            return
        if before := self._numbers.get(number):
            self._same_number(draft, row_cells, number, name, before)
            return
        self._numbers[number] = (draft.number, name, row_cells)
        if self._look_at_people:
            self._same_person(draft, number, name)

    def _same_as_before(self, draft: Draft, name: tuple[str, str]) -> None:
        """Leave out a row without a number that says what an earlier row said: nothing tells the two apart."""
        notices = len(draft.problems)
        self._same_person(draft, "", name)
        if len(draft.problems) > notices:
            told = draft.problems.pop()
            draft.refuse("", told.what, _("The row is left out."), told.typed)
            draft.numberless = False

    def _same_number(
        self,
        draft: Draft,
        row_cells: Sequence[Cell],
        number: str,
        name: tuple[str, str],
        before: tuple[int, tuple[str, str], Sequence[Cell]],
    ) -> None:
        row, other_name, other_cells = before
        where = {"row": row}
        left_out = _("The row is left out.")
        if row_cells == other_cells:
            draft.skip(_("The row is the same as row %(row)s.") % where, _("It counts once."), number)
        elif " ".join(map(fold, name)) != " ".join(map(fold, other_name)):
            what = _("The same number stands in row %(row)s, with another name.") % where
            draft.refuse(self._number_label, what, left_out, number)
        else:
            what = _("The same number stands in row %(row)s, with other information.") % where
            draft.refuse(self._number_label, what, _("Only row %(row)s is read.") % where, number)

    def _same_person(self, draft: Draft, number: str, name: tuple[str, str]) -> None:
        """Same name, and the same day of birth, telephone or email, under another number."""
        folded = None
        for key in ("birth_date", "mobile", "email"):
            value = draft.values.get(key)
            if value is None:
                continue
            folded = folded or fold(" ".join(name))
            row, _other = self._people.setdefault((folded, value), (draft.number, number))
            if row != draft.number:
                what = _("Row %(row)s has the same name and the same contact data or birthday.") % {"row": row}
                outcome = _("Both go in. Check whether they are one person.")
                draft.notice("", what, outcome, " ".join(name).strip())
                return
