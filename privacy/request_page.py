"""What the pages of requests print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from common import listing
from membership.access import BranchRequest
from membership.extensions import Text, registry
from membership.models import Member
from membership.models.member import GONE
from membership.roles import Permission
from membership.search import find
from membership.tree import tree_of
from privacy.enums import RequestKind, RequestState
from privacy.models import RightsRequest, RightsRequestQuerySet
from privacy.request_forms import AnswerForm, ExtendForm
from privacy.request_mail import email_of
from privacy.request_words import is_here, row_of, who_of, word_of

ALL: Final = "alle"
_HITS: Final = 8


@dataclass(frozen=True, slots=True)
class Help:
    """One thing to do about a request: a sentence, and where it is done, if there is such a page."""

    text: Text
    url: str = ""
    label: Text = ""


def requests_of(request: BranchRequest) -> RightsRequestQuerySet:
    """Those of the branch and under it, with all that a row prints."""
    return RightsRequest.objects.of(request.branch).select_related("branch", "member")


def list_page(request: BranchRequest) -> dict[str, Any]:
    """Everything the list prints; the queries are the same for one row and for fifty."""
    shows_all = request.GET.get("vis") == ALL
    found = requests_of(request)
    rows = found.order_by("-received_on", "-id") if shows_all else found.open().most_urgent_first()
    page = listing.fetch_page(rows, listing.page_number(request.GET))
    return {
        "page": "personvern",
        "listing": page,
        "query": listing.kept(request.GET),
        "rows": [row_of(one, request.branch, request.today) for one in page.rows],
        "shows_all": shows_all,
    }


def members_like(request: BranchRequest, q: str) -> list[Member]:
    """Members of the branch with this number, or with these words in their name."""
    if not q.strip():
        return []
    number = request.branch.members.filter(member_number=q.strip()).select_related("branch").order_by("id")[:1]
    people = tree_of(request.branch).whole.people
    named = find(request.branch, q, people=people).select_related("branch").in_order()[:_HITS]
    return list({member.pk: member for member in [*number, *named]}.values())


def request_in(request: BranchRequest, pk: int) -> RightsRequest:
    """One that is seen from the branch; 404 for any other."""
    seen = requests_of(request).select_related("county", "handled_by", "created_by")
    found: RightsRequest = get_object_or_404(seen, pk=pk)
    return found


def handled_in(request: BranchRequest, pk: int) -> RightsRequest:
    """The same for whoever answers."""
    if Permission.MANAGE_PRIVACY not in request.access:
        raise Http404
    return request_in(request, pk)


def detail_page(request: BranchRequest, one: RightsRequest, bound: dict[str, Any] | None = None) -> dict[str, Any]:
    """Everything a request's page prints; `bound` holds the form that was refused."""
    address = email_of(one.member)
    here = one.member is not None and is_here(one.member, request.branch)
    word, tone = word_of(one, request.today)
    is_open = one.state == RequestState.OPEN
    forms = {
        "extend_form": ExtendForm(prefix="extend"),
        "answer_form": AnswerForm(prefix="answer", can_email=bool(address)),
        "refuse_form": AnswerForm(prefix="refuse", can_email=bool(address)),
        **(bound or {}),
    }
    return {
        "page": "personvern",
        "one": one,
        "who": who_of(one, request.branch),
        "member_url": _member_url(request, one) if here else "",
        "word": word,
        "tone": tone,
        "is_open": is_open,
        "may_answer": is_open and Permission.MANAGE_PRIVACY in request.access,
        "may_extend": is_open and one.extended_at is None and request.today <= one.due_on,
        "helps": list(_helps(request, one, here=here)) if is_open else [],
        "address": address,
        "failed": next((form for form in (bound or {}).values() if form.errors), None),
        **forms,
    }


def _member_url(request: BranchRequest, one: RightsRequest) -> str:
    member = one.member
    if member is None or Permission.VIEW_MEMBERS not in request.access or member.status in GONE:
        return ""
    return reverse("membership:member_detail", args=[request.branch.slug, member.pk])


def _helps(request: BranchRequest, one: RightsRequest, *, here: bool) -> Iterator[Help]:
    """What is to be done for this kind of request, in order."""
    kind = RequestKind(one.kind)
    if one.member is None:
        yield Help(_("Find out who it is before you tell anything: ask for something only that person knows."))
    if kind == RequestKind.ACCESS:
        yield from _access_helps(request, one, here=here)
    elif kind == RequestKind.CORRECTION:
        yield Help(
            _("Put it right in the register. Others who have got it from us are told."), *_edit(request, one, here)
        )
    elif kind == RequestKind.ERASURE:
        yield from _erasure_helps(request, one, here=here)
    else:
        yield Help(_("Write down what the member does not want, and stop it."), *_edit(request, one, here))


def data_for(request: BranchRequest, one: RightsRequest) -> Member | None:
    """Whose data can be fetched for this request: it is open, asks for access, and the member is here.

    A protected address is in the file too, so that it takes the right to open those.
    """
    asked = one.kind == RequestKind.ACCESS and one.state == RequestState.OPEN
    member = one.member
    if not asked or member is None or not is_here(member, request.branch):
        return None
    may = Permission.MANAGE_PRIVACY in request.access
    if member.address_hidden:
        may = may and Permission.OPEN_PROTECTED in request.access
    return member if may else None


def _access_helps(request: BranchRequest, one: RightsRequest, *, here: bool) -> Iterator[Help]:
    yield Help(_("The member can see and download everything on their own page. Tell them where it is."))
    if here and data_for(request, one):
        url = reverse("privacy:request_data", args=[request.branch.slug, one.pk])
        yield Help(_("For one who cannot open it: the same file, to be handed over."), url, _("Download everything"))
    yield Help(_("Hand it only to the member: by letter to the address in the register, or in person."))


def _erasure_helps(request: BranchRequest, one: RightsRequest, *, here: bool) -> Iterator[Help]:
    yield Help(
        _("To be erased is to leave: register the resignation, and the record is erased after the correction time.")
    )
    if here and one.member:
        for door in sorted(registry.doors, key=lambda door: door.order):
            if door.permission in request.access and door.fits(one.member):
                yield Help(door.explain, reverse(door.url_name, args=[request.branch.slug, one.member.pk]), door.label)
    may_hold = Permission.MANAGE_PRIVACY in request.access
    yield Help(
        _("Only a claim, a complaint or the member’s own wish can put it off."),
        reverse("privacy:holds", args=[request.branch.slug]) if may_hold else "",
        _("Who is held back"),
    )


def _edit(request: BranchRequest, one: RightsRequest, here: bool) -> tuple[str, Text]:
    if not here or one.member is None or one.member.status in GONE or Permission.EDIT_MEMBERS not in request.access:
        return "", ""
    return reverse("membership:member_edit", args=[request.branch.slug, one.member.pk]), _("Change the member")
