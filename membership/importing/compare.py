"""A file's rows held against the register: who is new, what changes, who stays out. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _

from membership.enums import MemberStatus
from membership.importing.links import Links
from membership.importing.places import Places, foreign_branch
from membership.importing.problems import Problem, Severity
from membership.importing.rows import Row
from membership.importing.values import attributes, keep_ours
from membership.models import Branch, Member

CHUNK: Final = 1000
_GONE: Final = frozenset({MemberStatus.RESIGNED, MemberStatus.EXPELLED, MemberStatus.DECEASED})
# Not shown, and not compared aloud, for members with a protected address.
ADDRESS: Final = frozenset({"street", "care_of", "postal_code", "city"})


@dataclass(slots=True)
class Match:
    """What one row means for the register."""

    row: Row
    # None for a new member, and for a row that stays out.
    member: Member | None = None
    branch: Branch | None = None
    # Attribute → value; for a new member all of them, else those that differ.
    changes: dict[str, Any] = field(default_factory=dict)
    refused: bool = False
    # Told once, when compared: whether a member the register has moves to another branch.
    moves: bool = False
    # Ids of the groups the row names, where they are not the member's already.
    tags: frozenset[int] | None = None
    # Set when the member has been made.
    created: bool = False

    @property
    def is_new(self) -> bool:
        """Whether a member will be made."""
        return self.member is None and not self.refused

    @property
    def is_changed(self) -> bool:
        """Whether anything the register holds of this member will change."""
        return self.member is not None and (bool(self.changes) or self.moves or self.tags is not None)


def chunks(rows: Iterable[Row], size: int = CHUNK) -> Iterator[list[Row]]:
    """The rows, so many at a time."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk


def compare(rows: Sequence[Row], places: Places, *, lock: bool = False) -> list[Match]:
    """Hold one chunk of rows against the register with one query; with `lock`, inside a transaction, the rows stay put.

    Problems found here are added to the rows.
    """
    numbers = [row.values["member_number"] for row in rows if row.accepted]
    found = Member.objects.filter(member_number__in=numbers)
    if lock:
        found = found.select_for_update()
    known = {member.member_number: member for member in found}
    matches = [_match(row, known, places) for row in rows]
    Links(matches, places).tie()
    return matches


def _match(row: Row, known: Mapping[str, Member], places: Places) -> Match:
    if not row.accepted:
        return Match(row, refused=True)
    member = known.get(row.values["member_number"])
    if member is None:
        return _match_new(row, places)
    if not places.holds(member):
        return _refuse(row, *_number_taken())
    place = places.of(row.values) if "branch" in row.values else None
    if place and place.foreign:
        return _refuse(row, foreign_branch(), _("The member stays where it is."))
    if place and place.unknown:
        _unknown_branch(row, place.unknown, _("The member stays where it is."))
    branch = place.branch if place else None
    moves = branch is not None and branch.pk != member.branch_id
    return Match(row, member, branch, _differences(member, attributes(row.values)), moves=moves)


def _match_new(row: Row, places: Places) -> Match:
    if row.values.get("status") in _GONE:
        return _refuse(
            row, _("The person has left the party, and is not in the register here."), _("The row is skipped.")
        )
    place = places.of(row.values)
    if place.foreign:
        return _refuse(row, foreign_branch(), _("The row is skipped."))
    if place.unknown:
        outcome = _("The member is placed in %(branch)s.") % {"branch": places.branch.name}
        _unknown_branch(row, place.unknown, outcome)
    return Match(row, None, place.branch or places.branch, attributes(row.values))


def _number_taken() -> tuple[str, str]:
    # The same words whatever the reason: they must not tell that the number belongs to somebody elsewhere.
    return _("This member number cannot be used here. Ask the county."), _("The row is skipped.")


def _refuse(row: Row, what: str, outcome: str) -> Match:
    row.problems.append(Problem(row.number, "", what, outcome, Severity.REFUSED))
    return Match(row, refused=True)


def _unknown_branch(row: Row, typed: str, outcome: str) -> None:
    what = _("We know no branch called “%(name)s”.") % {"name": typed[:60]}
    row.problems.append(Problem(row.number, "", what, outcome, Severity.PROBLEM, typed))


def _differences(member: Member, wanted: Mapping[str, Any]) -> dict[str, Any]:
    changes = {name: value for name, value in wanted.items() if getattr(member, name) != value}
    keep_ours(member, changes)
    # Only a year, and another one: the date we had cannot be right.
    if "birth_year" in changes and "birth_on" not in wanted and member.birth_on is not None:
        changes["birth_on"] = None
    return changes
