"""Whose erasing is put off: for the list, for the member's page in the office, and in words for the member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from common.dates import format_long
from membership.extensions import Text
from membership.models import Branch, Member
from privacy.enums import HoldReason
from privacy.models import Hold, HoldQuerySet


@dataclass(frozen=True, slots=True)
class Held:
    """Why one member is not erased yet, and the first day that is over."""

    reason: Text
    until_on: date

    @property
    def sentence(self) -> str:
        """To the member, on their own page."""
        return _("You are not erased before %(day)s. The reason: %(reason)s.") % {
            "day": format_long(self.until_on),
            "reason": self.reason,
        }


def hold_of(member: Member, today: date) -> Held | None:
    """What holds a member back on a day; one query."""
    hold = Hold.objects.in_force(today).filter(member=member).order_by("id").first()
    return Held(HoldReason(hold.reason).label, hold.until_on) if hold else None


def holds_in(branch: Branch, today: date) -> HoldQuerySet:
    """Those in force in a branch and under it, the first to end on top; with member, branch and who placed it."""
    found = Hold.objects.of(branch).in_force(today).select_related("member__branch", "placed_by")
    return found.order_by("until_on", "id")


def hold_in(branch: Branch, pk: int) -> Hold | None:
    """One of the branch's own or of one under it."""
    return Hold.objects.of(branch).select_related("member").filter(pk=pk).first()


def hold_panel(member: Member, branch: Branch, today: date) -> dict[str, Any]:
    """Context of `privacy/_hold_panel.html`."""
    hold = Hold.objects.in_force(today).filter(member=member).order_by("id").first()
    return {
        "hold": hold,
        "reason": HoldReason(hold.reason).label if hold else "",
        "url": reverse("privacy:hold", args=[branch.slug, member.pk]),
        "lift_url": reverse("privacy:hold_lift", args=[branch.slug, hold.pk]) if hold else "",
    }
