"""What has changed in a branch in a week."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.actions import record
from accounts.enums import Verb
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from privacy.week_page import week_context
from privacy.weeks import last_whole, week_from


@branch_view(Permission.VIEW_MEMBERS)
def week(request: BranchRequest, monday: str = "") -> HttpResponse:
    """The latest whole week, or the one that begins on a Monday; a week that is not over has no page."""
    shown = week_from(monday, request.today) if monday else last_whole(request.today)
    if shown is None:
        raise Http404
    record(Verb.WEEK_OPENED, by=request.user, branch_id=request.branch.pk, week=shown.monday.isoformat())
    context = week_context(request.branch, shown, access=request.access, today=request.today)
    return render(request, "privacy/week.html", {"page": "medlemmer", **context})
