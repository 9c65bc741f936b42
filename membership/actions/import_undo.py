"""Taking an import back: chunk by chunk, so that a worker that takes over goes on where the last one was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from jobs import actions as jobs
from jobs.models import Job
from membership.actions.editing import Pen
from membership.actions.summaries import recount
from membership.actions.undo import CHUNK, TooLate, Undone, touched, undo_some
from membership.enums import ChangeSource, ImportState
from membership.models import Branch, ChangeBatch, RegisterImport
from membership.roles import Permission

UNDO_JOB: Final = "register_undo"
# Where a batch keeps how far the undoing has come.
_KEPT: Final = "undoing"
# So many of those who stay are told of by name; the rest by number.
_TOLD: Final = 500


@dataclass(slots=True)
class _Step:
    """How far it has come: all members up to an id, and what came of it."""

    to: int = 0
    restored: int = 0
    removed: int = 0
    kept_count: int = 0
    # Member id and reason.
    kept: list[list[Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "to": self.to,
            "restored": self.restored,
            "removed": self.removed,
            "kept_count": self.kept_count,
            "kept": self.kept,
        }

    def add(self, outcome: Undone, *, to: int) -> None:
        self.to = to
        self.restored += outcome.restored
        self.removed += outcome.removed
        self.kept_count += len(outcome.kept)
        told = [[pk, str(reason)] for pk, reason in outcome.kept.items()]
        self.kept = [*self.kept, *told][:_TOLD]


@transaction.atomic
def start(made: RegisterImport, *, next_url: str, by: User, now: datetime) -> Job:
    """Begin to take an import back, once. Raises `TooLate`."""
    batches = ChangeBatch.objects.undoable(now).filter(register_import=made)
    if made.state != ImportState.APPLIED or not batches.update(undone_at=now, undone_by=by):
        raise TooLate
    params = {"import": str(made.pk), "next": next_url}
    return jobs.start(UNDO_JOB, by=by, branch_id=made.branch_id, permission=Permission.IMPORT_MEMBERS, params=params)


def stop(made: RegisterImport) -> None:
    """No worker could finish it: it may be asked for again, and goes on where it was."""
    ChangeBatch.objects.filter(register_import=made).update(undone_at=None, undone_by=None)


def run(made: RegisterImport, *, by: User, now: datetime, today: date, progress: Callable[[int, int], None]) -> None:
    """Take back what is not taken back yet; `progress` gets how many are done, of how many. Raises `JobLost`."""
    assert made.batch is not None  # noqa: S101 - told to the type checker: start() has looked
    ids, step = touched(made.batch), _step_of(made.batch)
    left = [pk for pk in ids if pk > step.to]
    done = len(ids) - len(left)
    pen = Pen(by, ChangeSource.UNDO, now, today)
    for start_at in range(0, len(left), CHUNK):
        chunk = left[start_at : start_at + CHUNK]
        step = _undo_chunk(made.batch, chunk, step, pen)
        progress(done + start_at + len(chunk), len(ids))
    _finish(made, step, by=by)


@transaction.atomic
def _undo_chunk(batch: ChangeBatch, ids: list[int], step: _Step, pen: Pen) -> _Step:
    # An import into the same county takes turns with it.
    Branch.objects.select_for_update().get(pk=batch.branch.root_id)
    held = ChangeBatch.objects.select_for_update().get(pk=batch.pk)
    if _step_of(held).to != step.to:
        raise jobs.JobLost
    outcome = Undone()
    if branches := undo_some(batch, ids, pen=pen, outcome=outcome):
        recount(branches, today=pen.today)
    step.add(outcome, to=ids[-1])
    ChangeBatch.objects.filter(pk=batch.pk).update(details=held.details | {_KEPT: step.to_json()})
    return step


@transaction.atomic
def _finish(made: RegisterImport, step: _Step, *, by: User) -> None:
    """Tell the officer and the log, once."""
    held = RegisterImport.objects.select_for_update().get(pk=made.pk)
    if "undone" in held.result:
        return
    told = step.to_json()
    del told["to"]
    RegisterImport.objects.filter(pk=made.pk).update(result=held.result | {"undone": told})
    ChangeBatch.objects.filter(register_import=made).update(details={})
    record(
        Verb.IMPORT_UNDONE,
        by=by,
        branch_id=made.branch_id,
        subject=made,
        count=step.restored + step.removed,
        kept=step.kept_count,
    )


def _step_of(batch: ChangeBatch) -> _Step:
    return _Step(**batch.details.get(_KEPT, {}))
