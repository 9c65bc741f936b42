"""Two records side by side: merging them, telling them apart, and taking a merge back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from membership.access import BranchRequest, branch_view
from membership.actions.duplicates import part
from membership.actions.merging import MergeRefused, merge
from membership.actions.undo import TooLate
from membership.actions.unmerging import UndoRefused, undo_merge
from membership.duplicate_page import KEPT, comparison, how_likely, why
from membership.duplicate_reads import pair_of, undoable_merge, undoable_merges_of
from membership.duplicates.choosing import BOTH, CHOICES, NOTE
from membership.enums import PairState
from membership.models import Member
from membership.roles import Permission


@branch_view(Permission.EDIT_MEMBERS, methods=("GET", "POST"))
def merge_two(request: BranchRequest, pk: int, other: int) -> HttpResponse:
    """What the two say, to be chosen field by field; then one button merges them, and another tells them apart."""
    if pk == other:
        raise Http404
    members = request.branch.members.select_related("branch", "recruited_by")
    one, two = get_object_or_404(members, pk=pk), get_object_or_404(members, pk=other)
    if request.method != "POST":
        for member in (one, two):
            record(Verb.MEMBER_OPENED, by=request.user, branch_id=member.branch_id, subject=member)
        return _page(request, one, two)
    if request.POST.get("handling") == "ikke-samme":
        pair = part(one, two, by=request.user, now=clock.now())
        address = reverse("membership:duplicate_list", args=[request.branch.slug])
        return redirect(f"{address}?avgjort={pair.pk}")
    return _merge(request, one, two)


def _merge(request: BranchRequest, one: Member, two: Member) -> HttpResponse:
    chosen = _chosen(request)
    kept, lost = (two, one) if chosen.get(KEPT) == str(two.pk) else (one, two)
    try:
        made = merge(
            request.branch,
            kept_id=kept.pk,
            lost_id=lost.pk,
            chosen=chosen,
            by=request.user,
            now=clock.now(),
            today=request.today,
            seen={member.pk: request.POST.get(f"seen_{member.pk}", "") for member in (one, two)},
        )
    except MergeRefused as refusal:
        return _page(request, one, two, problem=str(refusal.sentence))
    return redirect("membership:merge_done", request.branch.slug, made.pk)


def _chosen(request: BranchRequest) -> dict[str, str]:
    """By key, the id of a record; which of the two it is, is looked at where it is used."""
    known = {KEPT, *(choice.key for choice in CHOICES)}
    chosen = {key: value for key, value in request.POST.items() if key in known and isinstance(value, str)}
    if Permission.VIEW_NOTES not in request.access:
        chosen[NOTE] = BOTH
    return chosen


def _page(request: BranchRequest, one: Member, two: Member, *, problem: str = "") -> HttpResponse:
    if problem:
        # What was chosen stays; what has been changed meanwhile is shown as it is now.
        found = {member.pk: member for member in request.branch.members.filter(pk__in=(one.pk, two.pk))}
        if len(found) < 2:
            messages.error(request, problem)
            return redirect("membership:duplicate_list", request.branch.slug)
        one.refresh_from_db()
        two.refresh_from_db()
    pair = pair_of(one, two)
    context: dict[str, Any] = {
        "page": "medlemmer",
        "problem": problem,
        "why": why(pair) if pair and pair.reasons else "",
        "how": how_likely(pair.score) if pair and pair.reasons else "",
        "is_different": pair is not None and pair.state == PairState.DIFFERENT,
        **comparison(one, two, _chosen(request) if problem else {}, request.access.permissions),
    }
    return render(request, "membership/merge_two.html", context, status=422 if problem else 200)


@branch_view(Permission.EDIT_MEMBERS)
def merge_done(request: BranchRequest, pk: UUID) -> HttpResponse:
    """What came of a merge, as long as it can be taken back."""
    made = undoable_merge(request.branch, pk, now=clock.now())
    if made is None:
        raise Http404
    kept = made.kept
    record(Verb.MEMBER_OPENED, by=request.user, branch_id=kept.branch_id, subject=kept)
    context = {
        "page": "medlemmer",
        "made": made,
        "member": kept,
        "name": kept.full_name or kept.member_number,
        "former": made.lost["row"]["member_number"],
        "until": made.batch.undo_until_at,
        "is_last": made.pk == undoable_merges_of(request.branch, kept, now=clock.now())[0].pk,
    }
    return render(request, "membership/merge_done.html", context)


@branch_view(Permission.EDIT_MEMBERS, methods=("POST",))
def merge_undo(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Make two records of it again."""
    made = undoable_merge(request.branch, pk, now=clock.now())
    if made is None:
        raise Http404
    kept_id = made.kept_id
    try:
        lost = undo_merge(made, by=request.user, now=clock.now(), today=request.today)
    except TooLate:
        messages.error(request, _("It is too late to undo this, or it has been undone already."))
    except UndoRefused as refusal:
        messages.error(request, _("This cannot be undone. %(why)s") % {"why": refusal.sentence})
        return redirect("membership:merge_done", request.branch.slug, pk)
    else:
        messages.success(request, _("They are two members again."))
        return redirect("membership:merge", request.branch.slug, kept_id, lost.pk)
    return redirect("membership:member_detail", request.branch.slug, kept_id)
