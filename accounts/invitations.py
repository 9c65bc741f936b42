"""Links that let a new user choose a password: signed, for one use, for seven days."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User
from common.policy import keep

_SALT: Final = "accounts.invitation"


def link_for(user: User) -> str:
    """The address to send to the new user, by PUBLIC_URL. It stops working once a password is set."""
    token = signing.dumps([user.pk, _state(user)], salt=_SALT)
    return settings.PUBLIC_URL + reverse("account_invitation", args=[token])


def invited(token: str) -> User | None:
    """Whom a link is for; None for one that is forged, too old or used, or whose user may not come in any more."""
    try:
        content: Any = signing.loads(token, salt=_SALT, max_age=keep("text_invitation"))
    except signing.BadSignature:
        return None
    user_id, state = content
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user if user and constant_time_compare(state, _state(user)) else None


def _state(user: User) -> str:
    """Changes when the password or the address does; says nothing about either."""
    return salted_hmac(_SALT, f"{user.password} {user.email}", algorithm="sha256").hexdigest()[:32]
