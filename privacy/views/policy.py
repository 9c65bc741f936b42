"""What is kept, why and how long, for the board to read."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from privacy.policy_page import shown_rules
from privacy.rules import rules_of


@branch_view(Permission.RECORD_LEAVING, Permission.REVIEW_ACCESS)
def policy(request: BranchRequest) -> HttpResponse:
    """The rules as the house obeys them."""
    context = {
        "page": "personvern",
        "rules": shown_rules(rules_of(request.branch)),
        "may_choose": Permission.MANAGE_PRIVACY in request.access and request.branch.is_county,
    }
    return render(request, "privacy/policy.html", context)
