"""The jobs app."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "jobs"

    def ready(self) -> None:
        """Register the tasks in web processes too: actions reach them by name."""
        from jobs import tasks  # noqa: F401
