"""Rows of cells become rows of values: `read_rows(sheet, mapping, today=…, year=…)`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext as _

from common.spreadsheet.sheets import Cell, Sheet, SheetRow
from common.text import clean
from membership.importing import cells, contact, own, paid, people, plain
from membership.importing.columns import NAME_FIELDS, ColumnMapping, Field
from membership.importing.doubles import Doubles
from membership.importing.draft import Draft, Reading
from membership.importing.identity import is_identity_number
from membership.importing.others import FEW_CELLS, is_heading_again, not_a_member
from membership.importing.problems import Problem
from membership.importing.variants import fold, is_negated

Reader = Callable[[Cell, Draft, str], None]

_NAMES: Final = NAME_FIELDS | {Field.MIDDLE_NAME}
_DATES: Final = frozenset({Field.BIRTH_DATE, Field.JOINED, Field.LEFT, Field.PAID})
# A cell of these fields may hold eleven digits that happen to pass for an identity number.
_MAY_BE_LONG: Final = frozenset({Field.KID})


@dataclass(slots=True)
class Row:
    """One row of the file. `values` names only what the row tells: an empty cell has no key, and so changes nothing.

    Keys: member_number, first_name, last_name, gender ("K", "M", "X"), email, address, address2, postal_code, city,
    municipality, branch, fee_type, kid, office, recruited_by, note, language: str. status: a MemberStatus value.
    birth_date: date, birth_year: int (a year alone has no date). joined, left: date.
    mobile, phone2: str (E.164, or as typed) with mobile_ok, phone2_ok: bool.
    no_phone, no_sms, no_email, no_post, no_newsletter, no_meetings, no_surveys, no_recruitment: bool.
    source, skills, guardian_name, recruiter_number, branch_code: str. tags: list of names, as the lines of the cell.
    fundraising_consent, guardian_consent, checked: date.
    paid: {"paid": bool | None, "paid_on": date | None, "paid_ore": int | None}; only where a column about this year's
    payment is mapped, and then also for an empty cell, which is not paid.

    `empty` holds the keys of mapped columns whose cell is empty in this row. A row that is `numberless` has a name and
    no number, and nothing else that keeps it out: it is refused, unless somebody says who it is.
    """

    number: int
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    empty: frozenset[str] = frozenset()
    numberless: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the row may go in."""
        return not any(problem.stops_row for problem in self.problems)


@dataclass(frozen=True, slots=True)
class _Column:
    """One column that is read."""

    index: int
    field: Field
    label: str
    read: Reader
    # Whether an empty cell tells something too.
    reads_empty: bool = False
    # The key of the row's values that it fills.
    key: str = ""


def read_rows(sheet: Sheet, mapping: ColumnMapping, *, today: date, year: int) -> Iterator[Row]:
    """Read the rows under the heading, in order, one at a time; `year` is the dues year that payments are read for.

    Empty rows and repeated headings are left out silently. A row that is refused is yielded too, with what it told.
    What holds for the whole file (a column of identity numbers, names in capitals) is said at the first row it shows.
    """
    return _SheetReader(sheet, mapping, today=today, year=year).rows()


class _SheetReader:
    """Reads one sheet with one mapping."""

    def __init__(self, sheet: Sheet, mapping: ColumnMapping, *, today: date, year: int) -> None:
        self._head = next((row.cells for row in sheet.rows if row.number == mapping.header_row), [])
        self._body = [row for row in sheet.rows if row.number > mapping.header_row]
        self._mapping = mapping
        place = own.heading_place(sheet.rows)
        # Our own file is taken at its word.
        self._own = place is not None and sheet.rows[place].number == mapping.header_row
        chosen = set(mapping.fields.values())
        self._reading = Reading(
            today, year, sheet.epoch_1904, has_postal_code=bool(chosen & {Field.POSTAL_CODE, Field.CITY})
        )
        self._name_columns = {
            str(name): (index, self._label(index)) for index, name in mapping.fields.items() if name in _NAMES
        }
        self._name_labels = {name: label for name, (_index, label) in self._name_columns.items()}
        self._last_first = fold(self._name_labels.get("full_name", "")).startswith(("etternavn", "etternamn"))
        self._capitals = not self._own and self._are_capitals()
        self._may_be_long = _MAY_BE_LONG | own.NUMBERS if self._own else _MAY_BE_LONG
        # Phones of their own columns come before a second number in the mobile's cell.
        order = sorted(mapping.fields.items(), key=lambda item: (item[1] == Field.MOBILE, item[0]))
        self._columns = [self._column(index, name) for index, name in order if name not in _NAMES]
        self._number_index = next((index for index, name in order if name == Field.MEMBER_NUMBER), -1)
        self._number_label = self._label(self._number_index)

    def rows(self) -> Iterator[Row]:
        """Each row that holds something."""
        doubles = Doubles(self._number_label, people=not self._own)
        for row in self._body:
            if is_heading_again(row.cells, self._head):
                continue
            draft = Draft(row.number, self._reading)
            self._read(row, draft)
            doubles.check(draft, row.cells)
            yield Row(
                draft.number,
                draft.values,
                draft.problems,
                frozenset(draft.empty - draft.values.keys()),
                draft.numberless,
            )

    def _label(self, index: int) -> str:
        """What a column is called to the officer: its heading, else its letters."""
        return self._mapping.headers.get(index) or (_letters(index) if index >= 0 else "")

    def _read(self, row: SheetRow, draft: Draft) -> None:
        row_cells = row.cells
        width = len(row_cells)
        for column in self._columns:
            cell = row_cells[column.index] if column.index < width else None
            if cell is None and not column.reads_empty:
                draft.empty.add(column.key)
                continue
            if column.field not in self._may_be_long and is_identity_number(cell):
                self._drop_identity(draft, column.label)
                continue
            column.read(cell, draft, column.label)
        self._read_names(row_cells, draft)
        if self._own and "member_number" in draft.values:
            return
        if "member_number" not in draft.values or not self._has_name(draft) or len(row_cells) <= FEW_CELLS:
            self._refuse_nameless(row_cells, draft)

    def _drop_identity(self, draft: Draft, label: str) -> None:
        draft.problem(
            label,
            _("The cell holds a national identity number."),
            _("We do not keep those. The row goes in without it."),
        )

    def _read_names(self, row_cells: list[Cell], draft: Draft) -> None:
        parts: dict[str, str] = {}
        for name, (index, label) in self._name_columns.items():
            cell = row_cells[index] if index < len(row_cells) else None
            if cell is None:
                continue
            if is_identity_number(cell):
                self._drop_identity(draft, label)
            elif self._own and isinstance(cell, str):
                draft.values[name] = clean(cell)[: people.NAME_LENGTH].rstrip()
            elif text := people.name_text(cell):
                parts[name] = people.as_name(text) if self._capitals else text
        if parts:
            people.set_names(draft, parts, self._name_labels, self._last_first)
            self._tell_capitals(draft)

    def _tell_capitals(self, draft: Draft) -> None:
        if self._capitals:
            label = next(iter(self._name_labels.values()), "")
            what = _("All names in the file are in capitals.")
            draft.notice_once(label, what, _("They are written as names: “Kari Nordmann”."))

    def _has_name(self, draft: Draft) -> bool:
        return "last_name" in draft.values or "first_name" in draft.values

    def _refuse_nameless(self, row_cells: list[Cell], draft: Draft) -> None:
        """A row without a number or a name: a sum, a line of text, or a member that cannot be told from others."""
        left_out = _("The row is left out.")
        has_number, has_name = "member_number" in draft.values, self._has_name(draft)
        if what := not_a_member(row_cells, has_number=has_number, has_name=has_name):
            draft.problems.clear()
            shown = next((cells.text_of(cell) for cell in row_cells if cell is not None), "")
            draft.skip(what, left_out, shown)
        elif any(problem.stops_row for problem in draft.problems):
            return
        elif not has_number:
            draft.numberless = has_name
            draft.refuse(self._number_label, _("The row has no member number."), left_out)
        elif not has_name:
            label = next(iter(self._name_labels.values()), "")
            draft.refuse(label, _("The row has no name."), left_out)

    def _are_capitals(self) -> bool:
        indexes = [index for index, _label in self._name_columns.values()]
        names = (row.cells[index] for row in self._body for index in indexes if index < len(row.cells))
        return bool(indexes) and people.is_capitals(names)

    def _column(self, index: int, name: Field) -> _Column:
        label = self._label(index)
        if name == Field.PAID:
            reader: Reader = paid.PaidReader(label, self._mapping.years.get(index), paid.is_until(fold(label))).read
        elif flag := _FLAGS.get(name):
            reader = partial(contact.read_flag, flag, is_negated(label))
        else:
            reader = _READERS[name]
        if name in _DATES and self._is_month_first(index):
            reader = partial(_read_month_first, reader)
        if self._own:
            reader = own.literally(name, reader)
        return _Column(index, name, label, reader, reads_empty=name == Field.PAID, key=str(name))

    def _is_month_first(self, index: int) -> bool:
        return cells.is_month_first(row.cells[index] for row in self._body if index < len(row.cells))


def _letters(index: int) -> str:
    """The letters over a column: A, Z, AA."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _read_month_first(reader: Reader, cell: Cell, draft: Draft, column: str) -> None:
    """Read a cell of a column whose dates are written month first."""
    if isinstance(cell, str) and "/" in cell:
        what = _("The dates are written with the month first.")
        draft.notice_once(column, what, _("They are read that way."))
        cell = cells.swap_month_first(cell)
    reader(cell, draft, column)


_FLAGS: Final[dict[Field, str]] = {
    flag: str(flag)
    for flag in (
        Field.NO_PHONE,
        Field.NO_SMS,
        Field.NO_EMAIL,
        Field.NO_POST,
        Field.NO_NEWSLETTER,
        Field.NO_MEETINGS,
        Field.NO_SURVEYS,
        Field.NO_RECRUITMENT,
    )
}
_READERS: Final[dict[Field, Reader]] = {
    Field.MEMBER_NUMBER: people.read_member_number,
    Field.BIRTH_DATE: people.read_birth,
    Field.GENDER: people.read_gender,
    Field.MOBILE: contact.read_mobile,
    Field.PHONE2: contact.read_phone2,
    Field.EMAIL: contact.read_email,
    Field.ADDRESS: contact.read_address,
    Field.ADDRESS2: partial(plain.read_plain, "address2", 120),
    Field.POSTAL_CODE: contact.read_postal_code,
    Field.CITY: partial(plain.read_plain, "city", 80),
    Field.MUNICIPALITY: partial(plain.read_number_or_name, "municipality"),
    Field.BRANCH: partial(plain.read_plain, "branch", 120),
    Field.STATUS: plain.read_status,
    Field.JOINED: partial(people.read_day, "joined"),
    Field.LEFT: partial(people.read_day, "left"),
    Field.FEE_TYPE: partial(plain.read_plain, "fee_type", 60),
    Field.KID: plain.read_kid,
    Field.OFFICE: partial(plain.read_plain, "office", 120),
    Field.RECRUITED_BY: partial(plain.read_plain, "recruited_by", 120),
    Field.LANGUAGE: plain.read_language,
    Field.NOTE: partial(plain.read_lines, "note"),
    Field.SKILLS: partial(plain.read_lines, "skills"),
    Field.TAGS: own.read_tags,
    Field.SOURCE: plain.read_source,
    Field.RECRUITER_NUMBER: partial(plain.read_plain, "recruiter_number", 32),
    Field.FUNDRAISING_CONSENT: partial(people.read_day, "fundraising_consent"),
    Field.GUARDIAN_NAME: partial(plain.read_plain, "guardian_name", 120),
    Field.GUARDIAN_CONSENT: partial(people.read_day, "guardian_consent"),
    Field.CHECKED: partial(people.read_day, "checked"),
    Field.BRANCH_CODE: partial(plain.read_plain, "branch_code", 120),
    Field.MOBILE_TYPED: partial(own.read_typed, "mobile"),
    Field.PHONE2_TYPED: partial(own.read_typed, "phone2"),
}
