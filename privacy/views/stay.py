"""The page behind “I still want to be a member”. No sign-in: the link opens this, once, for whoever it was sent to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from common import clock
from privacy.actions.links import Unknown, find_link, take_try, tries_left
from privacy.actions.unpaid import NoMember, stay_by_link
from privacy.enums import LinkKind
from privacy.link_forms import ProofForm
from privacy.models import AccessLink
from privacy.views.open import gone, open_page


@open_page
def stay(request: HttpRequest, token: str) -> HttpResponse:
    """A GET changes nothing, for mail scanners open links. What is wrong with a link that opens nothing is not said."""
    link = find_link(token, LinkKind.STAY, now=clock.machine_time())
    if link is None or link.member is None:
        return gone(request, "stay")
    form = ProofForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if (answer := _agree(request, link, form)) is not None:
            return answer
        if not (left := tries_left(link)):
            return gone(request, "stay")
        form.refuse(left)
    return render(request, "privacy/stay.html", {"form": form, "token": token}, status=422 if form.errors else 200)


@open_page
def stayed(request: HttpRequest) -> HttpResponse:
    """The receipt on the screen; it says nothing of anybody."""
    return render(request, "privacy/stayed.html")


def _agree(request: HttpRequest, link: AccessLink, form: ProofForm) -> HttpResponse | None:
    """Where to go on to; None where the proof fits nobody."""
    if not take_try(link):
        return gone(request, "stay")
    proof = form.cleaned_data["proof"]
    try:
        stay_by_link(link, proof=proof, true_now=clock.machine_time(), now=clock.now(), today=clock.today())
    except NoMember:
        return gone(request, "stay")
    except Unknown:
        return None
    return redirect("privacy:stayed")
