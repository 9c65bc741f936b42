"""What the officer sees before anything is written; also what `import_register --dry-run` counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.dates import format_date
from common.garbage import collector_paused
from common.phone import format_phone
from membership.importing.asked import Asked
from membership.importing.compare import ADDRESS, Comparison, Match, chunks, numbers_of
from membership.importing.places import Places
from membership.importing.problems import Problem, Severity
from membership.importing.rows import Row
from membership.models import Member

SHOWN_CHANGES: Final = 200
SHOWN_PROBLEMS: Final = 500
SHOWN_MISSING: Final = 100
# Rows with likely matches: so many that nobody has answered, and so many that somebody has.
SHOWN_WAITING: Final = 100
# Fewer known members than this say nothing about whether it is the right file.
_ENOUGH: Final = 5

# Columns without a word of their own to show, or told by another column.
_SILENT: Final = frozenset({"mobile_ok", "phone_ok", "birth_year", "number_is_local", "recruited_by_id"})
_LABELS: Final = {
    "birth_year": gettext_lazy("year of birth"),
    "care_of": gettext_lazy("c/o"),
}

COUNTED: Final = (
    "rows", "created", "updated", "unchanged", "refused", "skipped", "waiting", "numberless", "emptied",
    "known", "other_name", "other_email",
)  # fmt: skip


@dataclass(slots=True)
class Tally:
    """Counts over a whole file; `problems` in the order of the rows."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    skipped: int = 0
    # Rows with likely matches that nobody has decided.
    waiting: int = 0
    # Rows that lack nothing but a number.
    numberless: int = 0
    # Filled fields whose cell is empty: what wiping would empty.
    emptied: int = 0
    problems: list[Problem] = field(default_factory=list)
    # Of the members the register knew: how many rows carry another name, another email.
    known: int = 0
    other_name: int = 0
    other_email: int = 0

    def add(self, match: Match) -> None:
        """Count one row."""
        self.problems.extend(match.row.problems)
        if any(problem.severity == Severity.SKIP for problem in match.row.problems):
            self.skipped += 1
            return
        self.rows += 1
        self.emptied += match.emptied
        if match.waits:
            self.waiting += 1
        elif match.refused:
            self.refused += 1
            self.numberless += match.lacks_number
        elif match.is_new or match.created:
            self.created += 1
        else:
            self._add_known(match)

    def counts(self) -> dict[str, int]:
        """All figures, as an import keeps them with each chunk."""
        return {name: getattr(self, name) for name in COUNTED}

    def _add_known(self, match: Match) -> None:
        changed = match.is_changed
        self.updated += changed
        self.unchanged += not changed
        self.known += 1
        self.other_name += "last_name" in match.changes and "first_name" in match.changes
        self.other_email += bool("email" in match.changes and match.member and match.member.email)

    @property
    def doubt(self) -> str:
        """Why this may be the wrong file; empty where it looks right."""
        if self.known < _ENOUGH:
            return ""
        if self.other_name * 2 > self.known:
            return _("Most of the members have other names in the file than here. Is it the right file?")
        if self.other_email * 2 > self.known:
            return _("Most of the members have other email addresses in the file than here. Is it the right file?")
        return ""

    def to_json(self) -> dict[str, Any]:
        """As `import_register --json` prints it."""
        return {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "problems": [problem.to_json() for problem in self.problems],
        }


@dataclass(slots=True)
class Preview:
    """The tally, and the rows that go in, for the apps that add to the import."""

    tally: Tally = field(default_factory=Tally)
    changes: list[dict[str, Any]] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)
    # Rows with likely matches: those that wait, and those that were decided.
    waiting: list[dict[str, Any]] = field(default_factory=list)
    _shown: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})

    def add(self, match: Match) -> None:
        """Take in one row."""
        self.tally.add(match)
        if number := match.row.values.get("member_number"):
            self.numbers.add(number)
        if match.candidates and self._has_room(match.waits):
            self.waiting.append(asked_about(match))
        if not match.goes_in:
            return
        self.matches.append(match)
        if match.is_changed and len(self.changes) < SHOWN_CHANGES:
            self.changes.extend(told(match))

    def _has_room(self, waits: bool) -> bool:
        """Those nobody has decided never crowd out one another's answers, nor the answers them."""
        self._shown[waits] += 1
        return self._shown[waits] <= SHOWN_WAITING


@collector_paused()
def make_preview(rows: Iterable[Row], places: Places, *, today: date, asked: Asked | None = None) -> Preview:
    """Hold the whole file against the register. Writes nothing."""
    preview, known = Preview(), list(rows)
    comparison = Comparison(places, today=today, asked=asked, numbers=numbers_of(known))
    for chunk in chunks(known):
        for match in comparison.of(chunk):
            preview.add(match)
    return preview


def asked_about(match: Match) -> dict[str, Any]:
    """A row with likely matches, as the page shows it: the file's own words, and whom to look up beside it."""
    values = match.row.values
    born = values.get("birth_date")
    return {
        "row": match.row.number,
        "number": values.get("member_number", ""),
        "name": f"{values.get('first_name', '')} {values.get('last_name', '')}".strip(),
        "born": str(born.year if born else values.get("birth_year", "")),
        "phone": _phone(values.get("mobile") or values.get("phone2", "")),
        "email": values.get("email", ""),
        "town": values.get("city", ""),
        "candidates": match.candidates,
    }


def _phone(number: str) -> str:
    return format_phone(number) if number.startswith("+") else number


def missing(places: Places, numbers: set[str]) -> tuple[int, list[int]]:
    """Members of the officer's branches who are not in the file: how many, and the ids of the first of the list."""
    listed = places.branch.members.current().in_order().values_list("member_number", "pk")
    ids = [pk for number, pk in listed if number not in numbers]
    return len(ids), ids[:SHOWN_MISSING]


def told(match: Match) -> list[dict[str, Any]]:
    """One line for each field that changes: who, which field, before, after."""
    member = match.member
    assert member is not None  # noqa: S101 - told to the type checker: only known members change
    lines: list[dict[str, Any]] = [
        {
            "member": member.pk,
            "name": member.full_name,
            "field": field_label(column),
            "before": _show(member, column, getattr(member, column)),
            "after": _show(member, column, value),
        }
        for column, value in match.changes.items()
        if column not in _SILENT or ("birth_on" not in match.changes and column == "birth_year")
    ]
    if match.moves and match.branch:
        lines.append(_line(member, _("branch"), match.branch.name))
    return [*lines, *_told_links(match, member)]


def _told_links(match: Match, member: Member) -> list[dict[str, Any]]:
    """Groups and recruiter, as the file names them."""
    found = []
    if match.tags is not None:
        found.append((_("groups"), ", ".join(match.row.values["tags"])))
    if "recruited_by_id" in match.changes:
        found.append((_("recruited by"), str(match.row.values["recruiter_number"])))
    return [_line(member, label, after) for label, after in found]


def _line(member: Member, label: str, after: str) -> dict[str, Any]:
    return {"member": member.pk, "name": member.full_name, "field": label, "before": "", "after": after}


def field_label(column: str) -> str:
    """A member column in the reader's words."""
    return str(_LABELS.get(column) or _column(column).verbose_name)


def _show(member: Member, column: str, value: Any) -> str:
    if column in ADDRESS and member.address_hidden:
        return _("not shown")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, date):
        return format_date(value)
    if column in {"mobile", "phone"} and str(value).startswith("+"):
        return format_phone(value)
    return "" if value is None else str(_choice(column, value))


def _choice(column: str, value: Any) -> Any:
    return dict(_column(column).flatchoices).get(value, value)


def _column(name: str) -> models.Field[Any, Any]:
    return next(column for column in Member._meta.concrete_fields if column.name == name)
