"""The county's pages about those whose dues are long unpaid: a list, notice, letters, approval. A person decides."""

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
from common.numbers import format_int
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from privacy.actions import unpaid as actions
from privacy.actions import unpaid_notice as notices
from privacy.actions import unpaid_striking as striking
from privacy.models import UnpaidRound
from privacy.refusals import Refused
from privacy.unpaid import round_in
from privacy.unpaid_forms import CountForm
from privacy.unpaid_jobs import NOTICE, STRIKE, do_or_begin
from privacy.unpaid_letters import print_notices
from privacy.unpaid_page import overview_context, round_context

_MOST_IDS = 500


@branch_view(Permission.MANAGE_PRIVACY)
def unpaid(request: BranchRequest) -> HttpResponse:
    """For which years somebody's time is over, the list that is open, and those that were."""
    _county_alone(request)
    record(Verb.ERASING_OPENED, by=request.user, branch_id=request.branch.pk)
    return render(request, "privacy/unpaid.html", overview_context(request.branch, request.today))


@branch_view(Permission.MANAGE_PRIVACY, methods=("POST",))
def unpaid_make(request: BranchRequest) -> HttpResponse:
    """Write the list of a year."""
    _county_alone(request)
    year = request.POST.get("year", "")
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        return redirect("privacy:unpaid", request.branch.slug)
    try:
        made = actions.make_round(request.branch, year=int(year), by=request.user, now=clock.now(), today=request.today)
    except Refused as refusal:
        messages.error(request, str(refusal.sentence))
        return redirect("privacy:unpaid", request.branch.slug)
    return redirect("privacy:unpaid_round", request.branch.slug, made.pk)


@branch_view(Permission.MANAGE_PRIVACY)
def unpaid_round(request: BranchRequest, pk: int) -> HttpResponse:
    """One list: what has happened, what comes next, and who is on it."""
    found = _round(request, pk)
    record(Verb.ERASING_OPENED, by=request.user, branch_id=request.branch.pk, subject=found)
    return render(request, "privacy/unpaid_round.html", round_context(found, request))


@branch_view(Permission.MANAGE_PRIVACY, methods=("POST",))
def unpaid_notify(request: BranchRequest, pk: int) -> HttpResponse:
    """Give notice to everybody on the list; again for those left over."""

    def do(found: UnpaidRound) -> HttpResponse:
        begun = notices.begin_notice(found, by=request.user, now=clock.now(), today=request.today)
        if job := do_or_begin(NOTICE, begun, by=request.user):
            return redirect("membership:job", request.branch.slug, job.pk)
        messages.success(request, _("Notice is given to those whom email or SMS reaches."))
        return redirect("privacy:unpaid_round", request.branch.slug, pk)

    return _with_round(request, pk, do)


@branch_view(Permission.MANAGE_PRIVACY, methods=("POST",))
def unpaid_case(request: BranchRequest, pk: int) -> HttpResponse:
    """Take one member off the list, or write down that the member wants to stay."""

    def do(found: UnpaidRound) -> HttpResponse:
        chosen = request.POST.get("navn", "")
        number = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 12 else 0
        case = found.cases.select_related("round", "member").filter(pk=number).first()
        if case is None:
            raise actions.NotOnList
        if request.POST.get("handling") == "blir":
            actions.stay_by_officer(case, by=request.user, now=clock.now())
            messages.success(request, _("Written down: the member stays in the register."))
        else:
            actions.spare(case, by=request.user)
            messages.success(request, _("The member is taken off the list."))
        return redirect("privacy:unpaid_round", request.branch.slug, pk)

    return _with_round(request, pk, do)


@branch_view(Permission.MANAGE_PRIVACY, methods=("POST",))
def unpaid_letters(request: BranchRequest, pk: int) -> HttpResponse:
    """The letters that the page named, as one PDF: of those who still must have one."""

    def do(found: UnpaidRound) -> HttpResponse:
        made, count = print_notices(found, _ids(request), today=request.today)
        if not count:
            messages.error(request, _("There are no letters to print."))
            return redirect("privacy:unpaid_round", request.branch.slug, pk)
        record(Verb.LETTERS_MADE, by=request.user, branch_id=found.county_id, subject=found, count=count)
        response = HttpResponse(made, content_type="application/pdf")
        word = _("notice")
        name = f"{word}-{found.year}-{request.today:%Y-%m-%d}.pdf"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.headers["Cache-Control"] = "no-store"
        return response

    return _with_round(request, pk, do)


@branch_view(Permission.MANAGE_PRIVACY, methods=("POST",))
def unpaid_posted(request: BranchRequest, pk: int) -> HttpResponse:
    """Those letters are in the post: that is their notice."""

    def do(found: UnpaidRound) -> HttpResponse:
        count = notices.mark_posted(
            found, member_ids=_ids(request), by=request.user, now=clock.now(), today=request.today
        )
        said = ngettext("%(n)s letter is marked as posted.", "%(n)s letters are marked as posted.", count)
        messages.success(request, said % {"n": format_int(count)})
        return redirect("privacy:unpaid_round", request.branch.slug, pk)

    return _with_round(request, pk, do)


@branch_view(Permission.MANAGE_PRIVACY, methods=("POST",))
def unpaid_approve(request: BranchRequest, pk: int) -> HttpResponse:
    """Strike off those who are told and have neither paid nor answered; goes on with what was broken off."""
    found = _round(request, pk)
    if "fortsett" in request.POST:
        return _strike(request, found)
    form = CountForm(request.POST)
    if not form.is_valid():
        return _refused(request, found, form)
    try:
        approved = striking.approve(
            found, count=form.cleaned_data["count"], by=request.user, now=clock.now(), today=request.today
        )
    except Refused as refusal:
        form.add_error(refusal.field, str(refusal.sentence))
        return _refused(request, found, form)
    return _strike(request, approved)


@branch_view(Permission.MANAGE_PRIVACY, methods=("POST",))
def unpaid_drop(request: BranchRequest, pk: int) -> HttpResponse:
    """Nothing comes of the list."""

    def do(found: UnpaidRound) -> HttpResponse:
        actions.drop_round(found, by=request.user)
        messages.success(request, _("The list is dropped. Nobody is struck off."))
        return redirect("privacy:unpaid", request.branch.slug)

    return _with_round(request, pk, do)


def _strike(request: BranchRequest, approved: UnpaidRound) -> HttpResponse:
    if job := do_or_begin(STRIKE, approved, by=request.user):
        return redirect("membership:job", request.branch.slug, job.pk)
    return redirect("privacy:unpaid_round", request.branch.slug, approved.pk)


def _refused(request: BranchRequest, found: UnpaidRound, form: CountForm) -> HttpResponse:
    return render(request, "privacy/unpaid_round.html", round_context(found, request, form), status=422)


def _with_round(request: BranchRequest, pk: int, do: Callable[[UnpaidRound], HttpResponse]) -> HttpResponse:
    """Do it to the county's list; what is refused is said on the list's page."""
    found = _round(request, pk)
    try:
        return do(found)
    except Refused as refusal:
        messages.error(request, str(refusal.sentence))
        return redirect("privacy:unpaid_round", request.branch.slug, pk)


def _round(request: BranchRequest, pk: int) -> UnpaidRound:
    _county_alone(request)
    found = round_in(request.branch, pk)
    if found is None:
        raise Http404
    return found


def _ids(request: BranchRequest) -> list[int]:
    """The members the page named; what is no number is passed by."""
    parts = request.POST.get("ids", "").split(",")[:_MOST_IDS]
    return [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 12]


def _county_alone(request: BranchRequest) -> None:
    """Who is struck off is decided for the whole county at once: below it there is no such page."""
    if not request.branch.is_county:
        raise Http404
