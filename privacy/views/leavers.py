"""Those who have left and are not erased yet: put right, or told by a letter."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock, listing
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from privacy.actions.departures import TooLate, come_back
from privacy.actions.leave_letters import NotWaiting, note_letter, post_receipt, unpost_receipt
from privacy.leavers import LETTERS, VIEW, departures_of, leavers_of, page_of, rows_of, to_be_posted
from privacy.letters import receipt_letter
from privacy.models import Departure
from privacy.rules import rules_of
from privacy.views.leaving import pdf


@branch_view(Permission.RECORD_LEAVING)
def leavers(request: BranchRequest) -> HttpResponse:
    """Who, how and when, and the day the record is erased."""
    branch, only_letters = request.branch, request.GET.get(VIEW) == LETTERS
    page = page_of(branch, listing.page_number(request.GET), only_letters=only_letters)
    may_hold = Permission.MANAGE_PRIVACY in request.access
    rows = rows_of(page.rows, branch, may_hold=may_hold, today=request.today)
    record(Verb.LEAVERS_LISTED, by=request.user, branch_id=branch.pk, count=len(rows))
    context = {
        "page": "personvern",
        "rows": rows,
        "listing": page,
        "query": listing.kept(request.GET, "registrert", "postet"),
        "only_letters": only_letters,
        "to_post": to_be_posted(leavers_of(branch)).count(),
        "registered": _named(request, "registrert"),
        "posted": _named(request, "postet"),
    }
    return render(request, "privacy/leavers.html", context)


@branch_view(Permission.RECORD_LEAVING, methods=("POST",))
def leaver_return(request: BranchRequest, pk: int) -> HttpResponse:
    """It was a mistake: what stood before stands again."""
    departure = _departure(request, pk)
    try:
        member = come_back(departure, by=request.user, now=clock.now(), today=request.today)
    except TooLate:
        messages.error(request, _("It has been put right already, or the record is erased."))
    else:
        url = reverse("membership:member_detail", args=[request.branch.slug, member.pk])
        said = _("Put right: what stood before stands again.")
        messages.success(
            request, format_html('{} <a class="ds-link" href="{}">{}</a>', said, url, _("Open the member"))
        )
    return redirect("privacy:leavers", request.branch.slug)


@branch_view(Permission.RECORD_LEAVING, methods=("POST",))
def leaver_receipt(request: BranchRequest, pk: int) -> HttpResponse:
    """The printed receipt, for one whom neither email nor SMS reaches: a PDF."""
    departure = get_object_or_404(leavers_of(request.branch).filter(receipt_by_letter=True), pk=pk)
    made = receipt_letter(departure, rules=rules_of(request.branch), today=request.today).printed()
    note_letter(departure.member, by=request.user, now=clock.now())
    return pdf(made, _("receipt"))


@branch_view(Permission.RECORD_LEAVING, methods=("POST",))
def leaver_posted(request: BranchRequest, pk: int) -> HttpResponse:
    """The printed receipt is in the post; with “angre”, it is not after all."""
    departure = _departure(request, pk)
    undo = "angre" in request.POST
    try:
        (unpost_receipt if undo else post_receipt)(departure, by=request.user, now=clock.now())
    except NotWaiting:
        messages.error(request, _("Somebody else has done that already. See how it stands now."))
        return redirect("privacy:leavers", request.branch.slug)
    url = reverse("privacy:leavers", args=[request.branch.slug])
    return redirect(url if undo else f"{url}?postet={departure.pk}")


def _departure(request: BranchRequest, pk: int) -> Departure:
    return get_object_or_404(departures_of(request.branch), pk=pk)


def _named(request: BranchRequest, name: str) -> Departure | None:
    """The one an address names, as long as it stands: what was just done can be undone."""
    text = request.GET.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return leavers_of(request.branch).filter(pk=int(text)).first()
