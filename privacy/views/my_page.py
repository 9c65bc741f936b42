"""The first page of Min side: who one is here, what waits, and the doors to the rest."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from privacy.access import MemberRequest, member_view
from privacy.my_page import doors, dues_line, home_of, waiting_for


@member_view()
def my_page(request: MemberRequest) -> HttpResponse:
    """The member's own, in short."""
    me = request.member
    context = {
        "me": me,
        "homes": home_of(me),
        "dues": dues_line(me),
        "waiting": waiting_for(me, request.today),
        "doors": doors(me),
    }
    return render(request, "privacy/my/home.html", context)
