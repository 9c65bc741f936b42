"""The demo app."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "demo"

    def ready(self) -> None:
        """Tell the clock where the demo's day is."""
        from common import clock
        from demo.day import stored_day

        clock.register_demo_day(stored_day)
