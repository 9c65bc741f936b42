"""What becomes of call lists when branches are merged or split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import ngettext

from accounts.models import User
from calling.models import CallList
from membership.extensions import Reform, Text
from membership.models import Branch


def tell(branches: Sequence[Branch]) -> list[Text]:
    """How many lists are open."""
    count = CallList.objects.open().filter(branch__in=branches).count()
    if not count:
        return []
    return [
        ngettext("%(count)d open call list goes along.", "%(count)d open call lists go along.", count)
        % {"count": count}
    ]


def follow(heirs: Mapping[int, Sequence[int]], _by: User, now: datetime) -> dict[str, Any]:
    """Lists of a branch with one heir are the heir's. Those of a branch that is split are closed where it ends.

    Who is no longer to be phoned from a list is told by where the member belongs, not by the list.
    """
    moved: dict[str, int] = {}
    closed: list[int] = []
    for old, found in heirs.items():
        lists = CallList.objects.filter(branch=old)
        if len(found) == 1 and found[0] != old and _has_ended(old):
            moved |= dict.fromkeys(map(str, lists.values_list("pk", flat=True)), old)
            lists.update(branch_id=found[0])
        elif _has_ended(old):
            closed += list(lists.open().values_list("pk", flat=True))
            lists.open().update(closed_at=now)
    return {"moved": moved, "closed": closed}


def undo(kept: Any, made: Sequence[int], _by: User, now: datetime) -> None:
    """Lists go back; those made in a branch that is no more are closed."""
    for pk, branch_id in (kept or {}).get("moved", {}).items():
        CallList.objects.filter(pk=pk).update(branch_id=branch_id)
    CallList.objects.filter(pk__in=(kept or {}).get("closed", [])).update(closed_at=None)
    CallList.objects.open().filter(branch__in=made).update(closed_at=now)


def _has_ended(branch_id: int) -> bool:
    return Branch.objects.filter(pk=branch_id, valid_to__isnull=False).exists()


REFORM = Reform("calling", tell, follow, undo)
