"""Likely duplicates: the list, looking for them, and telling two apart."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock, listing
from membership.access import BranchRequest, branch_view
from membership.actions.duplicates import AlreadyLooking, reopen, start_search
from membership.duplicate_page import listed, open_pairs, pairs_of
from membership.duplicate_reads import decided_in, named, search_going
from membership.roles import Permission


@branch_view(Permission.EDIT_MEMBERS, methods=("GET", "POST"))
def duplicate_list(request: BranchRequest) -> HttpResponse:
    """Who may be registered twice, the likeliest first; a press looks for them anew."""
    if request.method == "POST":
        return _search(request)
    pairs = open_pairs(request.branch).select_related("first__branch", "second__branch")
    page = listing.fetch_page(pairs, listing.page_number(request.GET))
    record(Verb.DUPLICATES_LISTED, by=request.user, branch_id=request.branch.pk, count=page.total.count)
    context = {
        "page": "medlemmer",
        "listing": page,
        "rows": listed(page.rows),
        "decided": request.GET.get("avgjort") and decided_in(request.branch, request.GET["avgjort"], by=request.user),
        "going": search_going(request.branch),
    }
    return render(request, "membership/duplicate_list.html", context)


def _search(request: BranchRequest) -> HttpResponse:
    address = reverse("membership:duplicate_list", args=[request.branch.slug])
    try:
        job = start_search(request.branch, by=request.user, title=_("Looking for duplicates"), next_url=address)
    except AlreadyLooking as going:
        if going.job_id is None:
            messages.info(request, _("Somebody is looking for duplicates just now. Come back in a few minutes."))
            return redirect(address)
        return redirect("membership:job", request.branch.slug, going.job_id)
    return redirect("membership:job", request.branch.slug, job.pk)


@branch_view(Permission.EDIT_MEMBERS, methods=("POST",))
def duplicate_reopen(request: BranchRequest, pk: int) -> HttpResponse:
    """Take back that two are not the same person."""
    pair = decided_in(request.branch, str(pk))
    if pair is None:
        raise Http404
    if reopen(pair, by=request.user, now=clock.now()):
        messages.success(request, _("The decision is taken back."))
    return redirect("membership:duplicate_list", request.branch.slug)


@branch_view(Permission.EDIT_MEMBERS, methods=("GET", "POST"))
def merge_start(request: BranchRequest, pk: int) -> HttpResponse:
    """One member: whom it may be, and the number of another to merge it with."""
    member = get_object_or_404(request.branch.members.select_related("branch"), pk=pk)
    typed, problem = "", ""
    if request.method == "POST":
        typed = request.POST.get("number", "").strip()[:32]
        other = named(request.branch, typed)
        if other is not None and other != member.pk:
            return redirect("membership:merge", request.branch.slug, member.pk, other)
        problem = (
            _("This is the member's own number. Write the other one's.")
            if other == member.pk
            else _("No member here has this number. Check the number, and that the member belongs here.")
        )
    record(Verb.MEMBER_OPENED, by=request.user, branch_id=member.branch_id, subject=member)
    context = {
        "page": "medlemmer",
        "member": member,
        "name": member.full_name or member.member_number,
        "rows": listed(pairs_of(request.branch, member)),
        "typed": typed,
        "problem": problem,
    }
    return render(request, "membership/merge_start.html", context, status=422 if problem else 200)
