"""What allauth asks of the house: where its mail goes, what it says, and what is written in the log."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from typing import Any, ClassVar

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from messaging.actions import outbox as actions
from messaging.enums import Purpose

_UNKNOWN_ACCOUNT = "account/email/unknown_account"
_LOGIN_CODE = "account/email/login_code"
_SECRETS = frozenset({_LOGIN_CODE, "account/email/password_reset_key"})
# allauth tells these changes by mail; the same moment is the log's.
_TOLD = {
    "mfa/email/totp_activated": Verb.SECOND_FACTOR_ADDED,
    "mfa/email/totp_deactivated": Verb.SECOND_FACTOR_REMOVED,
    "mfa/email/recovery_codes_generated": Verb.RECOVERY_CODES_MADE,
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Closed sign-up, mail through the outbox, links by PUBLIC_URL, a line in the log for each coming and going."""

    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("Your access has ended."),
        "email_password_mismatch": _("The email or the password is wrong. Try again, or get a code by email."),
        "enter_current_password": _("That is not your current password. Try again."),
        "incorrect_code": _("The code is wrong, or it has been used. Try again."),
        "incorrect_password": _("The password is wrong. Try again."),
        "invalid_password_reset": _("The link has been used or is too old. Ask for a new one."),
        "rate_limited": _("That was too many tries. Wait a few minutes, and try again."),
        "too_many_login_attempts": _("That was too many tries. Wait a few minutes, and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody: users are invited."""
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Pages only: no answers in JSON beside them."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Where sign-in may lead on: a path of our own, never another host, whatever the headers say."""
        return bool(url) and url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The address in the mail, by PUBLIC_URL: the Host header is anybody's to write."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.PUBLIC_URL + path.replace("UID-KEY", key)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to one's own page."""
        return reverse("membership:me")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox. Nothing goes to an address without a user, but the work done is the same."""
        decoy = template_prefix == _UNKNOWN_ACCOUNT
        prefix = _LOGIN_CODE if decoy else template_prefix
        shown = {"email": email, "code": "", "password_reset_url": ""} | context
        subject = " ".join(render_to_string(f"{prefix}_subject.txt", shown).split())
        body = render_to_string(f"{prefix}_message.txt", shown).strip() + "\n"
        if decoy:
            actions.queue_decoy(subject=subject, body=body, now=timezone.now())
            return
        purpose = Purpose.SIGN_IN if template_prefix in _SECRETS else Purpose.NOTICE
        actions.queue_email(
            key=f"{template_prefix}:{uuid.uuid4()}",
            purpose=purpose,
            address=email,
            subject=subject,
            body=body,
            now=timezone.now(),
        )

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell a user what was changed, at the address they sign in with."""
        if verb := _TOLD.get(template_prefix):
            record(verb, by=user, subject=user)
        if user.email:
            self.send_mail(template_prefix, user.email, context or {})

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether the password is the user's own; throttled as sign-in is."""
        found = self.authenticate(self.request, email=user.email or "", password=password)
        return found is not None and found.pk == user.pk

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not in the first minutes after signing in: the password has just been given."""
        if not super().is_reauthentication_required(app=app, **kwargs):
            return False
        since = time.time() - timedelta(seconds=app_settings.REAUTHENTICATION_TIMEOUT).total_seconds()
        return not any(entry["at"] >= since for entry in get_authentication_records(self.request, self.request.user))

    def set_password(self, user: User, password: str) -> None:
        """Set it, forget the failed tries, and write it in the log."""
        super().set_password(user, password)
        self._delete_login_attempts_cached_email(self.request, email=user.email or "")
        record(Verb.PASSWORD_CHANGED, by=user, subject=user)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Signed in by every step that was asked."""
        methods = "+".join(entry["method"] for entry in get_authentication_records(request, user))
        record(Verb.SIGNED_IN, by=user, method=methods)
        answer: HttpResponse = super().post_login(request, user, **kwargs)
        return answer

    def logout(self, request: HttpRequest) -> None:
        """Signed out."""
        record(Verb.SIGNED_OUT, by=request.user if isinstance(request.user, User) else None)
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A wrong password, or an address nobody has; the log knows neither."""
        record(Verb.SIGN_IN_FAILED, by=None, method="password")
