"""The messaging app."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "messaging"

    def ready(self) -> None:
        """Register the tasks in web processes too: actions reach them by name. Invitations go by email."""
        from membership.extensions import registry
        from messaging import tasks  # noqa: F401
        from messaging.invitations import send_invitation

        registry.invitations.append(send_invitation)
