"""Who must have a second factor, and who has one.

This app knows no roles: apps above register who holds rights that ask for it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.cache import cache

from accounts.models import User

Needs = Callable[[User, date], bool]
_needs: list[Needs] = []

# A code is taken for a minute and a half (the one before, this one and the next), and so remembered for longer.
_REMEMBER_SECONDS = 180


def register(needs: Needs) -> None:
    """Tell how it is known that a user must have a second factor on a day."""
    _needs.append(needs)


def is_set_up(user: User) -> bool:
    """Whether signing in asks for a code from an app: one query."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists())


def is_missing(user: User, *, on: date) -> bool:
    """Whether the user holds a right that asks for a second factor, and has none."""
    return not is_set_up(user) and any(needs(user, on) for needs in _needs)


def recovery_codes_of(user: User) -> RecoveryCodes | None:
    """The codes that open where the app is lost; None where there are none."""
    kept = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).first()
    return kept.wrap() if kept else None


def codes_left(user: User) -> int:
    """How many recovery codes are not used; 0 where there are none."""
    codes = recovery_codes_of(user)
    return len(codes.get_unused_codes()) if codes else 0


def use_up(user: User, code: str) -> bool:
    """Take a code out of use; False where it has been used. allauth forgets a code before it has run out."""
    digits = "".join(letter for letter in code if letter.isalnum())
    return bool(cache.add(f"second-factor-used:{user.pk}:{digits}", 1, timeout=_REMEMBER_SECONDS))
