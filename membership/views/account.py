"""One's own page: who one is, what one may do, and how one signs in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import second_factor
from accounts.models import User
from common import clock
from membership.landing import grants_of


@require_safe
@login_required
def me(request: HttpRequest) -> HttpResponse:
    """Name, access, password, second factor, sign out."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required
    protected = second_factor.is_set_up(user)
    context = {
        "grants": grants_of(user, on=clock.today()),
        "protected": protected,
        "codes_left": second_factor.codes_left(user) if protected else 0,
    }
    return render(request, "accounts/me.html", context)
