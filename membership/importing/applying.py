"""Writing a file's rows to the register, one chunk and one transaction at a time.

A worker that dies leaves whole chunks behind it; the same file again changes nothing in them and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from accounts.models import User
from common import clock
from common.garbage import collector_paused
from membership.actions.editing import Edit, Pen, create, open_batch, write
from membership.actions.members import derive
from membership.actions.summaries import recount
from membership.enums import BatchKind, ChangeSource, MemberSource, MemberStatus
from membership.extensions import ImportedRow, registry
from membership.importing.compare import Match, chunks, compare
from membership.importing.places import Places
from membership.importing.preview import Tally
from membership.importing.rows import Row
from membership.models import Branch, ChangeBatch, Member

Options = Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class Applying:
    """One import as it is written: `options` are the extensions' cleaned choices, by their name."""

    places: Places
    options: Options
    by: User
    today: date
    # What the import can be taken back by; opened with the first chunk where none is given.
    batch: ChangeBatch | None = None
    progress: Callable[[int], None] = lambda _done: None
    tally: Tally = field(default_factory=Tally)

    @collector_paused()
    def run(self, rows: Iterable[Row]) -> Tally:
        """Write all rows that may go in; returns the counts."""
        if self.batch is None:
            self.batch = open_batch(self.places.branch, kind=BatchKind.IMPORT, by=self.by, now=clock.now())
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
        self._tell(matches)
        touched = {match.member.branch_id for match in (*new, *changed) if match.member}
        if touched:
            recount(touched | before)
        for match in matches:
            self.tally.add(match)

    def _create(self, matches: Sequence[Match]) -> None:
        made = create([self._new_member(match) for match in matches], pen=self._pen(), quietly=True)
        for member, match in zip(made, matches, strict=True):
            match.member, match.created = member, True
        through = Member.tags.through
        through.objects.bulk_create(
            through(member_id=match.member.pk, tag_id=tag)
            for match in matches
            if match.member and match.tags
            for tag in sorted(match.tags)
        )

    def _new_member(self, match: Match) -> Member:
        values = {"status": MemberStatus.MEMBER, "source": MemberSource.REGISTER_FILE} | match.changes
        member = Member(member_number=match.row.values["member_number"], **values)
        derive(member, match.branch)
        return member

    def _update(self, matches: Sequence[Match]) -> None:
        edits = [
            Edit(match.member, match.changes, match.branch if match.moves else None, match.tags)
            for match in matches
            if match.member is not None
        ]
        write(edits, pen=self._pen(), quietly=True)

    def _pen(self) -> Pen:
        return Pen(self.by, ChangeSource.IMPORT, clock.now(), self.today, self.batch)

    def _tell(self, matches: Sequence[Match]) -> None:
        rows = [imported(match) for match in matches if not match.refused]
        for extension in registry.imports:
            extension.apply(self.places.branch, self.options[extension.name], rows, by=self.by, today=self.today)


def imported(match: Match) -> ImportedRow:
    """What the apps above are told of one row."""
    member, branch = match.member, match.branch
    branch_id = branch.pk if branch else member.branch_id if member else 0
    status = match.changes.get("status") or (member.status if member else MemberStatus.MEMBER)
    return ImportedRow(member.pk if member else None, branch_id, status, match.row.values)
