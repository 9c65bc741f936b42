"""The messaging app."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "messaging"

    def ready(self) -> None:
        """Register the tasks, in web processes too: actions reach them by name; and what the register gets."""
        from membership.extensions import registry
        from messaging import tasks  # noqa: F401
        from messaging.invitations import send_invitation
        from messaging.merging import MERGER

        registry.invitations.append(send_invitation)
        registry.mergers.append(MERGER)
