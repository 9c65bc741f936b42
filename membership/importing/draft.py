"""A row while it is being read: what it tells so far, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.utils.functional import Promise

from common.text import clean
from membership.importing.identity import looks_like_one
from membership.importing.problems import Problem, Severity

Text = Promise | str

_TYPED_LENGTH: Final = 60
_SHOWN: Final = 400


@dataclass(frozen=True, slots=True)
class Reading:
    """What holds for the whole file: the day it is read, the dues year, how Excel counted the days."""

    today: date
    year: int
    epoch_1904: bool = False
    # Complaints that are made once a file, however many rows they hold for.
    said: set[str] = field(default_factory=set)
    # Whether postal code and town have columns of their own.
    has_postal_code: bool = True


@dataclass(slots=True)
class Draft:
    """One row while it is being read. Values no cell told have no key."""

    number: int
    reading: Reading
    values: dict[str, Any] = field(default_factory=dict)
    # Keys of columns whose cell is empty.
    empty: set[str] = field(default_factory=set)
    # Whether all that keeps the row out is that it has no number.
    numberless: bool = False
    problems: list[Problem] = field(default_factory=list)

    def say(self, severity: Severity, column: str, what: Text, outcome: Text, typed: object = "") -> None:
        """Note something about the row. `typed` is cut, and dropped where it may hold an identity number."""
        shown = str(typed)
        shown = "" if looks_like_one(shown) else clean(shown[:_SHOWN])[:_TYPED_LENGTH]
        self.problems.append(Problem(self.number, column, str(what), str(outcome), severity, shown))

    def refuse(self, column: str, what: Text, outcome: Text, typed: object = "") -> None:
        """The row stays out."""
        self.say(Severity.REFUSED, column, what, outcome, typed)

    def skip(self, what: Text, outcome: Text, typed: object = "") -> None:
        """The row is not a member."""
        self.say(Severity.SKIP, "", what, outcome, typed)

    def problem(self, column: str, what: Text, outcome: Text, typed: object = "") -> None:
        """The row goes in, without this value or with it as typed."""
        self.say(Severity.PROBLEM, column, what, outcome, typed)

    def notice(self, column: str, what: Text, outcome: Text = "", typed: object = "") -> None:
        """The row goes in; this is how we understood it."""
        self.say(Severity.NOTICE, column, what, outcome, typed)

    def notice_once(self, column: str, what: str, outcome: str = "") -> None:
        """The same for every row of the file: said at the first only."""
        if what not in self.reading.said:
            self.reading.said.add(what)
            self.say(Severity.NOTICE, column, what, outcome)
