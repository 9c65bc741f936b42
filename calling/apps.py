"""The calling app."""

from django.apps import AppConfig


class CallingConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "calling"

    def ready(self) -> None:
        """Register what the calls add: handovers, the timeline, merging of records and of branches, leaving."""
        from calling import handovers, removal
        from calling.leaving import ERASURE, LEAVING
        from calling.merging import merge_calls, undo_calls
        from calling.reforms import REFORM
        from calling.timeline import events_of
        from membership.extensions import Merger, Removal, TimelineSource, registry
        from membership.roles import Permission

        handovers.register()
        registry.timeline.append(TimelineSource(Permission.VIEW_MEMBERS, events_of))
        registry.mergers.append(Merger("calling", frozenset({"calling.Call.member"}), merge_calls, undo_calls))
        registry.reforms.append(REFORM)
        registry.leavings.append(LEAVING)
        registry.erasures.append(ERASURE)
        registry.removals.append(Removal(removal.blocks, removal.prepare))
