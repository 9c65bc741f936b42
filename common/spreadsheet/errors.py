"""The one sentence a person reads when a file cannot be read. Each says what to do."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.spreadsheet.refusals import Refusal

MESSAGES: Final[dict[Refusal, Promise | str]] = {
    Refusal.EMPTY: _("The file is empty. Choose another file."),
    Refusal.TOO_LARGE: _("The file is too large. Delete sheets and pictures that are not needed, and try again."),
    Refusal.ENCRYPTED: _("The file is locked with a password. Open it in Excel, save it without one, and try again."),
    Refusal.DAMAGED: _("The file is damaged. Open it in Excel, save it as a new .xlsx file, and try again."),
    Refusal.WEB_PAGE: _(
        "The file is a web page with the name of a spreadsheet. Open it in Excel, save it as .xlsx, and try again."
    ),
    Refusal.PDF: _("The file is a PDF. Choose the list as an Excel or CSV file instead."),
    Refusal.DOCUMENT: _("The file is a document, not a spreadsheet. Choose the list as an Excel or CSV file instead."),
    Refusal.ARCHIVE: _("The file is packed (zip). Unpack it, and choose the spreadsheet inside."),
    Refusal.OTHER_KIND: _("The file is not a spreadsheet. Choose an Excel or CSV file."),
    Refusal.HOSTILE: _(
        "The file is built in a way that spreadsheets are not, so we do not open it. "
        "Save it as a new .xlsx file in Excel, and try again."
    ),
    Refusal.TOO_MANY_CELLS: _("The file has too many cells. Split it into several files, and import one at a time."),
    Refusal.TOO_SPREAD: _(
        "The file has cells far outside the list. Copy only the list into a new workbook, save it, and try again."
    ),
    Refusal.TOO_MANY_MERGES: _(
        "The file has too many merged cells. Copy the list as values into a new workbook, save it, and try again."
    ),
    Refusal.TOO_SLOW: _("The file took too long to read. Copy only the list into a new workbook, and try again."),
    Refusal.CRASHED: _(
        "The file could not be read. Copy only the list into a new workbook in Excel, save it as .xlsx, and try again."
    ),
    Refusal.NO_START: _("The file could not be read just now. Try again in a few minutes."),
}


class SpreadsheetError(Exception):
    """A file that cannot be read. `str(error)` is a sentence for the person who chose it, with nothing of the file."""

    def __init__(self, message: Promise | str, refusal: Refusal | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.refusal = refusal

    def __str__(self) -> str:
        return str(self.message)

    @classmethod
    def of(cls, refusal: Refusal) -> SpreadsheetError:
        """The sentence for a refusal."""
        return cls(MESSAGES[refusal], refusal)
