"""The one way in which members change: fields, branch and groups, with history, log, copies and counts.

Forms, imports, bulk actions, merges, moves and undo all end here, so that nothing changes without a trace.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from accounts.actions import record_many
from accounts.enums import Verb
from accounts.models import User
from common.policy import keep
from membership.actions.members import derive
from membership.actions.placing import place_all, place_back
from membership.actions.summaries import recount
from membership.changes import IDENTITY, NOTE, to_json
from membership.enums import BatchKind, ChangeSource
from membership.extensions import registry
from membership.models import Branch, ChangeBatch, DuplicateCheck, Member, MemberChange, MemberQuerySet, Placement
from membership.models.member import GONE

_DERIVED: Final = ("sort_key", "search_text", "household_key")
_PLACE: Final = ("branch_id", "municipal_id", "county_id")
# Apps above keep copies of these.
_COPIED: Final = frozenset({"first_name", "last_name", "status"})
_AT_ONCE: Final = 100
_IDS_AT_ONCE: Final = 1_000
# Which member is in which group, a row each.
_IN_GROUP: Final = Member.tags.through._default_manager


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

    @property
    def tags_before(self) -> frozenset[int]:
        """The ids of the groups the member was in, where they change."""
        return frozenset(next((before for name, before, _after in self.told if name == "tags"), ()))


def locked(members: MemberQuerySet) -> list[Member]:
    """The members, which nobody else can change until this transaction ends; always in the same order."""
    return list(members.order_by("pk").select_for_update())


def open_batch(
    branch: Branch, *, kind: BatchKind, by: User | None, now: datetime, count: int = 0, **details: Any
) -> ChangeBatch:
    """A piece of work that can be taken back for a while. `details` holds ids, counts and field names: no people."""
    return ChangeBatch.objects.create(
        kind=kind, branch=branch, by=by, at=now, count=count, details=details, undo_until_at=now + keep("undo")
    )


@transaction.atomic
def write(edits: Iterable[Edit], *, pen: Pen, quietly: bool = False) -> list[Member]:
    """Make the edits; the members that changed. With `quietly` the caller counts branches again itself.

    Derived columns, placements, the history, the log, the queue of duplicates, copies in other apps and the counts
    follow. A new email address clears the mark that mail to the old one came back.
    """
    asked = list(edits)
    tags = _tags_of([edit.member.pk for edit in asked if edit.tags is not None])
    changes = [change for edit in asked if (change := _look(edit, tags.get(edit.member.pk, set())))]
    if not changes:
        return []
    _save_columns(changes, pen)
    _save_tags(changes)
    put = place_back if pen.source == ChangeSource.UNDO else place_all
    put([change.edit.member for change in changes if change.moves], on=pen.today)
    _tell_history(changes, pen)
    _tell_log(changes, pen)
    ask_for_duplicates([c.edit.member.pk for c in changes if IDENTITY & c.columns.keys()], now=pen.now)
    # Before copies follow: whoever leaves may come back, and what is stopped for that reason is told by itself.
    _tell_status(changes, pen)
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
    if left := [member.pk for member in made if member.status in GONE]:
        registry.tell_left(left, by=pen.by, now=pen.now, today=pen.today)
    if not quietly:
        recount({member.branch_id for member in made}, today=pen.today)
    return made


def _tell_status(changes: Sequence[_Change], pen: Pen) -> None:
    """Whoever has left, and whoever has not after all: apps above stop what was going on, or hear it was a mistake."""
    left: list[int] = []
    back: list[int] = []
    for change in changes:
        before, after = next(((old, new) for name, old, new in change.told if name == "status"), ("", ""))
        if (before in GONE) != (after in GONE):
            (left if after in GONE else back).append(change.edit.member.pk)
    if left:
        registry.tell_left(left, by=pen.by, now=pen.now, today=pen.today)
    if back:
        registry.tell_returned(back, by=pen.by, now=pen.now, today=pen.today)


def ask_for_duplicates(member_ids: Sequence[int], *, now: datetime) -> None:
    """Have these held against the others again, soon and in the background."""
    DuplicateCheck.objects.bulk_create(
        [DuplicateCheck(member_id=pk, asked_at=now) for pk in member_ids], ignore_conflicts=True, batch_size=1000
    )


def _tags_of(member_ids: Sequence[int]) -> dict[int, set[int]]:
    """The groups of each who is in one: one query for a thousand."""
    found: dict[int, set[int]] = {}
    for ids in _pieces(member_ids):
        for member_id, tag_id in _IN_GROUP.filter(member_id__in=ids).values_list("member_id", "tag_id"):
            found.setdefault(member_id, set()).add(tag_id)
    return found


def _pieces(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _IDS_AT_ONCE):
        yield ids[start : start + _IDS_AT_ONCE]


def _look(edit: Edit, tags: Collection[int]) -> _Change | None:
    """What of an edit is a change; the member gets its new values. `tags`: the groups it is in."""
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
    if edit.tags is not None and edit.tags != set(tags):
        told.append(("tags", sorted(tags), sorted(edit.tags)))
    return _Change(edit, columns, told, moves, old) if told else None


def _wanted(edit: Edit) -> dict[str, Any]:
    wanted = dict(edit.values)
    if wanted.get("email", edit.member.email) != edit.member.email:
        wanted.setdefault("email_bounced_on", None)
    return wanted


def _save_columns(changes: Sequence[_Change], pen: Pen) -> None:
    """Those who get the same values are saved with one statement; the others a hundred at a time."""
    alike: dict[tuple[tuple[str, Any], ...], list[Member]] = {}
    for change in changes:
        member = change.edit.member
        keys = [getattr(member, name) for name in _DERIVED]
        derive(member, change.edit.branch if change.moves else None)
        member.updated_at = pen.now
        names = [*sorted(change.columns), *(_PLACE if change.moves else ())]
        if keys != [getattr(member, name) for name in _DERIVED]:
            names += _DERIVED
        alike.setdefault(tuple((name, getattr(member, name)) for name in names), []).append(member)
    by_columns: dict[tuple[str, ...], list[Member]] = {}
    for values, members in alike.items():
        if len(members) == 1 and values:
            by_columns.setdefault(tuple(name for name, _value in values), []).extend(members)
            continue
        for ids in _pieces([member.pk for member in members]):
            Member.objects.filter(pk__in=ids).update(**dict(values), updated_at=pen.now)
    for names_alike, members in by_columns.items():
        columns = [name.removesuffix("_id") for name in names_alike]
        Member.objects.bulk_update(members, [*columns, "updated_at"], batch_size=_AT_ONCE)


def _save_tags(changes: Sequence[_Change]) -> None:
    """Rows that go, a statement for each group; rows that come, all at once."""
    gone: dict[int, list[int]] = {}
    come: list[Any] = []
    for change in changes:
        pk, after = change.edit.member.pk, change.edit.tags
        if after is None:
            continue
        before = change.tags_before
        for tag_id in before - after:
            gone.setdefault(tag_id, []).append(pk)
        if any(name == "tags" for name, _before, _after in change.told):
            come += (_IN_GROUP.model(member_id=pk, tag_id=tag_id) for tag_id in after - before)
    for tag_id, member_ids in gone.items():
        for ids in _pieces(member_ids):
            _IN_GROUP.filter(tag_id=tag_id, member_id__in=ids).delete()
    _IN_GROUP.bulk_create(come, batch_size=_IDS_AT_ONCE, ignore_conflicts=True)


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
            for name, before, after in (_kept(told, pen) for told in change.told)
        ),
        batch_size=1000,
    )


def _kept(told: tuple[str, Any, Any], pen: Pen) -> tuple[str, Any, Any]:
    """Of an internal note only that it was changed; in a piece of work what stood there too, while undo may need it."""
    name, before, _after = told
    if name != NOTE:
        return told
    return name, before if pen.batch else None, None


def _tell_log(changes: Sequence[_Change], pen: Pen) -> None:
    """One line a member, under the branch it belongs to now: who reads that branch's log, reads of its members.

    Where no user did it, the line says how it came about: a member who asks who has been there sees their own hand.
    """
    how = {} if pen.by else {"source": pen.source.value}
    by_branch: dict[int, list[_Change]] = {}
    for change in changes:
        by_branch.setdefault(change.edit.member.branch_id, []).append(change)
    for branch_id, found in by_branch.items():
        record_many(
            Verb.MEMBER_CHANGED,
            by=pen.by,
            branch_id=branch_id,
            subjects=[(c.edit.member, _in_log(c, pen) | how) for c in found],
        )


def _in_log(change: _Change, pen: Pen) -> dict[str, Any]:
    """Which fields; and of one who moved where from, so that the week's figures outlive the record itself."""
    details: dict[str, Any] = {"fields": ",".join(sorted(name for name, _before, _after in change.told))}
    if change.moves and pen.source != ChangeSource.REFORM:
        details["from_branch"] = change.old_branch_id
    return details
