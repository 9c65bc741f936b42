"""A file's rows held against the register: who is new, what changes, who waits, who stays out. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _

from membership.actions.numbers import digest_of
from membership.enums import MemberStatus
from membership.importing.asked import NEW, SKIP, UPDATE, Asked
from membership.importing.candidates import Candidates
from membership.importing.links import Links
from membership.importing.places import Places, foreign_branch
from membership.importing.problems import Problem, Severity
from membership.importing.rows import Row
from membership.importing.values import attributes, emptied, keep_ours
from membership.importing.young import is_too_young, member_is_too_young
from membership.models import Branch, ErasedNumber, FormerNumber, Member
from membership.models.member import GONE as HIDDEN

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
    # Nobody has said who it is; ids of those it may be.
    waits: bool = False
    candidates: list[int] = field(default_factory=list)
    # Filled fields whose cell is empty.
    emptied: int = 0
    # A number that from now on leads to the member.
    former_number: str = ""
    # All it lacks is a number: it could be registered, with one given here.
    lacks_number: bool = False

    @property
    def goes_in(self) -> bool:
        """Whether the row stands in the register after the import."""
        return not self.refused and not self.waits

    @property
    def is_new(self) -> bool:
        """Whether a member will be made."""
        return self.member is None and self.goes_in

    @property
    def is_changed(self) -> bool:
        """Whether anything the register holds of this member will change."""
        return self.member is not None and (bool(self.changes) or self.moves or self.tags is not None)


@dataclass(slots=True)
class _Known:
    """What the register knows of one chunk's rows."""

    by_number: dict[str, Member]
    by_former: dict[str, Member]
    decided: dict[int, Member]
    erased: dict[str, date]
    candidates: dict[int, list[int]]


def chunks(rows: Iterable[Row], size: int = CHUNK) -> Iterator[list[Row]]:
    """The rows, so many at a time."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk


def numbers_of(rows: Iterable[Row]) -> frozenset[str]:
    """The member numbers of the rows that may go in."""
    return frozenset(row.values["member_number"] for row in rows if row.accepted)


class Comparison:
    """One import's rows against the register, some at a time.

    `numbers` are all numbers in the file; members with higher ids than `before` came in with it.
    """

    def __init__(
        self,
        places: Places,
        *,
        today: date,
        asked: Asked | None = None,
        numbers: frozenset[str] = frozenset(),
        before: int | None = None,
    ) -> None:
        self._places = places
        self._today = today
        self._asked = asked or Asked()
        self._numbers = numbers
        self._candidates = Candidates(places, numbers, before)
        # Members that a row has been led to by another number, or by the officer.
        self.claimed: set[int] = set()
        self._any_erased = ErasedNumber.objects.exists()
        self._any_former = FormerNumber.objects.exists()

    def of(self, rows: Sequence[Row], *, lock: bool = False) -> list[Match]:
        """Hold one chunk against the register; with `lock`, inside a transaction, the members stay put.

        Problems found here are added to the rows.
        """
        known = self._known(rows, lock=lock)
        matches = [self._match(row, known) for row in rows]
        Links(matches, self._places).tie()
        return matches

    def _known(self, rows: Sequence[Row], *, lock: bool) -> _Known:
        numbers = [row.values["member_number"] for row in rows if row.accepted]
        by_number = {member.member_number: member for member in _members(lock, member_number__in=numbers)}
        unknown = [number for number in numbers if number not in by_number]
        by_former = self._by_former(unknown, lock)
        erased = self._erased([number for number in unknown if number not in by_former])
        open_rows = [
            row
            for row in rows
            if row.numberless
            or (row.accepted and (number := row.values["member_number"]) not in by_number and number not in by_former)
        ]
        told = (self._asked.decisions.get(row.number) for row in open_rows)
        ids = [decision.member_id for decision in told if decision and decision.member_id]
        found = _members(lock, pk__in=ids, **self._places.scope) if ids else ()
        decided = {member.pk: member for member in found if member.status not in HIDDEN}
        candidates = self._candidates.find(open_rows) if open_rows else {}
        return _Known(by_number, by_former, decided, erased, candidates)

    def _by_former(self, numbers: Sequence[str], lock: bool) -> dict[str, Member]:
        if not numbers or not self._any_former:
            return {}
        leads = dict(FormerNumber.objects.filter(number__in=numbers).values_list("number", "member_id"))
        members = {member.pk: member for member in _members(lock, pk__in=leads.values())} if leads else {}
        return {number: members[pk] for number, pk in leads.items() if pk in members}

    def _erased(self, numbers: Sequence[str]) -> dict[str, date]:
        if not numbers or not self._any_erased:
            return {}
        digests = {digest_of(number): number for number in numbers}
        found = ErasedNumber.objects.filter(digest__in=list(digests)).values_list("digest", "erased_on")
        return {digests[digest]: erased_on for digest, erased_on in found}

    def _match(self, row: Row, known: _Known) -> Match:
        if row.numberless:
            return self._unknown(row, known)
        if not row.accepted:
            return Match(row, refused=True)
        number = row.values["member_number"]
        if member := known.by_number.get(number):
            return self._of_member(row, member)
        if member := known.by_former.get(number):
            return self._of_former(row, member)
        if (erased_on := known.erased.get(number)) and not _joined_after(row, erased_on):
            # Not a word of who it was.
            return _refuse(row, _("This member number has been erased here."), _("The row is skipped."))
        return self._unknown(row, known)

    def _of_former(self, row: Row, member: Member) -> Match:
        if self._places.holds(member) and self._is_spoken_for(member):
            what = _("The member has another row in the file, under the number that counts now.")
            return _refuse(row, what, _("The row is skipped."))
        self.claimed.add(member.pk)
        return self._of_member(row, member)

    def _is_spoken_for(self, member: Member) -> bool:
        return member.member_number in self._numbers or member.pk in self.claimed

    def _unknown(self, row: Row, known: _Known) -> Match:
        candidates = known.candidates.get(row.number, [])
        match = self._by_decision(row, known) or self._undecided(row, candidates)
        match.candidates = candidates
        return match

    def _by_decision(self, row: Row, known: _Known) -> Match | None:
        """What the officer said; None where nothing was said, or of somebody who is not there any more."""
        decision = self._asked.decisions.get(row.number)
        if decision is None:
            return None
        if decision.do == SKIP:
            return _stay_out(row, _("You chose to skip the row."))
        if decision.do == NEW:
            return self._of_nobody(row)
        member = known.decided.get(decision.member_id or 0) if decision.do == UPDATE else None
        return self._decided(row, member) if member and not self._is_spoken_for(member) else None

    def _undecided(self, row: Row, candidates: list[int]) -> Match:
        if candidates and not self._asked.undecided_are_new:
            row.problems = [problem for problem in row.problems if not problem.stops_row]
            what = _("The row may be somebody who is in the register already.")
            row.problems.append(Problem(row.number, "", what, _("It waits until you have said who."), Severity.WAITS))
            return Match(row, waits=True)
        if row.numberless and not self._asked.new_without_number:
            return Match(row, refused=True, lacks_number=True)
        return self._of_nobody(row)

    def _decided(self, row: Row, member: Member) -> Match:
        """The officer has said who it is: the number follows, and the one it had still leads here."""
        self.claimed.add(member.pk)
        _let_in(row)
        match = self._of_member(row, member)
        number = row.values.get("member_number")
        if match.goes_in and number:
            if member.number_is_local:
                match.former_number = member.member_number
                match.changes |= {"member_number": number, "number_is_local": False}
            else:
                match.former_number = number
        return match

    def _of_member(self, row: Row, member: Member) -> Match:
        if not self._places.holds(member):
            return _refuse(row, *_number_taken())
        if member.status in HIDDEN:
            return _of_one_who_left(row, member)
        place = self._places.of(row.values) if "branch" in row.values else None
        if place and place.foreign:
            return _refuse(row, foreign_branch(), _("The member stays where it is."))
        if place and place.unknown:
            _unknown_branch(row, place.unknown, _("The member stays where it is."))
        branch = place.branch if place else None
        moves = branch is not None and branch.pk != member.branch_id
        changes = _differences(member, attributes(row.values))
        self._keep_children_out(row, member, changes)
        wiped = _wiped(row, member)
        if self._asked.empties_wipe:
            changes = wiped | changes
        return Match(row, member, branch, changes, moves=moves, emptied=_count(wiped))

    def _keep_children_out(self, row: Row, member: Member, changes: dict[str, Any]) -> None:
        if changes.get("status") == MemberStatus.MEMBER and member_is_too_young(member, row.values, self._today):
            del changes["status"]
            _too_young(row, _("The status stays as it is."))

    def _of_nobody(self, row: Row) -> Match:
        _let_in(row)
        if row.values.get("status") in _GONE:
            return _refuse(
                row, _("The person has left the party, and is not in the register here."), _("The row is skipped.")
            )
        place = self._places.of(row.values)
        if place.foreign:
            return _refuse(row, foreign_branch(), _("The row is skipped."))
        if place.unknown:
            outcome = _("The member is placed in %(branch)s.") % {"branch": self._places.branch.name}
            _unknown_branch(row, place.unknown, outcome)
        changes = attributes(row.values)
        if changes.get("status", MemberStatus.MEMBER) == MemberStatus.MEMBER and is_too_young(row.values, self._today):
            changes["status"] = MemberStatus.APPLIED
            _too_young(row, _("The person is registered as applied. Record the consent, and then make them a member."))
        return Match(row, None, place.branch or self._places.branch, changes)


def _members(lock: bool, **conditions: Any) -> Iterable[Member]:
    found = Member.objects.filter(**conditions)
    return found.order_by("pk").select_for_update() if lock else found


def _joined_after(row: Row, day: date) -> bool:
    joined = row.values.get("joined")
    return joined is not None and joined > day


def _let_in(row: Row) -> None:
    """A row without a number goes in after all."""
    if row.numberless:
        row.problems = [problem for problem in row.problems if not problem.stops_row]


def _number_taken() -> tuple[str, str]:
    # The same words whatever the reason: they must not tell that the number belongs to somebody elsewhere.
    return _("This member number cannot be used here. Ask the county."), _("The row is skipped.")


def _refuse(row: Row, what: str, outcome: str) -> Match:
    row.problems.append(Problem(row.number, "", what, outcome, Severity.REFUSED))
    return Match(row, refused=True)


def _of_one_who_left(row: Row, member: Member) -> Match:
    """A file never brings back whoever has left: it may be older than that. One that says so too changes nothing."""
    if row.values.get("status") in _GONE:
        return Match(row, member)
    what = _("The person has left the party, and is not brought back by a file.")
    return _refuse(row, what, _("The row is skipped. Register one who has joined again as a new member."))


def _stay_out(row: Row, what: str) -> Match:
    row.problems = [problem for problem in row.problems if not problem.stops_row]
    return _refuse(row, what, _("The row is left out."))


def _too_young(row: Row, outcome: str) -> None:
    what = _("The person is under 15, or may be, and needs the consent of a guardian.")
    row.problems.append(Problem(row.number, "", what, outcome, Severity.PROBLEM))


def _unknown_branch(row: Row, typed: str, outcome: str) -> None:
    what = _("We know no branch called “%(name)s”.") % {"name": typed[:60]}
    row.problems.append(Problem(row.number, "", what, outcome, Severity.PROBLEM, typed))


def _wiped(row: Row, member: Member) -> dict[str, Any]:
    """The filled fields whose cell is empty, with what they would be emptied to.

    A protected address is never wiped: registers that protect it leave the cells empty.
    """
    return {
        column: empty
        for column, empty in emptied(row.empty).items()
        if getattr(member, column) != empty and not (column in ADDRESS and member.address_hidden)
    }


def _count(wiped: Mapping[str, Any]) -> int:
    # Day and year of birth are one field to the reader.
    return len({"birth_on" if name == "birth_year" else name for name in wiped} - {"mobile_ok", "phone_ok"})


def _differences(member: Member, wanted: Mapping[str, Any]) -> dict[str, Any]:
    changes = {name: value for name, value in wanted.items() if getattr(member, name) != value}
    keep_ours(member, changes)
    # Only a year, and another one: the date we had cannot be right.
    if "birth_year" in changes and "birth_on" not in wanted and member.birth_on is not None:
        changes["birth_on"] = None
    return changes
