"""The register list and one member's page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django_htmx.http import push_url

from accounts.actions import record
from accounts.enums import Verb
from common import clock, listing
from membership.access import BranchRequest, branch_view
from membership.batches import CHANGED, Told, made_by, told
from membership.forms import SearchForm
from membership.member_list import SEARCH, MemberList
from membership.member_page import page_of
from membership.roles import Permission
from membership.search_memory import remember


@branch_view(Permission.VIEW_MEMBERS, methods=("GET", "POST"))
def member_list(request: BranchRequest) -> HttpResponse:
    """The register: search, filters, order, saved views. A search comes by POST and goes on by GET with a token."""
    status = 200
    if request.method == "POST":
        form = SearchForm(request.POST)
        if form.is_valid():
            return _search(request, form.cleaned_data["q"])
        messages.error(request, _("Write something shorter to search for."))
        status = 400
    asked = MemberList(request)
    context = asked.context() | {"changed": _changed(request)}
    verb = Verb.MEMBERS_SEARCHED if asked.q else Verb.MEMBERS_LISTED
    record(verb, by=request.user, branch_id=request.branch.pk, count=context["listing"].total.count)
    swapped = request.htmx and not request.htmx.history_restore_request
    if not swapped:
        return render(request, "membership/member_list.html", context, status=status)
    return push_url(
        render(request, "membership/_member_results.html", context, status=status), _address(request, context)
    )


@branch_view(Permission.VIEW_MEMBERS)
def member_filters(request: BranchRequest) -> HttpResponse:
    """Every filter there is; the form goes to the list."""
    return render(request, "membership/member_filters.html", MemberList(request, complete=True).filter_context())


def _changed(request: BranchRequest) -> Told | None:
    """What this user has just done to many, with the way to undo it; it is named by its number in the address."""
    named = request.GET.get(CHANGED, "")
    now = clock.now()
    batch = made_by(request.branch, named, request.user.pk, now) if named else None
    return told([batch], request.branch, now, request.access)[0] if batch else None


def _address(request: BranchRequest, context: dict[str, Any]) -> str:
    """The page's address, without what was left empty in the form."""
    number = context["listing"].number
    page = f"{listing.PAGE}={number}" if number > 1 else ""
    return f"{request.path}?{context['query']}{page}".rstrip("?&")


def _search(request: BranchRequest, q: str) -> HttpResponse:
    kept = listing.kept(request.GET, SEARCH)
    token = f"{SEARCH}={remember(request.session, q)}" if q else ""
    return redirect(f"{request.path}?{kept}{token}".rstrip("?&"))


@branch_view(Permission.VIEW_MEMBERS)
def member_detail(request: BranchRequest, pk: int) -> HttpResponse:
    """One member: how to reach them, what they have paid, where they have belonged."""
    member = get_object_or_404(request.branch.members.select_related("branch", "recruited_by", "created_in"), pk=pk)
    record(Verb.MEMBER_OPENED, by=request.user, branch_id=member.branch_id, subject=member)
    return render(request, "membership/member_detail.html", page_of(member, request))
