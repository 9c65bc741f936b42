"""The dues app."""

from django.apps import AppConfig


class DuesConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "dues"
