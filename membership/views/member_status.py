"""What is written of one member with a press or two: the status, checked, email came back; a protected address."""

from __future__ import annotations

from collections.abc import Container

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
from membership.actions import member_status as actions
from membership.actions.member_editing import GuardianMissing, NotHere
from membership.enums import MemberStatus, OpeningReason
from membership.extensions import MemberDoor, registry
from membership.models import Member
from membership.roles import Permission
from membership.status_forms import OpeningForm, StatusForm


@branch_view(Permission.EDIT_MEMBERS, methods=("GET", "POST"))
def member_status(request: BranchRequest, pk: int) -> HttpResponse:
    """Take up, or record that one is put out; put such a record right; and the doors one leaves by."""
    member = get_object_or_404(request.branch.members, pk=pk)
    if request.method != "POST":
        record(Verb.MEMBER_OPENED, by=request.user, branch_id=member.branch_id, subject=member)
        return _status_page(request, member, StatusForm(member=member, today=request.today))
    form = StatusForm(request.POST, member=member, today=request.today)
    if not form.is_valid():
        return _status_page(request, member, form, status=422)
    try:
        actions.set_status(
            member,
            branch=request.branch,
            to=MemberStatus(form.cleaned_data["to"]),
            on=form.cleaned_data["on"],
            expected=form.cleaned_data["expected"],
            by=request.user,
            now=clock.now(),
            today=request.today,
        )
    except NotHere:
        raise Http404
    except actions.StatusChanged:
        messages.error(request, _("Somebody else has changed the status meanwhile. See what it is now."))
        return redirect("membership:member_detail", request.branch.slug, member.pk)
    except (actions.DayInFuture, actions.DayBeforeJoined, GuardianMissing) as refusal:
        form.add_error("to" if isinstance(refusal, GuardianMissing) else "on", _sentence(refusal))
        return _status_page(request, member, form, status=422)
    url = reverse("membership:member_status", args=[request.branch.slug, member.pk])
    said = format_html('{} <a class="ds-link" href="{}">{}</a>', _("The status is changed."), url, _("Put it right"))
    messages.success(request, said)
    return redirect("membership:member_detail", request.branch.slug, member.pk)


def doors_of(member: Member, access: Container[Permission]) -> list[MemberDoor]:
    """The pages of apps above by which one leaves, for whoever holds these rights, in order."""
    found = [door for door in registry.doors if door.permission in access and door.fits(member)]
    return sorted(found, key=lambda door: door.order)


def _sentence(refusal: Exception) -> str:
    if isinstance(refusal, GuardianMissing):
        return _("The member is under 15. Write first which guardian has consented, and when, under “Change”.")
    if isinstance(refusal, actions.DayBeforeJoined):
        return _("The date lies before the day the member joined.")
    return _("The date is in the future.")


def _status_page(request: BranchRequest, member: Member, form: StatusForm, *, status: int = 200) -> HttpResponse:
    context = {
        "page": "medlemmer",
        "member": member,
        "name": member.full_name or member.member_number,
        "now": MemberStatus(member.status).label,
        "form": form,
        "doors": doors_of(member, request.access),
    }
    return render(request, "membership/member_status.html", context, status=status)


@branch_view(Permission.EDIT_MEMBERS, methods=("POST",))
def member_checked(request: BranchRequest, pk: int) -> HttpResponse:
    """Everything in the record is right today."""
    member = get_object_or_404(request.branch.members, pk=pk)
    try:
        actions.mark_checked(member, branch=request.branch, by=request.user, now=clock.now(), today=request.today)
    except NotHere:
        raise Http404
    messages.success(request, _("Marked as checked today."))
    return redirect("membership:member_detail", request.branch.slug, member.pk)


@branch_view(Permission.EDIT_MEMBERS, methods=("POST",))
def member_bounced(request: BranchRequest, pk: int) -> HttpResponse:
    """Mail to the member came back; with “angre”, it did not after all."""
    member = get_object_or_404(request.branch.members, pk=pk)
    on = None if "angre" in request.POST else request.today
    try:
        actions.mark_bounced(
            member, branch=request.branch, on=on, by=request.user, now=clock.now(), today=request.today
        )
    except NotHere:
        raise Http404
    if on:
        messages.success(request, _("Marked: email to this address came back. A new address takes the mark away."))
    else:
        messages.success(request, _("The mark is taken away."))
    return redirect("membership:member_detail", request.branch.slug, member.pk)


@branch_view(Permission.OPEN_PROTECTED, methods=("GET", "POST"))
def member_address(request: BranchRequest, pk: int) -> HttpResponse:
    """A protected address, once, for a reason from a short list, which is logged. It is kept nowhere on the way."""
    member = get_object_or_404(request.branch.members, pk=pk)
    if not member.address_hidden:
        return redirect("membership:member_detail", request.branch.slug, member.pk)
    form = OpeningForm(request.POST if request.method == "POST" else None)
    opened = form.is_bound and form.is_valid()
    if opened:
        reason = OpeningReason(form.cleaned_data["reason"])
        actions.open_protected(member, reason=reason, by=request.user, now=clock.now())
    context = {
        "page": "medlemmer",
        "member": member,
        "name": member.full_name or member.member_number,
        "form": form,
        "opened": opened,
    }
    status = 422 if form.is_bound and not opened else 200
    response = render(request, "membership/member_address.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
