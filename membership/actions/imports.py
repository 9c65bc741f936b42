"""A register file's way in: uploaded, read, confirmed, applied. Nothing is written to the register before the last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.core.files.base import File
from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common.text import clean
from jobs import actions as jobs
from jobs.models import Job
from membership.enums import ImportState
from membership.importing.columns import Field
from membership.models import Branch, RegisterImport
from membership.roles import Permission

READ_JOB: Final = "register_read"
APPLY_JOB: Final = "register_apply"
# A file that nobody confirmed goes with its preview.
KEEP_UNCONFIRMED: Final = timedelta(hours=24)


class NotReady(Exception):
    """The import is not at the step that was asked for: somebody pressed twice, or it has been cancelled."""


@transaction.atomic
def upload(branch: Branch, *, file: File[bytes], name: str, next_url: str, by: User) -> tuple[RegisterImport, Job]:
    """Keep a file and start reading it. `next_url`, with `{pk}` in it, is where the officer goes when it is read."""
    made = RegisterImport(branch=branch, started_by=by, file_name=clean(name)[:200])
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
    next_url: str,
    by: User,
) -> Job:
    """Read the file anew with the officer's own columns and options. Raises `NotReady`."""
    known = {str(index): name for index, name in fields.items() if name in Field.values}
    _step(made, ImportState.READ, ImportState.UPLOADED, mapping=known, options=dict(options), sheet_name=sheet)
    return _start(made, READ_JOB, next_url=next_url, by=by)


@transaction.atomic
def confirm(made: RegisterImport, *, next_url: str, by: User) -> Job:
    """Let the file in, once. Raises `NotReady` the second time."""
    _step(made, ImportState.READ, ImportState.APPLYING)
    return _start(made, APPLY_JOB, next_url=next_url, by=by)


@transaction.atomic
def cancel(made: RegisterImport, *, by: User) -> None:
    """Throw the file and its preview away. Raises `NotReady` once the import has begun."""
    _step(made, made.state if made.state == ImportState.FAILED else ImportState.READ, ImportState.CANCELLED)
    forget(made)
    record(Verb.IMPORT_CANCELLED, by=by, branch_id=made.branch_id, subject=made)


def forget(made: RegisterImport) -> None:
    """Erase the file and all that was shown of it; counts stay."""
    RegisterImport.objects.filter(pk=made.pk).update(preview={}, file="", file_name="", mapping={})
    made.file.delete(save=False)


def forget_old(*, now: datetime) -> int:
    """Erase files nobody confirmed, and results nobody needs any more; how many."""
    old = list(RegisterImport.objects.exclude(file="").filter(created_at__lt=now - KEEP_UNCONFIRMED))
    for made in old:
        RegisterImport.objects.filter(pk=made.pk, state__in=[ImportState.READ, ImportState.UPLOADED]).update(
            state=ImportState.CANCELLED
        )
        forget(made)
    return len(old)


def finish_reading(pk: UUID, *, preview: Mapping[str, Any], sheet: str) -> None:
    """Keep what was read, unless the officer has cancelled meanwhile."""
    RegisterImport.objects.filter(pk=pk, state=ImportState.UPLOADED).update(
        state=ImportState.READ, preview=preview, sheet_name=sheet, problem=""
    )


def fail_reading(pk: UUID, *, problem: str) -> None:
    """Keep the sentence that says why the file could not be read."""
    RegisterImport.objects.filter(pk=pk, state=ImportState.UPLOADED).update(state=ImportState.FAILED, problem=problem)


def finish_applying(pk: UUID, *, result: Mapping[str, Any], now: datetime) -> None:
    """Keep the counts; the file has served."""
    RegisterImport.objects.filter(pk=pk).update(state=ImportState.APPLIED, result=result, applied_at=now)
    forget(RegisterImport.objects.get(pk=pk))


def fail_applying(pk: UUID) -> None:
    """Back to the preview: what went in stays, and the same file can be confirmed again."""
    RegisterImport.objects.filter(pk=pk, state=ImportState.APPLYING).update(state=ImportState.READ)


def _step(made: RegisterImport, before: str, after: str, **fields: Any) -> None:
    if not RegisterImport.objects.filter(pk=made.pk, state=before).update(state=after, **fields):
        raise NotReady


def _start(made: RegisterImport, kind: str, *, next_url: str, by: User) -> Job:
    params = {"import": str(made.pk), "next": next_url}
    job = jobs.start(kind, by=by, branch_id=made.branch_id, permission=Permission.IMPORT_MEMBERS, params=params)
    RegisterImport.objects.filter(pk=made.pk).update(job_id=job.pk)
    return job
