"""Taking back a piece of work: members get back what they had, those it brought in go out again.

Nothing that came after is lost: whoever was changed since, has moved away, or has payments or calls on them, stays as
they are, and the officer is told why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.actions.deleting import delete_members
from membership.actions.editing import Edit, Pen, locked, write
from membership.actions.summaries import recount
from membership.changes import NOTE, SILENT, from_json, label_of
from membership.enums import BatchKind, ChangeSource
from membership.extensions import Text, registry
from membership.models import Branch, ChangeBatch, FormerNumber, Member, MemberChange, Merge, Tag
from membership.models.member import GONE

CHUNK: Final = 1000
# Told in the history, but no columns.
_APART: Final = frozenset({"branch", "tags", "merged"})


class TooLate(Exception):
    """It was done too long ago, or has been undone already."""


@dataclass(slots=True)
class Undone:
    """What came of it: how many got back what they had, how many were taken out, and who stays, and why."""

    restored: int = 0
    removed: int = 0
    kept: dict[int, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Trace:
    """What a piece of work did to one member: field → value before, and the last change of it."""

    before: Mapping[str, Any]
    last: int


def obstacles(batch: ChangeBatch) -> dict[int, Text]:
    """Whom undoing would leave as they are, and why: member id → reason."""
    found: dict[int, Text] = {}
    for ids in _chunks(touched(batch)):
        traces, created = _traces(batch, ids), _created(batch, ids)
        members = {member.pk: member for member in Member.objects.filter(pk__in=ids)}
        found |= _in_the_way(batch, members, traces, created)
    return found


@transaction.atomic
def undo(
    batch: ChangeBatch,
    *,
    by: User,
    now: datetime,
    today: date,
    verb: Verb = Verb.BATCH_UNDONE,
    progress: Callable[[int], None] = lambda _done: None,
) -> Undone:
    """Take a piece of work back, once. Raises `TooLate`."""
    if not ChangeBatch.objects.undoable(now).filter(pk=batch.pk).update(undone_at=now, undone_by=by):
        raise TooLate
    outcome, pen = Undone(), Pen(by, ChangeSource.UNDO, now, today)
    branches: set[int] = set()
    done = 0
    for ids in _chunks(touched(batch)):
        branches |= undo_some(batch, ids, pen=pen, outcome=outcome)
        done += len(ids)
        progress(done)
    if branches:
        recount(branches, today=today)
    record(
        verb,
        by=by,
        branch_id=batch.branch_id,
        subject=batch,
        count=outcome.restored + outcome.removed,
        kept=len(outcome.kept),
    )
    return outcome


def undo_some(batch: ChangeBatch, ids: list[int], *, pen: Pen, outcome: Undone) -> set[int]:
    """Take back what was done to some, as part of an act that writes the log; the branches to count again."""
    members = {member.pk: member for member in locked(Member.objects.filter(pk__in=ids))}
    traces, created = _traces(batch, ids), _created(batch, ids)
    kept = _in_the_way(batch, members, traces, created)
    outcome.kept |= kept
    branches = {member.branch_id for member in members.values()}
    gone = sorted(created - kept.keys())
    if batch.kind == BatchKind.IMPORT:
        _undo_import(batch, sorted(members.keys() - kept.keys()), pen)
    told = {pk: trace for pk, trace in traces.items() if pk in members and pk not in kept and pk not in created}
    edits = _edits(members, told)
    changed = write(edits, pen=pen, quietly=True)
    branches |= {member.branch_id for member in changed}
    outcome.restored += len(changed)
    remove(gone)
    outcome.removed += len(gone)
    return branches


def remove(member_ids: Iterable[int]) -> None:
    """Take members out of the register altogether, with what apps above made for them. Counting is the caller's."""
    ids = list(member_ids)
    for removal in registry.removals:
        removal.prepare(ids)
    delete_members(ids)


def forget_stores(*, now: datetime) -> int:
    """Erase what merges kept, and notes as they were, for an undo that can no longer be had; how many."""
    forgotten, _each = Merge.objects.filter(batch__undo_until_at__lte=now).delete()
    old = MemberChange.objects.filter(field=NOTE, before__isnull=False, batch__undo_until_at__lte=now)
    forgotten += old.update(before=None)
    return forgotten


def touched(batch: ChangeBatch) -> list[int]:
    """The members it did anything to, by id."""
    found = set(batch.changes.values_list("member_id", flat=True))
    found |= set(batch.created_members.values_list("pk", flat=True))
    if batch.kind == BatchKind.IMPORT:
        for extension in registry.imports:
            found |= set(extension.touched(batch.pk))
    return sorted(found)


def _undo_import(batch: ChangeBatch, free: list[int], pen: Pen) -> None:
    """What an import brought with it beside fields: other apps' work, and numbers that lead to a member."""
    for extension in registry.imports:
        extension.undo(batch.pk, free, by=pen.by, now=pen.now)
    FormerNumber.objects.filter(batch=batch, member__in=free).delete()


def _created(batch: ChangeBatch, ids: list[int]) -> set[int]:
    return set(batch.created_members.filter(pk__in=ids).values_list("pk", flat=True))


def _traces(batch: ChangeBatch, ids: list[int]) -> dict[int, _Trace]:
    found: dict[int, dict[str, Any]] = {}
    last: dict[int, int] = {}
    for change in batch.changes.of(ids).in_order():
        found.setdefault(change.member_id, {}).setdefault(change.field, change.before)
        last[change.member_id] = change.pk
    return {pk: _Trace(before, last[pk]) for pk, before in found.items()}


def _in_the_way(
    batch: ChangeBatch, members: Mapping[int, Member], traces: Mapping[int, _Trace], created: set[int]
) -> dict[int, Text]:
    kept: dict[int, Text] = {}
    scope = batch.branch.scope_of().items()
    for pk, member in members.items():
        if any(getattr(member, column) != wanted for column, wanted in scope):
            kept[pk] = _("The member no longer belongs here.")
    for removal in registry.removals:
        kept |= removal.blocks(sorted(created - kept.keys()), batch.pk)
    changed = _changed_since(batch, members, traces, created)
    if batch.kind == BatchKind.REFORM:
        # Branches become what they were: whoever belongs to them goes along, also who waits to be erased.
        return changed | kept
    untouched = created - changed.keys()
    left = [pk for pk, member in members.items() if _has_left(member, traces.get(pk), is_new=pk in untouched)]
    return changed | kept | dict.fromkeys(left, _("The member has left."))


def _has_left(member: Member, trace: _Trace | None, *, is_new: bool) -> bool:
    """Whether somebody has left otherwise than by what is taken back. Nothing at all is written of them any more.

    `is_new`: brought in by it, as one who had left, and not touched since.
    """
    if member.status not in GONE or is_new:
        return False
    return trace is None or trace.before.get("status", member.status) in GONE


def _changed_since(
    batch: ChangeBatch, members: Mapping[int, Member], traces: Mapping[int, _Trace], created: set[int]
) -> dict[int, Text]:
    """Fields that somebody changed after; for those it brought in, any field."""
    fields: dict[int, dict[str, None]] = {}
    for change in MemberChange.objects.of(members).exclude(batch=batch).in_order():
        trace = traces.get(change.member_id)
        late = change.member_id in created or (trace and change.field in trace.before and change.pk > trace.last)
        if late and change.field not in SILENT:
            fields.setdefault(change.member_id, {})[label_of(change.field)] = None
    return {pk: _("Changed since: %(fields)s.") % {"fields": ", ".join(names)} for pk, names in fields.items() if names}


def _edits(members: Mapping[int, Member], traces: Mapping[int, _Trace]) -> list[Edit]:
    """What gives each member back what they had; groups that are gone stay gone."""
    wanted = [trace.before for trace in traces.values()]
    branches = Branch.objects.in_bulk({before["branch"] for before in wanted if "branch" in before})
    tags = set(
        Tag.objects.filter(pk__in={pk for before in wanted for pk in before.get("tags", ())}).values_list(
            "pk", flat=True
        )
    )
    return [_edit(members[pk], trace.before, branches, tags) for pk, trace in traces.items()]


def _edit(member: Member, before: Mapping[str, Any], branches: Mapping[int, Branch], tags: set[int]) -> Edit:
    columns = {name: value for name, value in before.items() if name not in _APART}
    return Edit(
        member,
        {name: from_json(name, value) for name, value in columns.items()},
        branches.get(before.get("branch", 0)),
        frozenset(before["tags"]) & tags if "tags" in before else None,
    )


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    iterator = iter(ids)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
