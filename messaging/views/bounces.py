"""Members whom mail or SMS does not reach: the list, opening an address again, and a number that is somebody else's."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from messaging.actions import blocks as actions
from messaging.bounce_list import block_in, bounce_page, why_of

MEMBER_ASKS = "medlemmet-ber-om-det"


@branch_view(Permission.VIEW_MESSAGES, Permission.EDIT_MEMBERS)
def bounce_list(request: BranchRequest) -> HttpResponse:
    """Whom we do not reach, why, since when, and the number to call."""
    context = bounce_page(request)
    record(Verb.BOUNCES_LISTED, by=request.user, branch_id=request.branch.pk, count=context["listing"].total.count)
    return render(request, "messaging/bounce_list.html", context)


@branch_view(Permission.EDIT_MEMBERS, methods=("GET", "POST"))
def block_open(request: BranchRequest, pk: int) -> HttpResponse:
    """Ask whether an address is to be tried again; and do it."""
    row = block_in(request.branch, pk)
    if row is None:
        raise Http404
    said_no = row.reason in actions.SAID_NO
    asked = request.POST.get(MEMBER_ASKS) == "1"
    if request.method == "POST" and (asked or not said_no):
        if actions.open_again(row, by=request.user, now=clock.now(), asked_by_member=asked):
            messages.success(request, _("We send there again. If it comes back, it stops here once more."))
        return redirect("messaging:bounce_list", request.branch.slug)
    context = {"page": "meldinger", "row": row, "why": why_of(row), "said_no": said_no, "tick": MEMBER_ASKS}
    context["missing"] = request.method == "POST"
    return render(request, "messaging/block_open.html", context, status=422 if context["missing"] else 200)


@branch_view(Permission.EDIT_MEMBERS, methods=("POST",))
def number_wrong(request: BranchRequest, pk: int) -> HttpResponse:
    """Somebody else answers at a member's number: nothing goes there any more."""
    member = get_object_or_404(request.branch.members, pk=pk)
    numbers = {member.mobile if member.mobile_ok else "", member.phone if member.phone_ok else ""} - {""}
    number = request.POST.get("nummer") or member.call_number
    if number not in numbers:
        messages.error(request, _("The member has another number now. See what it is."))
        return redirect("membership:member_detail", request.branch.slug, member.pk)
    row = actions.report_wrong_number(number, by=request.user, now=clock.now())
    undo = reverse("messaging:block_open", args=[request.branch.slug, row.pk])
    said = _("Written down: no SMS and no calls go to that number. Write the right one when you have it.")
    messages.success(request, format_html('{} <a class="ds-link" href="{}">{}</a>', said, undo, _("Undo")))
    return redirect("membership:member_detail", request.branch.slug, member.pk)
