"""What one wants to hear about, and by which ways."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from common import clock
from messaging.reservation_forms import remaining
from privacy.access import MemberRequest, member_view
from privacy.actions.my_reservations import choose_own
from privacy.my_reservation_form import MyReservationForm, own_stops

_SAVED: Final = "lagret"


@member_view(methods=("GET", "POST"))
def my_reservations(request: MemberRequest) -> HttpResponse:
    """Only what one turns is written, so that an old page undoes nothing."""
    me, today = request.member, request.today
    stopped = own_stops(me)
    if request.method == "POST":
        form = MyReservationForm(request.POST, member=me, stopped=stopped, today=today)
        if form.is_valid():
            choose_own(me, form.values, now=clock.now(), today=today)
            return redirect(f"{reverse('privacy:my_reservations')}?{_SAVED}=1")
    sentence, kinds = remaining(me, stopped)
    context = {
        "form": MyReservationForm(member=me, stopped=stopped, today=today),
        "stopped": stopped,
        "saved": _SAVED in request.GET,
        "sentence": sentence,
        "kinds": kinds,
    }
    return render(request, "privacy/my/reservations.html", context)
