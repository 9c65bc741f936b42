"""The messaging app."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "messaging"
