"""Writing a file's rows to the register, one chunk and one transaction at a time.

A worker that dies leaves whole chunks behind it; the next goes on where the last chunk ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from common import clock
from common.garbage import collector_paused
from jobs.actions import JobLost
from membership.actions.editing import Edit, Pen, create, open_batch, write
from membership.actions.members import derive
from membership.actions.numbers import next_local_numbers
from membership.actions.summaries import recount
from membership.enums import BatchKind, ChangeSource, ImportState, MemberSource, MemberStatus
from membership.extensions import ImportedRow, registry
from membership.importing.asked import Asked
from membership.importing.compare import Comparison, Match, chunks, numbers_of
from membership.importing.lines import Kept, line_of, problems_of
from membership.importing.places import Places
from membership.importing.preview import COUNTED, Tally
from membership.importing.rows import Row
from membership.models import Branch, ChangeBatch, FormerNumber, Member, RegisterImport

Options = Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class Reached:
    """How far an import has come, kept with each chunk: what a worker that takes over goes on from."""

    chunks: int = 0
    rows: int = 0
    # The highest member id before it began.
    before: int = 0
    # Members that a row was led to by another number, or by the officer.
    claimed: list[int] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Reached:
        """Back from what an import keeps."""
        return (
            cls(**{name: kept[name] for name in ("chunks", "rows", "before", "claimed", "counts")}) if kept else cls()
        )

    def to_json(self) -> dict[str, Any]:
        """As an import keeps it; `at` is the sign of life of one that no job watches over."""
        return {
            "chunks": self.chunks,
            "rows": self.rows,
            "before": self.before,
            "claimed": self.claimed,
            "counts": self.counts,
            "at": clock.machine_time().isoformat(),
        }


@dataclass(slots=True)
class Applying:
    """One import as it is written: `options` are the extensions' cleaned choices, by their name.

    With `pk`, the import's own, nobody else writes into the county meanwhile, and it can be gone on with.
    """

    places: Places
    options: Options
    by: User
    today: date
    asked: Asked = field(default_factory=Asked)
    pk: UUID | None = None
    # What the import can be taken back by; opened with the first chunk where none is given.
    batch: ChangeBatch | None = None
    progress: Callable[[int], None] = lambda _done: None
    tally: Tally = field(default_factory=Tally)
    reached: Reached = field(default_factory=Reached)

    @collector_paused()
    def run(self, rows: Iterable[Row]) -> Tally:
        """Write all rows that may go in and are not in yet; returns the counts of all. Raises `JobLost`."""
        known = list(rows)
        self._begin()
        comparison = Comparison(
            self.places, today=self.today, asked=self.asked, numbers=numbers_of(known), before=self.reached.before
        )
        comparison.claimed |= set(self.reached.claimed)
        self.progress(self.reached.rows)
        for chunk in chunks(known[self.reached.rows :]):
            self._write(chunk, comparison)
            self.progress(self.reached.rows)
        for extension in registry.imports:
            extension.finish(
                self.places.branch, self.options[extension.name], by=self.by, today=self.today, batch_id=self._batch_id
            )
        return self.tally

    @transaction.atomic
    def _begin(self) -> None:
        if self.pk:
            held = self._held(self.pk)
            self.batch, self.reached = held.batch or self.batch, Reached.of(held.reached)
            for name, count in self.reached.counts.items():
                setattr(self.tally, name, count)
            for line in Kept(self.pk).all(self.reached.chunks):
                self.tally.problems.extend(problems_of(line))
        if not self.reached.rows:
            newest = Member.objects.order_by("-pk").values_list("pk", flat=True).first()
            self.reached.before = newest or 0
        if self.batch is None:
            self.batch = open_batch(self.places.branch, kind=BatchKind.IMPORT, by=self.by, now=clock.now())
        if self.pk:
            RegisterImport.objects.filter(pk=self.pk).update(batch=self.batch)

    @staticmethod
    def _held(pk: UUID) -> RegisterImport:
        """The import, locked; whoever finds it elsewhere than where they left it, has lost it to another worker."""
        held = RegisterImport.objects.select_for_update(of=("self",)).select_related("batch").get(pk=pk)
        if held.state != ImportState.APPLYING:
            raise JobLost
        return held

    @property
    def _batch_id(self) -> UUID:
        assert self.batch is not None  # noqa: S101 - told to the type checker: opened in _begin
        return self.batch.pk

    @transaction.atomic
    def _write(self, chunk: Sequence[Row], comparison: Comparison) -> None:
        # Whatever else gives out numbers or changes many in the county waits, chunk by chunk.
        Branch.objects.select_for_update().get(pk=self.places.branch.root_id)
        if self.pk and self._held(self.pk).reached.get("chunks", 0) != self.reached.chunks:
            raise JobLost
        matches = comparison.of(chunk, lock=True)
        before = {match.member.branch_id for match in matches if match.member and match.moves}
        new = [match for match in matches if match.is_new]
        changed = [match for match in matches if match.is_changed]
        self._create(new)
        self._update(changed)
        self._remember_numbers(matches)
        self._tell(matches)
        touched = {match.member.branch_id for match in (*new, *changed) if match.member}
        if touched:
            recount(touched | before)
        for match in matches:
            self.tally.add(match)
        self._keep(matches, comparison)

    def _keep(self, matches: Sequence[Match], comparison: Comparison) -> None:
        kept = self.reached
        if self.pk:
            Kept(self.pk).put(kept.chunks, [line_of(match) for match in matches])
        kept.chunks, kept.rows = kept.chunks + 1, kept.rows + len(matches)
        kept.claimed = sorted(comparison.claimed)
        kept.counts = {name: getattr(self.tally, name) for name in COUNTED}
        if self.pk:
            RegisterImport.objects.filter(pk=self.pk).update(reached=kept.to_json())

    def _create(self, matches: Sequence[Match]) -> None:
        lacking = [match for match in matches if "member_number" not in match.row.values]
        given = dict(zip(map(id, lacking), next_local_numbers(len(lacking)), strict=True))
        made = create([self._new_member(match, given) for match in matches], pen=self._pen(), quietly=True)
        for member, match in zip(made, matches, strict=True):
            match.member, match.created = member, True
        through = Member.tags.through
        through.objects.bulk_create(
            through(member_id=match.member.pk, tag_id=tag)
            for match in matches
            if match.member and match.tags
            for tag in sorted(match.tags)
        )

    def _new_member(self, match: Match, given: Mapping[int, str]) -> Member:
        values = {"status": MemberStatus.MEMBER, "source": MemberSource.REGISTER_FILE} | match.changes
        local = given.get(id(match))
        member = Member(
            member_number=local or match.row.values["member_number"], number_is_local=local is not None, **values
        )
        derive(member, match.branch)
        return member

    def _update(self, matches: Sequence[Match]) -> None:
        edits = [
            Edit(match.member, match.changes, match.branch if match.moves else None, match.tags)
            for match in matches
            if match.member is not None
        ]
        write(edits, pen=self._pen(), quietly=True)

    def _remember_numbers(self, matches: Sequence[Match]) -> None:
        """Numbers that a member was told by before: the next file with them means the same member."""
        FormerNumber.objects.bulk_create(
            [
                FormerNumber(number=match.former_number, member=match.member, batch=self.batch)
                for match in matches
                if match.former_number and match.member
            ],
            ignore_conflicts=True,
        )

    def _pen(self) -> Pen:
        return Pen(self.by, ChangeSource.IMPORT, clock.now(), self.today, self.batch)

    def _tell(self, matches: Sequence[Match]) -> None:
        rows = [imported(match) for match in matches if match.goes_in]
        for extension in registry.imports:
            extension.apply(
                self.places.branch,
                self.options[extension.name],
                rows,
                by=self.by,
                today=self.today,
                batch_id=self._batch_id,
            )


def imported(match: Match) -> ImportedRow:
    """What the apps above are told of one row."""
    member, branch = match.member, match.branch
    branch_id = branch.pk if branch else member.branch_id if member else 0
    status = match.changes.get("status") or (member.status if member else MemberStatus.MEMBER)
    return ImportedRow(member.pk if member else None, branch_id, status, match.row.values)
