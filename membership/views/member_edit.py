"""Changing a member, and registering a new one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from common.dates import format_long
from membership.access import BranchRequest, branch_view
from membership.actions.member_creating import LikelySame, Newcomer, NumberErased, NumberTaken, register_member
from membership.actions.member_editing import (
    ChangedMeanwhile,
    GuardianMissing,
    LeftBeforeJoined,
    NotHere,
    edit_member,
)
from membership.enums import MemberStatus
from membership.member_forms import MemberForm, Viewer
from membership.member_new_form import NewMemberForm
from membership.models import Member
from membership.roles import Permission
from membership.timeline import Words, lines_of


def viewer_of(request: BranchRequest) -> Viewer:
    """What the one who asks may see and change of a member."""
    return Viewer(
        request.branch,
        request.today,
        sees_notes=Permission.VIEW_NOTES in request.access,
        opens_protected=Permission.OPEN_PROTECTED in request.access,
    )


@branch_view(Permission.EDIT_MEMBERS, methods=("GET", "POST"))
def member_edit(request: BranchRequest, pk: int) -> HttpResponse:
    """Everything an officer may change, in one form; of two at once the second is told what the first changed."""
    member = get_object_or_404(request.branch.members.select_related("recruited_by"), pk=pk)
    viewer = viewer_of(request)
    if request.method != "POST":
        record(Verb.MEMBER_OPENED, by=request.user, branch_id=member.branch_id, subject=member)
        return _edit_page(request, member, MemberForm(viewer=viewer, member=member))
    form = MemberForm(request.POST, viewer=viewer, member=member)
    if not form.is_valid():
        return _edit_page(request, member, form, status=422)
    try:
        changed = edit_member(
            member,
            branch=request.branch,
            values=form.values,
            tags=form.tag_ids,
            since=form.cleaned_data["since"] or 0,
            by=request.user,
            now=clock.now(),
            today=request.today,
        )
    except NotHere:
        raise Http404
    except ChangedMeanwhile as meanwhile:
        return _overtaken(request, member, form, meanwhile)
    except (GuardianMissing, LeftBeforeJoined) as refusal:
        _refuse(form, refusal)
        return _edit_page(request, member, form, status=422)
    messages.success(request, _("The changes are saved.") if changed else _("There was nothing to change."))
    _warn(request, form)
    return redirect("membership:member_detail", request.branch.slug, member.pk)


def _overtaken(request: BranchRequest, member: Member, form: MemberForm, meanwhile: ChangedMeanwhile) -> HttpResponse:
    """The form again: what one typed stands, what others changed is filled in, and what both changed is told."""
    anew = MemberForm(viewer=form.viewer, member=member, typed=form.typed(meanwhile.mine))
    words = Words.of(meanwhile.overtaken, member)
    told = [
        {"by": change.by, "at": change.at, "lines": lines}
        for change in meanwhile.overtaken
        if (lines := lines_of([change], member, words, sees_notes=form.viewer.sees_notes))
    ]
    return _edit_page(request, member, anew, told=told, status=422)


def _edit_page(
    request: BranchRequest,
    member: Member,
    form: MemberForm,
    *,
    told: list[dict[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "page": "medlemmer",
        "member": member,
        "name": member.full_name or member.member_number,
        "form": form,
        "told": told or [],
    }
    return render(request, "membership/member_edit.html", context, status=status)


@branch_view(Permission.EDIT_MEMBERS, methods=("GET", "POST"))
def member_new(request: BranchRequest) -> HttpResponse:
    """Register somebody who has joined. Whoever may be in the register already is shown first."""
    viewer = viewer_of(request)
    if request.method != "POST":
        return _new_page(request, NewMemberForm(viewer=viewer))
    form = NewMemberForm(request.POST, viewer=viewer)
    if not form.is_valid():
        return _new_page(request, form, status=422)
    newcomer = Newcomer(
        form.values, MemberStatus(form.cleaned_data["status"]), form.cleaned_data["member_number"], form.tag_ids
    )
    seen = request.POST.getlist("ikke-samme")
    try:
        member = register_member(
            newcomer,
            branch=form.target,
            working_in=request.branch,
            not_the_same=[int(pk) for pk in seen if pk.isascii() and pk.isdigit() and len(pk) < 19],
            by=request.user,
            now=clock.now(),
            today=request.today,
        )
    except LikelySame as likely:
        return _new_page(request, form, likely=[*likely.members], status=422)
    except (NumberTaken, NumberErased, GuardianMissing) as refusal:
        _refuse(form, refusal)
        return _new_page(request, form, status=422)
    messages.success(request, _("The member is registered."))
    _warn(request, form)
    return redirect("membership:member_detail", request.branch.slug, member.pk)


def _new_page(
    request: BranchRequest, form: NewMemberForm, *, likely: list[Member] | None = None, status: int = 200
) -> HttpResponse:
    context = {"page": "medlemmer", "form": form, "likely": likely or []}
    return render(request, "membership/member_new.html", context, status=status)


def _refuse(form: MemberForm, refusal: Exception) -> None:
    """Why not, at the field it is about."""
    if isinstance(refusal, NumberTaken):
        form.add_error("member_number", _("The number is taken. Check it, or leave the field empty."))
    elif isinstance(refusal, NumberErased):
        text = _("The record with this number was erased on %(day)s, and the number is not used again.")
        form.add_error("member_number", text % {"day": format_long(refusal.on)})
    elif isinstance(refusal, LeftBeforeJoined):
        form.add_error("joined_on", _("The date lies after the day the member left."))
    else:
        form.add_error(
            "guardian_name",
            _("Under 15: write which guardian has consented, and when. Until then the status can be “Applied”."),
        )


def _warn(request: BranchRequest, form: MemberForm) -> None:
    """A number that cannot be dialled is kept, and said; so is an address that was protected meanwhile."""
    if form.address_set_aside:
        messages.warning(request, _("The address was protected while you wrote. What you wrote of it is not saved."))
    for label in form.unreadable:
        messages.warning(
            request,
            _("%(field)s is kept as you wrote it, but it cannot be dialled. Check the number.") % {"field": label},
        )
