"""The membership app."""

from django.apps import AppConfig


class MembershipConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "membership"
