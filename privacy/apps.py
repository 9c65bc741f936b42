"""The privacy app."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "privacy"

    def ready(self) -> None:
        """Add to the register what leaving, erasing and rights have for it."""
        from privacy import extensions, tasks  # noqa: F401
        from privacy import unpaid_jobs as _jobs  # noqa: F401

        extensions.register()
