"""What is said about a row that is not quite as it should be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a problem matters to its row."""

    # The row does not go in.
    REFUSED = "refused"
    # The row is not a member: a sum, a repeated heading, the same row again.
    SKIP = "skip"
    # Nobody has said yet who it is.
    WAITS = "waits"
    # The row goes in, without this value or with the value as typed.
    PROBLEM = "problem"
    # The row goes in; this is how we understood it.
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing about one row. Sentences are already in the reader's language.

    `row` is the row number Excel shows, `column` the file's own heading (empty: the row as a whole), `what` says what
    is wrong, `outcome` what is done, `typed` what stood in the cell. No national identity number is in any of it.
    """

    row: int
    column: str
    what: str
    outcome: str
    severity: Severity
    typed: str = ""

    @property
    def reason(self) -> str:
        """What is wrong and what is done about it."""
        return f"{self.what} {self.outcome}".rstrip()

    @property
    def stops_row(self) -> bool:
        """Whether the row stays out because of this."""
        return self.severity in (Severity.REFUSED, Severity.SKIP)

    def to_json(self) -> dict[str, str | int]:
        """As `import_register --json` prints it."""
        return {"row": self.row, "column": self.column, "reason": self.reason}
