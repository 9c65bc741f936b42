"""The calling app."""

from django.apps import AppConfig


class CallingConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "calling"

    def ready(self) -> None:
        """Register what goes to a successor, and tell the register's timeline of calls."""
        from calling import handovers
        from calling.timeline import events_of
        from membership.extensions import TimelineSource, registry
        from membership.roles import Permission

        handovers.register()
        registry.timeline.append(TimelineSource(Permission.VIEW_MEMBERS, events_of))
