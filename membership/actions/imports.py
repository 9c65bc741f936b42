"""A register file's way in: uploaded, read, confirmed, applied. Nothing is written to the register before the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any, Final
from uuid import UUID

from django.core.files.base import File
from django.db import IntegrityError, transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common.clock import machine_time
from common.policy import keep
from common.text import clean
from jobs import actions as jobs
from jobs.models import Job
from membership.actions import column_memory
from membership.enums import ImportState
from membership.importing.applying import Reached
from membership.importing.asked import OWN_OPTIONS, WITHOUT_NUMBER
from membership.importing.columns import Field
from membership.importing.lines import Kept
from membership.importing.preview import Tally
from membership.models import Branch, RegisterImport
from membership.roles import Permission

READ_JOB: Final = "register_read"
APPLY_JOB: Final = "register_apply"
# A file that nobody confirmed goes with its preview.
# A command that writes no chunk for so long is taken for dead; a job's worker is watched by the sweep.
SILENT_COMMAND: Final = timedelta(minutes=10)
# The result workbook goes when the import can no longer be undone.


class NotReady(Exception):
    """The import is not at the step that was asked for: somebody pressed twice, or it has been cancelled."""


class Busy(Exception):
    """Another file is on its way into the county. `holder` is that import."""

    def __init__(self, holder: RegisterImport | None) -> None:
        """`holder` is None where it ended in the same moment."""
        super().__init__()
        self.holder = holder


@dataclass(frozen=True, slots=True)
class Answers:
    """What the officer says beside the columns: who is who, what empty cells mean, and rows without a number."""

    decisions: Mapping[str, Mapping[str, Any]]
    empties_wipe: bool = False
    without_number: bool = False

    def kept_in(self, made: RegisterImport) -> dict[str, Any]:
        """The columns of an import that keep them."""
        own = {WITHOUT_NUMBER: "1"} if self.without_number else {}
        return {
            "decisions": dict(self.decisions),
            "empties_wipe": self.empties_wipe,
            "options": made.options | {OWN_OPTIONS: own},
        }

    def differ_from(self, made: RegisterImport) -> bool:
        """Whether anything is said that is not kept yet."""
        return any(getattr(made, name) != value for name, value in self.kept_in(made).items() if name != "options") or (
            bool(made.options.get(OWN_OPTIONS, {}).get(WITHOUT_NUMBER)) != self.without_number
        )


@transaction.atomic
def upload(branch: Branch, *, file: File[bytes], name: str, next_url: str, by: User) -> tuple[RegisterImport, Job]:
    """Keep a file and start reading it. `next_url`, with `{pk}` in it, is where the officer goes when it is read."""
    made = RegisterImport(branch=branch, county_id=branch.root_id, started_by=by, file_name=clean(name)[:200])
    made.file.save(f"{made.pk}.bin", file, save=False)
    made.save()
    record(Verb.IMPORT_STARTED, by=by, branch_id=branch.pk, subject=made)
    return made, _start(made, READ_JOB, next_url=next_url.replace("{pk}", str(made.pk)), by=by)


@transaction.atomic
def read_again(
    made: RegisterImport,
    *,
    fields: Mapping[int, str],
    options: Mapping[str, Mapping[str, str]],
    sheet: str,
    answers: Answers,
    next_url: str,
    by: User,
) -> Job:
    """Read the file anew with the officer's own columns and options. Raises `NotReady`."""
    known = {str(index): name for index, name in fields.items() if name in Field.values}
    kept = answers.kept_in(made)
    kept["options"] = dict(options) | {OWN_OPTIONS: kept["options"][OWN_OPTIONS]}
    if sheet != made.sheet_name:
        # Other rows: what was said of these holds no more.
        kept["decisions"] = {}
    _step(made, ImportState.READ, ImportState.UPLOADED, mapping=known, sheet_name=sheet, **kept)
    _begin_anew(made)
    return _start(made, READ_JOB, next_url=next_url, by=by)


@transaction.atomic
def confirm(made: RegisterImport, *, next_url: str, by: User, answers: Answers | None = None) -> Job:
    """Let the file in, once. Raises `NotReady` the second time, and `Busy` while another is on its way in."""
    said = answers.kept_in(made) if answers else {}
    if answers and answers.differ_from(made):
        _begin_anew(made)
    hold(made, **said)
    column_memory.remember(made, now=machine_time())
    return _start(made, APPLY_JOB, next_url=next_url, by=by)


@transaction.atomic
def hold(made: RegisterImport, **fields: Any) -> None:
    """Take the county for an import: of two, one gets it. Raises `NotReady` or `Busy`."""
    county_id = made.branch.root_id
    _release_dead(county_id)
    try:
        with transaction.atomic():
            _step(made, ImportState.READ, ImportState.APPLYING, county_id=county_id, **fields)
    except IntegrityError:
        raise Busy(_holders(county_id).first()) from None


@transaction.atomic
def cancel(made: RegisterImport, *, by: User) -> None:
    """Throw the file and its preview away. Raises `NotReady` once the import has begun."""
    _step(made, made.state if made.state == ImportState.FAILED else ImportState.READ, ImportState.CANCELLED)
    forget(made)
    record(Verb.IMPORT_CANCELLED, by=by, branch_id=made.branch_id, subject=made)


def forget(made: RegisterImport) -> None:
    """Erase the file and all that was shown of it; counts stay."""
    RegisterImport.objects.filter(pk=made.pk).update(
        preview={}, file="", file_name="", sheet_name="", mapping={}, decisions={}, reached={}
    )
    Kept(made.pk).forget(Reached.of(made.reached).chunks)
    if made.file:
        made.file.delete(save=False)


def forget_old(*, now: datetime) -> int:
    """Erase files nobody confirmed, and results nobody needs any more; how many. Lets go of what nobody writes."""
    _release_dead()
    old = RegisterImport.objects.exclude(file="").exclude(state=ImportState.APPLYING)
    forgotten = list(old.filter(created_at__lt=now - keep("register_files")))
    for made in forgotten:
        RegisterImport.objects.filter(pk=made.pk, state__in=[ImportState.READ, ImportState.UPLOADED]).update(
            state=ImportState.CANCELLED
        )
        forget(made)
    spent = list(RegisterImport.objects.exclude(result_file="").filter(applied_at__lt=now - keep("register_results")))
    for made in spent:
        forget_result(made)
    return len(forgotten) + len(spent)


def forget_result(made: RegisterImport) -> None:
    """Erase the result workbook, and the problems, which tell of rows; counts stay."""
    result = {name: value for name, value in made.result.items() if name not in {"problems", "undone"}}
    RegisterImport.objects.filter(pk=made.pk).update(result_file="", result=result)
    made.result_file.delete(save=False)


def finish_reading(pk: UUID, *, preview: Mapping[str, Any], sheet: str, mapping: Mapping[str, str]) -> None:
    """Keep what was read, unless the officer has cancelled meanwhile. What is confirmed is read the same way."""
    RegisterImport.objects.filter(pk=pk, state=ImportState.UPLOADED).update(
        state=ImportState.READ, preview=preview, sheet_name=sheet, mapping=dict(mapping), problem=""
    )


def fail_reading(pk: UUID, *, problem: str) -> None:
    """Keep the sentence that says why the file could not be read."""
    RegisterImport.objects.filter(pk=pk, state=ImportState.UPLOADED).update(state=ImportState.FAILED, problem=problem)


@transaction.atomic
def finish_applying(
    made: RegisterImport, *, tally: Tally, result: Mapping[str, Any], file: IO[bytes] | None, by: User, now: datetime
) -> None:
    """Keep the counts and the workbook, and write the log line, once; the file has served."""
    mine = RegisterImport.objects.filter(pk=made.pk, state=ImportState.APPLYING)
    if not mine.update(state=ImportState.APPLIED, result=dict(result), applied_at=now, problem=""):
        raise jobs.JobLost
    made.refresh_from_db()
    if file is not None:
        made.result_file.save(f"{made.pk}.xlsx", File(file), save=False)
        RegisterImport.objects.filter(pk=made.pk).update(result_file=made.result_file.name)
    if made.batch:
        made.batch.count = tally.created + tally.updated
        made.batch.save(update_fields=["count"])
    record(
        Verb.IMPORT_APPLIED,
        by=by,
        branch_id=made.branch_id,
        subject=made,
        count=tally.rows,
        created=tally.created,
        updated=tally.updated,
    )
    forget(made)


def fail_applying(pk: UUID) -> None:
    """Back to the preview: what went in stays, and the same file can be confirmed again."""
    RegisterImport.objects.filter(pk=pk, state=ImportState.APPLYING).update(state=ImportState.READ)


def break_off(pk: UUID) -> None:
    """A command's import that did not come to its end: nobody can go on with it, for the file is not kept."""
    RegisterImport.objects.filter(pk=pk, state=ImportState.APPLYING).update(state=ImportState.CANCELLED)


def _holders(county_id: int | None = None) -> Any:
    held = RegisterImport.objects.filter(state=ImportState.APPLYING).select_related("branch", "started_by")
    return (held if county_id is None else held.filter(county_id=county_id)).order_by("created_at", "id")


def _release_dead(county_id: int | None = None) -> None:
    """Let go of the county where nobody writes any more: no job is open, or a command has been silent for long."""
    for held in _holders(county_id):
        if not _is_written(held):
            (fail_applying if held.job_id else break_off)(held.pk)


def _is_written(held: RegisterImport) -> bool:
    if held.job_id:
        found = Job.objects.filter(pk=held.job_id).first()
        return found is not None and found.is_open
    at = held.reached.get("at")
    return (datetime.fromisoformat(at) if at else held.created_at) > machine_time() - SILENT_COMMAND


def _begin_anew(made: RegisterImport) -> None:
    """What was written of it is in; the next time it is read from the top."""
    Kept(made.pk).forget(Reached.of(made.reached).chunks)
    RegisterImport.objects.filter(pk=made.pk).update(reached={})


def _step(made: RegisterImport, before: str, after: str, **fields: Any) -> None:
    if not RegisterImport.objects.filter(pk=made.pk, state=before).update(state=after, **fields):
        raise NotReady


def _start(made: RegisterImport, kind: str, *, next_url: str, by: User) -> Job:
    params = {"import": str(made.pk), "next": next_url}
    job = jobs.start(kind, by=by, branch_id=made.branch_id, permission=Permission.IMPORT_MEMBERS, params=params)
    RegisterImport.objects.filter(pk=made.pk).update(job_id=job.pk)
    return job
