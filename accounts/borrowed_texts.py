"""Texts of Django that have no bokmål there. Named here, so that our catalogue carries them; nothing reads this."""

from django.utils.translation import ngettext_lazy

PASSWORD_TOO_SHORT = ngettext_lazy(
    "This password is too short. It must contain at least %d character.",
    "This password is too short. It must contain at least %d characters.",
)
