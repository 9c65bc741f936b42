"""The two jobs of an import: read a file, and let it in. Also the way both choose their options."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
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
from membership.actions import imports
from membership.enums import ImportState
from membership.extensions import registry
from membership.importing.applying import Applying, imported
from membership.importing.columns import Field
from membership.importing.places import Places
from membership.importing.preview import SHOWN_PROBLEMS, Preview, make_preview, missing
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
    imports.finish_reading(made.pk, preview=preview, sheet=source.sheet.name)
    record(Verb.IMPORT_READ, by=job.owner, branch_id=made.branch_id, subject=made, count=preview["tally"]["rows"])


@jobs.handles(imports.APPLY_JOB)
def apply(job: Job) -> None:
    """Write the file's rows to the register; may be run again from the start after a dead worker."""
    made, today = _begin(job, ImportState.APPLYING), clock.today()
    if made is None:
        return
    try:
        options = cleaned_options(made.branch, made.options, today)
        year = dues_year(options, today)
        source = _open(made, year)
        refuse_unreadable(source)
        jobs.progress(job, 0, total=len(source.sheet.rows))
        applying = Applying(
            Places(made.branch), options, by=job.owner, today=today, progress=lambda done: jobs.progress(job, done)
        )
        tally = applying.run(source.rows(today=today, year=year))
    except SpreadsheetError as error:
        imports.fail_applying(made.pk)
        raise jobs.JobFailed(str(error)) from error
    except Exception:
        imports.fail_applying(made.pk)
        raise
    record(
        Verb.IMPORT_APPLIED,
        by=job.owner,
        branch_id=made.branch_id,
        subject=made,
        count=tally.rows,
        created=tally.created,
        updated=tally.updated,
    )
    result = counts(tally) | {"problems": problems_json(tally), "year": year}
    imports.finish_applying(made.pk, result=result, now=clock.now())


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
        return open_source(file, made.file_name, year=year, sheet_name=made.sheet_name, fields=fields)


def _preview(made: RegisterImport, source: Source, options: Mapping[str, Any], today: date) -> dict[str, Any]:
    complaints = source.mapping.complaints()
    places = Places(made.branch)
    rows = source.rows(today=today, year=dues_year(options, today)) if not complaints else iter(())
    preview = make_preview(rows, places)
    absent, names = missing(places, preview.numbers) if not complaints else (0, [])
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
        "problems": problems_json(preview.tally),
        "missing": absent,
        "missing_names": names,
        "extensions": _extension_sentences(made.branch, options, preview),
    }


def _extension_sentences(branch: Branch, options: Mapping[str, Any], preview: Preview) -> dict[str, list[str]]:
    rows = [imported(match) for match in preview.matches]
    return {
        extension.name: [str(text) for text in extension.preview(branch, options[extension.name], rows)]
        for extension in registry.imports
    }


def counts(tally: Any) -> dict[str, int]:
    """The figures of a tally, by the names the pages use."""
    names = ("rows", "created", "updated", "unchanged", "refused", "skipped")
    return {name: getattr(tally, name) for name in names} | {"problem_count": len(tally.problems)}


def problems_json(tally: Any) -> list[dict[str, Any]]:
    """The first problems, as the pages list them."""
    return [
        {
            "row": problem.row,
            "column": problem.column,
            "typed": problem.typed,
            "what": problem.what,
            "outcome": problem.outcome,
            "severity": str(problem.severity),
        }
        for problem in tally.problems[:SHOWN_PROBLEMS]
    ]


def option_text(initial: Any) -> str:
    """A choice as it stands in its field."""
    if initial is None:
        return ""
    return f"{initial:%d.%m.%Y}" if isinstance(initial, date) else str(initial)
