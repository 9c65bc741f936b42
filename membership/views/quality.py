"""The state of a branch's register: each thing that is wrong, with its members, each with the way to put it right."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.actions import record
from accounts.enums import Verb
from common import listing
from membership import quality as checking
from membership.access import BranchRequest, branch_view
from membership.extensions import QualityCheck
from membership.roles import Permission
from membership.tree import Tree, tree_of

CHECK = "sjekk"


@branch_view(Permission.VIEW_MEMBERS)
def quality(request: BranchRequest) -> HttpResponse:
    """All checks with their counts, or the members that one of them finds."""
    key = request.GET.get(CHECK, "")
    check = checking.check_named(key)
    if key and check is None:
        raise Http404
    tree = tree_of(request.branch)
    context: dict[str, Any] = {"page": "medlemmer", "counted": checking.is_counted(tree.whole.people)}
    context["may_fix"] = Permission.EDIT_MEMBERS in request.access
    if not context["counted"]:
        context["branches"] = [node for node in tree.municipal(request.today) if node.members]
    elif check:
        context |= _members(request, check, tree)
    else:
        context |= _all(request)
    count = context["listing"].total.count if "listing" in context else None
    record(Verb.QUALITY_OPENED, by=request.user, branch_id=request.branch.pk, count=count, check=key or None)
    return render(request, "membership/quality.html", context)


def _all(request: BranchRequest) -> dict[str, Any]:
    states = checking.states_of(request.branch, checking.checks())
    return {
        "wrong": [state for state in states if state.total.count],
        "right": [state.check.label for state in states if not state.total.count],
    }


def _members(request: BranchRequest, check: QualityCheck, tree: Tree) -> dict[str, Any]:
    found = checking.found_by(check, request.branch)
    page = listing.fetch_page(found, listing.page_number(request.GET))
    places = tree.places() if len(tree.nodes) > 1 else {}
    return {
        "check": check,
        "listing": page,
        "query": listing.kept(request.GET),
        "rows": [
            {
                "pk": member.pk,
                "name": member.list_name or member.member_number,
                "place": places.get(member.branch_id, ""),
                "fix": checking.fix_url(check, request.branch, member),
            }
            for member in page.rows
        ],
    }
