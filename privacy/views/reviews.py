"""The review of access: keep or end each, and sign."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from membership.access import BranchRequest, branch_view
from membership.models import Branch
from membership.roles import Permission
from privacy.actions import reviews as actions
from privacy.refusals import Refused
from privacy.review_page import ALL, review_page


@branch_view(Permission.REVIEW_ACCESS)
def access_review(request: BranchRequest) -> HttpResponse:
    """Every access in the county, with what there is to think about."""
    _county(request)
    context = review_page(request)
    record(Verb.ACCESS_LISTED, by=request.user, branch_id=request.branch.pk, count=context["all"])
    return render(request, "privacy/access_review.html", context)


@branch_view(Permission.REVIEW_ACCESS, methods=("POST",))
def access_review_decide(request: BranchRequest) -> HttpResponse:
    """Keep one, end one, or keep the rest."""
    county, now = _county(request), clock.now()

    def act() -> str:
        if ended := _number(request.POST.get("avslutt", "")):
            grant = actions.end_access(county, ended, by=request.user, now=now, today=request.today)
            return _("The access of %(name)s has ended.") % {"name": grant.user.name}
        one = _number(request.POST.get("behold", ""))
        if not one and "resten" not in request.POST:
            raise actions.NothingThere
        kept = actions.keep(county, [one] if one else None, by=request.user, now=now, today=request.today)
        return ngettext("%(n)s access is kept.", "%(n)s accesses are kept.", kept) % {"n": kept}

    return _done(request, act)


@branch_view(Permission.REVIEW_ACCESS, methods=("POST",))
def access_review_sign(request: BranchRequest) -> HttpResponse:
    """Put one's name to it."""
    county = _county(request)

    def act() -> str:
        actions.sign(county, by=request.user, now=clock.now(), today=request.today)
        return _("The review is signed.")

    return _done(request, act)


def _done(request: BranchRequest, act: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, act())
    except Refused as refusal:
        messages.error(request, str(refusal.sentence))
    answer = redirect("privacy:access_review", request.branch.slug)
    if request.POST.get("vis") == ALL:
        answer["Location"] += f"?vis={ALL}"
    return answer


def _county(request: BranchRequest) -> Branch:
    """There is none below the county."""
    if not request.branch.is_county:
        raise Http404
    return request.branch


def _number(raw: str) -> int:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else 0
