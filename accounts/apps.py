"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "accounts"
