"""Whom a message is for, chosen by hand: names that are searched for, those ticked in the register, a filtered list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from common import clock, listing
from common.listing import SORT
from common.text import search_terms
from membership.access import BranchRequest
from membership.models import Member
from membership.roles import Permission
from membership.selection import NobodyChosen, NotOnTheList, Selection, TooMany, selection_of
from messaging.actions.messages import save_draft
from messaging.audience import (
    MOST_PICKED,
    PEOPLE,
    NotAnAudience,
    label_of,
    members_audience,
    members_of,
    people_audience,
)
from messaging.preview import named
from messaging.sketch import Offers, Sketch

# What the register's bar calls the wish to write to those who are ticked.
BAR: Final = "skriv"
PICK: Final = "pick"
DROP: Final = "fjern"
_HITS: Final = 20
_PAGING: Final = {SORT, listing.PAGE}


def hits(request: BranchRequest, q: str, sketch: Sketch) -> list[Member]:
    """Current members by name, and no more than one looks through; not those who are chosen already."""
    if not search_terms(q):
        return []
    chosen = sketch.audience.get("ids") or [] if sketch.audience.get("kind") == PEOPLE else []
    found = named(request.branch.members.current(), q).select_related("branch").in_order()
    return [member for member in found[: _HITS + len(chosen[:_HITS])] if member.pk not in chosen][:_HITS]


def with_people(request: BranchRequest, sketch: Sketch) -> Sketch:
    """With those who were ticked among the hits, and without the one who was taken away."""
    present = sketch.audience.get("ids") or [] if sketch.audience.get("kind") == PEOPLE else []
    added = _own(request, request.POST.getlist(PICK))
    gone = set(_numbers(request.POST.getlist(DROP)))
    ids = [pk for pk in {*present, *added} if pk not in gone][:MOST_PICKED]
    audience = people_audience(ids)
    message = sketch.message
    message.audience, message.audience_label = audience, label_of(request.branch, audience, request.today)
    return sketch


def _own(request: BranchRequest, numbers: Iterable[str]) -> list[int]:
    """The ids, all of them current members here, or nothing at all."""
    ids = _numbers(numbers)
    found = list(request.branch.members.current().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    if len(found) != len(set(ids)) or (ids and Permission.VIEW_MEMBERS not in request.access):
        raise Http404
    return found


def _numbers(texts: Iterable[str]) -> list[int]:
    numbers = list(texts)
    if not all(text.isascii() and text.isdigit() and len(text) < 19 for text in numbers):
        raise Http404
    return [int(text) for text in numbers]


def first_audience(request: BranchRequest, offers: Offers) -> tuple[dict[str, Any], str, str]:
    """Whom a new message is for, what that is called, and why it is not whom the address asked for.

    A filter that is not understood narrows nothing: then nobody is chosen, rather than everybody.
    """
    asked = {name: value for name, value in request.GET.items() if value and name not in _PAGING}
    if not asked:
        return (*offers.first, "")
    audience = members_audience(request.branch, asked)
    try:
        if audience["params"].keys() != asked.keys():
            raise NotAnAudience
        members_of(request.branch, audience, request.today, may=request.access.permissions)
    except NotAnAudience:
        nobody = {"kind": PEOPLE, "ids": []}
        why = _("That list cannot be written to. Choose whom.")
        return nobody, label_of(request.branch, nobody, request.today), why
    return audience, label_of(request.branch, audience, request.today), ""


def draft_from_register(request: BranchRequest) -> HttpResponse:
    """A draft to those who are ticked in the register, or to all whom its filters show."""
    try:
        chosen = selection_of(request)
    except NobodyChosen:
        return _back(request, _("Nobody is chosen. Tick the members in the list first."))
    except NotOnTheList:
        return _back(request, _("The list is no longer as it was. Open it and choose again."))
    except TooMany:
        return _back(request, _("At most 20,000 can be ticked. Write to a whole list instead: filter it first."))
    audience = _audience_of(request, chosen)
    draft = save_draft(
        request.branch,
        values={"audience": audience, "audience_label": label_of(request.branch, audience, request.today)},
        by=request.user,
        now=clock.machine_time(),
    )
    return redirect("messaging:message_edit", request.branch.slug, draft.pk)


def _audience_of(request: BranchRequest, chosen: Selection) -> dict[str, Any]:
    """All of a list is the list, so that whoever drops out of it before the sending gets nothing."""
    if chosen.everyone and not chosen.asked.q:
        audience = members_audience(request.branch, chosen.asked.used)
        if audience["params"].keys() == chosen.asked.used.keys():
            return audience
    return people_audience(chosen.ids)


def _back(request: BranchRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    query = request.GET.urlencode()
    return redirect(f"{reverse('membership:member_list', args=[request.branch.slug])}?{query}".rstrip("?"))
