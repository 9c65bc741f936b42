"""What was corrected here that the central register does not know: net, per member and field, between two reports.

A later import of the same field supersedes: the central register has spoken of it since. What came back to where it
was is no correction. Reads only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, starmap
from operator import attrgetter
from typing import Any, Final, NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from membership.changes import ADDRESS, label_of, shown, to_json
from membership.enums import AddressProtection, ChangeSource
from membership.models import Branch, CorrectionsReport, Member, MemberChange, MemberChangeQuerySet, MemberQuerySet
from membership.models.member import GONE

# Another record was folded into this one; each by its own number.
MERGED: Final = "merged"
# What the central register keeps too. The rest is only ours: docs/register-files.md says why of each.
REPORTED: Final = (
    "first_name",
    "last_name",
    "birth_on",
    "birth_year",
    "gender",
    "care_of",
    "street",
    "postal_code",
    "city",
    "email",
    "mobile",
    "phone",
    "language",
    "status",
    "category",
    "joined_on",
    "left_on",
    "branch",
    MERGED,
    "no_email",
    "no_sms",
    "no_phone",
    "no_post",
    "no_newsletter",
    "no_meetings",
    "no_surveys",
    "no_recruitment",
    "fundraising_consent_on",
)
_ORDER: Final = {name: place for place, name in enumerate(REPORTED)}
# For a member the central register has never heard of: what there is.
_TOLD_OF_NEW: Final = tuple(name for name in REPORTED if name not in {"branch", MERGED})
_NEEDED: Final = (
    "member_id",
    "field",
    "before",
    "after",
    "source",
    "at",
    "by__name",
    "member__member_number",
    "member__first_name",
    "member__last_name",
    "member__address_protection",
    "member__status",
)
# Of whoever has left the central register must know that, by the number: not a word more.
_TOLD_OF_GONE: Final = ("status", "left_on")


class Change(NamedTuple):
    """One change as it is read here: a plain row, because there may be very many."""

    member_id: int
    field: str
    before: Any
    after: Any
    source: str
    at: datetime
    by: str | None
    number: str
    first_name: str
    last_name: str
    protection: str
    status: str


@dataclass(frozen=True, slots=True)
class Span:
    """From after one report to the end of another: ids of changes; for members the times they were registered."""

    after: int = 0
    up_to: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """One line: of whom, which field, from what to what, when, and by whom. A new member's first line says so."""

    member_id: int
    number: str
    last_name: str
    first_name: str
    field: str
    before: str
    after: str
    at: datetime
    by: str

    @property
    def name(self) -> str:
        """As lists have it."""
        return ", ".join(filter(None, (self.last_name, self.first_name))) or self.number


@dataclass(slots=True)
class _Net:
    """One field of one member, as far as the changes have been read."""

    before: Any
    after: Any
    at: datetime
    by: str


def span_of(report: CorrectionsReport | None, before: CorrectionsReport | None) -> Span:
    """What one report told; without a report, what has come after the last."""
    return Span(
        before.up_to if before else 0,
        report.up_to if report else None,
        before.at if before else None,
        report.at if report else None,
    )


def corrections(branch: Branch, span: Span) -> Iterator[Correction]:
    """The lines in the order of the list, new members first; as they come, however many."""
    new = _reported(branch.members).filter(number_is_local=True)
    if span.since:
        new = new.filter(created_at__gt=span.since)
    if span.until:
        new = new.filter(created_at__lte=span.until)
    # By id: those who are new in this span are told whole, and not of again.
    told: set[int] = set()
    names = _Names()
    for member in new.in_order().iterator(chunk_size=500):
        told.add(member.pk)
        yield from _of_new(member, names)
    changes = _changes(branch, span).order_by("member__sort_key", "member_id", "id")
    rows = changes.values_list(*_NEEDED).iterator(chunk_size=2000)
    for pk, group in groupby(starmap(Change, rows), key=attrgetter("member_id")):
        if pk not in told:
            yield from _of_member(list(group), names)


def left_out(branch: Branch, span: Span) -> int:
    """How many members with a strict protection have been changed: they stand in no file."""
    strict = branch.members.filter(address_protection=AddressProtection.STRICT)
    found = _in_span(MemberChange.objects.made_here().filter(member__in=strict, field__in=REPORTED), span)
    return found.values("member_id").distinct().count()


def _reported(members: MemberQuerySet) -> MemberQuerySet:
    return members.exclude(address_protection=AddressProtection.STRICT)


def _changes(branch: Branch, span: Span) -> MemberChangeQuerySet:
    found = (
        MemberChange.objects.filter(field__in=REPORTED, **branch.scope_of("member__"))
        .exclude(member__address_protection=AddressProtection.STRICT)
        .exclude(member__status__in=GONE, member__number_is_local=True)
    )
    return _in_span(found, span)


def _in_span(changes: MemberChangeQuerySet, span: Span) -> MemberChangeQuerySet:
    later = changes.since(span.after)
    return later.filter(pk__lte=span.up_to) if span.up_to is not None else later


class _Names:
    """The words for fields and branches, each asked for once."""

    def __init__(self) -> None:
        self._branches: dict[int, str] = {}
        self._labels: dict[str, str] = {}

    def label(self, name: str) -> str:
        """What a field is called, as a heading."""
        if name not in self._labels:
            self._labels[name] = str(capfirst(label_of(name)))
        return self._labels[name]

    def of(self, name: str, value: Any) -> str:
        """A kept value as it is read."""
        return self._branch(value) if name == "branch" else shown(name, value)

    def _branch(self, pk: Any) -> str:
        if not self._branches:
            self._branches = dict(Branch.objects.values_list("pk", "name"))
        return self._branches.get(pk, "") if isinstance(pk, int) else ""


def net(changes: Iterable[Change]) -> dict[tuple[str, str], _Net]:
    """One member's changes in order, as what they come to, by field; of records folded in, each by its number."""
    found: dict[tuple[str, str], _Net] = {}
    for change in changes:
        key = (change.field, str(change.after or change.before) if change.field == MERGED else "")
        if change.source == ChangeSource.IMPORT:
            # The central register has told what it knows: what was corrected before that is no longer ours to tell.
            found.pop(key, None)
        elif known := found.get(key):
            known.after, known.at, known.by = change.after, change.at, _by(change)
        else:
            found[key] = _Net(change.before, change.after, change.at, _by(change))
    return {key: told for key, told in found.items() if told.before != told.after}


def _by(change: Change) -> str:
    if change.source == ChangeSource.MEMBER:
        return _("The member")
    return change.by or ""


def _of_member(changes: list[Change], names: _Names) -> Iterator[Correction]:
    who, found = changes[0], net(changes)
    has_left = who.status in GONE
    person = (who.member_id, who.number, *(("", "") if has_left else (who.last_name, who.first_name)))
    for name, number in sorted(found, key=lambda key: (_ORDER[key[0]], key[1])):
        told = found[name, number]
        if has_left and name not in _TOLD_OF_GONE:
            continue
        if _is_told(name, found, hidden=bool(who.protection)):
            before, after = names.of(name, told.before), names.of(name, told.after)
            yield Correction(*person, names.label(name), before, after, told.at, told.by)


def _is_told(name: str, found: Mapping[tuple[str, str], _Net], *, hidden: bool) -> bool:
    if name in ADDRESS and hidden:
        return False
    # The day says the year too.
    return name != "birth_year" or ("birth_on", "") not in found


def _of_new(member: Member, names: _Names) -> Iterator[Correction]:
    person = (member.pk, member.member_number, member.last_name, member.first_name)
    at = member.created_at
    yield Correction(*person, str(capfirst(_("registered here"))), "", _("New"), at, "")
    for name in _TOLD_OF_NEW:
        value = getattr(member, name)
        hidden = name in ADDRESS and member.address_hidden
        if value and not hidden and not (name == "birth_year" and member.birth_on):
            yield Correction(*person, names.label(name), "", names.of(name, to_json(value)), at, "")
    yield Correction(*person, names.label("branch"), "", names.of("branch", member.branch_id), at, "")
