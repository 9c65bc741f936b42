"""The page behind “this was not me” in a receipt."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from common import clock
from privacy.actions.departures import TooLate
from privacy.actions.links import Unknown, find_link
from privacy.actions.not_me import undo_by_link
from privacy.enums import LinkKind
from privacy.views.open import gone, open_page


@open_page
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """A GET undoes nothing. The button asks for no proof: see `undo_by_link`."""
    true_now = clock.machine_time()
    link = find_link(token, LinkKind.NOT_ME, now=true_now)
    if link is None or link.departure is None:
        return gone(request, "not_me")
    if request.method != "POST":
        return render(request, "privacy/not_me.html", {"token": token, "erase_on": link.departure.erase_on})
    try:
        undo_by_link(link, true_now=true_now, now=clock.now(), today=clock.today())
    except (TooLate, Unknown):
        return gone(request, "not_me")
    return redirect("privacy:not_me_done")


@open_page
def not_me_done(request: HttpRequest) -> HttpResponse:
    """What holds now."""
    return render(request, "privacy/not_me_done.html")
