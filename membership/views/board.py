"""The board: who holds which post, and who did."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from membership.access import BranchRequest, branch_view
from membership.actions.board import LeaderTaken, add_post, correct_post, elect_board, remove_post
from membership.board import board_of, present
from membership.board_forms import BoardForm, Find, PostForm
from membership.holders import chosen
from membership.models import BoardPost
from membership.roles import Permission


@branch_view(Permission.VIEW_DIRECTORY)
def board(request: BranchRequest) -> HttpResponse:
    """The board now, in a year, or on a day."""
    shown = board_of(request.branch, request.GET, request.today)
    record(Verb.DIRECTORY_OPENED, by=request.user, branch_id=request.branch.pk, count=len(shown.posts))
    return _render(request, "board", {"board": shown})


@branch_view(Permission.EDIT_BRANCH, methods=("GET", "POST"))
def post_add(request: BranchRequest) -> HttpResponse:
    """Enter one post."""
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
        remove_post(post, by=request.user)
        messages.success(request, _("The post is removed."))
        return redirect(_board(request))
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
