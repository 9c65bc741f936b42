"""The account pages that are not allauth's: invitations, recovery codes, and where a closed door leads."""

from __future__ import annotations

from typing import cast

from allauth.account.adapter import get_adapter
from allauth.mfa.recovery_codes.internal import flows as recovery
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods
from django.views.defaults import page_not_found

from accounts import second_factor
from accounts.forms import SetPasswordForm
from accounts.invitations import invited
from accounts.models import User


@require_GET
def signup_closed(request: HttpRequest) -> HttpResponse:
    """Nobody signs up by themselves; the page says who gives access."""
    return render(request, "account/signup_closed.html")


@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Choose the first password. A GET spends nothing: mail scanners open links."""
    user = invited(token)
    if user is None:
        return render(request, "accounts/invitation_invalid.html", status=404)
    form = SetPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        if request.user.is_authenticated:
            get_adapter().logout(request)
        form.save()
        messages.success(request, _("Your password is saved. Sign in with it."))
        return redirect("account_login")
    return render(request, "accounts/invitation.html", {"form": form, "invited": user})


@require_GET
def second_factor_index(request: HttpRequest) -> HttpResponse:
    """allauth comes here when a second factor was removed; it stands on one's own page."""
    return redirect("membership:me")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """How many codes are left. A POST shows codes, once: no GET ever shows one, or changes anything."""
    user = cast("User", request.user)
    if not second_factor.is_set_up(user):
        raise Http404
    kept = second_factor.recovery_codes_of(user)
    unseen = kept is not None and not kept.did_view
    context = {"codes": [], "unseen": unseen, "left": second_factor.codes_left(user)}
    if request.method == "POST":
        if not unseen:
            recovery.generate_recovery_codes(request)
        fresh, _can_view = recovery.view_recovery_codes(request)
        context["codes"] = fresh.get_unused_codes()
    return render(request, "mfa/recovery_codes/index.html", context)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What is not yours is not there: 404, never 403."""
    return page_not_found(request, exception)
