"""The overview app."""

from django.apps import AppConfig


class OverviewConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "overview"
