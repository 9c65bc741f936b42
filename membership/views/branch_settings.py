"""The branch's settings: what it says of itself."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from membership.access import BranchRequest, branch_view
from membership.actions.branch_settings import BranchChanged, change_branch, changed_since, state_of
from membership.branch_forms import BranchForm
from membership.models import Branch
from membership.roles import Permission


@branch_view(Permission.EDIT_BRANCH, methods=("GET", "POST"))
def branch_settings(request: BranchRequest) -> HttpResponse:
    """See and change them; of two at the same time the second is told what the first wrote."""
    if request.method != "POST":
        return _page(request, _form(request, request.branch))
    form = _form(request, request.branch, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        changed = change_branch(
            request.branch,
            values={name: form.cleaned_data[name] for name in form.fields if name != "seen"},
            seen=form.cleaned_data["seen"],
            by=request.user,
        )
    except BranchChanged as met:
        return _page(request, _told(request, met.now), status=422)
    messages.success(request, _("The settings are saved.") if changed else _("Nothing was changed."))
    return redirect(request.path)


def _form(request: BranchRequest, branch: Branch, data: object = None) -> BranchForm:
    # The short name sorts every list of the county's, and files are read by it: the county's to change.
    names_place = Permission.REFORM_BRANCHES in request.access
    return BranchForm(data, branch=branch, seen=state_of(branch), names_place=names_place)


def _told(request: BranchRequest, now: Branch) -> BranchForm:
    """What was typed stays; beside each field that another has changed stands what it is now. Once more saves."""
    data = request.POST.copy()
    data["seen"] = state_of(now)
    form = _form(request, now, data)
    form.is_valid()
    form.add_error(None, _("Somebody else changed the settings meanwhile. See what they wrote, and save again."))
    for name in changed_since(now, request.POST.get("seen", "")):
        if name in form.fields and data.get(name, "") != getattr(now, name):
            form.add_error(name, _("Now it says: %(text)s") % {"text": getattr(now, name) or "–"})
    return form


def _page(request: BranchRequest, form: BranchForm, *, status: int = 200) -> HttpResponse:
    context = {"page": "hvem", "tab": "innstillinger", "form": form}
    return render(request, "membership/branch_settings.html", context, status=status)
