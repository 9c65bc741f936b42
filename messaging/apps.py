"""The messaging app."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "messaging"

    def ready(self) -> None:
        """Register the tasks in web processes too: actions reach them by name."""
        from messaging import tasks  # noqa: F401
