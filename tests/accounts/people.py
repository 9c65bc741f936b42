"""Ways in that several tests share: sign in by each path, read the mail, know the app's code."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client
from django.urls import reverse

from accounts.models import User
from messaging.models import Delivery

PASSWORD = "medlemsboka"


def with_password(client: Client, user: User, password: str = PASSWORD, **more: Any) -> Any:
    """Post the sign-in form."""
    return client.post(reverse("account_login"), {"login": user.email, "password": password, **more})


def ask_for_code(client: Client, address: str, **more: Any) -> Any:
    """Press “Send meg en kode”."""
    return client.post(reverse("account_request_login_code"), {"login": address, **more})


def mailed_code(address: str) -> str:
    """The six digits of the newest code sent to an address."""
    letter = Delivery.objects.filter(address=address, key__startswith="account/email/login_code").latest("created_at")
    found = re.search(r"^(\d{6})$", letter.body, re.MULTILINE)
    assert found
    return found[1]


def with_code(client: Client, user: User, **more: Any) -> Any:
    """Ask for a code by email, and write it."""
    assert user.email
    ask_for_code(client, user.email, **more)
    return client.post(reverse("account_confirm_login_code"), {"code": mailed_code(user.email)})


def set_up_app(user: User) -> str:
    """Give a user a second factor; the secret the app holds."""
    secret = str(generate_totp_secret())
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def app_code(secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes from now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def is_signed_in(client: Client) -> bool:
    """Whether one's own page opens."""
    return bool(client.get(reverse("membership:me")).status_code == 200)


def reset_link(client: Client, address: str, **headers: Any) -> str:
    """Ask for a link; what the mail says."""
    client.post(reverse("account_reset_password"), {"email": address}, **headers)
    letter = Delivery.objects.filter(address=address, key__contains="password_reset_key").latest("created_at")
    found = re.search(r"https?://\S+", letter.body)
    assert found
    return found[0]


def choose(client: Client, link: str, password: str, again: str | None = None) -> Any:
    """Open the link and fill the form it leads to."""
    step = client.get(urlsplit(link).path, follow=True)
    return client.post(step.request["PATH_INFO"], {"password1": password, "password2": again or password})
