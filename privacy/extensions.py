"""What privacy adds to the register: a place in the menu, what happens when members leave, and doors to leave by."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from membership.extensions import Erasure, Leaving, MemberPanel, NavItem, TodoSource, registry
from membership.roles import Permission
from privacy import journal
from privacy.actions.departures import note_left, note_returned
from privacy.actions.forget_rights import wipe_requests
from privacy.doors import DOORS
from privacy.holds import hold_panel
from privacy.merging import MERGER
from privacy.statements import unanswered_for
from privacy.todos import pressing_requests, review_due, running_breaches
from privacy.unpaid_todo import unpaid_todos
from privacy.wiping import ERASURE


def register() -> None:
    """Fill the registry; called once, when the app is ready."""
    registry.nav.append(
        NavItem(
            key="personvern",
            label=_("Privacy"),
            icon="ShieldLock",
            url_name="privacy:home",
            permission=Permission.REPORT_BREACH,
            or_permission=Permission.REVIEW_ACCESS,
            order=95,
        )
    )
    registry.leavings.append(Leaving(note_left, note_returned))
    registry.mergers.append(MERGER)
    registry.erasures.append(Erasure("journal", journal.note_erased))
    registry.member_panels.append(MemberPanel("privacy/_hold_panel.html", Permission.MANAGE_PRIVACY, 90, hold_panel))
    registry.erasures.append(Erasure("requests", wipe_requests))
    registry.todos.append(TodoSource(Permission.MANAGE_PRIVACY, running_breaches))
    registry.erasures.append(ERASURE)
    registry.todos.append(TodoSource(Permission.MANAGE_PRIVACY, pressing_requests))
    registry.todos.append(TodoSource(Permission.REVIEW_ACCESS, review_due))
    registry.todos.append(TodoSource(Permission.MANAGE_PRIVACY, unanswered_for))
    registry.doors.extend(DOORS)
    registry.todos.append(TodoSource(Permission.MANAGE_PRIVACY, unpaid_todos))
