"""Importing a register file: choose it, check it, let it in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from membership.access import BranchRequest, branch_view
from membership.actions import imports
from membership.enums import ImportState
from membership.extensions import registry
from membership.import_forms import UploadForm, posted_decisions, posted_fields, posted_options
from membership.importing.asked import asked_of
from membership.importing.columns import Field
from membership.importing.handlers import BadOptions, cleaned_options, option_text
from membership.importing.preview import COUNTED
from membership.models import RegisterImport
from membership.roles import Permission
from membership.views.import_parts import recent_imports, show_result, still_here, waiting_rows

_WAITING = {ImportState.UPLOADED, ImportState.APPLYING}
_SHOWN = 25


@branch_view(Permission.IMPORT_MEMBERS, methods=("GET", "POST"))
def import_upload(request: BranchRequest) -> HttpResponse:
    """Choose a file. Sending it starts the reading; nothing is written to the register."""
    sent = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if sent else UploadForm()
    if sent and form.is_valid():
        file = form.cleaned_data["file"]
        _made, job = imports.upload(
            request.branch, file=file, name=file.name, next_url=_url(request, "{pk}"), by=request.user
        )
        return redirect("membership:job", request.branch.slug, job.pk)
    context = {"page": "medlemmer", "form": form, "recent": recent_imports(request)}
    return render(request, "membership/import_upload.html", context, status=422 if form.errors else 200)


@branch_view(Permission.IMPORT_MEMBERS, methods=("GET", "POST"))
def import_detail(request: BranchRequest, pk: UUID) -> HttpResponse:
    """One import, at the step it has come to: preview, result, or why it could not be read."""
    made = get_object_or_404(request.branch.imports.of(request.user), pk=pk)
    if request.method == "POST":
        return _act(request, made)
    if made.state in _WAITING and made.job_id:
        return redirect("membership:job", request.branch.slug, made.job_id)
    record(Verb.IMPORT_OPENED, by=request.user, branch_id=request.branch.pk, subject=made)
    if made.state == ImportState.READ:
        return _preview(request, made)
    if made.state == ImportState.CANCELLED:
        return redirect("membership:import_upload", request.branch.slug)
    if made.state == ImportState.APPLIED:
        return show_result(request, made)
    context = {"page": "medlemmer", "made": made, "upload_form": UploadForm()}
    return render(request, "membership/import_failed.html", context)


def _act(request: BranchRequest, made: RegisterImport) -> HttpResponse:
    doing = request.POST.get("handling", "")
    try:
        if doing == "importer":
            return _confirm(request, made)
        if doing == "avbryt":
            imports.cancel(made, by=request.user)
            messages.info(request, _("The import is cancelled. Nothing was changed."))
            return redirect("membership:member_list", request.branch.slug)
        return _read_again(request, made)
    except imports.NotReady:
        return redirect(_url(request, str(made.pk)))
    except imports.Busy as error:
        made.refresh_from_db()
        return _preview(request, made, problem=_busy(request, error.holder), data=request.POST)


def _confirm(request: BranchRequest, made: RegisterImport) -> HttpResponse:
    if _posted(request, made) != _kept(made, request):
        # What is confirmed must be what was seen.
        messages.info(request, _("You changed something, so we have counted again. Look it over once more."))
        return _read_again(request, made)
    if made.preview.get("complaints"):
        return _preview(request, made, problem=_("Choose the columns first."), data=request.POST)
    if made.preview.get("doubt") and not request.POST.get("riktig_fil"):
        return _preview(
            request, made, problem=_("Tick that it is the right file, or choose another one."), data=request.POST
        )
    job = imports.confirm(made, answers=_answers(request, made), next_url=_url(request, str(made.pk)), by=request.user)
    return redirect("membership:job", request.branch.slug, job.pk)


def _busy(request: BranchRequest, holder: RegisterImport | None) -> str:
    """Whose import is in the way is told only as far as it is one's own branch."""
    kept = _("Your preview is kept: try again in a few minutes.")
    told = _("Another import is going on just now.")
    if holder and request.branch.pk in holder.branch.ancestor_ids:
        who = {"name": holder.started_by.name, "branch": holder.branch.name}
        told = _("Another import is going on: %(name)s is importing to %(branch)s.") % who
    return f"{told} {kept}"


def _answers(request: BranchRequest, made: RegisterImport) -> imports.Answers:
    decisions = posted_decisions(request.POST, made.preview.get("waiting", []), made.decisions)
    return imports.Answers(
        decisions, empties_wipe="tom_celle" in request.POST, without_number="uten_nummer" in request.POST
    )


def _read_again(request: BranchRequest, made: RegisterImport) -> HttpResponse:
    fields, options, sheet = _posted(request, made)
    try:
        cleaned_options(request.branch, options, request.today)
    except BadOptions:
        return _preview(request, made, data=request.POST)
    if sheet != made.sheet_name:
        # Another sheet has other columns: guess anew.
        fields = {}
    job = imports.read_again(
        made,
        fields=fields,
        options=options,
        sheet=sheet,
        answers=_answers(request, made),
        next_url=_url(request, str(made.pk)),
        by=request.user,
    )
    return redirect("membership:job", request.branch.slug, job.pk)


Posted = tuple[dict[int, str], dict[str, dict[str, str]], str]


def _posted(request: BranchRequest, made: RegisterImport) -> Posted:
    columns = made.preview.get("columns", [])
    sheets = [made.preview.get("sheet", ""), *made.preview.get("others", [])]
    sheet = request.POST.get("ark", made.sheet_name)
    options = posted_options(request.POST, _option_forms(request, made))
    return posted_fields(request.POST, columns), options, sheet if sheet in sheets else made.sheet_name


def _kept(made: RegisterImport, request: BranchRequest) -> Posted:
    fields = {column["index"]: column["field"] for column in made.preview.get("columns", []) if column["field"]}
    shown = {
        name: {field: option_text(form[field].value()) for field in form.fields}
        for name, form in _option_forms(request, made).items()
    }
    return fields, shown, made.sheet_name


def _option_forms(request: BranchRequest, made: RegisterImport, data: Any = None) -> dict[str, forms.Form]:
    """Each extension's form: as sent, else as kept with the import, else with its defaults."""
    found = {}
    for extension in registry.imports:
        kept = made.options.get(extension.name)
        found[extension.name] = extension.form(request.branch, request.today, data if data is not None else kept)
    return found


def _preview(request: BranchRequest, made: RegisterImport, *, problem: str = "", data: Any = None) -> HttpResponse:
    preview = made.preview
    option_forms = _option_forms(request, made, data)
    bad = bool(problem) or any(form.is_bound and not form.is_valid() for form in option_forms.values())
    everything = request.GET.get("vis") == "alt"
    shown = still_here(request, made)
    context = {
        "page": "medlemmer",
        "made": made,
        "p": preview,
        "tally": dict.fromkeys(COUNTED, 0) | preview["tally"],
        "columns": preview["columns"],
        "doubtful": [column for column in preview["columns"] if not column["sure"]],
        "settled": [column for column in preview["columns"] if column["sure"]],
        "everything": everything,
        "fields": Field.choices,
        "unsure": sum(not column["sure"] for column in preview["columns"]),
        "options": [
            (extension.title, option_forms[extension.name], preview["extensions"].get(extension.name, []))
            for extension in registry.imports
        ],
        "changes": shown.changes if everything else shown.changes[:_SHOWN],
        "missing_names": shown.missing_names,
        "problems": preview["problems"] if everything else preview["problems"][:_SHOWN],
        "folded": not everything and max(len(preview["changes"]), len(preview["problems"])) > _SHOWN,
        "problem": problem,
        "waiting": waiting_rows(request, made, data),
        "wipes": _ticked(data, "tom_celle", made.empties_wipe),
        "without_number": _ticked(data, "uten_nummer", asked_of(made).new_without_number),
    }
    return render(request, "membership/import_preview.html", context, status=422 if bad else 200)


def _ticked(data: Any, name: str, kept: bool) -> bool:
    return kept if data is None else name in data


def _url(request: BranchRequest, pk: str) -> str:
    upload = reverse("membership:import_upload", args=[request.branch.slug])
    return f"{upload}{pk}/"
