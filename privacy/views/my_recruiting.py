"""One's own link for asking others to join, with its QR code."""

from __future__ import annotations

import contextlib
from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from common import clock
from common.qr import qr_png, qr_svg
from privacy.access import MemberRequest, member_view
from recruitment.recruiter_links import NotAMember, drop_recruiter_link, link_of, make_recruiter_link, url_of

_DROP: Final = "kast"
_ANEW: Final = "ny"


@member_view(methods=("GET", "POST"))
def my_recruiting(request: MemberRequest) -> HttpResponse:
    """The link is made when one asks for it, thrown away when one is done, or made anew."""
    me, now = request.member, clock.now()
    if request.method == "POST":
        handling = request.POST.get("handling")
        if handling in {_DROP, _ANEW}:
            drop_recruiter_link(me, now=now)
        if handling != _DROP:
            with contextlib.suppress(NotAMember):
                make_recruiter_link(me, now=now)
        return redirect("privacy:my_recruiting")
    link = link_of(me)
    return render(request, "privacy/my/recruiting.html", {"link": link, "url": url_of(link) if link else "", "me": me})


@member_view()
def my_recruiting_svg(request: MemberRequest) -> HttpResponse:
    """The QR code for the page."""
    return HttpResponse(qr_svg(_url(request)), content_type="image/svg+xml")


@member_view()
def my_recruiting_png(request: MemberRequest) -> HttpResponse:
    """The QR code to put on a poster."""
    answer = HttpResponse(qr_png(_url(request)), content_type="image/png")
    answer.headers["Content-Disposition"] = 'attachment; filename="qr.png"'
    return answer


def _url(request: MemberRequest) -> str:
    link = link_of(request.member)
    if link is None:
        raise Http404
    return url_of(link)
