"""Saving and forgetting views of the register list."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from membership.access import BranchRequest, branch_view
from membership.actions.saved_views import NameTaken, TooManyViews, delete_view, rename_view, save_view
from membership.forms import SavedViewForm
from membership.models import SavedView
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
        shares = form.cleaned_data["delt"] and Permission.EDIT_MEMBERS in request.access
        _save(request, form.cleaned_data["name"], params, is_shared=shares)
    return redirect(f"{_list(request)}?{urlencode(params)}")


def _save(request: BranchRequest, name: str, params: dict[str, str], *, is_shared: bool) -> None:
    try:
        save_view(request.branch, name=name, params=params, by=request.user, is_shared=is_shared)
    except TooManyViews:
        messages.error(request, _("There are as many views as there is room for. Delete one first."))
    else:
        messages.success(request, _("The view is saved. You find it above the list."))


@branch_view(Permission.VIEW_MEMBERS, methods=("POST",))
def saved_view_delete(request: BranchRequest, pk: int) -> HttpResponse:
    """Forget one of one's own views; an officer forgets a shared one for everybody."""
    view = _kept(request, pk)
    delete_view(view, by=request.user)
    messages.success(request, _("The view is deleted."))
    return redirect(_list(request))


@branch_view(Permission.VIEW_MEMBERS, methods=("POST",))
def saved_view_rename(request: BranchRequest, pk: int) -> HttpResponse:
    """Call one otherwise; it shows what it showed."""
    view = _kept(request, pk)
    form = SavedViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the view a name of 40 letters at most."))
    else:
        try:
            rename_view(view, name=form.cleaned_data["name"], by=request.user)
        except NameTaken:
            messages.error(request, _("There is a view of that name already."))
        else:
            messages.success(request, _("The view has a new name."))
    return redirect(f"{_list(request)}?{urlencode(understood(view.params, tree_of(request.branch)))}")


def _kept(request: BranchRequest, pk: int) -> SavedView:
    officer = Permission.EDIT_MEMBERS in request.access
    return get_object_or_404(request.branch.saved_views.kept_by(request.user, officer=officer), pk=pk)


def _list(request: BranchRequest) -> str:
    return reverse("membership:member_list", args=[request.branch.slug])
