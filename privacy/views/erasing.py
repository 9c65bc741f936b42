"""Who is erased when."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from accounts.actions import record
from accounts.enums import Verb
from common.listing import page_number
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from privacy.erasing_page import erasing_context


@branch_view(Permission.RECORD_LEAVING)
def erasing(request: BranchRequest) -> HttpResponse:
    """Those who have left, by the day they are erased; what waits for the county's decision; what remains after."""
    may_decide = Permission.MANAGE_PRIVACY in request.access
    context = erasing_context(request.branch, request.today, page_number(request.GET), may_decide=may_decide)
    record(Verb.ERASING_OPENED, by=request.user, branch_id=request.branch.pk, count=context["listing"].total.count)
    return render(request, "privacy/erasing.html", context)
