"""The membership app."""

from django.apps import AppConfig


class MembershipConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "membership"

    def ready(self) -> None:
        """Register what jobs can be asked to do, and who needs a second factor."""
        from accounts import second_factor
        from membership.access import opens_register
        from membership.importing import handlers  # noqa: F401

        second_factor.register(opens_register)
