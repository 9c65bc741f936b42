"""The front page: it sends one on."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from common import clock
from membership.landing import doors_of


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """To the one branch one works in; a choice between several; a plain word where there is none."""
    doors = doors_of(request.user, on=clock.today())  # type: ignore[arg-type]  # login_required
    if len(doors) == 1:
        return redirect(doors[0].url)
    return render(request, "accounts/home.html", {"doors": doors})
