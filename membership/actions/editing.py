"""The one way in which members change: fields, branch and groups, with history, log, copies and counts.

Forms, imports, bulk actions, merges, moves and undo all end here, so that nothing changes without a trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from accounts.actions import record_many
from accounts.enums import Verb
from accounts.models import User
from membership.actions.members import derive
from membership.actions.placing import place_all, place_back
from membership.actions.summaries import recount
from membership.changes import IDENTITY, to_json
from membership.enums import BatchKind, ChangeSource
from membership.extensions import registry
from membership.models import Branch, ChangeBatch, DuplicateCheck, Member, MemberChange, MemberQuerySet, Placement

# How long a piece of work can be taken back.
UNDO_WITHIN: Final = timedelta(days=14)
_DERIVED: Final = ("sort_key", "search_text", "household_key", "updated_at")
_PLACE: Final = ("branch", "municipal", "county")
# Apps above keep copies of these.
_COPIED: Final = frozenset({"first_name", "last_name", "status"})
_AT_ONCE: Final = 100


@dataclass(slots=True)
class Edit:
    """One member, locked and as the database has it, and what it is to be. What is equal already is no change."""

    member: Member
    values: Mapping[str, Any] = field(default_factory=dict)
    branch: Branch | None = None
    # Ids; None where the groups are left alone.
    tags: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Pen:
    """Who writes, how it came about, when (`today` is the day a move counts from), and in which piece of work."""

    by: User | None
    source: ChangeSource
    now: datetime
    today: date
    batch: ChangeBatch | None = None


@dataclass(slots=True)
class _Change:
    """An edit that changes something: field → value before and after, as kept in the history."""

    edit: Edit
    columns: dict[str, Any]
    told: list[tuple[str, Any, Any]]
    moves: bool
    old_branch_id: int


def locked(members: MemberQuerySet) -> list[Member]:
    """The members, which nobody else can change until this transaction ends; always in the same order."""
    return list(members.order_by("pk").select_for_update())


def open_batch(
    branch: Branch, *, kind: BatchKind, by: User | None, now: datetime, count: int = 0, **details: Any
) -> ChangeBatch:
    """A piece of work that can be taken back for 14 days. `details` holds ids, counts and field names, never people."""
    return ChangeBatch.objects.create(
        kind=kind, branch=branch, by=by, at=now, count=count, details=details, undo_until_at=now + UNDO_WITHIN
    )


@transaction.atomic
def write(edits: Iterable[Edit], *, pen: Pen, quietly: bool = False) -> list[Member]:
    """Make the edits; the members that changed. With `quietly` the caller counts branches again itself.

    Derived columns, placements, the history, the log, the queue of duplicates, copies in other apps and the counts
    follow. A new email address clears the mark that mail to the old one came back.
    """
    changes = [change for edit in edits if (change := _look(edit))]
    if not changes:
        return []
    _save_columns(changes, pen)
    _save_tags(changes)
    put = place_back if pen.source == ChangeSource.UNDO else place_all
    put([change.edit.member for change in changes if change.moves], on=pen.today)
    _tell_history(changes, pen)
    _tell_log(changes, pen)
    ask_for_duplicates([c.edit.member.pk for c in changes if IDENTITY & c.columns.keys()], now=pen.now)
    if followers := [c.edit.member.pk for c in changes if c.moves or _COPIED & c.columns.keys()]:
        registry.tell_changed(followers)
    if not quietly:
        recount({c.old_branch_id for c in changes} | {c.edit.member.branch_id for c in changes}, today=pen.today)
    return [change.edit.member for change in changes]


@transaction.atomic
def create(members: Sequence[Member], *, pen: Pen, quietly: bool = False) -> list[Member]:
    """Put new members, derived already, into the register, each with an open placement. The caller logs it."""
    for member in members:
        member.created_in = pen.batch
    made = Member.objects.bulk_create(members)
    Placement.objects.bulk_create(
        Placement(member=member, branch_id=member.branch_id, from_on=member.joined_on) for member in made
    )
    ask_for_duplicates([member.pk for member in made], now=pen.now)
    if not quietly:
        recount({member.branch_id for member in made}, today=pen.today)
    return made


def ask_for_duplicates(member_ids: Sequence[int], *, now: datetime) -> None:
    """Have these held against the others again, soon and in the background."""
    DuplicateCheck.objects.bulk_create(
        [DuplicateCheck(member_id=pk, asked_at=now) for pk in member_ids], ignore_conflicts=True, batch_size=1000
    )


def _look(edit: Edit) -> _Change | None:
    """What of an edit is a change; the member gets its new values."""
    member, told, columns = edit.member, [], {}
    for name, value in _wanted(edit).items():
        before = getattr(member, name)
        if before != value:
            told.append((name, to_json(before), to_json(value)))
            columns[name] = value
            setattr(member, name, value)
    old = member.branch_id
    moves = edit.branch is not None and edit.branch.pk != old
    if moves and edit.branch is not None:
        told.append(("branch", old, edit.branch.pk))
    if edit.tags is not None:
        before_tags = sorted(member.tags.values_list("pk", flat=True).order_by("pk"))
        if before_tags != sorted(edit.tags):
            told.append(("tags", before_tags, sorted(edit.tags)))
    return _Change(edit, columns, told, moves, old) if told else None


def _wanted(edit: Edit) -> dict[str, Any]:
    wanted = dict(edit.values)
    if wanted.get("email", edit.member.email) != edit.member.email:
        wanted.setdefault("email_bounced_on", None)
    return wanted


def _save_columns(changes: Sequence[_Change], pen: Pen) -> None:
    by_columns: dict[tuple[str, ...], list[Member]] = {}
    for change in changes:
        member = change.edit.member
        derive(member, change.edit.branch if change.moves else None)
        member.updated_at = pen.now
        names = (*sorted(change.columns), *(_PLACE if change.moves else ()), *_DERIVED)
        by_columns.setdefault(names, []).append(member)
    for names, members in by_columns.items():
        Member.objects.bulk_update(members, names, batch_size=_AT_ONCE)


def _save_tags(changes: Sequence[_Change]) -> None:
    for change in changes:
        if change.edit.tags is not None:
            change.edit.member.tags.set(change.edit.tags)


def _tell_history(changes: Sequence[_Change], pen: Pen) -> None:
    MemberChange.objects.bulk_create(
        (
            MemberChange(
                member=change.edit.member,
                batch=pen.batch,
                field=name,
                before=before,
                after=after,
                source=pen.source,
                by=pen.by,
                at=pen.now,
            )
            for change in changes
            for name, before, after in change.told
        ),
        batch_size=1000,
    )


def _tell_log(changes: Sequence[_Change], pen: Pen) -> None:
    """One line a member, under the branch it belongs to now: who reads that branch's log, reads of its members."""
    by_branch: dict[int, list[_Change]] = {}
    for change in changes:
        by_branch.setdefault(change.edit.member.branch_id, []).append(change)
    for branch_id, found in by_branch.items():
        record_many(
            Verb.MEMBER_CHANGED,
            by=pen.by,
            branch_id=branch_id,
            subjects=[(c.edit.member, {"fields": ",".join(sorted(name for name, _b, _a in c.told))}) for c in found],
        )
