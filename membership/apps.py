"""The membership app."""

from django.apps import AppConfig


class MembershipConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "membership"

    def ready(self) -> None:
        """Register what jobs can be asked to do."""
        from membership.importing import handlers  # noqa: F401
