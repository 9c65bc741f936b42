"""The tree of branches: new ones, mergers and splits, and taking those back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from membership.access import BranchRequest, branch_view
from membership.actions.branches import TreeTooDeep, create_branch, free_slug
from membership.actions.reform_undo import StandsInTheWay, undo_reform
from membership.actions.reforms import ReformRefused, merge, split
from membership.actions.undo import TooLate
from membership.reform_forms import PARTS, BranchForm, MergeForm, PartForm, SplitForm
from membership.reform_pages import Choice, choice_of, chosen, reform_page, tree_page, undoable_reform, will_happen
from membership.roles import Permission

DO = "utfor"


@branch_view(Permission.REFORM_BRANCHES)
def branches(request: BranchRequest) -> HttpResponse:
    """The branches under this one, and what was done with them."""
    record(Verb.DIRECTORY_OPENED, by=request.user, branch_id=request.branch.pk)
    return render(request, "membership/branches.html", tree_page(request, clock.now()))


@branch_view(Permission.REFORM_BRANCHES, methods=("GET", "POST"))
def branch_new(request: BranchRequest) -> HttpResponse:
    """A new branch under this one."""
    form = BranchForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = create_branch(
                request.branch,
                name=data["name"],
                place=data["place"],
                other_names=data["other_names"],
                slug=free_slug(data["place"], above=request.branch.place),
                by=request.user,
            )
        except TreeTooDeep:
            form.add_error(None, _("There can be nothing under a local branch."))
        except IntegrityError:
            form.add_error("place", _("Somebody made one with that place just now. Try again."))
        else:
            messages.success(request, _("%(branch)s is made.") % {"branch": made.name})
            return redirect("membership:branches", request.branch.slug)
    context = {"page": "oversikt", "form": form}
    return render(request, "membership/branch_new.html", context, status=422 if form.is_bound else 200)


@branch_view(Permission.REFORM_BRANCHES, methods=("GET", "POST"))
def branch_merge(request: BranchRequest) -> HttpResponse:
    """Several branches become one: what it will mean, and the button that does it."""
    sent = request.POST if request.method == "POST" else request.GET
    old = chosen(request.branch, sent.getlist("id"), request.today)
    if old is None:
        messages.error(request, _("The branches have changed since you opened the page. Choose again."))
        return redirect("membership:branches", request.branch.slug)
    if len(old) < 2:
        messages.error(request, _("Tick at least two to merge."))
        return redirect("membership:branches", request.branch.slug)
    form = MergeForm(request.POST if request.method == "POST" else None, branches=old, today=request.today)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            batch = merge(old, into=form.heir(), on=data["on"], by=request.user, now=clock.now(), today=request.today)
        except ReformRefused as refusal:
            form.add_error(refusal.field, str(refusal.sentence))
        else:
            _say_moved(request, batch.count)
            return redirect("membership:branches", request.branch.slug)
    context = {"page": "oversikt", "form": form, "old": old, "told": will_happen(old, request.today)}
    return render(request, "membership/branch_merge.html", context, status=422 if form.is_bound else 200)


@branch_view(Permission.REFORM_BRANCHES, methods=("GET", "POST"))
def branch_split(request: BranchRequest) -> HttpResponse:
    """This branch becomes several: who goes where is shown before anything is done."""
    if request.branch.is_county:
        # The page says so, and leads to the branches.
        status = 422 if request.method == "POST" else 200
        return render(request, "membership/branch_split.html", {"page": "oversikt", "form": None}, status=status)
    data = request.POST if request.method == "POST" else None
    children = list(request.branch.children.filter(valid_to__isnull=True).order_by("sort_key", "id"))
    form = SplitForm(data, today=request.today)
    parts = [PartForm(data, position=number, children=children) for number in range(1, PARTS + 1)]
    used = [part for part in parts if part.is_used] or parts[:1] if data is not None else []
    valid = data is not None and all([form.is_valid(), *(part.is_valid() for part in used)])
    choice = choice_of(request.branch, used) if valid else None
    if choice and choice.problem:
        form.add_error(None, choice.problem)
        choice = None
    if choice and request.POST.get("handling") == DO and (done := _split(request, form, choice)):
        return done
    context = {
        "page": "oversikt",
        "form": form,
        "parts": parts,
        "faulty": [part for part in used if part.errors],
        "choice": None if form.errors else choice,
        "told": will_happen([request.branch], request.today) if choice and form.cleaned_data["rest"] else [],
    }
    wrong = data is not None and context["choice"] is None
    return render(request, "membership/branch_split.html", context, status=422 if wrong else 200)


def _split(request: BranchRequest, form: SplitForm, choice: Choice) -> HttpResponse | None:
    data, branch = form.cleaned_data, request.branch
    try:
        batch = split(
            branch,
            parts=choice.parts,
            rest=0 if data["rest"] else None,
            on=data["on"],
            by=request.user,
            now=clock.now(),
            today=request.today,
        )
    except ReformRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.sentence))
        return None
    _say_moved(request, batch.count)
    return redirect("membership:branches", (branch.parent or branch).slug)


def _say_moved(request: BranchRequest, count: int) -> None:
    sentence = ngettext(
        "Done. %(n)d member has moved. It can be undone for 14 days, from the county party's page.",
        "Done. %(n)d members have moved. It can be undone for 14 days, from the county party's page.",
        count,
    )
    messages.success(request, sentence % {"n": count})


@branch_view(Permission.REFORM_BRANCHES)
def reform_detail(request: BranchRequest, pk: UUID) -> HttpResponse:
    """One merger or split: what it did, and whether it can be taken back."""
    batch = undoable_reform(request.branch, pk)
    if batch is None:
        raise Http404
    record(Verb.DIRECTORY_OPENED, by=request.user, branch_id=request.branch.pk, subject=batch)
    return render(request, "membership/reform_detail.html", reform_page(batch, clock.now()))


@branch_view(Permission.REFORM_BRANCHES, methods=("POST",))
def reform_undo(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Take a merger or a split back, or say why it cannot be."""
    batch = undoable_reform(request.branch, pk)
    if batch is None:
        raise Http404
    try:
        outcome = undo_reform(batch, by=request.user, now=clock.now(), today=request.today)
    except TooLate:
        messages.error(request, _("It can no longer be undone."))
    except StandsInTheWay as found:
        messages.error(request, " ".join([_("It cannot be undone."), *found.reasons]))
    else:
        messages.success(request, _("Undone. The branches are as they were."))
        if outcome.kept:
            sentence = ngettext(
                "%(n)d member has been moved since, and stays there.",
                "%(n)d members have been moved since, and stay there.",
                len(outcome.kept),
            )
            messages.info(request, sentence % {"n": len(outcome.kept)})
    return redirect("membership:branches", request.branch.slug)
