"""Leaving from one's own page: what it means, and one button."""

from __future__ import annotations

import contextlib

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from common import clock
from privacy.access import ERASED_ON, MemberRequest, close_session, member_view
from privacy.actions.departures import HasLeft, MayNotLeave, leave
from privacy.doors import may_leave
from privacy.enums import LeaveWay
from privacy.rules import erase_day


@member_view(methods=("GET", "POST"))
def my_leave(request: MemberRequest) -> HttpResponse:
    """Who one is was asked when one came in. A GET only tells what leaving means."""
    me = request.member
    if not may_leave(me):
        raise Http404
    erase_on = erase_day(me.county_id, request.today)
    if request.method != "POST":
        return render(request, "privacy/my/leave.html", {"home": me.branch, "erase_on": erase_on})
    # Twice at once: the second has left already, and gets the same receipt.
    with contextlib.suppress(HasLeft):
        try:
            departure = leave(
                me, way=LeaveWay.MY_PAGE, left_on=request.today, by=None, now=clock.now(), today=request.today
            )
        except MayNotLeave:
            raise Http404
        erase_on = departure.erase_on
    close_session(request)
    request.session[ERASED_ON] = erase_on.isoformat()
    return redirect("privacy:resigned")
