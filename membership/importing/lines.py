"""What became of each row of a file: kept chunk by chunk while it is written, then put into the result workbook."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import IO, Any, Final
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import User
from common.dates import format_long, format_time
from membership.changes import SILENT, label_of
from membership.importing.compare import Match
from membership.importing.problems import Problem, Severity

Line = dict[str, Any]

_NEW: Final = "new"
_CHANGED: Final = "changed"
_UNCHANGED: Final = "unchanged"
_OUT: Final = "out"
_WAITS: Final = "waits"


def line_of(match: Match) -> Line:
    """One row that has been dealt with; fields by name, never what stands in them."""
    values, member = match.row.values, match.member
    return {
        "row": match.row.number,
        "number": member.member_number if member else values.get("member_number", ""),
        "name": f"{values.get('first_name', '')} {values.get('last_name', '')}".strip(),
        "what": _what(match),
        "fields": [] if match.created else _fields(match),
        "problems": [
            [problem.column, problem.what, problem.outcome, str(problem.severity), problem.typed]
            for problem in match.row.problems
        ],
    }


def problems_of(line: Line) -> Iterator[Problem]:
    """What was said of a row that is kept."""
    for column, what, outcome, severity, typed in line["problems"]:
        yield Problem(line["row"], column, what, outcome, Severity(severity), typed)


def _what(match: Match) -> str:
    if match.waits:
        return _WAITS
    if match.refused:
        return _OUT
    if match.created or match.is_new:
        return _NEW
    return _CHANGED if match.is_changed else _UNCHANGED


def _fields(match: Match) -> list[str]:
    # A recruiter by number is a column of its own beside the one that is named.
    changed = dict.fromkeys(name.removesuffix("_id") for name in match.changes)
    names = [name for name in changed if name not in SILENT]
    names += ["tags"] if match.tags is not None else []
    return [*names, "branch"] if match.moves else names


class Kept:
    """The lines of one import on disk, one file a chunk, so that a worker that takes over has them all."""

    def __init__(self, pk: UUID) -> None:
        self._pk = pk

    def put(self, place: int, lines: list[Line]) -> None:
        """Keep a chunk's; written again by whoever writes the chunk again."""
        name = self._name(place)
        default_storage.delete(name)
        default_storage.save(name, ContentFile(json.dumps(lines).encode()))

    def all(self, chunks: int) -> Iterator[Line]:
        """Those of the first so many chunks."""
        for place in range(chunks):
            with default_storage.open(self._name(place)) as file:
                yield from json.load(file)

    def forget(self, chunks: int) -> None:
        """Erase them: of so many chunks, and of one that may have been broken off."""
        for place in range(chunks + 1):
            default_storage.delete(self._name(place))

    def _name(self, place: int) -> str:
        return f"imports/{self._pk}-{place}.json"


def write_result(lines: Iterable[Line], *, branch: str, by: User, now: datetime, tick: Callable[[], None]) -> IO[bytes]:
    """The workbook with one line for each row of the file, open at its start; the caller closes it."""
    # Where it is used: openpyxl is seven megabytes that a process which shows pages seldom needs.
    from common.spreadsheet.writing import Book, Column

    columns = [
        Column(_("Row"), 7),
        Column(_("Member no."), 12),
        Column(_("Name in the file"), 28),
        Column(_("What happened"), 14),
        Column(_("Changed fields"), 30),
        Column(_("What is wrong"), 44),
        Column(_("What we did"), 44),
    ]
    title = _("Result of the import, %(branch)s") % {"branch": branch}
    moment = localtime(now)
    origin = _("Imported by %(name)s on %(day)s at %(time)s.") % {
        "name": by.name,
        "day": format_long(moment.date()),
        "time": format_time(moment.time()),
    }
    above = [title, origin, _("Confidential. Delete the file when you are done with it.")]
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the caller
    with Book(title=title, footer=f"{title}. {origin}") as book:
        sheet = book.sheet(_("Rows"), columns, above=above)
        words, labels = _words(), dict[str, str]()
        for line in lines:
            sheet.add(_cells(line, words, labels))
            tick()
        book.save(file, tick=tick)
    file.seek(0)
    return file


def _words() -> dict[str, str]:
    return {
        _NEW: _("new"),
        _CHANGED: _("changed"),
        _UNCHANGED: _("unchanged"),
        _OUT: _("left out"),
        _WAITS: _("waits"),
    }


def _cells(line: Line, words: dict[str, str], labels: dict[str, str]) -> list[str | int]:
    for name in line["fields"]:
        if name not in labels:
            labels[name] = label_of(name)
    problems = list(problems_of(line))
    return [
        line["row"],
        line["number"],
        line["name"],
        words[line["what"]],
        ", ".join(labels[name] for name in line["fields"]),
        "\n".join(_wrong(problem) for problem in problems),
        "\n".join(problem.outcome for problem in problems),
    ]


def _wrong(problem: Problem) -> str:
    where = " ".join(part for part in (problem.column, f"«{problem.typed}»" if problem.typed else "") if part)
    return f"{where}: {problem.what}" if where else problem.what
