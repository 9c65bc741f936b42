"""Texts of Django and allauth that have no bokmål there, or stiffer words than ours: our catalogue carries them."""

from django.utils.translation import gettext_lazy, ngettext_lazy

PASSWORD_TOO_SHORT = ngettext_lazy(
    "This password is too short. It must contain at least %d character.",
    "This password is too short. It must contain at least %d characters.",
)
USE_SECOND_FACTOR = gettext_lazy("Use authenticator app or code")
