"""The calling app."""

from django.apps import AppConfig


class CallingConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "calling"

    def ready(self) -> None:
        """Register what goes to a successor."""
        from calling import handovers

        handovers.register()
