"""Work that goes on in the background: how far it has come, and the file that came of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.actions import record
from accounts.enums import Verb
from common.clock import machine_time
from jobs.enums import JobState
from jobs.models import Job
from membership.access import BranchRequest, branch_view
from membership.roles import Permission


@branch_view(*Permission)
def job(request: BranchRequest, pk: UUID) -> HttpResponse:
    """One job of one's own: the page, or for htmx the part that moves. Goes on by itself when there is a next page."""
    found = _own_job(request, pk)
    context = _context(request, found)
    if found.state == JobState.DONE and context["next"]:
        return _go_on(request, context["next"])
    if request.htmx:
        return render(request, "membership/_job_progress.html", context)
    record(Verb.JOB_OPENED, by=request.user, branch_id=request.branch.pk, subject=found)
    return render(request, "membership/job_detail.html", context)


@branch_view(*Permission)
def job_file(request: BranchRequest, pk: UUID) -> FileResponse:
    """The result, for its owner alone, as long as it is kept and the right it took to start the job is held."""
    found = _own_job(request, pk)
    if found.state != JobState.DONE or not found.file:
        raise Http404
    try:
        content = found.file.open("rb")
    except FileNotFoundError:
        raise Http404
    record(Verb.FILE_FETCHED, by=request.user, branch_id=request.branch.pk, subject=found)
    return FileResponse(content, as_attachment=True, filename=found.file_name)


def _own_job(request: BranchRequest, pk: UUID) -> Job:
    """The job, or 404: another's, another branch's, out of date, or begun with a right that is no longer held."""
    found = request.user.jobs.kept(machine_time()).filter(pk=pk, branch_id=request.branch.pk).first()
    if found is None or found.permission not in request.access.permissions:
        record(Verb.ACCESS_DENIED, by=request.user, branch_id=request.branch.pk, job=str(pk))
        raise Http404
    return found


def _context(request: BranchRequest, found: Job) -> dict[str, Any]:
    slug = request.branch.slug
    # Both written by our own code when the job was started; nothing of it comes from a browser.
    return {
        "job": found,
        "title": found.params.get("title", ""),
        "next": found.params.get("next", ""),
        "back": found.params.get("back", ""),
        "job_url": reverse("membership:job", args=[slug, found.pk]),
        "file_url": reverse("membership:job_file", args=[slug, found.pk]) if found.file else "",
    }


def _go_on(request: BranchRequest, url: str) -> HttpResponse:
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)
