"""The messages of a branch: what is written, waits, is being sent and has been sent."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from accounts.actions import record
from accounts.enums import Verb
from common.clock import machine_time
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from messaging.message_list import list_page
from messaging.message_page import message_in, message_page, progress_part


@branch_view(Permission.VIEW_MESSAGES)
def message_list(request: BranchRequest) -> HttpResponse:
    """The branch's messages and those of the branches under it: to whom, how many, by whom, when, at what price."""
    context = list_page(request)
    record(Verb.MESSAGES_LISTED, by=request.user, branch_id=request.branch.pk, count=context["listing"].total.count)
    return render(request, "messaging/message_list.html", context)


@branch_view(Permission.VIEW_MESSAGES)
def message_detail(request: BranchRequest, pk: UUID) -> HttpResponse:
    """One message: the page, or for htmx the part that moves."""
    message = message_in(request, pk, to_approve=Permission.SEND_MESSAGES in request.access)
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "messaging/_message_progress.html", progress_part(request, message, machine_time()))
    record(Verb.MESSAGE_OPENED, by=request.user, branch_id=request.branch.pk, subject=message)
    return render(request, "messaging/message_detail.html", message_page(request, message, machine_time()))
