"""Public pages: how members' data are handled, and whether everyone can use these pages."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common import clock
from membership.links import url_if_there
from privacy.statements import counties, statement_of


@require_safe
def statement(request: HttpRequest, slug: str = "") -> HttpResponse:
    """How a county handles members' data; where there are several, which one."""
    return _page(request, slug, "privacy/statement.html", "privacy:statement_of")


@require_safe
def accessibility(request: HttpRequest, slug: str = "") -> HttpResponse:
    """What these pages promise, what does not work, and whom to tell."""
    return _page(request, slug, "privacy/accessibility.html", "privacy:accessibility_of")


def _page(request: HttpRequest, slug: str, template: str, url_name: str) -> HttpResponse:
    found = counties(clock.today())
    if slug:
        found = [county for county in found if county.slug == slug]
        if not found:
            raise Http404
    if len(found) != 1:
        context = {"counties": found, "url_name": url_name, "is_privacy": url_name == "privacy:statement_of"}
        return render(request, "privacy/statement_list.html", context)
    return render(request, template, statement_of(found[0]) | {"my_page_url": url_if_there("privacy:my_page_ask")})
