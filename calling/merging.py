"""Calls when two records of one person become one: nobody stands twice on a list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from accounts.models import User
from calling.models import Call, CallList, CallListCaller
from membership.actions.relations import restored, snapshot
from membership.models import Member

_NEVER: Final = datetime(1900, 1, 1, tzinfo=UTC)


def merge_calls(kept: Member, lost: Member, _by: User, _now: datetime) -> dict[str, Any]:
    """Move the lost record's calls. Where both stand on a list, the later call stays; the other is kept for undo."""
    calls = list(Call.objects.filter(member__in=[kept.pk, lost.pk]).order_by("pk").select_for_update())
    own = {call.call_list_id: call for call in calls if call.member_id == kept.pk}
    moved: list[int] = []
    folded: list[dict[str, Any]] = []
    for call in calls:
        if call.member_id != lost.pk:
            continue
        other = own.get(call.call_list_id)
        if other is None:
            moved.append(call.pk)
            continue
        goes = other if (call.outcome_at or _NEVER) > (other.outcome_at or _NEVER) else call
        folded.append(snapshot(goes))
        if goes is other:
            moved.append(call.pk)
    Call.objects.filter(pk__in=[row["id"] for row in folded]).delete()
    Call.objects.filter(pk__in=moved).update(member=kept)
    return {"moved": moved, "folded": folded}


def undo_calls(kept: Member, lost: Member, data: Any, _by: User, _now: datetime) -> None:
    """Give each its calls again, on the lists that are still there."""
    Call.objects.filter(pk__in=data["moved"], member=kept).update(member=lost)
    rows = data["folded"]
    lists = set(CallList.objects.filter(pk__in=[row["call_list_id"] for row in rows]).values_list("pk", flat=True))
    callers = CallListCaller.objects.filter(pk__in=[row["caller_id"] for row in rows])
    there = set(callers.values_list("pk", flat=True))
    Call.objects.bulk_create(
        restored(Call, row) for row in rows if row["call_list_id"] in lists and row["caller_id"] in there
    )
