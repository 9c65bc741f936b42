"""What there is under “Privacy”, for the one who looks."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from privacy.places import places_for


@branch_view(Permission.REPORT_BREACH, Permission.RECORD_LEAVING, Permission.REVIEW_ACCESS, Permission.MANAGE_PRIVACY)
def home(request: BranchRequest) -> HttpResponse:
    """The places, each with what it is for."""
    places = places_for(request.access, is_county=request.branch.is_county)
    return render(request, "privacy/home.html", {"page": "personvern", "places": places})
