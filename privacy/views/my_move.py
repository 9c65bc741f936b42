"""Asking to move to another branch."""

from __future__ import annotations

import contextlib
from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect, render

from common import clock
from membership.actions.moves import AlreadyAnswered, MoveRefused, request_move, withdraw
from privacy.access import MemberRequest, member_view
from privacy.my_move import MyMoveForm, branches_for, last_answer, waiting_move, why_not

_WITHDRAW: Final = "trekk"


@member_view(methods=("GET", "POST"))
def my_move(request: MemberRequest) -> HttpResponse:
    """The other branch says yes or no; until then nothing changes, and one may withdraw what one asked for oneself."""
    me = request.member
    if request.method != "POST":
        return _page(request, MyMoveForm(branches=branches_for(me, request.today)))
    if request.POST.get("handling") == _WITHDRAW:
        return _withdraw(request)
    form = MyMoveForm(request.POST, branches=branches_for(me, request.today))
    if form.is_valid():
        try:
            request_move(me, to=form.branch, by=None, now=clock.now(), today=request.today, by_member=True)
        except MoveRefused as refusal:
            form.add_error("to", why_not(refusal))
        else:
            return redirect("privacy:my_move")
    return _page(request, form, status=422)


def _withdraw(request: MemberRequest) -> HttpResponse:
    waiting = waiting_move(request.member)
    if waiting and waiting.by_member:
        # Somebody was quicker: the page that comes tells what they said.
        with contextlib.suppress(AlreadyAnswered):
            withdraw(waiting, by=None, now=clock.now())
    return redirect("privacy:my_move")


def _page(request: MemberRequest, form: MyMoveForm, *, status: int = 200) -> HttpResponse:
    me = request.member
    context = {"home": me.branch, "form": form, "waits": waiting_move(me), "answer": last_answer(me)}
    return render(request, "privacy/my/move.html", context, status=status)
