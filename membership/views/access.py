"""Access: who holds which role where; giving it, ending it, giving it again."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from membership.access import BranchRequest, branch_view
from membership.access_forms import EndForm, GiveForm
from membership.access_list import access_page, asked_of, grants_under
from membership.actions.grants import (
    CallerNeedsEnd,
    EndPassed,
    GivenToOneself,
    LastKey,
    RoleElsewhere,
    end_by_hand,
    give_again,
    set_end,
)
from membership.actions.users import Invitation, NameMissing, UserInactive, invite_again, let_in
from membership.models import Grant
from membership.roles import Permission, Role


@branch_view(Permission.MANAGE_ACCESS)
def access_list(request: BranchRequest) -> HttpResponse:
    """Who has access now, or had."""
    asked = asked_of(request)
    page = access_page(request, asked)
    record(Verb.ACCESS_LISTED, by=request.user, branch_id=request.branch.pk, count=page.total.count)
    query = urlencode(asked.params)
    return _render(
        request,
        "access_list",
        {"listing": page, "asked": asked, "query": f"{query}&" if query else "", "roles": Role.choices},
    )


@branch_view(Permission.MANAGE_ACCESS, methods=("GET", "POST"))
def access_give(request: BranchRequest) -> HttpResponse:
    """Let somebody in, by email; `?vikar=` makes them somebody's substitute."""
    branches = list(request.branch.subtree.in_force(request.today).in_order())
    form = GiveForm(request.POST or None, branches=branches, stands_in_for=_stood_in_for(request), today=request.today)
    if request.method == "POST" and form.is_valid():
        try:
            made = let_in(form.cleaned_data["email"], **form.chosen, by=request.user, today=request.today)
        except (GivenToOneself, RoleElsewhere, NameMissing, UserInactive) as refused:
            form.add_error("name" if isinstance(refused, NameMissing) else "email", _why(refused))
        else:
            _tell(request, made)
            return redirect(_list(request))
    status = 422 if form.errors else 200
    return _render(request, "access_give", {"form": form, "substitute": form.stands_in_for}, status)


def _stood_in_for(request: BranchRequest) -> Grant | None:
    """The grant in the address, where one was named: in this tree and in force."""
    asked = request.GET.get("vikar")
    if asked is None:
        return None
    pk = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    grants = grants_under(request).in_force(request.today).exclude(role=Role.CALLER)
    return get_object_or_404(grants.select_related("user", "branch"), pk=pk)


@branch_view(Permission.MANAGE_ACCESS, methods=("GET", "POST"))
def access_detail(request: BranchRequest, pk: int) -> HttpResponse:
    """One grant: when it ends, and what to do about it."""
    grants = grants_under(request).select_related("user", "branch", "granted_by", "stands_in_for")
    grant = get_object_or_404(grants, pk=pk)
    if request.method != "POST":
        record(Verb.ACCESS_LISTED, by=request.user, branch_id=grant.branch_id, subject=grant)
        return _detail(request, grant, EndForm(grant=grant, today=request.today))
    if "invite" in request.POST:
        return _invite(request, grant)
    if "end" in request.POST:
        return _end(request, grant)
    form = EndForm(request.POST, grant=grant, today=request.today)
    if not form.is_valid():
        return _detail(request, grant, form)
    try:
        text = _set(request, grant, form)
    except (CallerNeedsEnd, EndPassed, GivenToOneself, LastKey, RoleElsewhere) as refused:
        form.add_error("ends_on", _why(refused))
        return _detail(request, grant, form)
    messages.success(request, text)
    return redirect(_list(request))


def _set(request: BranchRequest, grant: Grant, form: EndForm) -> str:
    """A new last day; or the same access again, where it has ended."""
    ends_on = form.cleaned_data["ends_on"]
    if "again" in request.POST:
        give_again(grant, ends_on=ends_on, by=request.user, today=request.today)
        return _("The access is given again.")
    if not set_end(grant, ends_on=ends_on, by=request.user, today=request.today):
        return _("The access has ended meanwhile. Nothing was changed.")
    return _("The last day is saved.")


def _end(request: BranchRequest, grant: Grant) -> HttpResponse:
    """At once, with a way back."""
    try:
        end_by_hand(grant, by=request.user, on=request.today)
    except LastKey as refused:
        messages.error(request, _why(refused))
        return redirect(request.path)
    messages.success(request, _("The access has ended. It can be given again here."))
    return redirect(request.path)


def _invite(request: BranchRequest, grant: Grant) -> HttpResponse:
    sent = invite_again(grant.user, branch=grant.branch, by=request.user)
    text = _("A new invitation is on its way.") if sent else _("They have a password already, and need no invitation.")
    messages.success(request, text)
    return redirect(request.path)


def _detail(request: BranchRequest, grant: Grant, form: EndForm) -> HttpResponse:
    context = {
        "form": form,
        "grant": grant,
        "has_ended": bool(grant.ends_on and grant.ends_on <= request.today),
        "is_caller": grant.role == Role.CALLER,
        "needs_invitation": grant.user.is_active and not grant.user.has_usable_password(),
        "is_me": grant.user_id == request.user.pk,
    }
    return _render(request, "access_detail", context, 422 if form.errors else 200)


def _why(refused: Exception) -> str:
    """What to do about it, in plain words."""
    return {
        CallerNeedsEnd: _("A caller's or a substitute's access always ends. Write the last day."),
        EndPassed: _("Write a day that has not passed."),
        GivenToOneself: _("Nobody gives access to themselves. Ask another who gives access."),
        LastKey: _("Then you could not give access any more. Let somebody else end yours."),
        NameMissing: _("This one is new here. Write the name too."),
        RoleElsewhere: _("This role is not given there. Choose another role, or another place."),
        UserInactive: _("This user has been shut out. Ask the one who runs Medlemsboka."),
    }[type(refused)]


def _tell(request: BranchRequest, made: Invitation) -> None:
    if made.link:
        text = _("The access is given. An invitation with a link is sent by email, and holds for seven days.")
    elif made.granted:
        text = _("The access is given. They sign in with the password they have.")
    else:
        text = _("They had this access already. Nothing was changed.")
    messages.success(request, text)


def _list(request: BranchRequest) -> str:
    return reverse("membership:access_list", args=[request.branch.slug])


def _render(request: BranchRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    shown = {"page": "hvem", "tab": "tilgang", **context}
    return render(request, f"membership/{name}.html", shown, status=status)
