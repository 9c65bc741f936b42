"""Saving and forgetting views of the register list."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from membership.access import BranchRequest, branch_view
from membership.actions.saved_views import TooManyViews, delete_view, save_view
from membership.forms import SavedViewForm
from membership.roles import Permission
from membership.tabs import understood
from membership.tree import tree_of


@branch_view(Permission.VIEW_MEMBERS, methods=("POST",))
def saved_view_save(request: BranchRequest) -> HttpResponse:
    """Keep what the address narrows the list to, under the name in the form."""
    params = understood(request.GET.dict(), tree_of(request.branch))
    form = SavedViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the view a name of 40 letters at most."))
    elif not params:
        messages.error(request, _("Choose a filter first. Then the view can be saved."))
    else:
        _save(request, form.cleaned_data["name"], params)
    return redirect(f"{_list(request)}?{urlencode(params)}")


def _save(request: BranchRequest, name: str, params: dict[str, str]) -> None:
    try:
        save_view(request.branch, name=name, params=params, by=request.user)
    except TooManyViews:
        messages.error(request, _("You have as many views as there is room for. Delete one first."))
    else:
        messages.success(request, _("The view is saved. You find it above the list."))


@branch_view(Permission.VIEW_MEMBERS, methods=("POST",))
def saved_view_delete(request: BranchRequest, pk: int) -> HttpResponse:
    """Forget one of one's own views."""
    view = get_object_or_404(request.branch.saved_views.filter(owner=request.user), pk=pk)
    delete_view(view, by=request.user)
    messages.success(request, _("The view is deleted."))
    return redirect(_list(request))


def _list(request: BranchRequest) -> str:
    return reverse("membership:member_list", args=[request.branch.slug])
