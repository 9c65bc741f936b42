"""Whoever opens the register sets up a second factor first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts import second_factor
from accounts.models import User
from common import clock


class SecondFactorMiddleware:
    """Sends a user without a second factor to set one up, where REQUIRE_SECOND_FACTOR is on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing before the address is known."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """Let through, or redirect."""
        if not settings.REQUIRE_SECOND_FACTOR or _is_account_page(request):
            return None
        user = request.user
        if isinstance(user, User) and second_factor.is_missing(user, on=clock.today()):
            return redirect("mfa_activate_totp")
        return None


def _is_account_page(request: HttpRequest) -> bool:
    """Signing in and out, passwords, and the set-up itself: their addresses carry no app's name."""
    match = request.resolver_match
    return match is not None and not match.namespaces and (match.url_name or "").startswith(("account_", "mfa_"))
