"""Small reads of likely duplicates and merges, each within one branch."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from accounts.models import User
from jobs.models import Job
from membership.actions.duplicates import JOB
from membership.actions.unmerging import merges_in, was_in
from membership.enums import PairState
from membership.models import Branch, DuplicatePair, FormerNumber, Member, Merge


def decided_in(branch: Branch, pk: str, *, by: User | None = None) -> DuplicatePair | None:
    """A pair that somebody, or this user, said are two people, of which the branch sees both."""
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return None
    pairs = DuplicatePair.objects.within(branch).filter(state=PairState.DIFFERENT, pk=int(pk))
    return (pairs.filter(decided_by=by) if by else pairs).first()


def pair_of(one: Member, other: Member) -> DuplicatePair | None:
    """What is known of two."""
    first, second = sorted((one.pk, other.pk))
    return DuplicatePair.objects.filter(first_id=first, second_id=second).first()


def search_going(branch: Branch) -> bool:
    """Whether somebody is looking for duplicates here just now."""
    return Job.objects.going(JOB, branch_id=branch.pk).exists()


def named(branch: Branch, number: str) -> int | None:
    """The id of the branch's member with a number, or with it once; None where there is none."""
    if not number:
        return None
    found = branch.members.filter(member_number=number).values_list("pk", flat=True).first()
    if found is not None:
        return found
    return (
        FormerNumber.objects.filter(number=number, **branch.scope_of("member__"))
        .values_list("member_id", flat=True)
        .first()
    )


def undoable_merge(branch: Branch, pk: UUID, *, now: datetime) -> Merge | None:
    """A merge that may still be taken back, of two who both belonged here."""
    found: Merge | None = merges_in(branch, now).filter(pk=pk).first()
    return found if found and was_in(branch, found) else None


def undoable_merges_of(branch: Branch, member: Member, *, now: datetime) -> list[Merge]:
    """Those a member's page offers to take back, the last first: one query."""
    found = merges_in(branch, now).filter(kept=member).order_by("-batch__at", "pk")
    return [merge for merge in found if was_in(branch, merge)]
