"""What the pages behind links have in common: no sign-in, kept by nobody, and one answer to all that opens nothing."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, Final, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from privacy.contacts import contacts

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
_METHODS: Final = ("GET", "HEAD", "POST")


def open_page(view: View[P]) -> Any:
    """Guard a page that anybody may open: its address is a key, and told to nobody."""

    @functools.wraps(view)
    def opened(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        # Not no-referrer, with which browsers hide where a form comes from too.
        response.headers["Referrer-Policy"] = "strict-origin"
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return require_http_methods(_METHODS)(opened)


def gone(request: HttpRequest, kind: str) -> HttpResponse:
    """Spent, late, cut off, forged, of one who has left, of an address that was changed: one page for all of it.

    `kind` says what the link would have opened, which its address does already.
    """
    return render(request, "privacy/link_gone.html", {"kind": kind, "contacts": contacts()}, status=404)
