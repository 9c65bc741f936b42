"""The dues app."""

from django.apps import AppConfig


class DuesConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "dues"

    def ready(self) -> None:
        """Add to the register what dues has for it."""
        from dues import extensions, jobs, messaging, tasks  # noqa: F401

        extensions.register()
        messaging.register()
