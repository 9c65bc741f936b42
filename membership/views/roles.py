"""The table of roles, for the county to read."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from accounts.actions import record
from accounts.enums import Verb
from membership.access import BranchRequest, branch_view
from membership.roles import PERMISSIONS, Permission


@branch_view(Permission.VIEW_ROLES)
def roles(request: BranchRequest) -> HttpResponse:
    """Each role and what it may do: the same table that the guards read."""
    record(Verb.ROLES_OPENED, by=request.user, branch_id=request.branch.pk)
    table = [
        {"role": role.label, "rights": [right.label for right in Permission if right in rights]}
        for role, rights in PERMISSIONS.items()
    ]
    return render(request, "membership/roles.html", {"page": "roller", "table": table})
