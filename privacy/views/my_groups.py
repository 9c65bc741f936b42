"""The branch's open channels and one's own groups."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from privacy.access import MemberRequest, member_view
from privacy.my_groups import homes


@member_view()
def my_groups(request: MemberRequest) -> HttpResponse:
    """Where one's branch and those above it are found."""
    me = request.member
    groups = [tag.name for tag in me.tags.order_by("name", "id")]
    return render(request, "privacy/my/groups.html", {"homes": homes(me, request.today), "groups": groups})
