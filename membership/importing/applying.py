"""Writing a file's rows to the register, one chunk and one transaction at a time.

A worker that dies leaves whole chunks behind it; the same file again changes nothing in them and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from accounts.actions import record_many
from accounts.enums import Verb
from accounts.models import User
from common.garbage import collector_paused
from membership.actions.members import derive, place
from membership.actions.summaries import recount
from membership.enums import MemberSource, MemberStatus
from membership.extensions import ImportedRow, registry
from membership.importing.compare import Match, chunks, compare
from membership.importing.places import Places
from membership.importing.preview import Tally
from membership.importing.rows import Row
from membership.models import Branch, Member, Placement

# Others keep copies of these.
_COPIED: Final = frozenset({"first_name", "last_name", "status"})
_DERIVED: Final = ("sort_key", "search_text", "household_key", "branch", "municipal", "county", "updated_at")

Options = Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class Applying:
    """One import as it is written: `options` are the extensions' cleaned choices, by their name."""

    places: Places
    options: Options
    by: User
    today: date
    progress: Callable[[int], None] = lambda _done: None
    tally: Tally = field(default_factory=Tally)

    @collector_paused()
    def run(self, rows: Iterable[Row]) -> Tally:
        """Write all rows that may go in; returns the counts."""
        for chunk in chunks(rows):
            self._write(chunk)
            self.progress(self.tally.rows + self.tally.skipped)
        for extension in registry.imports:
            extension.finish(self.places.branch, self.options[extension.name], by=self.by, today=self.today)
        return self.tally

    @transaction.atomic
    def _write(self, chunk: Sequence[Row]) -> None:
        # Two imports into one county take turns, chunk by chunk: neither meets a number half written by the other.
        Branch.objects.select_for_update().get(pk=self.places.branch.root_id)
        matches = compare(chunk, self.places, lock=True)
        before = {match.member.branch_id for match in matches if match.member and match.moves}
        new = [match for match in matches if match.is_new]
        changed = [match for match in matches if match.is_changed]
        self._create(new)
        self._update(changed)
        self._tell(matches, changed)
        touched = {match.member.branch_id for match in (*new, *changed) if match.member}
        if touched:
            recount(touched | before)
        for match in matches:
            self.tally.add(match)

    def _create(self, matches: Sequence[Match]) -> None:
        made = [self._new_member(match) for match in matches]
        for member, match in zip(Member.objects.bulk_create(made), matches, strict=True):
            match.member, match.created = member, True
        Placement.objects.bulk_create(
            Placement(member=member, branch_id=member.branch_id, from_on=member.joined_on) for member in made
        )

    def _new_member(self, match: Match) -> Member:
        values = {"status": MemberStatus.MEMBER, "source": MemberSource.REGISTER_FILE} | match.changes
        member = Member(member_number=match.row.values["member_number"], **values)
        derive(member, match.branch)
        return member

    def _update(self, matches: Sequence[Match]) -> None:
        by_columns: dict[tuple[str, ...], list[Member]] = {}
        for match in matches:
            member = match.member
            assert member is not None  # noqa: S101 - told to the type checker: only known members change
            for name, value in match.changes.items():
                setattr(member, name, value)
            derive(member, match.branch if match.moves else None)
            member.updated_at = timezone.now()
            by_columns.setdefault(tuple(sorted(match.changes)), []).append(member)
        for columns, members in by_columns.items():
            Member.objects.bulk_update(members, [*columns, *_DERIVED], batch_size=100)
        for match in matches:
            if match.branch and match.member:
                place(match.member, on=self.today)
        self._log(matches)

    def _log(self, matches: Sequence[Match]) -> None:
        record_many(
            Verb.MEMBER_CHANGED,
            by=self.by,
            branch_id=self.places.branch.pk,
            subjects=[(match.member, {"fields": ",".join(sorted(match.changes))}) for match in matches if match.member],
        )

    def _tell(self, matches: Sequence[Match], changed: Sequence[Match]) -> None:
        followers = [m.member.pk for m in changed if m.member and (m.branch or _COPIED & m.changes.keys())]
        if followers:
            registry.tell_changed(followers)
        rows = [imported(match) for match in matches if not match.refused]
        for extension in registry.imports:
            extension.apply(self.places.branch, self.options[extension.name], rows, by=self.by, today=self.today)


def imported(match: Match) -> ImportedRow:
    """What the apps above are told of one row."""
    member, branch = match.member, match.branch
    branch_id = branch.pk if branch else member.branch_id if member else 0
    status = match.changes.get("status") or (member.status if member else MemberStatus.MEMBER)
    return ImportedRow(member.pk if member else None, branch_id, status, match.row.values)
