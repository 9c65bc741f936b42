"""The common app."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "common"
