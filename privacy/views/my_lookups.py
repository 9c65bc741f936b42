"""Who has looked at one."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from common import clock
from common.listing import page_number
from privacy.access import MemberRequest, member_view
from privacy.lookups import lists_with, lookups_of


@member_view()
def my_lookups(request: MemberRequest) -> HttpResponse:
    """Each time the last year: when, what, and in which role."""
    context = {
        "listing": lookups_of(request.member, page_number(request.GET)),
        "lists": lists_with(request.member, clock.now()),
        "query": "",
    }
    return render(request, "privacy/my/lookups.html", context)
