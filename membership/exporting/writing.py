"""Members to a file, some at a time and each time asked for anew: who has left the branch meanwhile is left out."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO, TYPE_CHECKING, Final

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from common.dates import format_long, format_time
from common.numbers import format_int
from membership.enums import AddressProtection, BranchKind
from membership.exporting.columns import ADDED, Around, ExportColumn
from membership.exporting.files import Head, writing
from membership.extensions import registry
from membership.importing import own
from membership.importing.columns import Field
from membership.models import Branch, Member, MemberQuerySet, Tag

if TYPE_CHECKING:
    from common.spreadsheet.writing import Value

# More rows than this are written by a worker, with a progress bar.
ROWS_AT_ONCE: Final = 2000
CHUNK: Final = 1000

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Exporter:
    """Who takes the members out, and when: it stands in the file."""

    user: User
    now: datetime
    today: date


@dataclass(slots=True)
class MemberFile:
    """A file of some of a branch's members: `ids` in the order of the file, `chosen` says in words who they are."""

    branch: Branch
    by: Exporter
    columns: Sequence[ExportColumn]
    ids: array[int]
    kind: str
    chosen: str = ""
    left_out: int = 0
    progress: Progress | None = None
    # Asked before each chunk; what it raises ends the file.
    check: Callable[[], None] = lambda: None
    _places: Around = field(default_factory=Around)

    def write(self, file: IO[bytes]) -> int:
        """Write it; how many members stand in it."""
        title = _("Members, %(branch)s") % {"branch": self.branch.name}
        lines = [title, origin(self.by), self.chosen, self._amount(), not_in_file(self.left_out), _secret()]
        headings = [(column.heading, column.width) for column in self.columns]
        head = Head(_("Members"), headings, [*filter(None, lines), own.MARKER])
        self._places = _places(self.branch)
        count = 0
        # Packing a workbook takes its time as well: the sign of life goes on.
        tick = (lambda: self._tell(count)) if self.progress else None
        with writing(file, self.kind, head, tick=tick) as rows:
            for members in self._chunks():
                self.check()
                around = self._around(members)
                for member in members:
                    rows.add(self._row(member, around))
                count += len(members)
                self._tell(count)
        return count

    def _tell(self, count: int) -> None:
        if self.progress:
            self.progress(count)

    def _amount(self) -> str:
        count = len(self.ids)
        return ngettext("%(n)s row.", "%(n)s rows.", count) % {"n": format_int(count)}

    def _row(self, member: Member, around: Around) -> list[Value]:
        return [column.read(member, around) for column in self.columns]

    def _chunks(self) -> Iterator[list[Member]]:
        needed = {name for column in self.columns for name in column.needs}
        members = in_files(self.branch.members).only("pk", "branch_id", *sorted(needed))
        for start in range(0, len(self.ids), CHUNK):
            ids = self.ids[start : start + CHUNK].tolist()
            found = {member.pk: member for member in members.filter(pk__in=ids)}
            yield [found[pk] for pk in ids if pk in found]

    def _around(self, members: Sequence[Member]) -> Around:
        """One query for each thing that some column asks for."""
        keys = {column.key for column in self.columns}
        around, ids = self._places, [member.pk for member in members]
        around.added = {
            column.name: {pk: str(cell.text) for pk, cell in column.load(ids, self.branch, self.by.today).items()}
            for column in registry.member_columns
            if f"{ADDED}{column.name}" in keys
        }
        if Field.TAGS in keys:
            around.tags = _tags(ids)
        if {Field.RECRUITED_BY, Field.RECRUITER_NUMBER} & keys:
            around.recruiters = _recruiters(self.branch, members)
        return around


def file_name(word: str, branch: Branch, today: date, kind: str) -> str:
    """A fixed word, the branch's slug and the day: never a name."""
    return f"{word}-{branch.slug}-{today.isoformat()}.{kind}"


def in_files(members: MemberQuerySet) -> MemberQuerySet:
    """Without those whose protection is strict: they stand in no file and on no sheet."""
    return members.exclude(address_protection=AddressProtection.STRICT)


def ids_of(members: MemberQuerySet) -> array[int]:
    """The ids in the order asked for: eight bytes each, so that half a million weigh four megabytes."""
    return array("q", members.values_list("pk", flat=True).iterator(chunk_size=10_000))


def strict_among(members: MemberQuerySet) -> int:
    """How many stand in no file."""
    return members.order_by().filter(address_protection=AddressProtection.STRICT).count()


def not_in_file(count: int) -> str:
    """How many are left out; not why."""
    if not count:
        return ""
    words = ngettext("%(count)d is not in the file.", "%(count)d are not in the file.", count)
    return words % {"count": count}


def origin(by: Exporter) -> str:
    """Who took it out, and when."""
    moment = localtime(by.now)
    return _("Taken out by %(name)s on %(day)s at %(time)s.") % {
        "name": by.user.name,
        "day": format_long(moment.date()),
        "time": format_time(moment.time()),
    }


def _secret() -> str:
    return _("Confidential. Delete the file and shred printed sheets after use.")


def _places(branch: Branch) -> Around:
    """The branch's own tree by id; what a member does not see, the file does not name."""
    found = list(branch.subtree.values_list("pk", "name", "slug", "place", "municipal_id", "kind"))
    municipal = {pk: place for pk, _name, _slug, place, _municipal, kind in found if kind == BranchKind.MUNICIPAL}
    above = branch.municipal_id
    if above and above not in municipal:
        municipal[above] = Branch.objects.values_list("place", flat=True).get(pk=above)
    tags = Tag.objects.filter(county_id=branch.root_id).values_list("name", flat=True)
    return Around(
        names={pk: name for pk, name, *_rest in found},
        codes={pk: slug for pk, _name, slug, *_rest in found},
        municipalities={pk: municipal.get(above or pk, "") for pk, _n, _s, _p, above, _kind in found},
        # A name that holds the separator itself: then each group stands on a line of its own.
        tag_separator="\n" if any(";" in name for name in tags) else "; ",
    )


def _tags(ids: Sequence[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    through = Member.tags.through.objects.filter(member_id__in=ids).order_by("tag__name", "tag_id")
    for member, name in through.values_list("member_id", "tag__name"):
        found.setdefault(member, []).append(name)
    return found


def _recruiters(branch: Branch, members: Sequence[Member]) -> Mapping[int, tuple[str, str]]:
    """Those within the branch; others' names and numbers are not the exporter's to see."""
    ids = {member.recruited_by_id for member in members if member.recruited_by_id}
    found = in_files(branch.members).filter(pk__in=ids).only("member_number", "first_name", "last_name")
    return {member.pk: (member.member_number, member.full_name) for member in found} if ids else {}
