"""Whether somebody has moved away while a file was being written: what left the branch is not to stand in it."""

from __future__ import annotations

from membership.models import Branch, MemberChange


def newest_change() -> int:
    """The number of the latest change of any member."""
    return MemberChange.objects.newest_first().values_list("pk", flat=True).first() or 0


def has_lost_members(branch: Branch, *, since: int) -> bool:
    """Whether a member has moved out of a branch, or of one under it, after a change."""
    moved = MemberChange.objects.since(since).filter(field="branch").values_list("before", "after")
    own = set(branch.subtree.values_list("pk", flat=True)) if moved else set()
    return any(before in own and after not in own for before, after in moved)
