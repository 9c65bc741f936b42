"""The messaging app."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """See docs/architecture.md for what lives here."""

    name = "messaging"

    def ready(self) -> None:
        """Register the tasks, in web processes too: actions reach them by name; and what the register gets."""
        from django.utils.translation import gettext_lazy as _

        from membership.extensions import MemberPanel, NavItem, Removal, TimelineSource, registry
        from membership.roles import Permission
        from messaging import expanding, handovers, removal, tasks  # noqa: F401
        from messaging.bounce_list import reach_panel
        from messaging.bounces import tasks as bounce_tasks  # noqa: F401
        from messaging.contact import wrong_numbers
        from messaging.erasing import ERASURE
        from messaging.forgetting import tasks as forgetting_tasks  # noqa: F401
        from messaging.invitations import send_invitation
        from messaging.leaving import LEAVING
        from messaging.merging import MERGER
        from messaging.panel import events_of, member_panel
        from messaging.reforms import REFORM

        registry.nav.append(
            NavItem("meldinger", _("Messages"), "Paperplane", "messaging:message_list", Permission.VIEW_MESSAGES, 80)
        )
        registry.invitations.append(send_invitation)
        registry.wrong_numbers.append(wrong_numbers)
        registry.mergers.append(MERGER)
        sees = Permission.VIEW_MESSAGES
        registry.member_panels.append(MemberPanel("messaging/_member_panel.html", sees, 20, member_panel))
        edits = Permission.EDIT_MEMBERS
        registry.member_panels.append(MemberPanel("messaging/_member_reach.html", edits, 25, reach_panel))
        registry.timeline.append(TimelineSource(sees, events_of))
        handovers.register()
        registry.removals.append(Removal(removal.blocks, removal.prepare))
        registry.reforms.append(REFORM)
        registry.leavings.append(LEAVING)
        registry.erasures.append(ERASURE)
