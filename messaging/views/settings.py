"""How a branch writes: sender, budget; for the county limits, hours and price."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from messaging.actions.settings import SettingsChanged, change_settings, own_settings, state_of
from messaging.approvers import substitutes_for
from messaging.models import MessagingSettings
from messaging.settings_forms import SettingsForm


@branch_view(Permission.EDIT_BRANCH, methods=("GET", "POST"))
def messaging_settings(request: BranchRequest) -> HttpResponse:
    """See and change them; of two at the same time the second is told."""
    row = own_settings(request.branch)
    if request.method != "POST":
        return _page(request, _form(request, row))
    form = _form(request, row, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        changed = change_settings(request.branch, values=form.values(), seen=form.cleaned_data["seen"], by=request.user)
    except SettingsChanged as met:
        return _page(request, _told(request, met.now), status=422)
    messages.success(request, _("The settings are saved.") if changed else _("Nothing was changed."))
    return redirect(request.path)


def _form(request: BranchRequest, row: MessagingSettings, data: Any = None) -> SettingsForm:
    return SettingsForm(
        data,
        row=row,
        seen=state_of(row),
        is_county=request.branch.is_county,
        approvers=substitutes_for(request.branch, on=request.today, present=row.substitute_id),
    )


def _told(request: BranchRequest, now: MessagingSettings) -> SettingsForm:
    """What was typed stays; once more saves it over what the other wrote."""
    data = request.POST.copy()
    data["seen"] = state_of(now)
    form = _form(request, now, data)
    form.is_valid()
    form.add_error(None, _("Somebody else changed the settings meanwhile. Look them over, and save again."))
    return form


def _page(request: BranchRequest, form: SettingsForm, *, status: int = 200) -> HttpResponse:
    context = {"page": "meldinger", "form": form}
    return render(request, "messaging/settings.html", context, status=status)
