"""Handing over after the annual meeting: first what would go, then one button."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from common import clock
from membership.access import BranchRequest, branch_view
from membership.access_forms import HandoverForm
from membership.actions.grants import GivenToOneself
from membership.actions.handovers import (
    HandedToOneself,
    NothingToHandOver,
    check_successor,
    grants_to_hand,
    hand_over,
    views_of,
    work_to_hand,
)
from membership.actions.users import NameMissing, UserInactive
from membership.models import Grant
from membership.roles import Permission, Role

REFUSALS: Final = (GivenToOneself, HandedToOneself, NameMissing, NothingToHandOver, UserInactive)


@branch_view(Permission.MANAGE_ACCESS, methods=("GET", "POST"))
def handover(request: BranchRequest) -> HttpResponse:
    """Who leaves and who comes; what goes along; done."""
    form = HandoverForm(request.POST or None, holders=_holders(request), old=request.GET.get("fra", ""))
    if request.method != "POST" or not form.is_valid():
        return _page(request, form)
    old = form.users[form.cleaned_data["old"]]
    if "confirm" not in request.POST:
        return _page(request, form, preview=_preview(request, old, form))
    try:
        done = hand_over(
            old,
            branch=request.branch,
            email=form.cleaned_data["email"],
            name=form.cleaned_data["name"],
            with_views=form.cleaned_data["with_views"],
            by=request.user,
            today=request.today,
            now=clock.now(),
        )
    except REFUSALS as refused:
        form.add_error(*_why(refused))
        return _page(request, form)
    text = _("It is handed over. The old access has ended.")
    if done.invited:
        text = _("It is handed over. The old access has ended, and the successor gets an invitation by email.")
    messages.success(request, text)
    # Whoever handed over their own has no access to the list any more.
    if old.pk == request.user.pk:
        return redirect("home")
    return redirect(reverse("membership:access_list", args=[request.branch.slug]))


def _holders(request: BranchRequest) -> list[Grant]:
    """Those who hold an office in this very branch."""
    grants = request.branch.grants.filter(user__is_active=True).exclude(role=Role.CALLER)
    in_force = grants.exclude(ends_on__lte=request.today).filter(starts_on__lte=request.today)
    return sorted(in_force.select_related("user").order_by("id"), key=lambda grant: grant.user.name)


def _preview(request: BranchRequest, old: User, form: HandoverForm) -> dict[str, Any] | None:
    """What would go; None where the successor is not one who can take over, which the form then says."""
    data = form.cleaned_data
    email = data["email"].strip().lower()
    try:
        check_successor(email, name=data["name"], old=old, by=request.user)
    except REFUSALS as refused:
        form.add_error(*_why(refused))
        return None
    views = views_of(old, request.branch)
    return {
        "old": old,
        "email": email,
        "grants": grants_to_hand(old, request.branch, request.today),
        "work": [kind.label(count) for kind, count in work_to_hand(old, request.branch)],
        "views": len(views) if data["with_views"] else len([view for view in views if view.is_shared]),
    }


def _why(refused: Exception) -> tuple[str, str]:
    return {
        GivenToOneself: ("email", _("Nobody gives access to themselves. Ask another who gives access.")),
        HandedToOneself: ("email", _("The successor is another than the one who hands over.")),
        NameMissing: ("name", _("This one is new here. Write the name too.")),
        NothingToHandOver: ("old", _("This one holds no office here any more. Perhaps somebody has handed it over.")),
        UserInactive: ("email", _("This user has been shut out. Ask the one who runs Medlemsboka.")),
    }[type(refused)]


def _page(request: BranchRequest, form: HandoverForm, *, preview: dict[str, Any] | None = None) -> HttpResponse:
    context = {"page": "hvem", "tab": "tilgang", "form": form, "preview": preview}
    return render(request, "membership/handover.html", context, status=422 if form.errors else 200)
