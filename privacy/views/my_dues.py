"""One's own dues."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from privacy.access import MemberRequest, member_view
from privacy.my_dues import dues_years


@member_view()
def my_dues(request: MemberRequest) -> HttpResponse:
    """Year by year, with what one needs to pay the rest."""
    return render(request, "privacy/my/dues.html", {"years": dues_years(request.member), "home": request.member.branch})
