"""The directory: “Hvem ringer jeg?”."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render

from accounts.actions import record
from accounts.enums import Verb
from common import listing
from membership.access import BranchRequest, branch_view
from membership.directory import Lack, directory_of, sees_sign_ins
from membership.roles import Permission

LONGEST: Final = 80


@branch_view(Permission.VIEW_DIRECTORY)
def directory(request: BranchRequest) -> HttpResponse:
    """Officers and boards of the branch, of those under it, and of the county above. Branches are no secret: the
    search stands in the address."""
    q, lack = request.GET.get("q", "").strip()[:LONGEST], request.GET.get("vis", "")
    if lack not in list(Lack) or not sees_sign_ins(request):
        lack = ""
    found = directory_of(request, q=q, lack=lack, number=listing.page_number(request.GET))
    record(Verb.DIRECTORY_OPENED, by=request.user, branch_id=request.branch.pk, count=found.listing.total.count)
    kept = {name: value for name, value in (("vis", lack), ("q", q)) if value}
    context = {
        "page": "hvem",
        "tab": "hvem",
        "above": found.above,
        "listing": found.listing,
        "counts": found.counts,
        "has_branches": found.has_branches,
        "sees_sign_ins": sees_sign_ins(request),
        "q": q,
        "lack": lack,
        "open_all": found.listing.total.count <= 3,
        "query": f"{urlencode(kept)}&" if kept else "",
    }
    return render(request, "membership/directory.html", context)
