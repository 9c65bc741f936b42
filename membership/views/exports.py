"""Members taken out as a file: first the choice of columns, then the file, at once or by a worker."""

from __future__ import annotations

import io
from array import array
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from common.http import attachment
from jobs import actions as jobs
from membership.access import BranchRequest, branch_view
from membership.export_forms import COLUMNS, ExportForm
from membership.exporting.asked import SEARCH, AskedFor, NotTheirs
from membership.exporting.columns import DEFAULTS, Group, chosen_columns, groups_for
from membership.exporting.files import Format
from membership.exporting.jobs import MEMBER_EXPORT
from membership.exporting.writing import (
    ROWS_AT_ONCE,
    Exporter,
    MemberFile,
    file_name,
    ids_of,
    in_files,
    strict_among,
)
from membership.models import MemberQuerySet
from membership.roles import Permission
from membership.search_memory import recall

IDS: Final = "id"
EVERYONE: Final = "alle"
FETCH: Final = "hent"
# A worker is handed those a search has found, not the search; more than so many, and it is no search.
MOST_FOUND: Final = 20_000
_KEPT: Final = "export_columns"
_LONGEST_NUMBER: Final = 18


class _Page:
    """One request to take members out."""

    def __init__(self, request: BranchRequest) -> None:
        self.request = request
        self.token = request.GET.get(SEARCH, "")
        q = (recall(request.session, self.token) if self.token else None) or ""
        self.ids = _ids(request)
        try:
            self.asked = AskedFor(request.branch, request.access, request.today, request.GET.dict(), q=q)
            self.is_understood = self.asked.is_understood and (bool(q) or not self.token)
            self.members: MemberQuerySet = self.asked.members(self.ids)
        except NotTheirs:
            raise Http404 from None
        self.groups = groups_for(request.access)

    @property
    def query(self) -> str:
        """What the links keep; the search only as its token."""
        return urlencode(self.asked.params | ({SEARCH: self.token} if self.asked.q else {}))

    @property
    def is_long(self) -> bool:
        """Whether a worker writes it."""
        return self.members.order_by()[: ROWS_AT_ONCE + 1].count() > ROWS_AT_ONCE

    def form(self) -> ExportForm:
        """As it was sent, else with what was chosen last time."""
        fetched = self.request.method == "POST" and FETCH in self.request.POST
        kept = self.request.session.get(_KEPT) or {}
        initial = {COLUMNS: kept.get(COLUMNS) or list(map(str, DEFAULTS)), "format": kept.get("format", Format.XLSX)}
        return ExportForm(self.request.POST if fetched else None, groups=self.groups, initial=initial)


@branch_view(Permission.EXPORT_MEMBERS, methods=("GET", "POST"))
def member_export(request: BranchRequest) -> HttpResponse:
    """The list's address, with its filters run again; a form that was posted without “hent” brings those ticked."""
    page = _Page(request)
    form = page.form()
    if not page.is_understood:
        return _show(page, form, status=422 if form.is_bound else 200)
    if not form.is_bound:
        return _show(page, form)
    if not form.is_valid():
        return _show(page, form, status=422)
    request.session[_KEPT] = dict(form.cleaned_data)
    if page.is_long:
        return _start(page, form)
    return _fetch(page, form)


def _show(page: _Page, form: ExportForm, *, status: int = 200, problem: str = "") -> HttpResponse:
    request = page.request
    shown = page.members.order_by()[: ROWS_AT_ONCE + 1].count() if page.is_understood else 0
    left_out = strict_among(page.members) if shown else 0
    context = {
        "page": "medlemmer",
        "form": form,
        "groups": _ticked(page.groups, form),
        "ids": page.ids or [],
        "count": min(shown, ROWS_AT_ONCE) - (left_out if shown <= ROWS_AT_ONCE else 0),
        "more": shown > ROWS_AT_ONCE,
        "left_out": left_out,
        "chosen": page.asked.words(picked=page.ids is not None) if page.is_understood else "",
        "understood": page.is_understood,
        "problem": problem,
        "action": f"{request.path}?{page.query}".rstrip("?"),
        "back": f"{reverse('membership:member_list', args=[request.branch.slug])}?{page.query}".rstrip("?"),
    }
    return render(request, "membership/member_export.html", context, status=status)


def _ticked(groups: Sequence[Group], form: ExportForm) -> list[dict[str, Any]]:
    ticked = form.ticked
    return [
        {"title": group.title, "columns": [(column, column.key in ticked) for column in group.columns]}
        for group in groups
    ]


def _fetch(page: _Page, form: ExportForm) -> HttpResponse:
    request, now = page.request, clock.now()
    columns = chosen_columns(request.access, form.cleaned_data[COLUMNS])
    made = MemberFile(
        request.branch,
        Exporter(request.user, now, request.today),
        columns,
        ids_of(in_files(page.members)),
        form.cleaned_data["format"],
        chosen=page.asked.words(picked=page.ids is not None),
        left_out=strict_among(page.members),
    )
    file = io.BytesIO()
    count = made.write(file)
    record(
        Verb.MEMBERS_EXPORTED,
        by=request.user,
        branch_id=request.branch.pk,
        count=count,
        now=now,
        filters=page.asked.keys,
        columns=",".join(column.key for column in columns),
        kind=made.kind,
    )
    name = file_name("medlemmer", request.branch, request.today, made.kind)
    return attachment(file.getvalue(), name=name, content_type=Format(made.kind).content_type)


def _start(page: _Page, form: ExportForm) -> HttpResponse:
    """One job at a time for the same file: a second tap leads to the first one's page."""
    request = page.request
    found: array[int] | None = None
    if page.asked.q or page.ids is not None:
        found = ids_of(in_files(page.members))
        if len(found) > MOST_FOUND:
            problem = _("The search finds too many for one file. Use a filter instead, or search for something longer.")
            return _show(page, form, status=422, problem=problem)
    params = {
        "params": page.asked.params,
        "ids": None if found is None else found.tolist(),
        "keys": page.asked.keys,
        "columns": form.cleaned_data[COLUMNS],
        "kind": form.cleaned_data["format"],
        "chosen": page.asked.words(picked=page.ids is not None),
        "left_out": strict_among(page.members),
        "title": _("Members of %(branch)s, to a file") % {"branch": request.branch.name},
        "back": reverse("membership:member_list", args=[request.branch.slug]),
    }
    going = request.user.jobs.going(MEMBER_EXPORT, branch_id=request.branch.pk).filter(params=params).first()
    job = going or jobs.start(
        MEMBER_EXPORT,
        by=request.user,
        branch_id=request.branch.pk,
        permission=Permission.EXPORT_MEMBERS,
        params=params,
    )
    return redirect("membership:job", request.branch.slug, job.pk)


def _ids(request: BranchRequest) -> list[int] | None:
    """Those ticked; None where the whole list is meant. What is no number was written by nobody's browser: 404."""
    numbers = [] if request.POST.get(EVERYONE) == "1" else request.POST.getlist(IDS)
    if not all(text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER for text in numbers):
        raise Http404
    return [int(text) for text in numbers] or None
