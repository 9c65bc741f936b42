"""The county's own rules of leaving and keeping, and who answers for the data."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from common import clock
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from privacy.actions.settings import change_settings
from privacy.rules import rules_of
from privacy.settings_forms import SettingsForm


@branch_view(Permission.MANAGE_PRIVACY, methods=("GET", "POST"))
def settings(request: BranchRequest) -> HttpResponse:
    """See and change them; there are none below the county."""
    if not request.branch.is_county:
        raise Http404
    row = rules_of(request.branch)
    form = SettingsForm(request.POST if request.method == "POST" else None, row=row)
    if form.is_valid():
        changed = change_settings(request.branch, values=form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("The settings are saved.") if changed else _("Nothing was changed."))
        return redirect(request.path)
    context = {"page": "personvern", "form": form, "row": row}
    return render(request, "privacy/settings.html", context, status=422 if form.is_bound else 200)
