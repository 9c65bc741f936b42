"""What a branch says of itself: its own name, where it meets, how to reach it. Its address here never changes."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common.text import sort_key
from membership.models import Branch

FIELDS: Final = ("name", "place", "other_names", "email", "meeting_place", "facebook_page", "facebook_group")


class BranchChanged(Exception):
    """Somebody else has changed the branch since the form was shown; `now` is what stands there."""

    def __init__(self, now: Branch) -> None:
        super().__init__(now.slug)
        self.now = now


def state_of(branch: Branch) -> str:
    """A mark for each field, another whenever it says something else."""
    return ".".join(sha256(str(getattr(branch, name)).encode()).hexdigest()[:8] for name in FIELDS)


def changed_since(branch: Branch, seen: str) -> list[str]:
    """The fields that say something else than when `seen` was made; all of them for a mark that is none."""
    now, then = state_of(branch).split("."), seen.split(".")
    return [name for position, name in enumerate(FIELDS) if len(then) != len(now) or then[position] != now[position]]


@transaction.atomic
def change_branch(branch: Branch, *, values: Mapping[str, str], seen: str, by: User) -> list[str]:
    """Write what is new among `values`; the names of the fields that changed. `seen` is `state_of` what was shown.

    Raises `BranchChanged`.
    """
    now = Branch.objects.select_for_update().get(pk=branch.pk)
    changed = [name for name in FIELDS if name in values and values[name] != getattr(now, name)]
    if not changed:
        return []
    if state_of(now) != seen:
        raise BranchChanged(now)
    for name in changed:
        setattr(now, name, values[name])
    now.sort_key = sort_key(now.place, "")
    now.save(update_fields=[*changed, "sort_key"])
    record(Verb.BRANCH_CHANGED, by=by, branch_id=now.pk, subject=now, fields=",".join(changed))
    return changed
