"""“Endringer siden sist”: what was corrected here and the central register does not know yet."""

from __future__ import annotations

import io
from itertools import islice
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock, listing
from common.http import attachment
from jobs import actions as jobs
from membership.access import BranchRequest, branch_view
from membership.actions.corrections import (
    NothingNew,
    NotTheLast,
    last_report,
    note_count,
    report_corrections,
    take_back,
)
from membership.corrections import corrections as told_since
from membership.corrections import left_out, span_of
from membership.exporting.corrections_file import CORRECTIONS_EXPORT, CorrectionsFile, amount_of, log_corrections
from membership.exporting.files import XLSX_TYPE
from membership.exporting.writing import ROWS_AT_ONCE, Exporter, file_name
from membership.models import CorrectionsReport
from membership.roles import Permission

LAST: Final = "sist"
# The page shows no more; the file has them all.
_MOST: Final = 5_000
_REPORTS: Final = 12


@branch_view(Permission.EXPORT_MEMBERS, methods=("GET", "POST"))
def corrections(request: BranchRequest) -> HttpResponse:
    """The list, the button that fetches the file and marks it as sent, and the earlier reports."""
    if request.method == "POST":
        return _report(request)
    branch = request.branch
    reports = list(branch.corrections_reports.select_related("by").order_by("-pk")[:_REPORTS])
    span = span_of(None, reports[0] if reports else None)
    found = list(islice(told_since(branch, span), _MOST + 1))
    more = len(found) > _MOST
    number = listing.page_number(request.GET)
    total = listing.Total(min(len(found), _MOST), more)
    page = listing.ListPage(found[:_MOST][(number - 1) * listing.PER_PAGE : number * listing.PER_PAGE], number, total)
    record(Verb.MEMBERS_LISTED, by=request.user, branch_id=branch.pk, count=total.count, of="corrections")
    context = {
        "page": "medlemmer",
        "listing": page,
        "rows": page.rows,
        "more": more,
        "left_out": left_out(branch, span),
        "reports": reports,
        "last": reports[0].pk if reports else 0,
        "query": "",
    }
    return render(request, "membership/corrections.html", context)


def _report(request: BranchRequest) -> HttpResponse:
    branch, now = request.branch, clock.now()
    seen = request.POST.get(LAST, "")
    last = last_report(branch)
    if next(told_since(branch, span_of(None, last)), None) is None:
        messages.info(request, _("Nothing has been corrected since the last time."))
        return redirect("membership:corrections", branch.slug)
    try:
        after = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else -1
        report = report_corrections(branch, after=after, by=request.user, now=now)
    except NothingNew:
        messages.info(request, _("Somebody has just fetched these corrections. You find the file further down."))
        return redirect("membership:corrections", branch.slug)
    count = amount_of(branch, report)
    note_count(report, count=count)
    return _file(request, report, count)


@branch_view(Permission.EXPORT_MEMBERS, methods=("POST",))
def corrections_file(request: BranchRequest, pk: int) -> HttpResponse:
    """An earlier report once more, made of the history."""
    report = get_object_or_404(request.branch.corrections_reports, pk=pk)
    return _file(request, report, amount_of(request.branch, report))


@branch_view(Permission.EXPORT_MEMBERS, methods=("POST",))
def corrections_undo(request: BranchRequest, pk: int) -> HttpResponse:
    """Not sent after all."""
    get_object_or_404(request.branch.corrections_reports, pk=pk)
    try:
        take_back(request.branch, pk=pk, by=request.user)
    except NotTheLast:
        messages.error(request, _("Only the last report can be taken back."))
    else:
        messages.success(request, _("The corrections are listed again, as not sent."))
    return redirect("membership:corrections", request.branch.slug)


def _file(request: BranchRequest, report: CorrectionsReport, count: int) -> HttpResponse:
    branch, now = request.branch, clock.now()
    if count > ROWS_AT_ONCE:
        return _start(request, report)
    file = io.BytesIO()
    CorrectionsFile(branch, report, Exporter(request.user, now, request.today), count).write(file)
    log_corrections(branch, report, count=count, by=request.user)
    name = file_name("endringer", branch, request.today, "xlsx")
    return attachment(file.getvalue(), name=name, content_type=XLSX_TYPE)


def _start(request: BranchRequest, report: CorrectionsReport) -> HttpResponse:
    """One job at a time for the same report."""
    branch = request.branch
    params = {
        "report": report.pk,
        "title": _("Corrections of %(branch)s, to Excel") % {"branch": branch.name},
        "back": reverse("membership:corrections", args=[branch.slug]),
    }
    going = request.user.jobs.going(CORRECTIONS_EXPORT, branch_id=branch.pk).filter(params=params).first()
    job = going or jobs.start(
        CORRECTIONS_EXPORT,
        by=request.user,
        branch_id=branch.pk,
        permission=Permission.EXPORT_MEMBERS,
        params=params,
    )
    return redirect("membership:job", branch.slug, job.pk)
