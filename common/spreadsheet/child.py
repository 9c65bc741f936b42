"""The child process that parses: a file on standard input, JSON lines on standard output, and it is gone.

A crafted workbook can make the parser ask for 512 GiB, run for minutes or abort; here it takes only this process with
it. Started by `reading` in an isolated interpreter; imports no Django, keeps nothing, is handed nothing but the file.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO, Final

from common.spreadsheet.prescan import prescan
from common.spreadsheet.refusals import Limits, Refusal, Refused

_PR_SET_PDEATHSIG: Final = 1
_BATCH: Final = 500


def main() -> None:
    """Parse standard input and answer; the argument tells the kind, the limits and the parent's process id."""
    kind, limits_given, parent = json.loads(sys.argv[1])
    limits = Limits(**limits_given)
    die_with(parent)
    # Imported before the limits: loading a library needs files and room of its own.
    import python_calamine

    restrict(limits)
    try:
        for line in answer(python_calamine, sys.stdin.buffer, kind, limits):
            sys.stdout.buffer.write(line)
    except Refused as refused:
        sys.stdout.buffer.write(as_line({"refused": refused.refusal.value}))
    except MemoryError:
        sys.stdout.buffer.write(as_line({"refused": Refusal.TOO_MANY_CELLS.value}))
    sys.stdout.buffer.flush()


def die_with(parent: int) -> None:
    """End when the parent ends, however it ends (Linux; elsewhere the time limit does it)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def restrict(limits: Limits) -> None:
    """Give up, for good, all this process will not need."""
    for what, amount in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 16),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (amount, amount))
    # A second more before the silent kill, so that the signal tells the parent what it was.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))


def answer(calamine: Any, file: BinaryIO, kind: str, limits: Limits) -> Iterator[bytes]:
    """Yield the lines of the answer: the workbook, then each sheet followed by its rows, then the end."""
    kind, epoch_1904 = prescan(file, kind, limits)
    file.seek(0)
    yield as_line({"kind": kind, "epoch_1904": epoch_1904})
    try:
        yield from sheets(calamine, file, limits)
    except calamine.PasswordError as error:
        raise Refused(Refusal.ENCRYPTED) from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise Refused(Refusal.TOO_SPREAD if "limit exceeded" in str(error) else Refusal.DAMAGED) from error
    yield as_line({"end": True})


def sheets(calamine: Any, file: BinaryIO, limits: Limits) -> Iterator[bytes]:
    """Yield each sheet's name and its rows that hold something."""
    workbook = calamine.load_workbook(file)
    left = limits.cells
    for about in workbook.sheets_metadata:
        if about.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        yield as_line({"sheet": about.name, "hidden": about.visible != calamine.SheetVisibleEnum.Visible})
        for lines, cells in batches(workbook.get_sheet_by_name(about.name)):
            left -= cells
            if left < 0:
                raise Refused(Refusal.TOO_MANY_CELLS)
            yield lines


def batches(sheet: Any) -> Iterator[tuple[bytes, int]]:
    """Yield rows as JSON, some hundred to a line, and how many cells they hold. Empty rows are left out."""
    if sheet.start is None:
        return
    before = [None] * sheet.start[1]
    batch: list[list[Any]] = []
    cells = 0
    for number, raw in enumerate(sheet.iter_rows(), start=1):
        # 0 and False are values, the empty string is not.
        if not any(raw) and all(value == "" for value in raw):
            continue
        row: list[Any] = [None if value == "" else value for value in raw]
        while row[-1] is None:
            row.pop()
        cells += len(row)
        batch.append([number, before + row])
        if len(batch) == _BATCH:
            yield as_line(batch), cells
            batch, cells = [], 0
    if batch:
        yield as_line(batch), cells


def as_line(value: Any) -> bytes:
    """One JSON line; dates are objects with one key, and a lone surrogate does not stop the rest."""
    return (
        json.dumps(value, ensure_ascii=False, default=as_object, check_circular=False).encode("utf-8", "replace")
        + b"\n"
    )


def as_object(value: object) -> dict[str, str] | str:
    """A value JSON does not know."""
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, time | timedelta):
        return str(value)
    return ""
