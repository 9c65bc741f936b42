"""Whose erasing is put off: the list, putting one off, ending it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from common.listing import fetch_page, page_number
from membership.access import BranchRequest, branch_view
from membership.models import Member
from membership.models.member import GONE
from membership.roles import Permission
from privacy.actions import holds as actions
from privacy.enums import HoldReason
from privacy.hold_forms import HoldForm
from privacy.holds import hold_in, hold_of, holds_in
from privacy.refusals import Refused


@branch_view(Permission.MANAGE_PRIVACY)
def holds(request: BranchRequest) -> HttpResponse:
    """Everybody whose erasing is put off, why, until when, and who did it."""
    listing = fetch_page(holds_in(request.branch, request.today), page_number(request.GET))
    record(Verb.ERASING_OPENED, by=request.user, branch_id=request.branch.pk, held=listing.total.count)
    rows = [
        {
            "pk": hold.pk,
            "member": hold.member,
            "name": hold.member.list_name or hold.member.member_number,
            "has_left": hold.member.status in GONE,
            "reason": HoldReason(hold.reason).label,
            "until_on": hold.until_on,
            "placed_by": hold.placed_by.name if hold.placed_by else "",
            "placed_at": hold.placed_at,
        }
        for hold in listing.rows
    ]
    context = {"page": "personvern", "listing": listing, "rows": rows, "query": ""}
    return render(request, "privacy/holds.html", context)


@branch_view(Permission.MANAGE_PRIVACY, methods=("GET", "POST"))
def hold(request: BranchRequest, pk: int) -> HttpResponse:
    """Put the erasing of one member off, also of one who has left."""
    member = get_object_or_404(request.branch.everyone, pk=pk)
    if request.method != "POST":
        record(Verb.MEMBER_OPENED, by=request.user, branch_id=member.branch_id, subject=member)
        return _page(request, member, HoldForm())
    form = HoldForm(request.POST)
    if not form.is_valid():
        return _page(request, member, form, status=422)
    try:
        actions.place_hold(
            member,
            branch=request.branch,
            reason=HoldReason(form.cleaned_data["reason"]),
            until_on=form.cleaned_data["until_on"],
            by=request.user,
            now=clock.now(),
            today=request.today,
        )
    except actions.NotHere:
        raise Http404
    except Refused as refusal:
        form.add_error(refusal.field, str(refusal.sentence))
        return _page(request, member, form, status=422)
    messages.success(request, _("The erasing is put off. The member can see it on their own page."))
    return redirect("privacy:holds", request.branch.slug)


@branch_view(Permission.MANAGE_PRIVACY, methods=("POST",))
def hold_lift(request: BranchRequest, pk: int) -> HttpResponse:
    """End it before its day."""
    row = hold_in(request.branch, pk)
    if row is None:
        raise Http404
    try:
        actions.lift_hold(row, by=request.user, now=clock.now(), today=request.today)
    except actions.OverAlready as refusal:
        messages.error(request, str(refusal.sentence))
    else:
        messages.success(request, _("The erasing is not put off any more."))
    return redirect("privacy:holds", request.branch.slug)


def _page(request: BranchRequest, member: Member, form: HoldForm, *, status: int = 200) -> HttpResponse:
    context = {
        "page": "personvern",
        "member": member,
        "name": member.full_name or member.member_number,
        "has_left": member.status in GONE,
        "held": hold_of(member, request.today),
        "form": form,
    }
    return render(request, "privacy/hold.html", context, status=status)
