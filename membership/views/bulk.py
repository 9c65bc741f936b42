"""Changing many members of the register list at once: first the question, then the deed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import clock
from membership.access import BranchRequest, branch_view
from membership.actions import bulk as actions
from membership.actions.tags import tags_of
from membership.batches import CHANGED
from membership.enums import BulkKind
from membership.extensions import Text
from membership.forms import ChoiceForm
from membership.links import MERGE, compare_url
from membership.roles import Permission
from membership.selection import SEEN, NobodyChosen, NotOnTheList, Selection, TooMany, selection_of

DOING: Final = "handling"
_DO: Final = "gjor"
_TWO: Final = 2


@dataclass(frozen=True, slots=True)
class _Words:
    """The heading of the question, what it says under it, and the button."""

    title: Text
    explain: Text
    button: Text


_WORDS: Final[Mapping[BulkKind, _Words]] = {
    BulkKind.ADD_TAG: _Words(
        gettext_lazy("Add to a group"),
        gettext_lazy("Those who are in the group already stay there."),
        gettext_lazy("Add"),
    ),
    BulkKind.REMOVE_TAG: _Words(
        gettext_lazy("Take out of a group"),
        gettext_lazy("The members stay in the register and in their other groups."),
        gettext_lazy("Take out"),
    ),
    BulkKind.MOVE: _Words(
        gettext_lazy("Move to another branch"),
        gettext_lazy("The branch they leave no longer sees them. To a branch that is not yours, one member at a time."),
        gettext_lazy("Move"),
    ),
    BulkKind.CHECK: _Words(
        gettext_lazy("Mark as checked"),
        gettext_lazy("You say that what stands about them is right today."),
        gettext_lazy("Mark as checked"),
    ),
}


class _Refused(Exception):
    """Said to the officer in a sentence."""


@branch_view(Permission.EDIT_MEMBERS, methods=("POST",))
def bulk(request: BranchRequest) -> HttpResponse:
    """Ask what is needed for what was chosen, or do it. The address carries the filters of the list."""
    doing = request.POST.get(DOING, "")
    if doing == MERGE and compare_url(request.branch):
        return _merge(request)
    if doing not in BulkKind.values:
        raise Http404
    kind = BulkKind(doing)
    try:
        chosen = _chosen(request)
        options = _options(kind, chosen)
        sent = _DO in request.POST
        form = _form(kind, options, request.POST if sent else None)
        changed = sent and chosen.has_changed(request.POST.get(SEEN, ""))
        if sent and not changed and form.is_valid():
            return _do(request, chosen, _change(kind, chosen, form.cleaned_data.get("valg", "")))
    except _Refused as refusal:
        return _refuse(request, _WORDS[kind].title, refusal)
    context = {
        "page": "medlemmer",
        "words": _WORDS[kind],
        "doing": kind.value,
        "chosen": chosen,
        "names": chosen.names(),
        "more": max(0, chosen.count - len(chosen.names())),
        "form": form,
        "changed": changed,
        "query": request.GET.urlencode(),
        "back": _list(request),
    }
    return render(request, "membership/bulk.html", context, status=422 if changed or form.errors else 200)


def _refuse(request: BranchRequest, title: Text, refusal: _Refused) -> HttpResponse:
    context = {"page": "medlemmer", "problem": str(refusal), "title": title, "back": _list(request)}
    return render(request, "membership/bulk_refused.html", context, status=422)


def _merge(request: BranchRequest) -> HttpResponse:
    """To the page that holds two records side by side."""
    try:
        chosen = _chosen(request)
        if chosen.count != _TWO:
            raise _Refused(_("Tick exactly two members that may be the same person."))
    except _Refused as refusal:
        return _refuse(request, _("Merge two records"), refusal)
    return redirect(compare_url(request.branch, *chosen.ids))


def _chosen(request: BranchRequest) -> Selection:
    try:
        return selection_of(request)
    except NobodyChosen:
        raise _Refused(_("Nobody is chosen. Tick the members in the list first.")) from None
    except NotOnTheList:
        raise _Refused(
            _("The list is no longer as it was, so nobody was changed. Open the list and choose again.")
        ) from None
    except TooMany:
        raise _Refused(
            _("At most 20,000 members can be changed at once. Narrow the list down, to one branch for example.")
        ) from None


def _options(kind: BulkKind, chosen: Selection) -> list[tuple[str, str]]:
    """What there is to choose between, the id or slug first; nothing where nothing is asked for."""
    branch, today = chosen.asked.request.branch, chosen.asked.request.today
    if kind in (BulkKind.ADD_TAG, BulkKind.REMOVE_TAG):
        options = [(str(tag.pk), tag.name) for tag in tags_of(branch)]
        if not options:
            raise _Refused(_("The county has no groups yet. The county's membership officer makes them."))
        return options
    if kind == BulkKind.MOVE:
        nodes = [node for node in chosen.asked.tree.in_order if node.valid_to is None or node.valid_to > today]
        if len(nodes) == 1:
            raise _Refused(
                _("There is no branch under yours to move to. To another branch, move one member at a time.")
            )
        return [(node.slug, node.place) for node in nodes]
    return []


def _form(kind: BulkKind, options: list[tuple[str, str]], data: Any) -> forms.Form:
    if kind == BulkKind.CHECK:
        return forms.Form(data)
    label = _("Move to") if kind == BulkKind.MOVE else _("Group")
    return ChoiceForm(data, label=label, options=options)


def _change(kind: BulkKind, chosen: Selection, value: str) -> actions.Change:
    branch = chosen.asked.request.branch
    if kind == BulkKind.MOVE:
        return actions.Change(kind, branch=branch.subtree.get(slug=value))
    if kind == BulkKind.CHECK:
        return actions.Change(kind)
    return actions.Change(kind, tag=tags_of(branch).get(pk=value))


def _do(request: BranchRequest, chosen: Selection, change: actions.Change) -> HttpResponse:
    back = _list(request)
    to = f"{back}{'&' if '?' in back else '?'}{CHANGED}="
    by, now = request.user, clock.now()
    if chosen.count > actions.AT_ONCE:
        job = actions.begin(
            request.branch, chosen.ids, change=change, by=by, now=now, next_url=lambda pk: f"{to}{pk}", back=back
        )
        return redirect("membership:job", request.branch.slug, job.pk)
    try:
        batch = actions.change_many(request.branch, chosen.ids, change=change, by=by, now=now, today=request.today)
    except actions.NothingToChange:
        raise _Refused(_("They are so already. Nothing was changed.")) from None
    except actions.NotAllHere:
        raise _Refused(
            _("The list is no longer as it was, so nobody was changed. Open the list and choose again.")
        ) from None
    return redirect(f"{to}{batch.pk}")


def _list(request: BranchRequest) -> str:
    address = reverse("membership:member_list", args=[request.branch.slug])
    query = request.GET.urlencode()
    return f"{address}?{query}" if query else address
