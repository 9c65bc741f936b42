"""The way in to one's own page: ask for a link, open it, go out again. No password, and no word of who is a member."""

from __future__ import annotations

from typing import Final

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from privacy.access import close_session, open_session
from privacy.actions.links import Unknown, find_link, spend, take_try, tries_left
from privacy.actions.way_in import send_my_page_link
from privacy.enums import LinkKind
from privacy.link_forms import AskForm, ProofForm
from privacy.views.open import gone, open_page

_SENT: Final = "sendt"
_OUT: Final = "ut"


@open_page
def my_page_ask(request: HttpRequest) -> HttpResponse:
    """Where to send the link. The answer is the same whoever asks."""
    if request.method != "POST":
        template = "privacy/my_page_sent.html" if _SENT in request.GET else "privacy/my_page_ask.html"
        return render(request, template, {"form": AskForm(), "out": _OUT in request.GET})
    if not ratelimit.consume(request, action="my_page_ask"):
        return render(request, "privacy/too_many.html", status=429)
    form = AskForm(request.POST)
    if not form.is_valid():
        return render(request, "privacy/my_page_ask.html", {"form": form, "out": False}, status=422)
    channel, address = form.cleaned_data["address"]
    # Answered as ever: a refusal here would tell the next one to try that somebody has asked for this address today.
    seldom = ratelimit.consume(request, action="my_page_link", key=f"{channel}:{address}")
    send_my_page_link((channel, address), now=clock.machine_time(), quietly=not seldom)
    return redirect(f"{reverse('privacy:my_page_ask')}?{_SENT}=1")


@open_page
def my_page_link(request: HttpRequest, token: str) -> HttpResponse:
    """A GET spends nothing, for mail scanners open links; the button lets in who knows what the message does not."""
    link = find_link(token, LinkKind.MY_PAGE, now=clock.machine_time())
    if link is None:
        return gone(request, "my_page")
    form = ProofForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        now = clock.machine_time()
        try:
            if not take_try(link):
                raise Unknown
            member = spend(link, proof=form.cleaned_data["proof"], now=now, today=clock.today(), counted=True)
        except Unknown:
            if not (left := tries_left(link)):
                return gone(request, "my_page")
            form.refuse(left)
        else:
            open_session(request, member, now=now)
            record(Verb.MY_PAGE_OPENED, by=None, branch_id=member.branch_id, subject=member)
            return redirect("privacy:my_page")
    context = {"form": form, "token": token}
    return render(request, "privacy/my_page_link.html", context, status=422 if form.errors else 200)


@require_POST
def my_page_out(request: HttpRequest) -> HttpResponse:
    """Out: the next one at this screen sees nothing."""
    close_session(request)
    return redirect(f"{reverse('privacy:my_page_ask')}?{_OUT}=1")
