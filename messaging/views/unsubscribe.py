"""The page behind “unsubscribe” in a mail. No sign-in: the link is the right, and opens what it is about only."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from common import clock
from membership.models import Member
from messaging.actions.reservations import choose, say_no
from messaging.models import Delivery
from messaging.reservation_forms import NO_MORE, ReservationForm, has_said_no, remaining, stopped_channels
from messaging.unsubscribe import ONE_CLICK, delivery_of, readers_of

# In the address, never in the token: it only chooses among those the mail went to.
_WHO: Final = "hvem"
_SAVED: Final = "lagret"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A GET changes nothing, for mail scanners open links. A mail program's own button posts without asking."""
    delivery = delivery_of(token)
    readers = readers_of(delivery) if delivery else {}
    if delivery is None or not readers:
        response = render(request, "messaging/unsubscribe_gone.html", status=404)
    elif request.method == "POST" and request.POST.dict() == ONE_CLICK:
        say_no(readers.values(), delivery=delivery, now=clock.now(), today=clock.today())
        response = HttpResponse(_("Done."), content_type="text/plain; charset=utf-8")
    else:
        response = _page(request, delivery, readers)
    # The address is a key: it is told to nobody. Not no-referrer, with which browsers hide where a form comes from too.
    response.headers["Referrer-Policy"] = "strict-origin"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@csrf_protect
def _page(request: HttpRequest, delivery: Delivery, readers: dict[int, Member]) -> HttpResponse:
    one = _chosen(request.GET, readers)
    if request.method == "POST":
        return _post(request, delivery, readers, one)
    if _SAVED in request.GET:
        return _told(request, readers, one)
    return _ask(request, delivery, readers, one)


def _post(request: HttpRequest, delivery: Delivery, readers: dict[int, Member], one: int | None) -> HttpResponse:
    now, today = clock.now(), clock.today()
    chosen = readers if one is None else {one: readers[one]}
    if "no_more" in request.POST:
        say_no(chosen.values(), delivery=delivery, now=now, today=today)
    elif one is None:
        # Several read this mail, and nobody has said whom it is about.
        return _ask(request, delivery, readers, None, status=422)
    else:
        member = readers[one]
        form = ReservationForm(request.POST, member=member, stopped=stopped_channels(member))
        if form.is_valid():
            choose(member, form.values, delivery=delivery, now=now, today=today)
    who = {} if one is None or len(readers) == 1 else {_WHO: one}
    return redirect(f"{request.path}?{urlencode({_SAVED: 1, **who})}")


def _ask(
    request: HttpRequest, delivery: Delivery, readers: dict[int, Member], one: int | None, *, status: int = 200
) -> HttpResponse:
    names = _names(readers)
    context: dict[str, Any] = {
        "action": request.path if len(readers) == 1 or one is None else f"{request.path}?{_WHO}={one}",
        "no_more": NO_MORE[delivery.purpose],
        "said_no": all(has_said_no(member, delivery.purpose) for pk, member in readers.items() if one in {None, pk}),
        "others": _links(request, names, one),
    }
    if one is None:
        return render(request, "messaging/unsubscribe_who.html", context | {"unclear": status != 200}, status=status)
    stopped = stopped_channels(readers[one])
    context |= {
        "form": ReservationForm(member=readers[one], stopped=stopped),
        "stopped": stopped,
        "name": names[one] if len(readers) > 1 else "",
    }
    return render(request, "messaging/unsubscribe.html", context, status=status)


def _told(request: HttpRequest, readers: dict[int, Member], one: int | None) -> HttpResponse:
    names = _names(readers)
    people = []
    for pk, member in readers.items():
        if one in {None, pk}:
            sentence, kinds = remaining(member, stopped_channels(member))
            people.append({"name": names[pk] if len(readers) > 1 else "", "sentence": sentence, "kinds": kinds})
    back = request.path if len(readers) == 1 or one is None else f"{request.path}?{_WHO}={one}"
    context = {"people": people, "back": back, "others": _links(request, names, one) if one is not None else []}
    return render(request, "messaging/unsubscribe_done.html", context)


def _chosen(query: QueryDict, readers: dict[int, Member]) -> int | None:
    """Whom it is about: the only one, or the one who was chosen. Nobody is guessed."""
    if len(readers) == 1:
        return next(iter(readers))
    asked = query.get(_WHO, "")
    return next((pk for pk in readers if str(pk) == asked), None)


def _links(request: HttpRequest, names: dict[int, str], but: int | None) -> list[dict[str, str]]:
    return [{"name": name, "url": f"{request.path}?{_WHO}={pk}"} for pk, name in names.items() if pk != but]


def _names(readers: dict[int, Member]) -> dict[int, str]:
    """First names, as the mail's reader knows them; the whole name where two have the same."""
    how_many = Counter(member.first_name for member in readers.values())
    return {
        pk: (member.first_name if how_many[member.first_name] == 1 else member.full_name) or _("One without a name")
        for pk, member in readers.items()
    }
