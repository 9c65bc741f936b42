"""One change for many members at once: a group, a branch, that all of it is checked. Each can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from jobs import actions as jobs
from jobs.models import Job
from membership.actions.editing import Edit, Pen, locked, open_batch, write
from membership.actions.summaries import recount
from membership.enums import BatchKind, BulkKind, ChangeSource
from membership.models import Branch, ChangeBatch, Member, Tag
from membership.roles import Permission

# So many in one request; more is a job.
AT_ONCE: Final = 2_500
# So many in one piece of work: what a job can carry, and an officer can answer for.
MOST: Final = 20_000
CHUNK: Final = 1_000
CHANGE_JOB: Final = "membership.bulk"
UNDO_JOB: Final = "membership.bulk_undo"


class NothingToChange(Exception):
    """All of them are so already."""


class NotAllHere(Exception):
    """One of them does not belong to the branch, or not any more. Nobody is changed."""


class NotOfThisCounty(Exception):
    """The group or the branch is another county's, or lies outside the branch the work is done from."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done: with `tag` for groups, with `branch` for moving."""

    kind: BulkKind
    tag: Tag | None = None
    branch: Branch | None = None

    @property
    def target(self) -> int | None:
        """The id of the group or branch."""
        found = self.tag or self.branch
        return found.pk if found else None


@transaction.atomic
def change_many(
    home: Branch, member_ids: Sequence[int], *, change: Change, by: User, now: datetime, today: date
) -> ChangeBatch:
    """Do it, to all of them or to none. Raises `NotAllHere`, `NotOfThisCounty`, `NothingToChange`."""
    _refuse_foreign(home, change)
    batch = _open(home, change, by=by, now=now)
    pen = Pen(by, ChangeSource.BULK, now, today, batch)
    changed, branches = 0, set()
    for ids in chunks(member_ids):
        members = locked(home.members.filter(pk__in=ids))
        if len(members) != len(ids):
            raise NotAllHere
        branches |= {member.branch_id for member in members}
        changed += len(write(_edits(members, change, today), pen=pen, quietly=True))
    if not changed:
        raise NothingToChange
    finish(batch, change, branches, by=by, count=changed, today=today)
    return batch


def begin(
    home: Branch,
    member_ids: Sequence[int],
    *,
    change: Change,
    by: User,
    now: datetime,
    next_url: Callable[[UUID], str],
    back: str,
) -> Job:
    """Have a worker do it: for more than `AT_ONCE`. `next_url` makes the address to go on to from the work's id."""
    _refuse_foreign(home, change)
    with transaction.atomic():
        batch = _open(home, change, by=by, now=now)
        return jobs.start(
            CHANGE_JOB,
            by=by,
            branch_id=home.pk,
            permission=Permission.EDIT_MEMBERS,
            params={
                "title": _("Changing many members"),
                "next": next_url(batch.pk),
                "back": back,
                "batch": str(batch.pk),
                "ids": list(member_ids),
            },
            total=len(member_ids),
        )


def go_on(
    batch: ChangeBatch,
    member_ids: Sequence[int],
    *,
    by: User,
    now: datetime,
    today: date,
    progress: Callable[[int], None],
    may_go_on: Callable[[], bool],
) -> int:
    """The worker's way, a transaction for each thousand; how many were changed, altogether.

    May be run again after a dead worker: who is changed already is not changed again. Who has left the branch since
    is passed by, and the work ends where its officer has lost the right to it.
    """
    change = read_change(batch)
    pen = Pen(by, ChangeSource.BULK, now, today, batch)
    branches: set[int] = set()
    done = 0
    for ids in chunks(member_ids):
        if not may_go_on():
            break
        with transaction.atomic():
            members = locked(batch.branch.members.filter(pk__in=ids))
            branches |= {member.branch_id for member in members}
            # Counted with each thousand: what a worker did before it died is known, and can be undone.
            batch.count += len(write(_edits(members, change, today), pen=pen, quietly=change.branch is None))
            batch.save(update_fields=["count"])
        done += len(ids)
        progress(done)
    finish(batch, change, branches, by=by, count=batch.count, today=today)
    return batch.count


@transaction.atomic
def finish(batch: ChangeBatch, change: Change, branches: set[int], *, by: User, count: int, today: date) -> None:
    """Count, and write it in the log."""
    batch.count = count
    batch.save(update_fields=["count"])
    if change.branch:
        recount(branches | {change.branch.pk}, today=today)
    record(
        Verb.MEMBERS_BULK_CHANGED,
        by=by,
        branch_id=batch.branch_id,
        subject=batch,
        count=count,
        what=change.kind.value,
        target=change.target,
    )


def begin_undo(batch: ChangeBatch, *, by: User, next_url: str) -> Job:
    """Have a worker take a large piece of work back."""
    return jobs.start(
        UNDO_JOB,
        by=by,
        branch_id=batch.branch_id,
        permission=Permission.EDIT_MEMBERS,
        params={"title": _("Undoing"), "next": next_url, "back": next_url, "batch": str(batch.pk)},
        total=batch.count,
    )


def read_change(batch: ChangeBatch) -> Change:
    """What a piece of work was, as its details say. Raises `NotOfThisCounty` where its group or branch is gone."""
    kind, target = BulkKind(batch.details["what"]), batch.details.get("target")
    tag = Tag.objects.filter(pk=target).first() if kind in (BulkKind.ADD_TAG, BulkKind.REMOVE_TAG) else None
    branch = Branch.objects.filter(pk=target).first() if kind == BulkKind.MOVE else None
    change = Change(kind, tag, branch)
    if target is not None and change.target is None:
        raise NotOfThisCounty
    return change


def chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """A thousand at a time."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def _open(home: Branch, change: Change, *, by: User, now: datetime) -> ChangeBatch:
    return open_batch(home, kind=BatchKind.BULK, by=by, now=now, what=change.kind.value, target=change.target)


def _refuse_foreign(home: Branch, change: Change) -> None:
    if change.tag and change.tag.county_id != home.root_id:
        raise NotOfThisCounty
    if change.branch and home.pk not in change.branch.ancestor_ids:
        raise NotOfThisCounty


def _edits(members: Sequence[Member], change: Change, today: date) -> list[Edit]:
    if change.tag:
        return tag_edits(members, change.tag.pk, add=change.kind == BulkKind.ADD_TAG)
    values = {"checked_on": today} if change.kind == BulkKind.CHECK else {}
    return [Edit(member, values, change.branch) for member in members]


def tag_edits(members: Sequence[Member], tag_id: int, *, add: bool) -> list[Edit]:
    """Into a group, or out of it; locked members."""
    rows = Member.tags.through._default_manager.filter(member_id__in=[member.pk for member in members])
    before: dict[int, set[int]] = {}
    for member_id, its_tag_id in rows.values_list("member_id", "tag_id"):
        before.setdefault(member_id, set()).add(its_tag_id)
    return [
        Edit(member, tags=frozenset(before.get(member.pk, set()) | {tag_id} if add else before[member.pk] - {tag_id}))
        for member in members
        if add or member.pk in before
    ]
