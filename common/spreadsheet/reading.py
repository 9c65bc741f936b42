"""Read a spreadsheet that somebody chose: `read_sheets(file, name)`.

What the file is, its content decides, never its name. Text is read here; workbooks in a child process with limits on
time, memory, cells and the size of the answer, so that a hostile file costs one clear sentence and nothing else.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

from common.spreadsheet.csv_reading import read_csv
from common.spreadsheet.errors import SpreadsheetError
from common.spreadsheet.prescan import HEAD_BYTES, kind_of
from common.spreadsheet.refusals import LIMITS, Limits, Refusal, Refused
from common.spreadsheet.sheets import Sheet, SheetRow, Workbook

__all__ = ["Sheet", "SheetRow", "SpreadsheetError", "Workbook", "read_sheets"]

_ROOT: Final = Path(__file__).resolve().parent.parent.parent
_START: Final = "import sys; sys.path.insert(0, sys.argv.pop(1)); from common.spreadsheet.child import main; main()"
_PIECE: Final = 1024 * 1024


def read_sheets(source: str | os.PathLike[str] | IO[bytes], name: str = "", *, limits: Limits = LIMITS) -> Workbook:
    """Read a file, from a path or an open binary file (Django's uploads are), into rows of plain values.

    `name` is what the person calls it; a CSV's only sheet carries it. Raises SpreadsheetError, whose text is one
    sentence in the reader's language, for anything that cannot be read within the limits.
    """
    try:
        with _as_real_file(source, limits) as file:
            kind = kind_of(file.read(HEAD_BYTES))
            file.seek(0)
            if kind == "text":
                sheet = read_csv(file.read(), Path(name).stem or "CSV", limits)
                return Workbook(name, "csv", [sheet])
            return _read_workbook(file, name, kind, limits)
    except Refused as refused:
        raise SpreadsheetError.of(refused.refusal) from None


@contextmanager
def _as_real_file(source: str | os.PathLike[str] | IO[bytes], limits: Limits) -> Iterator[BinaryIO]:
    """Give the content as a file with a descriptor, which a child process can be handed."""
    if isinstance(source, str | os.PathLike):
        with Path(source).open("rb") as file:
            if os.fstat(file.fileno()).st_size > limits.file_bytes:
                raise Refused(Refusal.TOO_LARGE)
            yield file
        return
    source.seek(0)
    with tempfile.TemporaryFile() as copy:
        left = limits.file_bytes
        while piece := source.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise Refused(Refusal.TOO_LARGE)
            copy.write(piece)
        copy.seek(0)
        yield copy


def _read_workbook(file: BinaryIO, name: str, kind: str, limits: Limits) -> Workbook:
    workbook: Workbook | None = None
    sheets: list[Sheet] = []
    epoch_1904 = complete = False
    for line in _answer(file, kind, limits).splitlines():
        told = json.loads(line, object_hook=_as_date)
        if isinstance(told, list):
            sheets[-1].rows.extend(SheetRow(number, cells) for number, cells in told)
        elif "refused" in told:
            raise Refused(Refusal(told["refused"]))
        elif "sheet" in told:
            sheets.append(Sheet(told["sheet"], [], hidden=told["hidden"], epoch_1904=epoch_1904))
        elif "kind" in told:
            epoch_1904 = told["epoch_1904"]
            workbook = Workbook(name, told["kind"], sheets)
        else:
            complete = True
    if workbook is None or not complete:
        raise Refused(Refusal.CRASHED)
    if not any(sheet.rows for sheet in sheets):
        raise Refused(Refusal.EMPTY)
    return workbook


def _as_date(pair: dict[str, Any]) -> Any:
    """The child's dates come as objects of one letter; its messages are left as they are."""
    if "d" in pair:
        return date.fromisoformat(pair["d"])
    return datetime.fromisoformat(pair["t"]) if "t" in pair else pair


def _answer(file: BinaryIO, kind: str, limits: Limits) -> bytes:
    """Run the child on the file and collect what it says. Raises Refused when it does not end well."""
    arguments = json.dumps([kind, asdict(limits), os.getpid()])
    try:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell, nothing of the file's
            [sys.executable, "-I", "-c", _START, str(_ROOT), arguments],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},
            start_new_session=True,
        )
    except OSError as error:
        raise Refused(Refusal.NO_START) from error
    try:
        answer = _collect(child.stdout, limits) if child.stdout else b""
        child.wait(timeout=5)
    except subprocess.TimeoutExpired as error:
        raise Refused(Refusal.TOO_SLOW) from error
    finally:
        child.kill()
        child.wait()
    if child.returncode == -signal.SIGXCPU:
        raise Refused(Refusal.TOO_SLOW)
    return answer


def _collect(pipe: IO[bytes], limits: Limits) -> bytes:
    """Read until the child closes its end, at most `result_bytes` and `wall_seconds`."""
    deadline = time.monotonic() + limits.wall_seconds
    pieces: list[bytes] = []
    size = 0
    with pipe, selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                raise Refused(Refusal.TOO_SLOW)
            piece = os.read(pipe.fileno(), _PIECE)
            if not piece:
                return b"".join(pieces)
            size += len(piece)
            if size > limits.result_bytes:
                raise Refused(Refusal.TOO_MANY_CELLS)
            pieces.append(piece)
