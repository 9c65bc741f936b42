"""An officer writes down that a member has resigned in writing, or has died. Callers cannot, by any path."""

from __future__ import annotations

from datetime import date, timedelta

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from membership.access import BranchRequest, branch_view
from membership.models import Member
from membership.models.member import GONE
from membership.roles import Permission
from messaging.enums import Channel
from privacy.actions.departures import DayBeforeJoined, DayInFuture, HasLeft, MayNotLeave, leave
from privacy.actions.leave_letters import note_letter
from privacy.actions.resign_links import send_resign_link
from privacy.doors import may_leave
from privacy.enums import LeaveWay
from privacy.leaving_forms import DeathForm, ResignationForm
from privacy.letters import reply_letter
from privacy.post import working_addresses
from privacy.rules import rules_of


@branch_view(Permission.RECORD_LEAVING, methods=("GET", "POST"))
def resignation(request: BranchRequest, pk: int) -> HttpResponse:
    """A written resignation, with its date and the member's own words."""
    member = _member(request, pk)
    if member.status in GONE:
        return _has_left(request)
    form = ResignationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = _leave(request, member, form, way=LeaveWay(data["way"]), left_on=data["on"], text=data["text"])
        if done is not None:
            return done
    return _page(request, member, "resignation", form, {"reached_by": _reached_by(member)})


@branch_view(Permission.RECORD_LEAVING, methods=("GET", "POST"))
def death(request: BranchRequest, pk: int) -> HttpResponse:
    """That a member has died. Nothing is sent to anyone."""
    member = _member(request, pk)
    if member.status in GONE:
        return _has_left(request)
    form = DeathForm(request.POST if request.method == "POST" else None, today=request.today)
    if request.method == "POST" and form.is_valid():
        done = _leave(request, member, form, way=LeaveWay.DEATH, left_on=form.cleaned_data["on"])
        if done is not None:
            return done
    return _page(request, member, "death", form, {})


@branch_view(Permission.RECORD_LEAVING, methods=("POST",))
def resignation_link(request: BranchRequest, pk: int) -> HttpResponse:
    """Send the link by which members leave on their own: they have said that they want to."""
    member = _member(request, pk)
    if member.status in GONE:
        return _has_left(request)
    # Links live by the true clock, in the demo too.
    by = send_resign_link(member, by=request.user, now=clock.machine_time())
    if by is None:
        messages.error(request, _("No address works. Make a letter."))
        return redirect("privacy:resignation", request.branch.slug, member.pk)
    said = _("The link is sent by SMS.") if by == Channel.SMS else _("The link is sent by email.")
    stays = _("The member stays a member until they have used it.")
    messages.success(request, f"{said} {stays}")
    return redirect("membership:member_detail", request.branch.slug, member.pk)


@branch_view(Permission.RECORD_LEAVING, methods=("POST",))
def resignation_letter(request: BranchRequest, pk: int) -> HttpResponse:
    """The letter with a reply slip, for one whom no link reaches: a PDF."""
    member = _member(request, pk)
    if member.status in GONE:
        return _has_left(request)
    made = reply_letter(member, rules=rules_of(request.branch), today=request.today).printed()
    note_letter(member, by=request.user, now=clock.now())
    return pdf(made, _("resignation"))


def pdf(made: bytes, name: str) -> HttpResponse:
    """A file that is kept nowhere on the way."""
    response = HttpResponse(made, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _member(request: BranchRequest, pk: int) -> Member:
    """One who may leave; also one who just has, where the form comes a second time."""
    found = request.branch.everyone if request.method == "POST" else request.branch.members
    member: Member = get_object_or_404(found.select_related("branch"), pk=pk)
    if member.status not in GONE and not may_leave(member):
        raise Http404
    return member


def _reached_by(member: Member) -> str:
    """How a link would go: “email”, “sms”, or not at all."""
    addresses = working_addresses(member)
    return addresses[0][0].value if addresses else ""


def _has_left(request: BranchRequest) -> HttpResponse:
    messages.info(request, _("It is registered already."))
    return redirect("privacy:leavers", request.branch.slug)


def _leave(
    request: BranchRequest, member: Member, form: forms.Form, *, way: LeaveWay, left_on: date, text: str = ""
) -> HttpResponse | None:
    """To the list of those who have left; None with the reason in the form."""
    now = clock.now()
    try:
        made = leave(member, way=way, left_on=left_on, by=request.user, now=now, today=request.today, text=text)
    except HasLeft:
        return _has_left(request)
    except MayNotLeave:
        raise Http404
    except DayInFuture:
        form.add_error("on", _("The date is in the future."))
    except DayBeforeJoined:
        form.add_error("on", _("The date lies before the day the member joined."))
    else:
        return redirect(f"{reverse('privacy:leavers', args=[request.branch.slug])}?registrert={made.pk}")
    return None


def _page(request: BranchRequest, member: Member, name: str, form: forms.Form, more: dict[str, object]) -> HttpResponse:
    if request.method != "POST":
        record(Verb.MEMBER_OPENED, by=request.user, branch_id=member.branch_id, subject=member)
    days = rules_of(request.branch).correction_days
    context = {
        "page": "medlemmer",
        "member": member,
        "name": member.full_name or member.member_number,
        "form": form,
        "days": days,
        "erase_on": request.today + timedelta(days=days),
        **more,
    }
    return render(request, f"privacy/{name}.html", context, status=422 if form.errors else 200)
