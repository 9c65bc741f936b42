"""Who a message went to, one by one."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from accounts.actions import record
from accounts.enums import Verb
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from messaging.message_page import message_in
from messaging.message_words import title_of
from messaging.recipient_list import recipients_page


@branch_view(Permission.VIEW_MESSAGES)
def message_recipients(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Those who got it and those who did not, and why."""
    message = message_in(request, pk)
    context = recipients_page(request, message) | {"title": title_of(message)}
    count = context["listing"].total.count
    record(Verb.RECIPIENTS_LISTED, by=request.user, branch_id=request.branch.pk, subject=message, count=count)
    return render(request, "messaging/message_recipients.html", context)
