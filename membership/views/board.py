"""The board: who holds which post, and who did."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from membership.access import BranchRequest, branch_view
from membership.actions.board import (
    HolderMissing,
    LeaderTaken,
    Removed,
    add_post,
    correct_post,
    elect_board,
    put_back,
    remove_post,
)
from membership.board import board_of, present
from membership.board_forms import BoardForm, Find, PostForm
from membership.holders import chosen
from membership.models import BoardPost
from membership.roles import Permission

# Where a session keeps what was removed last: for the undo.
REMOVED: Final = "removed_post"


@branch_view(Permission.VIEW_DIRECTORY)
def board(request: BranchRequest) -> HttpResponse:
    """The board now, in a year, or on a day."""
    shown = board_of(request.branch, request.GET, request.today)
    record(Verb.DIRECTORY_OPENED, by=request.user, branch_id=request.branch.pk, count=len(shown.posts))
    removed = "fjernet" in request.GET and _removed(request) is not None
    return _render(request, "board", {"board": shown, "removed": removed})


@branch_view(Permission.EDIT_BRANCH, methods=("GET", "POST"))
def post_add(request: BranchRequest) -> HttpResponse:
    """Enter one post, or put back the one just removed."""
    if request.method == "POST" and "undo" in request.POST:
        return _put_back(request)
    form = PostForm(request.POST or None, find=_find(request), today=request.today)
    if request.method == "POST" and form.is_valid():
        try:
            add_post(request.branch, **_values(form), by=request.user)
        except LeaderTaken:
            form.add_error("title", _leader())
        else:
            messages.success(request, _("The post is entered."))
            return redirect(_board(request))
    return _render(request, "board_post", {"form": form, "post": None}, form)


@branch_view(Permission.EDIT_BRANCH, methods=("GET", "POST"))
def post_edit(request: BranchRequest, pk: int) -> HttpResponse:
    """Correct one post, say when it ended, or take away what never was."""
    posts: QuerySet[BoardPost] = request.branch.board_posts.select_related("branch", "member", "user")
    post = get_object_or_404(posts, pk=pk)
    if request.method == "POST" and "remove" in request.POST:
        request.session[REMOVED] = remove_post(post, by=request.user)
        return redirect(f"{_board(request)}?fjernet=1")
    form = PostForm(request.POST or None, post=post, find=_find(request), today=request.today)
    if request.method == "POST" and form.is_valid():
        try:
            correct_post(post, **_values(form), by=request.user)
        except LeaderTaken:
            form.add_error("title", _leader())
        else:
            messages.success(request, _("The post is corrected."))
            return redirect(_board(request))
    return _render(request, "board_post", {"form": form, "post": post}, form)


@branch_view(Permission.EDIT_BRANCH, methods=("GET", "POST"))
def board_new(request: BranchRequest) -> HttpResponse:
    """The board after an annual meeting, in one form."""
    posts = present(request.branch, request.today)
    form = BoardForm(request.POST or None, posts=posts, find=_find(request), today=request.today)
    if request.method == "POST" and form.is_valid():
        try:
            elect_board(
                request.branch,
                on=form.cleaned_data["on"],
                leaving=form.leaving,
                joining=form.joining,
                by=request.user,
            )
        except LeaderTaken:
            form.add_error(None, _leader())
        else:
            messages.success(request, _("The new board is saved. Those who stepped down are in the history."))
            return redirect(_board(request))
    return _render(request, "board_new", {"form": form}, form)


def _removed(request: BranchRequest) -> Removed | None:
    """What was last removed in this session, if it was here."""
    removed: Removed | None = request.session.get(REMOVED)
    return removed if removed and removed["branch"] == request.branch.pk else None


def _put_back(request: BranchRequest) -> HttpResponse:
    removed = _removed(request)
    try:
        if removed:
            put_back(request.branch, removed, by=request.user)
    except (HolderMissing, LeaderTaken):
        messages.error(request, _("The post could not be put back: somebody else holds it now."))
    else:
        messages.success(request, _("The post is put back.") if removed else _("There was nothing to put back."))
    request.session.pop(REMOVED, None)
    return redirect(_board(request))


def _find(request: BranchRequest) -> Find:
    return lambda text, pick: chosen(text, pick, request)


def _leader() -> str:
    return _("The branch has a leader in that time. Say first when that one stepped down.")


def _values(form: PostForm) -> dict[str, Any]:
    data = form.cleaned_data
    return {
        "title": data["title"],
        "holder": form.holders["who"],
        "starts_on": data["starts_on"],
        "ends_on": data["ends_on"],
    }


def _board(request: BranchRequest) -> str:
    return reverse("membership:board", args=[request.branch.slug])


def _render(
    request: BranchRequest, name: str, context: dict[str, Any], form: PostForm | BoardForm | None = None
) -> HttpResponse:
    status = 422 if form is not None and form.errors else 200
    shown = {"page": "hvem", "tab": "styret", **context}
    return render(request, f"membership/{name}.html", shown, status=status)
