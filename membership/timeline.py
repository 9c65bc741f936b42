"""What has happened with a member, newest first: from the register's own history, and from the apps above."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import groupby, pairwise
from typing import Final

from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from common.clock import OSLO
from membership.access import BranchRequest
from membership.changes import ADDRESS, NOTE, SECRET, label_of, shown
from membership.enums import BatchKind, ChangeSource, MemberStatus
from membership.extensions import Event, Text, registry
from membership.models import Branch, ChangeBatch, Member, MemberChange, Placement, Tag
from membership.roles import Permission

# So many are shown until one asks for all.
SHOWN: Final = 50
# So many changed fields are read: for the first fifty entries, and for “all”.
_READ: Final = 400
_READ_ALL: Final = 5_000
# Told by the field beside it, in the same piece of work or none.
_BESIDE: Final = frozenset({"mobile_ok", "phone_ok", "created_in", "number_is_local"})
# Values that are ids, or too long, or nobody's business here.
_UNTOLD: Final = frozenset({NOTE, "recruited_by_id", *SECRET})


@dataclass(frozen=True, slots=True)
class Line:
    """One field that was changed. `told` is off where what stood there is not shown."""

    label: str
    before: str = ""
    after: str = ""
    told: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; changes made in one go are one."""

    icon: str
    text: Text
    on: date | None = None
    at: datetime | None = None
    # By whom, and how.
    meta: str = ""
    detail: Text = ""
    lines: Sequence[Line] = ()

    @property
    def order(self) -> tuple[datetime, int]:
        """By time; what has only a day comes first on it, and what has no day before everything."""
        if self.at:
            return self.at, 1
        return datetime.combine(self.on or date.min, time.min, OSLO), 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the page shows, and whether there is more."""

    entries: Sequence[Entry]
    more: bool


@dataclass(slots=True)
class Words:
    """Names of branches and groups, for changes that hold their ids: two queries."""

    branches: dict[int, str] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, changes: Iterable[MemberChange], member: Member) -> Words:
        """The names these changes need. Asked for in any case: every member's page costs the same."""
        ids = {value for change in changes if change.field == "branch" for value in (change.before, change.after)}
        branches = Branch.objects.filter(pk__in=[0, *(pk for pk in ids if isinstance(pk, int))])
        tags = Tag.objects.filter(county_id=member.county_id)
        return cls(dict(branches.values_list("pk", "name")), dict(tags.values_list("pk", "name")))

    def value(self, name: str, value: object) -> str:
        """A kept value as it is read."""
        if name == "branch":
            return self.branches.get(value, "") if isinstance(value, int) else ""
        if name == "tags":
            names = [self.tags[pk] for pk in (value if isinstance(value, list) else []) if pk in self.tags]
            return ", ".join(sorted(names))
        return shown(name, value)


def lines_of(changes: Sequence[MemberChange], member: Member, words: Words, *, sees_notes: bool) -> list[Line]:
    """The fields of changes made in one go, without what is not to be seen."""
    fields = {change.field for change in changes}
    lines = []
    for change in changes:
        name = change.field
        if name in _BESIDE or (name == "birth_year" and "birth_on" in fields) or (name == NOTE and not sees_notes):
            continue
        if name in _UNTOLD or (name in ADDRESS and member.address_hidden):
            lines.append(Line(_label(name), told=False))
        else:
            lines.append(Line(_label(name), words.value(name, change.before), words.value(name, change.after)))
    return lines


def _label(name: str) -> str:
    return capfirst(label_of(name))


def timeline_of(
    member: Member, placements: Sequence[Placement], request: BranchRequest, *, everything: bool
) -> Timeline:
    """All that is known, from the register and from the apps above; what one has no right to is left out."""
    sees_notes = Permission.VIEW_NOTES in request.access
    changes = list(
        MemberChange.objects.of([member.pk])
        .newest_first()
        .select_related("by", "batch")[: _READ_ALL if everything else _READ]
    )
    words = Words.of(changes, member)
    entries = [
        *_changed(changes, member, words, sees_notes),
        *_joined(member),
        *_moved(placements, changes),
        *_left(member, changes),
        *_of_apps(member, request),
    ]
    entries.sort(key=lambda entry: entry.order, reverse=True)
    if everything:
        return Timeline(entries, more=False)
    return Timeline(entries[:SHOWN], more=len(entries) > SHOWN or len(changes) == _READ)


def _changed(changes: Sequence[MemberChange], member: Member, words: Words, sees_notes: bool) -> Iterator[Entry]:
    def together(change: MemberChange) -> tuple[object, ...]:
        return change.at, change.by_id, change.source, change.batch_id

    for _key, group in groupby(changes, together):
        made = list(group)[::-1]
        lines = lines_of(made, member, words, sees_notes=sees_notes)
        if lines:
            icon, text, told = _headline(made, words)
            rest = [line for line in lines if line.label not in told]
            yield Entry(icon, text, localtime(made[0].at).date(), made[0].at, _by(made[0]), lines=rest)


def _headline(changes: Sequence[MemberChange], words: Words) -> tuple[str, str, frozenset[str]]:
    """An icon, a sentence, and the labels of the fields that the sentence tells of already."""
    by_field = {change.field: change for change in changes}
    if moved := by_field.get("branch"):
        names = {"before": words.value("branch", moved.before), "after": words.value("branch", moved.after)}
        return "Branching", _("Moved from %(before)s to %(after)s") % names, frozenset({_label("branch")})
    if status := by_field.get("status"):
        return "PersonCheckmark", _status(status), frozenset({_label("status")})
    if merged := by_field.get("merged"):
        number = merged.after or merged.before or ""
        return (
            "PersonGroup",
            _("Merged with the record %(number)s") % {"number": number},
            frozenset({_label("merged")}),
        )
    if set(by_field) == {"checked_on"}:
        return "Checkmark", _("Checked: everything was right"), frozenset({_label("checked_on")})
    if set(by_field) == {"email_bounced_on"}:
        back = by_field["email_bounced_on"].after
        text = _("Email came back") if back else _("Email did not come back after all")
        return "EnvelopeClosed", text, frozenset({_label("email_bounced_on")})
    if changes[0].source == ChangeSource.IMPORT:
        return "FileImport", _("Changed by an import"), frozenset()
    return "Pencil", _("Details changed"), frozenset()


def _status(change: MemberChange) -> str:
    if change.after == MemberStatus.MEMBER and change.before == MemberStatus.APPLIED:
        return _("Taken up as a member")
    if change.after == MemberStatus.MEMBER:
        return _("Member again")
    return str(MemberStatus(change.after).label) if change.after in MemberStatus.values else str(change.after)


def _by(change: MemberChange) -> str:
    """“Kari Nordvik, by hand”; a user who is gone is not named."""
    how = ChangeSource(change.source).label
    return f"{change.by.name}, {how}" if change.by else str(capfirst(how))


def _joined(member: Member) -> Iterator[Entry]:
    if member.joined_on:
        yield Entry("PersonPlus", _("Joined the party"), member.joined_on)
    batch: ChangeBatch | None = member.created_in
    if batch and batch.kind == BatchKind.IMPORT:
        yield Entry("FileImport", _("Came in with an import"), localtime(batch.at).date(), batch.at)


def _moved(placements: Sequence[Placement], changes: Sequence[MemberChange]) -> Iterator[Entry]:
    """Moves that the history of changes does not tell of: from before it was kept."""
    told = [(change.before, change.after) for change in changes if change.field == "branch"]
    for before, after in pairwise(placements):
        if before.branch_id == after.branch_id:
            # Two records of one person who belonged to one branch all the time.
            continue
        if (before.branch_id, after.branch_id) in told:
            told.remove((before.branch_id, after.branch_id))
            continue
        names = {"before": before.branch.name, "after": after.branch.name}
        yield Entry("Branching", _("Moved from %(before)s to %(after)s") % names, after.from_on or before.to_on)


def _left(member: Member, changes: Sequence[MemberChange]) -> Iterator[Entry]:
    gone = member.status not in (MemberStatus.MEMBER, MemberStatus.APPLIED)
    told = any(change.field == "status" and change.after == member.status for change in changes)
    if gone and member.left_on and not told:
        yield Entry("DoorOpen", MemberStatus(member.status).label, member.left_on)


def _of_apps(member: Member, request: BranchRequest) -> Iterator[Entry]:
    for source in registry.timeline:
        if source.permission in request.access:
            for event in source.events(member, request.branch, request.today):
                yield _entry(event)


def _entry(event: Event) -> Entry:
    return Entry(event.icon, event.text, event.on, event.at, detail=event.detail)
