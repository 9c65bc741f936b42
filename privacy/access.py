"""The member's own session: opened by a link, short, and of one member only. It has nothing to do with signing in."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any, Concatenate, Final, ParamSpec, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from common import clock
from membership.models import Member

P = ParamSpec("P")
_KEY: Final = "my_page"
# Half an hour without a click, and the kitchen table's next reader finds nothing; and not the whole day with clicks.
IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=4)
# The day of erasing, for the page that one sees once after leaving.
ERASED_ON: Final = "left_erased_on"


class MemberRequest(HttpRequest):
    """A request that `@member_view` has let through."""

    member: Member
    today: date


View = Callable[Concatenate[MemberRequest, P], HttpResponseBase]


def open_session(request: HttpRequest, member: Member, *, now: datetime) -> None:
    """Let the member in; under a new session key, so that nobody else holds it."""
    request.session.cycle_key()
    end = (now + LONGEST).timestamp()
    request.session[_KEY] = {"member": member.pk, "until": (now + IDLE).timestamp(), "end": end}


def close_session(request: HttpRequest) -> None:
    """The member goes; an officer signed in with the same browser stays so."""
    request.session.pop(_KEY, None)


def member_view(methods: Iterable[str] = ("GET",)) -> Callable[[View[P]], Any]:
    """Guard one's own page: sets `request.member` and `.today`; to the way in without a session, or once one has left.

    What it answers is kept by no browser.
    """

    def decorate(view: View[P]) -> Any:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            member = _member_of(request)
            if member is None:
                close_session(request)
                return redirect("privacy:my_page_ask")
            mine = cast("MemberRequest", request)
            mine.member, mine.today = member, clock.today()
            response = view(mine, *args, **kwargs)
            response.headers["Cache-Control"] = "no-store"
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            return response

        door = require_http_methods([*methods, "HEAD"] if "GET" in methods else list(methods))(guarded)
        door.guard = ("member",)  # type: ignore[attr-defined]  # read by tests/test_conventions.py
        return door

    return decorate


def _member_of(request: HttpRequest) -> Member | None:
    """Whose page it is; the time without a click starts anew. True time: a session knows no demo day."""
    held = request.session.get(_KEY)
    now = clock.machine_time()
    if not isinstance(held, dict) or min(held["until"], held["end"]) <= now.timestamp():
        return None
    member = Member.objects.shown().select_related("branch", "municipal", "county").filter(pk=held["member"]).first()
    if member is not None:
        request.session[_KEY] = {**held, "until": (now + IDLE).timestamp()}
    return member
