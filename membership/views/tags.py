"""The county's groups: everybody sees them, the county keeps them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import clock
from membership.access import BranchRequest, branch_view
from membership.actions import tags as actions
from membership.forms import TagForm
from membership.models import Tag
from membership.more_filters import LOOKED_AT
from membership.roles import Permission
from membership.tree import tree_of


@branch_view(Permission.VIEW_MEMBERS)
def tags(request: BranchRequest) -> HttpResponse:
    """All groups, with how many of one's own members are in each."""
    return _page(request, TagForm())


@branch_view(Permission.EDIT_MEMBERS, methods=("POST",))
def tag_create(request: BranchRequest) -> HttpResponse:
    """Make one: the county alone."""
    if not request.branch.is_county:
        return _not_here(request)
    form = TagForm(request.POST)
    if form.is_valid():
        try:
            tag = actions.create_tag(request.branch, name=form.cleaned_data["name"], by=request.user)
        except actions.NameTaken:
            form.add_error("name", _("There is a group of that name already."))
        except actions.TooManyTags:
            form.add_error("name", _("There is room for 100 groups. Remove one first."))
        else:
            messages.success(request, _("The group %(name)s is made. Put members in it from the list.") % {"name": tag})
            return redirect("membership:tags", request.branch.slug)
    return _page(request, form)


@branch_view(Permission.EDIT_MEMBERS, methods=("POST",))
def tag_rename(request: BranchRequest, pk: int) -> HttpResponse:
    """Call it otherwise; its members stay."""
    tag = _tag(request, pk)
    if not request.branch.is_county:
        return _not_here(request)
    form = TagForm(request.POST)
    try:
        if not form.is_valid():
            messages.error(request, _("Give the group a name of 60 letters at most."))
        else:
            actions.rename_tag(tag, name=form.cleaned_data["name"], by=request.user)
            messages.success(request, _("The group has a new name."))
    except actions.NameTaken:
        messages.error(request, _("There is a group of that name already."))
    return redirect("membership:tags", request.branch.slug)


@branch_view(Permission.EDIT_MEMBERS, methods=("POST",))
def tag_remove(request: BranchRequest, pk: int) -> HttpResponse:
    """Take everybody out of it, and remove it. The page has said how many they are."""
    tag = _tag(request, pk)
    if not request.branch.is_county:
        return _not_here(request)
    try:
        count = actions.remove_tag(tag, by=request.user, now=clock.now(), today=request.today)
    except actions.StillInUse:
        messages.error(request, _("Very many are in it. Take them out from the list first; that can be undone."))
    else:
        text = ngettext(
            "The group is removed. %(n)s member was in it.", "The group is removed. %(n)s members were in it.", count
        )
        messages.success(request, text % {"n": count})
    return redirect("membership:tags", request.branch.slug)


def _tag(request: BranchRequest, pk: int) -> Tag:
    return get_object_or_404(actions.tags_of(request.branch), pk=pk)


def _not_here(request: BranchRequest) -> HttpResponse:
    messages.error(request, _("The groups are the county's: its membership officer makes, renames and removes them."))
    return redirect("membership:tags", request.branch.slug)


def _page(request: BranchRequest, form: TagForm) -> HttpResponse:
    counted = tree_of(request.branch).whole.people <= LOOKED_AT
    found = actions.tags_of(request.branch)
    context: dict[str, Any] = {
        "page": "medlemmer",
        "tags": list(found.counted(request.branch) if counted else found),
        "counted": counted,
        "form": form,
        "keeps": request.branch.is_county and Permission.EDIT_MEMBERS in request.access,
    }
    return render(request, "membership/tags.html", context, status=422 if form.errors else 200)
