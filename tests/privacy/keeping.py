"""Holds and the like for tests of leaving and keeping."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from membership.models import Member
from privacy.enums import HoldReason
from privacy.models import Hold
from tests.factories import NOW, TODAY


def make_hold(member: Member, **fields: Any) -> Hold:
    """A hold in force for ten days; the one there is, where there is one."""
    fields = {
        "reason": HoldReason.DISPUTE,
        "until_on": TODAY + timedelta(days=10),
        "placed_at": NOW,
        **fields,
    }
    hold, _made = Hold.objects.get_or_create(member=member, lifted_at=None, defaults=fields)
    return hold
