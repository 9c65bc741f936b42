"""Guards for views: who may open what, and nothing about what they may not."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.middleware import HtmxDetails

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common import clock
from membership.models import Branch, Grant
from membership.roles import OPENS_REGISTER, Permission, permissions_of

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Access:
    """What one user may do in one branch, and under which roles."""

    permissions: frozenset[Permission]
    roles: frozenset[str]

    def __contains__(self, permission: object) -> bool:
        return permission in self.permissions


class BranchRequest(HttpRequest):
    """A request that `@branch_view` has let through."""

    user: User
    branch: Branch
    access: Access
    today: date
    htmx: HtmxDetails


View = Callable[Concatenate[BranchRequest, P], HttpResponseBase]


def access_of(user: User, branch: Branch, *, on: date) -> Access:
    """The user's rights in a branch on a day: one query."""
    roles = frozenset(Grant.objects.in_force(on).reaching(branch).filter(user=user).values_list("role", flat=True))
    return Access(frozenset().union(*(permissions_of(role) for role in roles)), roles)


def may(user: User, permission: Permission, branch: Branch, *, on: date) -> bool:
    """For commands and tasks, which have no request."""
    return user.is_active and permission in access_of(user, branch, on=on)


def opens_register(user: User, on: date) -> bool:
    """Whether the user holds a right anywhere that asks for a second factor."""
    roles = Grant.objects.in_force(on).filter(user=user).values_list("role", flat=True)
    return any(permissions_of(role) & OPENS_REGISTER for role in roles)


def branches_of(user: User, *, on: date) -> list[Branch]:
    """The branches a user holds a grant on, highest first: where the home page sends them."""
    ids = Grant.objects.in_force(on).filter(user=user).values("branch_id")
    order = {"county": 0, "municipal": 1, "local": 2}
    return sorted(Branch.objects.filter(pk__in=ids), key=lambda branch: (order[branch.kind], branch.sort_key))


def branch_view(
    *any_of: Permission, methods: Iterable[str] = ("GET",)
) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]]:
    """Guard an office page: sets `request.branch`, `.access` and `.today`; 404 without one of the rights.

    The view takes the request and what follows the slug in the URL.
    """

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if moved := _admit(request, slug, any_of):
                return redirect(moved)
            return view(request, *args, **kwargs)  # type: ignore[arg-type]  # _admit has set what BranchRequest adds

        door = login_required(require_http_methods([*methods, "HEAD"] if "GET" in methods else list(methods))(guarded))
        door.guard = any_of  # type: ignore[attr-defined]  # read by tests/test_conventions.py
        return cast("Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]", door)

    return decorate


def house_view(permission: Permission) -> Callable[[Callable[[HttpRequest], HttpResponseBase]], Any]:
    """Guard a page that is no branch's: read by whoever holds the right somewhere; 404 without it."""

    def decorate(view: Callable[[HttpRequest], HttpResponseBase]) -> Any:
        @functools.wraps(view)
        def guarded(request: HttpRequest) -> HttpResponseBase:
            user = cast("User", request.user)
            roles = Grant.objects.in_force(clock.today()).filter(user=user).values_list("role", flat=True)
            if not any(permission in permissions_of(role) for role in roles):
                record(Verb.ACCESS_DENIED, by=user, right=permission.value)
                raise Http404
            return view(request)

        door = login_required(require_safe(guarded))
        door.guard = (permission,)  # type: ignore[attr-defined]  # read by tests/test_conventions.py
        return door

    return decorate


def _admit(request: Any, slug: str, any_of: tuple[Permission, ...]) -> str:
    """Let in, or refuse; where the branch was merged into one that the user may open, the same page there."""
    today = clock.today()
    branch = Branch.objects.filter(slug=slug).first()
    if branch is None:
        raise Http404
    access = access_of(request.user, branch, on=today)
    if not access.permissions.intersection(any_of):
        if request.method in ("GET", "HEAD") and (heir := _heir(branch, request.user, any_of, today)):
            return str(request.path).replace(f"/{slug}/", f"/{heir.slug}/", 1)
        record(Verb.ACCESS_DENIED, by=request.user, branch_id=branch.pk, right=any_of[0].value)
        raise Http404
    request.branch, request.access, request.today = branch, access, today
    return ""


def _heir(branch: Branch, user: User, any_of: tuple[Permission, ...], today: date) -> Branch | None:
    """Of the branches that followed one that has ended, the first in which the user holds one of the rights."""
    if branch.valid_to is None or branch.valid_to > today:
        return None
    rows = branch.successions.select_related("successor").order_by("id")
    return next(
        (row.successor for row in rows if access_of(user, row.successor, on=today).permissions & {*any_of}), None
    )
