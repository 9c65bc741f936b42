"""What was done to many members at once, and taking it back."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import clock, listing
from common.numbers import format_int
from membership.access import BranchRequest, branch_view
from membership.actions import bulk
from membership.actions.undo import TooLate, Undone, obstacles, undo
from membership.batches import batches_of, recent, told
from membership.enums import BatchKind
from membership.extensions import Text
from membership.models import ChangeBatch
from membership.roles import Permission

# So many names stand on the page; the rest are counted.
_NAMED = 50


@branch_view(Permission.EDIT_MEMBERS)
def batches(request: BranchRequest) -> HttpResponse:
    """The last 14 days: imports, changes of many, mergers; each with the way to undo it."""
    now = clock.now()
    page = listing.fetch_page(recent(request.branch, now), listing.page_number(request.GET))
    rows = told(page.rows, request.branch, now, request.access)
    context = {"page": "medlemmer", "listing": page, "rows": rows, "query": ""}
    return render(request, "membership/batch_list.html", context)


@branch_view(Permission.EDIT_MEMBERS)
def batch(request: BranchRequest, pk: UUID) -> HttpResponse:
    """One change of many: what it was, and for whom undoing it would change nothing."""
    found = _batch(request, pk)
    now = clock.now()
    context = {"page": "medlemmer", "told": told([found], request.branch, now, request.access)[0], "found": found}
    return render(request, "membership/batch_detail.html", context | _in_the_way(request, found, now))


def _in_the_way(request: BranchRequest, found: ChangeBatch, now: Any) -> dict[str, Any]:
    """Who stays as they are, by name where they are one's own; for very many it is told afterwards."""
    if not found.is_undoable(now) or found.count > bulk.AT_ONCE:
        return {"in_the_way": [], "others": 0, "told_after": found.count > bulk.AT_ONCE}
    reasons = obstacles(found)
    mine = request.branch.members.filter(pk__in=reasons).in_order()
    named = [(member, reasons[member.pk]) for member in mine[:_NAMED]]
    return {"in_the_way": named, "others": len(reasons) - len(named), "told_after": False}


@branch_view(Permission.EDIT_MEMBERS, methods=("POST",))
def batch_undo(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Take a change of many back; whoever was changed since stays."""
    found = _batch(request, pk)
    home = reverse("membership:batches", args=[request.branch.slug])
    if found.count > bulk.AT_ONCE and found.is_undoable(clock.now()):
        job = bulk.begin_undo(found, by=request.user, next_url=home)
        return redirect("membership:job", found.branch.slug, job.pk)
    try:
        outcome = undo(found, by=request.user, now=clock.now(), today=request.today)
    except TooLate:
        messages.error(request, _("It has been undone already, or was done too long ago."))
        return redirect(home)
    messages.success(request, _sentence(outcome))
    return redirect(home)


def _sentence(outcome: Undone) -> str:
    done = ngettext("Undone: %(n)s member is as before.", "Undone: %(n)s members are as before.", outcome.restored) % {
        "n": format_int(outcome.restored)
    }
    why: Counter[Text] = Counter(outcome.kept.values())
    kept = [_("%(n)s unchanged: %(why)s") % {"n": format_int(n), "why": reason} for reason, n in why.most_common(5)]
    return " ".join([done, *kept])


def _batch(request: BranchRequest, pk: UUID) -> ChangeBatch:
    found = get_object_or_404(batches_of(request.branch).select_related("branch", "by", "undone_by"), pk=pk)
    if found.kind != BatchKind.BULK:
        # Taken back where it was done.
        raise Http404
    return found
