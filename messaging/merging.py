"""What was sent and what came in, when two records of one person become one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from accounts.models import User
from membership.actions.relations import restored, snapshot
from membership.extensions import Merger
from membership.models import Member
from messaging.models import InboxMessage, Message, Recipient

_ASKED: Final = InboxMessage.candidates.through._default_manager


def merge(kept: Member, lost: Member, _by: User, _now: datetime) -> dict[str, Any]:
    """Move the lost record's. Where both are a message's recipients the kept one stays; the other is kept for undo."""
    own = set(Recipient.objects.filter(member=kept).values_list("message_id", flat=True))
    rows = list(Recipient.objects.filter(member=lost).order_by("pk").select_for_update())
    folded = [snapshot(row) for row in rows if row.message_id in own]
    moved = [row.pk for row in rows if row.message_id not in own]
    Recipient.objects.filter(pk__in=[row["id"] for row in folded]).delete()
    Recipient.objects.filter(pk__in=moved).update(member=kept)
    received = list(InboxMessage.objects.filter(member=lost).values_list("pk", flat=True))
    InboxMessage.objects.filter(pk__in=received).update(member=kept)
    return {"moved": moved, "folded": folded, "received": received, "asked": _merge_candidates(kept, lost)}


def _merge_candidates(kept: Member, lost: Member) -> dict[str, list[int]]:
    """Which messages both may have sent, and which only the lost one."""
    own = set(_ASKED.filter(member_id=kept.pk).values_list("inboxmessage_id", flat=True))
    theirs = set(_ASKED.filter(member_id=lost.pk).values_list("inboxmessage_id", flat=True))
    _ASKED.filter(member_id=lost.pk, inboxmessage_id__in=own).delete()
    _ASKED.filter(member_id=lost.pk).update(member_id=kept.pk)
    return {"both": sorted(own & theirs), "moved": sorted(theirs - own)}


def undo(kept: Member, lost: Member, data: Any, _by: User, _now: datetime) -> None:
    """Give each its own again, in the messages that are still there."""
    Recipient.objects.filter(pk__in=data["moved"], member=kept).update(member=lost)
    folded = [restored(Recipient, row) for row in data["folded"]]
    there = set(Message.objects.filter(pk__in=[row.message_id for row in folded]).values_list("pk", flat=True))
    Recipient.objects.bulk_create([row for row in folded if row.message_id in there])
    InboxMessage.objects.filter(pk__in=data["received"], member=kept).update(member=lost)
    _ASKED.filter(member_id=kept.pk, inboxmessage_id__in=data["asked"]["moved"]).update(member_id=lost.pk)
    still = InboxMessage.objects.filter(pk__in=data["asked"]["both"]).values_list("pk", flat=True)
    _ASKED.bulk_create(
        [InboxMessage.candidates.through(inboxmessage_id=pk, member_id=lost.pk) for pk in still],
        ignore_conflicts=True,
    )


MERGER = Merger(
    "messaging",
    frozenset(
        {"messaging.Recipient.member", "messaging.InboxMessage.member", "messaging.InboxMessage.candidates"},
    ),
    merge,
    undo,
)
