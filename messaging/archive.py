"""Newsletters that have gone out, to read again: the branch's own, and what all its members got from above."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from membership.models import Branch
from messaging.enums import MessageState, Purpose
from messaging.models import Message, MessageQuerySet

# What went to a part of the county's members is the county's business.
_EVERYBODY: Final = {"kind": "members", "params": {}}


def newsletters_for(branch: Branch) -> MessageQuerySet:
    """The latest first; those of branches above only where they went to everybody."""
    above = branch.ancestor_ids - {branch.pk}
    readable = Q(branch=branch) | Q(branch__in=above, audience=_EVERYBODY)
    sent = Message.objects.filter(readable, purpose=Purpose.NEWSLETTER, state=MessageState.DONE)
    return sent.select_related("branch").prefetch_related("texts").order_by("-started_at", "-id")
