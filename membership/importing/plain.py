"""What a row tells about the membership itself: status, KID, language, and plain texts."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.spreadsheet.sheets import Cell
from common.text import clean_lines
from membership.enums import MemberStatus
from membership.importing import cells
from membership.importing.draft import Draft
from membership.importing.words import LANGUAGES, SOURCES, STATUS_WORDS, YES_WORDS

_KID: Final = re.compile(r"[0-9]{2,24}[0-9-]")
# Beyond this Excel has rounded the number: a float holds fifteen digits.
_EXACT: Final = 10**15
_NO_KID: Final = gettext_lazy("The row goes in without a KID number.")
_NOTE_LENGTH: Final = 2_000


def read_plain(key: str, length: int, cell: Cell, draft: Draft, column: str) -> None:
    """A text on one line, at most `length` long."""
    text = cells.text_of(cell)
    if len(text) > length:
        what = _("The text is longer than %(length)s characters.") % {"length": length}
        draft.problem(column, what, _("The beginning is kept."), text)
        text = text[:length].rstrip()
    if text:
        draft.values[key] = text


def read_number_or_name(key: str, cell: Cell, draft: Draft, column: str) -> None:
    """A municipality, by its number (which may have lost its leading zero) or by its name."""
    text = cells.digits_text(cell)
    if text:
        draft.values[key] = text.zfill(4) if text.isdecimal() and len(text) == 3 else text[:80]


def read_lines(key: str, cell: Cell, draft: Draft, column: str) -> None:
    """A text that keeps its lines: a note, what somebody can contribute."""
    if not cells.text_of(cell):
        return
    text = clean_lines(cell.replace("\\n", "\n")) if isinstance(cell, str) else cells.text_of(cell)
    if len(text) > _NOTE_LENGTH:
        what = _("The text is longer than %(length)s characters.") % {"length": _NOTE_LENGTH}
        draft.problem(column, what, _("The beginning is kept."))
    draft.values[key] = text[:_NOTE_LENGTH]


def read_status(cell: Cell, draft: Draft, column: str) -> None:
    """Who is a member. Under “Status Aktiv” yes is a member; what no is, the file does not tell."""
    text = cells.text_of(cell)
    if not text:
        return
    status = STATUS_WORDS.get(text.casefold().strip("."))
    if status is None and "aktiv" in column.casefold() and text.casefold() in YES_WORDS:
        status = MemberStatus.MEMBER
    if status is None:
        draft.problem(column, _("We do not know this status."), _("The status is left as it is."), text)
    else:
        draft.values["status"] = str(status)


def read_source(cell: Cell, draft: Draft, column: str) -> None:
    """How somebody came to join, in the words of our own export."""
    text = cells.text_of(cell)
    if not text:
        return
    source = SOURCES.get(text.casefold())
    if source is None:
        draft.problem(column, _("We do not know this way to join."), _("The row goes in without it."), text)
    else:
        draft.values["source"] = str(source)


def read_kid(cell: Cell, draft: Draft, column: str) -> None:
    """The payment reference: 2 to 25 digits, the last may be a hyphen."""
    text = cells.digits_text(cell).replace(" ", "")
    if not text:
        return
    if isinstance(cell, float) and cell >= _EXACT:
        draft.problem(column, _("Excel has rounded the KID number."), _NO_KID, text)
    elif not _KID.fullmatch(text):
        draft.problem(column, _("A KID number has 2 to 25 digits."), _NO_KID, text)
    else:
        draft.values["kid"] = text


def read_language(cell: Cell, draft: Draft, column: str) -> None:
    """The language a member wants to be written to in, as its code."""
    text = cells.text_of(cell)
    if not text:
        return
    code = LANGUAGES.get(text.casefold())
    if code is None:
        draft.problem(column, _("We do not know this language."), _("The row goes in without it."), text)
    else:
        draft.values["language"] = code
