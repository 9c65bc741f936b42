"""One week in a branch, in numbers: counted by one function for the email and for the page.

Counted from the log wherever it can be, which knows ids and branches and outlives the members it speaks of by a year.
Who is new is counted from the register: an import writes no line for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from common.clock import OSLO
from common.policy import keep
from membership.enums import MemberStatus
from membership.models import Branch, Member, MemberChange, MemberQuerySet

# Monday morning, when there is somebody to read it.
_TOLD_AT: Final = time(7)
# Whoever comes in with a register file joined some weeks before; who joined earlier is not new, only new to us.
_JOINED_LATELY: Final = timedelta(days=90)
# Leaving and moving are told by numbers of their own, and that an address does not work was corrected by nobody.
_NO_EDIT: Final = (
    *("branch", "left_on", "left_on,status", "status", "branch,status", "branch,left_on,status"),
    "email_bounced_on",
)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """Monday to Sunday, in Norway."""

    monday: date

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def start(self) -> datetime:
        """The midnight it begins with."""
        return datetime.combine(self.monday, time(), OSLO)

    @property
    def end(self) -> datetime:
        """The midnight it ends with: an hour more or less than seven days where the clock is changed."""
        return datetime.combine(self.monday + timedelta(days=7), time(), OSLO)

    @property
    def told_at(self) -> datetime:
        """From when it is told of."""
        return datetime.combine(self.monday + timedelta(days=7), _TOLD_AT, OSLO)

    @property
    def number(self) -> int:
        """As calendars count; of the year its Thursday is in."""
        return self.monday.isocalendar().week

    @property
    def before(self) -> Week:
        """The week before."""
        return Week(self.monday - timedelta(days=7))

    @property
    def after(self) -> Week:
        """The next."""
        return Week(self.monday + timedelta(days=7))


@dataclass(frozen=True, slots=True)
class Figures:
    """How many members; one who came and went again within the week is in neither of the two."""

    new: int
    moved_in: int
    moved_out: int
    left: int
    edited: int

    @property
    def is_quiet(self) -> bool:
        """Nothing happened."""
        return not (self.new or self.moved_in or self.moved_out or self.left or self.edited)


def last_whole(today: date) -> Week:
    """The latest week that is over."""
    return Week(today - timedelta(days=today.weekday() + 7))


def week_from(text: str, today: date) -> Week | None:
    """The week of a Monday as an address has it; None for what is none, is not over, or is older than the log."""
    try:
        monday = date.fromisoformat(text)
    except ValueError:
        return None
    latest = last_whole(today)
    if len(text) != len("2026-01-05") or monday.weekday() or monday > latest.monday or Week(monday) < oldest(today):
        return None
    return Week(monday)


def oldest(today: date) -> Week:
    """The first week of which the log still has every day."""
    first = today - keep("log")
    return Week(first + timedelta(days=(7 - first.weekday()) % 7))


def figures_of(branch: Branch, week: Week) -> Figures:
    """The week's numbers, of the branch and those under it: six queries, however much happened."""
    ids = _subtree_ids(branch)
    come, gone = moves_of(branch, week, ids)
    return Figures(
        new=new_in(branch.everyone, week).count(),
        moved_in=len(come),
        moved_out=len(gone),
        left=_left(ids, week),
        edited=edits_of(branch, week, ids).values("object_id").distinct().count(),
    )


def new_in(members: MemberQuerySet, week: Week) -> MemberQuerySet:
    """Those who came into the register that week, as members or taken up as such, and joined lately."""
    taken_up = MemberChange.objects.filter(
        member=OuterRef("pk"), field="status", before=MemberStatus.APPLIED, after=MemberStatus.MEMBER
    )
    since = taken_up.filter(at__gte=week.start)
    lately = Q(joined_on__gte=week.monday - _JOINED_LATELY) | Q(joined_on__isnull=True, created_in__isnull=True)
    came = Q(created_at__gte=week.start, created_at__lt=week.end) & ~Exists(since)
    return (
        members.exclude(status=MemberStatus.APPLIED)
        .filter(lately)
        .filter(came | Exists(taken_up.filter(at__gte=week.start, at__lt=week.end)))
    )


def edits_of(branch: Branch, week: Week, ids: list[int] | None = None) -> QuerySet[AuditEvent]:
    """The lines of the log that tell of a changed member; not of leaving, nor of a move and nothing else."""
    lines = _lines(ids or _subtree_ids(branch), week).filter(verb=Verb.MEMBER_CHANGED)
    return lines.exclude(details__fields__in=_NO_EDIT)


def moves_of(branch: Branch, week: Week, ids: list[int] | None = None) -> tuple[set[int], set[int]]:
    """The ids of those who moved here from elsewhere, and from here to elsewhere, counting where they ended up."""
    here = set(ids or _subtree_ids(branch))
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    # The line stands under the branch one has come to: who left this one is found under the county's others.
    county = Branch.objects.filter(county_id=branch.root_id).order_by("id").values_list("pk", flat=True)
    lines = _lines(list(county), week).filter(verb=Verb.MEMBER_CHANGED)
    moved = lines.filter(details__has_key="from_branch").order_by("id")
    for member, to, came_from in moved.values_list("object_id", "branch_id", "details__from_branch"):
        first.setdefault(member, came_from)
        last[member] = to or 0
    come = {int(member) for member, to in last.items() if to in here and first[member] not in here}
    gone = {int(member) for member, to in last.items() if to not in here and first[member] in here}
    return come, gone


def has_begun(week: Week) -> bool:
    """Whether there was a house to count in: somebody could sign in, or stood in the register, before it was over."""
    first = [
        User.objects.order_by("id").values_list("created_at", flat=True).first(),
        Member.objects.order_by("id").values_list("created_at", flat=True).first(),
    ]
    return any(made is not None and made < week.end for made in first)


def _left(ids: list[int], week: Week) -> int:
    """Those of whom the week's last word is that they have left."""
    lines = _lines(ids, week).filter(verb__in=(Verb.MEMBER_LEFT, Verb.MEMBER_RETURNED))
    people = (
        lines.order_by()
        .values("object_id")
        .annotate(went=Max("id", filter=Q(verb=Verb.MEMBER_LEFT)), came=Max("id", filter=Q(verb=Verb.MEMBER_RETURNED)))
    )
    return people.filter(went__isnull=False).filter(Q(came__isnull=True) | Q(came__lt=F("went"))).count()


def _lines(branch_ids: list[int], week: Week) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(
        branch_id__in=branch_ids, at__gte=week.start, at__lt=week.end, object_type=Member._meta.label_lower
    )


def _subtree_ids(branch: Branch) -> list[int]:
    return list(Branch.objects.under(branch).order_by("id").values_list("pk", flat=True))
