"""A member's recruiting link, when two records of one person become one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from accounts.models import User
from membership.actions.relations import restored, snapshot
from membership.extensions import Merger
from membership.models import Member
from recruitment.models import RecruiterLink


def merge(kept: Member, lost: Member, _by: User, _now: datetime) -> dict[str, Any]:
    """The lost record's link is the kept one's, unless that has its own: a link that is shared out goes on working."""
    link = RecruiterLink.objects.filter(member=lost).select_for_update().first()
    if link is None:
        return {}
    store = snapshot(link)
    link.delete()
    moves = not RecruiterLink.objects.filter(member=kept).exists()
    if moves:
        RecruiterLink.objects.create(member=kept, code=link.code, made_at=link.made_at)
    return {"link": store, "moved": moves}


def undo(kept: Member, _lost: Member, data: Any, _by: User, _now: datetime) -> None:
    """Each has its own link again."""
    if not data:
        return
    if data["moved"]:
        RecruiterLink.objects.filter(member=kept, code=data["link"]["code"]).delete()
    RecruiterLink.objects.bulk_create([restored(RecruiterLink, data["link"])], ignore_conflicts=True)


MERGER: Final = Merger("recruitment", frozenset({"recruitment.RecruiterLink.member"}), merge, undo)
