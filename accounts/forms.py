"""allauth's forms with our words, our look, and what they leave to us: “remember me”, used codes, the log."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import second_factor
from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User

EMAIL = _("Email")
PASSWORD = _("Password")
NEW_PASSWORD = _("New password")
NEW_PASSWORD_AGAIN = _("New password once more")
PASSWORD_HELP = _("At least ten characters. A sentence is easy to remember; a common password is refused.")
FILL_IN = _("Fill this in.")
WHOLE_ADDRESS = _("Write the whole address, for example name@example.no.")
REMEMBER = _("Remember me on this device for 30 days")


def dress(form: forms.BaseForm, **labels: Any) -> None:
    """Our classes, our labels, no placeholders; help under a label only where we have some."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        field.widget.attrs["class"] = "ds-input"
        field.label = labels.get(name, field.label)
        field.help_text = PASSWORD_HELP if name == "password1" else ""
        field.error_messages = field.error_messages | {"required": FILL_IN}
    if "email" in form.fields:
        _say_whole_address(form.fields["email"])


def _say_whole_address(field: forms.Field) -> None:
    field.widget.attrs |= {"inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
    field.error_messages = field.error_messages | {"required": WHOLE_ADDRESS, "invalid": WHOLE_ADDRESS}


def _digits_only(form: forms.BaseForm, label: Any) -> None:
    dress(form, code=label)
    form.fields["code"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}


class LoginForm(account.LoginForm):  # type: ignore[misc]  # allauth has no types
    """Email, password, “remember me”."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, login=EMAIL, password=PASSWORD, remember=REMEMBER)
        _say_whole_address(self.fields["login"])
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].error_messages["required"] = _("Write your password, or get a code by email.")


class RequestLoginCodeForm(account.RequestLoginCodeForm):  # type: ignore[misc]
    """Email and “remember me”; its field is named as on the page of email and password, which posts here too."""

    remember = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, email=EMAIL, remember=REMEMBER)

    def add_prefix(self, field_name: str) -> str:
        """`login` for the address."""
        return "login" if field_name == "email" else str(super().add_prefix(field_name))

    def clean(self) -> dict[str, Any]:
        """Remember the choice: it is needed when the code has been typed, on the next page."""
        cleaned: dict[str, Any] = super().clean()
        context.request.session.set_expiry(settings.SESSION_COOKIE_AGE if cleaned.get("remember") else 0)
        return cleaned


class ConfirmLoginCodeForm(account.ConfirmLoginCodeForm):  # type: ignore[misc]
    """Six digits from an email."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _digits_only(self, _("Code of six digits"))

    def clean_code(self) -> str:
        """The right code, or a line in the log."""
        try:
            return str(super().clean_code())
        except ValidationError:
            record(Verb.SIGN_IN_FAILED, by=None, method="code")
            raise


class ChangePasswordForm(account.ChangePasswordForm):  # type: ignore[misc]
    """The old one, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, oldpassword=_("Current password"), password1=NEW_PASSWORD, password2=NEW_PASSWORD_AGAIN)


class SetPasswordForm(account.SetPasswordForm):  # type: ignore[misc]
    """For who has signed in by code and has no password; and for who follows an invitation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, password1=NEW_PASSWORD, password2=NEW_PASSWORD_AGAIN)


class ResetPasswordForm(account.ResetPasswordForm):  # type: ignore[misc]
    """The address that gets a link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, email=EMAIL)


class ResetPasswordKeyForm(account.ResetPasswordKeyForm):  # type: ignore[misc]
    """What the link leads to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, password1=NEW_PASSWORD, password2=NEW_PASSWORD_AGAIN)


class ReauthenticateForm(account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, password=PASSWORD)


def _take(user: User, code: str) -> str:
    if not second_factor.use_up(user, code):
        record(Verb.SIGN_IN_FAILED, by=None, subject=user, method="second_factor")
        raise get_adapter().validation_error("incorrect_code")
    return code


class SecondFactorForm(mfa.AuthenticateForm):  # type: ignore[misc]
    """A code from the app, or a recovery code; each works once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _digits_only(self, _("Code"))

    def clean_code(self) -> str:
        """The right code, or a line in the log that says whose password was given."""
        try:
            code = str(super().clean_code())
        except ValidationError:
            record(Verb.SIGN_IN_FAILED, by=None, subject=self.user, method="second_factor")
            raise
        return _take(self.user, code)


class SecondFactorAgainForm(mfa.ReauthenticateForm):  # type: ignore[misc]
    """The same, for who is signed in and about to change something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _digits_only(self, _("Code"))

    def clean_code(self) -> str:
        """The right code, not used before."""
        return _take(self.user, str(super().clean_code()))


class ActivateTOTPForm(totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code from the app: shows that the app has got the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _digits_only(self, _("Code from the app"))
        # The picture to scan stands above the field: the page must not begin below it.
        del self.fields["code"].widget.attrs["autofocus"]

    @property
    def secret_groups(self) -> list[str]:
        """The key in fours, as it is easiest to copy by hand."""
        secret = str(self.secret)
        return [secret[start : start + 4] for start in range(0, len(secret), 4)]

    def clean_code(self) -> str:
        """The right code; it opens nothing else afterwards."""
        return _take(self.user, str(super().clean_code()))
