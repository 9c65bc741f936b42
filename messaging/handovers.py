"""Drafts go to a successor, and so does standing in for a second person. The inbox is the branch's, not a person's."""

from __future__ import annotations

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import ngettext_lazy

from accounts.models import User
from membership.extensions import Handover, registry
from membership.models import Branch
from messaging.enums import MessageState
from messaging.models import Message, MessageQuerySet, MessagingSettings


def register() -> None:
    """Tell the register what messages hand over."""
    registry.handovers.append(Handover(_drafts_label, _count_drafts, hand_drafts))
    registry.handovers.append(Handover(_substitute_label, _count_substitutes, hand_substitutes))


def _drafts_label(count: int) -> str | Promise:
    return ngettext_lazy("%(count)d draft of a message", "%(count)d drafts of messages", count) % {"count": count}


def _drafts(old: User, branch: Branch) -> MessageQuerySet:
    return Message.objects.of(branch).filter(created_by=old, state=MessageState.DRAFT)


def _count_drafts(old: User, branch: Branch) -> int:
    return _drafts(old, branch).count()


def hand_drafts(old: User, new: User, branch: Branch, by: User, now: datetime) -> int:
    """What `old` has begun is `new`'s to go on with; what was sent stays as it was sent."""
    return _drafts(old, branch).update(created_by=new, changed_by=by, changed_at=now)


def _substitute_label(count: int) -> str | Promise:
    return ngettext_lazy(
        "approves messages in place of a second person in %(count)d branch",
        "approves messages in place of a second person in %(count)d branches",
        count,
    ) % {"count": count}


def _count_substitutes(old: User, branch: Branch) -> int:
    return MessagingSettings.objects.filter(branch__in=branch.subtree, substitute=old).count()


def hand_substitutes(old: User, new: User, branch: Branch, _by: User, _now: datetime) -> int:
    """Whoever was named to approve large messages."""
    return MessagingSettings.objects.filter(branch__in=branch.subtree, substitute=old).update(substitute=new)
