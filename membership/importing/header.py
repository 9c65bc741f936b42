"""Where the heading is, and what each column is taken for: `guess(rows)` and `choose_sheet(workbook)`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from django.utils.translation import gettext as _

from common.spreadsheet.errors import SpreadsheetError
from common.spreadsheet.sheets import Cell, Sheet, SheetRow, Workbook
from membership.importing import own
from membership.importing.columns import NAME_FIELDS, ColumnMapping, Field
from membership.importing.doubt import Opinion, opinion
from membership.importing.identity import is_identity_number
from membership.importing.profile import Profile
from membership.importing.variants import IDENTITY_HEADINGS, Heading, field_of, heading

_ROWS_SEARCHED: Final = 40
_SAMPLE: Final = 300
_COLUMNS: Final = 200

# The field a column falls back to when a better one has taken its field.
_SECOND_CHOICE: Final = {Field.MOBILE: Field.PHONE2, Field.ADDRESS: Field.ADDRESS2}


class NotAMemberList(SpreadsheetError):
    """A spreadsheet in which no row looks like the heading of a member list."""


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What one column (0 is A) is taken for. Where `sure` is False, `why` says what to ask the officer."""

    index: int
    header: str
    field: Field | None
    sure: bool = True
    why: str = ""
    example: str = ""
    # The year in the heading: “Betalt 2026”.
    year: int | None = None
    # A column of national identity numbers: not read whatever the officer chooses, and no example of it is shown.
    identity: bool = False


@dataclass(frozen=True, slots=True)
class SheetGuess:
    """One sheet as we understand it. `header_row` is the row number Excel shows."""

    header_row: int
    columns: list[ColumnGuess] = field(default_factory=list)
    # How many rows follow the heading.
    row_count: int = 0

    @property
    def unsure(self) -> list[ColumnGuess]:
        """The columns the officer should look at."""
        return [column for column in self.columns if not column.sure]

    def mapping(self) -> ColumnMapping:
        """The guess as a mapping; a column without a field is not read."""
        return ColumnMapping(
            header_row=self.header_row,
            fields={column.index: column.field for column in self.columns if column.field},
            headers={column.index: column.header for column in self.columns},
            years={column.index: column.year for column in self.columns if column.year},
        )


@dataclass(frozen=True, slots=True)
class SheetChoice:
    """The sheet that is the member list, and the other sheets that look like one too."""

    sheet: Sheet
    guess: SheetGuess
    others: list[str] = field(default_factory=list)


def choose_sheet(workbook: Workbook, *, year: int | None = None) -> SheetChoice:
    """Find the sheet with the member list: seen before hidden, then the one with most fields, then with most rows.

    Raises NotAMemberList.
    """
    found: list[tuple[tuple[bool, int, int], Sheet, SheetGuess]] = []
    for sheet in workbook.sheets:
        try:
            guessed = guess(sheet.rows, year=year)
        except NotAMemberList:
            continue
        fields = sum(column.field is not None for column in guessed.columns)
        found.append(((not sheet.hidden, fields, guessed.row_count), sheet, guessed))
    if not found:
        raise _no_heading()
    found.sort(key=lambda candidate: candidate[0], reverse=True)
    _rank, sheet, best = found[0]
    return SheetChoice(sheet, best, [other.name for _other_rank, other, _guess in found[1:] if not other.hidden])


def guess(rows: Sequence[SheetRow], *, year: int | None = None) -> SheetGuess:
    """Find the heading among the rows and take each column for a field; `year` is the dues year of the import.

    Raises NotAMemberList, whose text is a sentence for the officer.
    """
    own_place = own.heading_place(rows)
    position = _find_heading(rows) if own_place is None else own_place
    head, body = rows[position], rows[position + 1 :]
    if not body:
        raise NotAMemberList(_("The file has a heading, but no rows under it."))
    if own_place is not None:
        return SheetGuess(head.number, _own_columns(head, body), len(body))
    sample = _spread(body)
    columns = []
    opinions: list[Opinion] = []
    for index in range(min(_width([head, *sample]), _COLUMNS)):
        title = heading(head.cells[index] if index < len(head.cells) else None)
        profile = Profile(tuple(_values(sample, index)))
        if not title.text and not profile.cells:
            continue
        column, thought = _judge(index, title, profile, year)
        columns.append(column)
        opinions.append(thought)
    return SheetGuess(head.number, _one_each(columns, opinions), len(body))


def _own_columns(head: SheetRow, body: Sequence[SheetRow]) -> list[ColumnGuess]:
    """Our own file says what each column is; what else it holds is not read."""
    columns = []
    for index, cell in enumerate(head.cells[:_COLUMNS]):
        title = heading(cell)
        if title.text:
            example = Profile(tuple(_values(body[:_SAMPLE], index))).example
            columns.append(ColumnGuess(index, title.text, own.field_of(cell), example=example))
    return columns


def _no_heading() -> NotAMemberList:
    return NotAMemberList(
        _(
            "We found no row with headings such as “Medlemsnummer”, “Navn” and “Mobil”. "
            "Choose the file with the member list, or write the headings in the first row."
        )
    )


def _find_heading(rows: Sequence[SheetRow]) -> int:
    """The place of the row with most known headings, the first of equals."""
    best, most = -1, 1
    for position, row in enumerate(rows[:_ROWS_SEARCHED]):
        fields = _known_fields(row.cells)
        if len(fields) > most and (NAME_FIELDS & fields or Field.MEMBER_NUMBER in fields):
            best, most = position, len(fields)
    if best < 0:
        raise _no_heading()
    return best


def _known_fields(cells: Iterable[Cell]) -> set[Field]:
    known = (field_of(heading(cell).folded) for cell in cells if isinstance(cell, str) and len(cell) < 80)
    return {field for field in known if field}


def _spread(body: Sequence[SheetRow]) -> list[SheetRow]:
    """Some rows from the whole length of the sheet: the top alone may be untypical."""
    step = max(1, len(body) // _SAMPLE)
    return list(body[::step][:_SAMPLE])


def _width(rows: Iterable[SheetRow]) -> int:
    return max(len(row.cells) for row in rows)


def _values(rows: Iterable[SheetRow], index: int) -> Iterable[Cell]:
    for row in rows:
        value = row.cells[index] if index < len(row.cells) else None
        if value is not None and (not isinstance(value, str) or value.strip()):
            yield value


def _judge(index: int, title: Heading, profile: Profile, year: int | None) -> tuple[ColumnGuess, Opinion]:
    if title.folded in IDENTITY_HEADINGS or profile.share(is_identity_number) >= 0.3:
        why = _("National identity numbers are never read, whatever is chosen here.")
        return ColumnGuess(index, title.text, None, True, why, "", title.year, identity=True), Opinion(None)
    thought = opinion(title, profile, year)
    sure = not thought.why or thought.settled
    return ColumnGuess(index, title.text, thought.field, sure, thought.why, profile.example, title.year), thought


def _one_each(columns: list[ColumnGuess], opinions: list[Opinion]) -> list[ColumnGuess]:
    """Let no two columns hold the same field: the better claim wins, the other falls back or asks."""
    order = sorted(range(len(columns)), key=lambda place: (-opinions[place].strength, place))
    taken: dict[Field, ColumnGuess] = {}
    settled = list(columns)
    for place in order:
        column = settled[place]
        if column.field is None:
            continue
        if column.field in taken:
            column = settled[place] = _second_choice(column, taken)
        if column.field is not None:
            taken[column.field] = column
    return settled


def _second_choice(column: ColumnGuess, taken: dict[Field, ColumnGuess]) -> ColumnGuess:
    assert column.field is not None  # noqa: S101 - told to the type checker; the caller looked
    winner = taken[column.field]
    why = _("“%(field)s” is taken from the column “%(column)s”. What is this one?") % {
        "field": column.field.label,
        "column": winner.header,
    }
    second = _SECOND_CHOICE.get(column.field)
    return replace(column, field=second if second not in taken else None, sure=False, why=why)
