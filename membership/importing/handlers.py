"""The two jobs of an import: read a file, and let it in. Also the way both choose their options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common import clock
from common.spreadsheet.errors import SpreadsheetError
from jobs import actions as jobs
from jobs.models import Job
from membership.access import may
from membership.actions import column_memory, import_undo, imports
from membership.enums import ImportState
from membership.extensions import registry
from membership.importing.applying import Applying, imported
from membership.importing.asked import Asked, asked_of
from membership.importing.columns import Field
from membership.importing.lines import Kept, write_result
from membership.importing.places import Places
from membership.importing.preview import SHOWN_PROBLEMS, Preview, Tally, make_preview, missing
from membership.importing.problems import Severity
from membership.importing.source import Source, open_source, refuse_unreadable
from membership.models import Branch, RegisterImport
from membership.roles import Permission

Chosen = Mapping[str, Mapping[str, str]]


class BadOptions(SpreadsheetError):
    """What was typed beside the file (dues year, rate, due date) cannot be used."""


def cleaned_options(branch: Branch, chosen: Chosen, today: date) -> dict[str, dict[str, Any]]:
    """Every extension's choices, checked again; what was not chosen gets its default. Raises `BadOptions`."""
    options = {}
    for extension in registry.imports:
        defaults = extension.form(branch, today, None)
        data = {
            name: option_text(defaults.get_initial_for_field(field, name)) for name, field in defaults.fields.items()
        }
        form = extension.form(branch, today, data | dict(chosen.get(extension.name, {})))
        if not form.is_valid():
            raise BadOptions(" ".join(str(error) for errors in form.errors.values() for error in errors))
        options[extension.name] = form.cleaned_data
    return options


def dues_year(options: Mapping[str, Mapping[str, Any]], today: date) -> int:
    """The year a paid column is read for: the one an extension asked for, else this year."""
    years = (chosen.get("year") for chosen in options.values())
    return next((int(year) for year in years if year), today.year)


@jobs.handles(imports.READ_JOB)
def read(job: Job) -> None:
    """Read the file and keep the preview; a file that cannot be read leaves its sentence."""
    made, today = _begin(job, ImportState.UPLOADED), clock.today()
    if made is None:
        return
    try:
        options = cleaned_options(made.branch, made.options, today)
        source = _open(made, dues_year(options, today))
        preview = _preview(made, source, options, today)
    except SpreadsheetError as error:
        imports.fail_reading(made.pk, problem=str(error))
        return
    mapping = {str(index): str(name) for index, name in source.mapping.fields.items()}
    imports.finish_reading(made.pk, preview=preview, sheet=source.sheet.name, mapping=mapping)
    record(Verb.IMPORT_READ, by=job.owner, branch_id=made.branch_id, subject=made, count=preview["tally"]["rows"])


def let_go(job: Job) -> None:
    """No worker could finish: the county is free, and the officer has the preview again."""
    imports.fail_applying(UUID(job.params["import"]))


@jobs.handles(imports.APPLY_JOB, given_up=let_go)
def apply(job: Job) -> None:
    """Write the file's rows to the register; after a dead worker it goes on where that one ended."""
    made, today = _begin(job, ImportState.APPLYING), clock.today()
    if made is None:
        return
    try:
        options = cleaned_options(made.branch, made.options, today)
        source = _open(made, dues_year(options, today))
        refuse_unreadable(source)
        jobs.progress(job, 0, total=source.guess.row_count)
        let_in(made, source, options, by=job.owner, today=today, progress=lambda done: jobs.progress(job, done))
    except jobs.JobLost:
        # Another worker has it: what it holds is not ours to let go.
        raise
    except SpreadsheetError as error:
        imports.fail_applying(made.pk)
        raise jobs.JobFailed(str(error)) from error
    except Exception:
        imports.fail_applying(made.pk)
        raise


def let_in(
    made: RegisterImport,
    source: Source,
    options: Mapping[str, Mapping[str, Any]],
    *,
    by: User,
    today: date,
    asked: Asked | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Tally:
    """Write all rows of an import that holds the county, and keep what came of it."""
    year = dues_year(options, today)
    applying = Applying(
        Places(made.branch),
        options,
        by=by,
        today=today,
        asked=asked or asked_of(made),
        pk=made.pk,
        progress=progress,
    )
    tally = applying.run(source.rows(today=today, year=year))
    now, done = clock.now(), applying.reached
    lines = Kept(made.pk).all(done.chunks)
    with write_result(lines, branch=made.branch.name, by=by, now=now, tick=lambda: progress(done.rows)) as file:
        result = counts(tally) | {"problems": problems_json(tally), "year": year}
        imports.finish_applying(made, tally=tally, result=result, file=file, by=by, now=now)
    return tally


def _begin(job: Job, state: ImportState) -> RegisterImport | None:
    """The import, if it still waits for this job and its officer may still import there."""
    made = RegisterImport.objects.select_related("branch").get(pk=UUID(job.params["import"]))
    if made.state != state:
        return None
    if not _may_import(job.owner, made.branch):
        imports.fail_applying(made.pk)
        raise jobs.JobFailed(_("You may no longer import here."))
    return made


def _may_import(user: User, branch: Branch) -> bool:
    return may(user, Permission.IMPORT_MEMBERS, branch, on=clock.today())


def _open(made: RegisterImport, year: int) -> Source:
    fields = {int(index): Field(name) for index, name in made.mapping.items()} if made.mapping else None
    with made.file.open("rb") as file:
        return open_source(
            file,
            made.file_name,
            year=year,
            sheet_name=made.sheet_name,
            fields=fields,
            memory=column_memory.memory_of(made.branch),
        )


def _preview(made: RegisterImport, source: Source, options: Mapping[str, Any], today: date) -> dict[str, Any]:
    complaints = source.mapping.complaints()
    places = Places(made.branch)
    rows = source.rows(today=today, year=dues_year(options, today)) if not complaints else iter(())
    preview = make_preview(rows, places, today=today, asked=asked_of(made))
    absent, ids = missing(places, preview.numbers) if not complaints else (0, [])
    return {
        "sheet": source.sheet.name,
        "others": source.others,
        "header_row": source.mapping.header_row,
        "row_count": source.guess.row_count,
        "columns": source.columns_json(),
        "complaints": complaints,
        "tally": counts(preview.tally),
        "doubt": preview.tally.doubt,
        "changes": preview.changes,
        # Rows that wait are shown with those they may be.
        "problems": problems_json(preview.tally, but=Severity.WAITS),
        "waiting": preview.waiting,
        "missing": absent,
        "missing_ids": ids,
        "extensions": _extension_sentences(made.branch, options, preview),
    }


def _extension_sentences(branch: Branch, options: Mapping[str, Any], preview: Preview) -> dict[str, list[str]]:
    rows = [imported(match) for match in preview.matches]
    return {
        extension.name: [str(text) for text in extension.preview(branch, options[extension.name], rows)]
        for extension in registry.imports
    }


def counts(tally: Tally) -> dict[str, int]:
    """The figures of a tally, by the names the pages use."""
    names = ("rows", "created", "updated", "unchanged", "refused", "skipped", "waiting", "numberless", "emptied")
    return {name: getattr(tally, name) for name in names} | {"problem_count": len(tally.problems)}


def problems_json(tally: Tally, *, but: Severity | None = None) -> list[dict[str, Any]]:
    """The first problems, as the pages list them; `but` are told elsewhere."""
    told = (problem for problem in tally.problems if problem.severity != but)
    return [
        {
            "row": problem.row,
            "column": problem.column,
            "typed": problem.typed,
            "what": problem.what,
            "outcome": problem.outcome,
            "severity": str(problem.severity),
        }
        for problem in islice(told, SHOWN_PROBLEMS)
    ]


def option_text(initial: Any) -> str:
    """A choice as it stands in its field."""
    if initial is None:
        return ""
    return f"{initial:%d.%m.%Y}" if isinstance(initial, date) else str(initial)


def _stop_undoing(job: Job) -> None:
    import_undo.stop(RegisterImport.objects.get(pk=UUID(job.params["import"])))


@jobs.handles(import_undo.UNDO_JOB, given_up=_stop_undoing)
def undo(job: Job) -> None:
    """Take an import back; after a dead worker it goes on where that one was."""
    made = RegisterImport.objects.select_related("branch", "batch__branch").get(pk=UUID(job.params["import"]))
    if not _may_import(job.owner, made.branch):
        import_undo.stop(made)
        raise jobs.JobFailed(_("You may no longer import here."))
    try:
        import_undo.run(
            made,
            by=job.owner,
            now=clock.now(),
            today=clock.today(),
            progress=lambda done, total: jobs.progress(job, done, total=total),
        )
    except jobs.JobLost:
        raise
    except Exception:
        import_undo.stop(made)
        raise
