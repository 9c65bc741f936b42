"""What likely duplicates add to the register's pages: a panel on the member's page, a check of the data."""

from __future__ import annotations

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from membership.duplicate_page import merges_panel
from membership.extensions import MemberPanel, QualityCheck, registry
from membership.models import DuplicatePair, MemberQuerySet
from membership.roles import Permission


def register() -> None:
    """Called once, when the app is ready."""
    registry.member_panels.append(
        MemberPanel("membership/_merges_panel.html", Permission.EDIT_MEMBERS, 90, merges_panel)
    )
    registry.quality.append(
        QualityCheck(
            "duplicate",
            _("May be registered twice"),
            _("Somebody in the same branch has a like name, and birth, phone, email or address in common."),
            likely_twice,
            60,
            "membership:merge_start",
        )
    )


def likely_twice(members: MemberQuerySet) -> MemberQuerySet:
    """Of some members, those in a likely pair within their own branch; one across branches is the county's to see."""
    pairs = DuplicatePair.objects.open().filter(first__branch=F("second__branch"))
    return members.filter(Q(pk__in=pairs.values("first_id")) | Q(pk__in=pairs.values("second_id")))
