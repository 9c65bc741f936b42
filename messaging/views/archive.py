"""Newsletters to read again, and what one member has been sent."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.actions import record
from accounts.enums import Verb
from common import listing
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from messaging.archive import newsletters_for
from messaging.message_page import texts_of
from messaging.message_words import format_moment, title_of
from messaging.panel import received_by, reply_rows, rows_of


@branch_view(Permission.VIEW_MESSAGES)
def archive(request: BranchRequest) -> HttpResponse:
    """The newsletters, the latest first."""
    page = listing.fetch_page(newsletters_for(request.branch), listing.page_number(request.GET))
    rows = [
        {"message": one, "title": title_of(one), "when": format_moment(one.started_at or one.changed_at, year=0)}
        for one in page.rows
    ]
    return render(request, "messaging/archive.html", {"page": "meldinger", "listing": page, "rows": rows, "query": ""})


@branch_view(Permission.VIEW_MESSAGES)
def newsletter(request: BranchRequest, pk: UUID) -> HttpResponse:
    """One of them, as it was read. Not to whom it went."""
    message = get_object_or_404(newsletters_for(request.branch), pk=pk)
    context = {
        "page": "meldinger",
        "message": message,
        "title": title_of(message),
        "when": format_moment(message.started_at or message.changed_at, year=0),
        "texts": texts_of(message),
    }
    return render(request, "messaging/newsletter.html", context)


@branch_view(Permission.VIEW_MESSAGES)
def member_messages(request: BranchRequest, pk: int) -> HttpResponse:
    """All that one member has been sent, or was left out of and why."""
    member = get_object_or_404(request.branch.members.select_related("branch"), pk=pk)
    record(Verb.MEMBER_OPENED, by=request.user, branch_id=member.branch_id, subject=member)
    page = listing.fetch_page(received_by(member), listing.page_number(request.GET))
    context = {
        "page": "medlemmer",
        "member": member,
        "name": member.full_name or member.member_number,
        "listing": page,
        "rows": rows_of(page.rows, request.branch, request.today),
        "replies": reply_rows(member, request.today),
        "query": "",
    }
    return render(request, "messaging/member_messages.html", context)
