"""Asking for access, correction or erasure, and reading the answers."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from common import clock
from privacy.access import MemberRequest, member_view
from privacy.actions.requests import open_request
from privacy.enums import RequestKind, RequestWay
from privacy.my_requests import MyRequestForm, may_ask, own_requests

_SENT: Final = "sendt"


@member_view(methods=("GET", "POST"))
def my_requests(request: MemberRequest) -> HttpResponse:
    """It is answered within a month, by law."""
    me = request.member
    form = MyRequestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and may_ask(me) and form.is_valid():
        open_request(
            me.branch,
            member=me,
            kind=RequestKind(form.cleaned_data["kind"]),
            way=RequestWay.MY_PAGE,
            text=form.cleaned_data["text"],
            received_on=request.today,
            by=None,
            now=clock.now(),
            today=request.today,
        )
        return redirect(f"{reverse('privacy:my_requests')}?{_SENT}=1")
    context = {"form": form, "mine": own_requests(me), "may_ask": may_ask(me), "sent": _SENT in request.GET}
    return render(request, "privacy/my/requests.html", context, status=422 if form.is_bound else 200)
