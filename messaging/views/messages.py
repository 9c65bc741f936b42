"""The messages of a branch: what is written, waits, is being sent and has been sent."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from accounts.actions import record
from accounts.enums import Verb
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from messaging.message_list import list_page


@branch_view(Permission.VIEW_MESSAGES)
def message_list(request: BranchRequest) -> HttpResponse:
    """The branch's messages and those of the branches under it: to whom, how many, by whom, when, at what price."""
    context = list_page(request)
    record(Verb.MESSAGES_LISTED, by=request.user, branch_id=request.branch.pk, count=context["listing"].total.count)
    return render(request, "messaging/message_list.html", context)
