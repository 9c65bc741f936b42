"""Moving a member, and answering those who ask to move here."""

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
from membership.access import BranchRequest, branch_view, may
from membership.actions import moves as actions
from membership.actions.moves import MoveRefused
from membership.models import Branch, Member
from membership.move_forms import MoveForm, RefusalForm
from membership.move_pages import (
    answerable,
    in_force,
    move_form,
    moves_page,
    undoable_move,
    waiting_for,
    withdrawable,
)
from membership.roles import Permission

UNDO = "angre"


@branch_view(Permission.EDIT_MEMBERS, methods=("GET", "POST"))
def member_move(request: BranchRequest, pk: int) -> HttpResponse:
    """Move a member at once where one may, else ask the other branch; and take the last move back."""
    member = get_object_or_404(request.branch.members.select_related("branch"), pk=pk)
    form: MoveForm | None = None
    if request.method == "POST":
        if request.POST.get("handling") == UNDO:
            return _undo(request, member)
        form = move_form(request, member, request.POST)
        if form.is_valid() and (done := _move(request, member, form)):
            return done
    record(Verb.MEMBER_OPENED, by=request.user, branch_id=member.branch_id, subject=member)
    context = {
        "page": "medlemmer",
        "member": member,
        "name": member.full_name or member.member_number,
        "form": form or move_form(request, member, None),
        "waiting": waiting_for(member),
        "undoable": undoable_move(request, member),
    }
    return render(request, "membership/member_move.html", context, status=422 if form else 200)


def _move(request: BranchRequest, member: Member, form: MoveForm) -> HttpResponse | None:
    """Where to go on, or None with the reason in the form."""
    data = form.cleaned_data
    to = next(branch for branch in in_force(request) if branch.slug == data["to"])
    at_once = request.branch.pk in to.ancestor_ids or may(request.user, Permission.EDIT_MEMBERS, to, on=request.today)
    now, today = clock.now(), request.today
    try:
        if at_once:
            actions.move(member, to=to, by=request.user, now=now, today=today, on=data["on"])
            return _moved(request, member, to)
        by_member = bool(data.get("by_member"))
        actions.request_move(member, to=to, by=request.user, now=now, today=today, by_member=by_member)
    except MoveRefused as refusal:
        form.refuse(refusal)
        return None
    messages.success(
        request,
        _("The request is sent. %(branch)s sees it among its requests, and the member stays here until it says yes.")
        % {"branch": to.name},
    )
    return redirect("membership:member_detail", request.branch.slug, member.pk)


def _moved(request: BranchRequest, member: Member, to: Branch) -> HttpResponse:
    """Say so, with a way back where the member can still be seen from here."""
    sentence = _("The member is moved to %(branch)s.") % {"branch": to.name}
    if request.branch.pk not in to.ancestor_ids:
        messages.success(request, sentence)
        return redirect("membership:member_list", request.branch.slug)
    undo_url = reverse("membership:member_move", args=[request.branch.slug, member.pk])
    messages.success(
        request, format_html('{} <a class="ds-link" href="{}#angre">{}</a>', sentence, undo_url, _("Undo"))
    )
    return redirect("membership:member_detail", request.branch.slug, member.pk)


def _undo(request: BranchRequest, member: Member) -> HttpResponse:
    try:
        if undoable_move(request, member) is None:
            raise actions.NothingToUndo
        back = actions.undo_move(member, by=request.user, now=clock.now(), today=request.today)
    except MoveRefused as refusal:
        messages.error(request, str(refusal.sentence))
    else:
        branch = request.branch.subtree.get(pk=back.branch_id)
        messages.success(request, _("The move is undone. The member belongs to %(branch)s.") % {"branch": branch.name})
    return redirect("membership:member_detail", request.branch.slug, member.pk)


@branch_view(Permission.EDIT_MEMBERS)
def moves(request: BranchRequest) -> HttpResponse:
    """Who asks to move here, whom one waits for oneself, and what was answered lately."""
    context = moves_page(request)
    record(Verb.MOVES_LISTED, by=request.user, branch_id=request.branch.pk, count=len(context["incoming"]))
    return render(request, "membership/moves.html", context)


@branch_view(Permission.EDIT_MEMBERS, methods=("POST",))
def move_answer(request: BranchRequest, pk: int) -> HttpResponse:
    """Take the member in, say no with a reason, or withdraw what one asked for."""
    handling = request.POST.get("handling")
    found = withdrawable(request, pk) if handling == "trekk" else answerable(request, pk)
    if found is None:
        raise Http404
    form = RefusalForm(request.POST)
    if handling == "nei" and not form.is_valid():
        return render(request, "membership/moves.html", moves_page(request, refused=pk, form=form), status=422)
    now = clock.now()
    try:
        if handling == "trekk":
            actions.withdraw(found, by=request.user, now=now)
            messages.success(request, _("The request is withdrawn."))
        elif handling == "nei":
            actions.refuse(found, by=request.user, now=now, reason=form.cleaned_data["reason"])
            messages.success(request, _("You have said no. The member stays where they are."))
        elif handling == "ja":
            actions.accept(found, by=request.user, now=now, today=request.today)
            messages.success(request, _("The member belongs to %(branch)s now.") % {"branch": found.to_branch.name})
    except MoveRefused as refusal:
        messages.error(request, str(refusal.sentence))
    return redirect("membership:moves", request.branch.slug)
