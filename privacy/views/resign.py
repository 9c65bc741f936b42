"""The page behind the link by which one leaves: what happens, one field, one button."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from common import clock
from privacy.access import ERASED_ON, close_session
from privacy.actions.departures import HasLeft, MayNotLeave
from privacy.actions.links import Unknown, find_link, take_try, tries_left
from privacy.actions.resigning import resign as resign_by
from privacy.enums import LinkKind
from privacy.link_forms import ProofForm
from privacy.models import AccessLink
from privacy.rules import erase_day
from privacy.views.open import gone, open_page


@open_page
def resign(request: HttpRequest, token: str) -> HttpResponse:
    """A GET only tells what leaving means."""
    link = find_link(token, LinkKind.RESIGN, now=clock.machine_time())
    if link is None or link.member is None:
        return gone(request, "resign")
    form = ProofForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if (answer := _leave(request, link, form)) is not None:
            return answer
        if not (left := tries_left(link)):
            return gone(request, "resign")
        form.refuse(left)
    context = {"form": form, "token": token, "erase_on": erase_day(link.member.county_id, clock.today())}
    return render(request, "privacy/resign.html", context, status=422 if form.errors else 200)


@open_page
def resigned(request: HttpRequest) -> HttpResponse:
    """The receipt on the screen. The day is shown once: the next one at this screen is told nothing of it."""
    held = request.session.pop(ERASED_ON, None)
    return render(request, "privacy/resigned.html", {"erase_on": date.fromisoformat(held) if held else None})


def _leave(request: HttpRequest, link: AccessLink, form: ProofForm) -> HttpResponse | None:
    """Where to go on to; None where the proof fits nobody."""
    if not take_try(link):
        return gone(request, "resign")
    try:
        departure = resign_by(
            link,
            proof=form.cleaned_data["proof"],
            true_now=clock.machine_time(),
            now=clock.now(),
            today=clock.today(),
        )
    except (HasLeft, MayNotLeave):
        return gone(request, "resign")
    except Unknown:
        return None
    close_session(request)
    request.session[ERASED_ON] = departure.erase_on.isoformat()
    return redirect("privacy:resigned")
