"""Lists taken out of the house: Excel and paper. Each writes a line in the log."""

from __future__ import annotations

import io

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from common.http import attachment
from dues import export
from dues.call_access import caller_or_404, list_or_404
from dues.call_lists import MAX_PRINTED, count_young, filters_in, sheets, unpaid_claims, unpaid_on_paper
from dues.jobs import UNPAID_EXPORT
from jobs import actions as jobs
from membership.access import BranchRequest, branch_view
from membership.roles import Permission


@branch_view(Permission.EXPORT_MEMBERS, methods=("POST",))
def unpaid_export(request: BranchRequest, year: int) -> HttpResponseBase:
    """The unpaid list as Excel: at once, or by a worker when it is long."""
    branch, by, filters = request.branch, export.Exporter(request.user, clock.now()), filters_in(request.POST)
    if unpaid_claims(branch, year, filters)[: export.ROWS_AT_ONCE + 1].count() > export.ROWS_AT_ONCE:
        return _start_export(request, year, filters)
    file = io.BytesIO()
    count = export.write_unpaid(branch, year, file=file, by=by, filters=filters)
    record(Verb.UNPAID_EXPORTED, by=request.user, branch_id=branch.pk, count=count, now=by.now, year=year)
    name = export.unpaid_file_name(branch, year, by.now.date())
    return attachment(file.getvalue(), name=name, content_type=export.CONTENT_TYPE)


def _start_export(request: BranchRequest, year: int, filters: dict[str, str]) -> HttpResponse:
    """One job at a time for the same list: a second tap leads to the first one's page."""
    params = {
        "year": year,
        "filters": filters,
        "title": _("Not paid %(year)s, to Excel") % {"year": year},
        "back": reverse("dues:unpaid", args=[request.branch.slug, year]),
    }
    going = request.user.jobs.going(UNPAID_EXPORT, branch_id=request.branch.pk).filter(params=params).first()
    job = going or jobs.start(
        UNPAID_EXPORT,
        by=request.user,
        branch_id=request.branch.pk,
        permission=Permission.EXPORT_MEMBERS,
        params=params,
    )
    return redirect("membership:job", request.branch.slug, job.pk)


@branch_view(Permission.EXPORT_MEMBERS)
def unpaid_print(request: BranchRequest, year: int) -> HttpResponse:
    """Everyone who has not paid, on one sheet for paper."""
    filters = filters_in(request.GET)
    names = unpaid_on_paper(request.branch, year, filters, on=request.today)
    if len(names) > MAX_PRINTED:
        context = {"page": "kontingent", "year": year, "most": MAX_PRINTED}
        return render(request, "dues/unpaid_too_long.html", context)
    record(Verb.CALL_LIST_PRINTED, by=request.user, branch_id=request.branch.pk, count=len(names), year=year)
    context = {
        "page": "kontingent",
        "year": year,
        "names": names,
        "unit": request.branch,
        "today": request.today,
        "young": count_young(request.branch, year, filters, on=request.today),
    }
    return render(request, "dues/call_list_print.html", context)


@branch_view(Permission.EXPORT_MEMBERS, methods=("POST",))
def call_list_export(request: BranchRequest, pk: int) -> HttpResponse:
    """One call list as Excel, a sheet for each caller."""
    call_list = list_or_404(request, pk)
    now, file = clock.now(), io.BytesIO()
    count = export.write_call_list(call_list, file=file, by=export.Exporter(request.user, now))
    record(
        Verb.UNPAID_EXPORTED,
        by=request.user,
        branch_id=request.branch.pk,
        subject=call_list,
        count=count,
        now=now,
        year=call_list.year,
    )
    name = export.call_list_file_name(call_list, now.date())
    return attachment(file.getvalue(), name=name, content_type=export.CONTENT_TYPE)


@branch_view(Permission.MANAGE_CALLS, Permission.CALL)
def call_list_print(request: BranchRequest, pk: int, caller: int) -> HttpResponse:
    """One caller's names on a sheet for paper; another caller's sheet is not there."""
    call_list = list_or_404(request, pk)
    place = caller_or_404(request, call_list, caller)
    (sheet,) = sheets(call_list, [place], on=request.today)
    record(
        Verb.CALL_LIST_PRINTED,
        by=request.user,
        branch_id=request.branch.pk,
        subject=call_list,
        count=len(sheet.left),
        caller=place.pk,
    )
    context = {
        "page": "ringelister",
        "year": call_list.year,
        "names": sheet.left,
        "caller": place,
        "unit": call_list.branch,
        "call_list": call_list,
        "today": request.today,
    }
    return render(request, "dues/call_list_print.html", context)
