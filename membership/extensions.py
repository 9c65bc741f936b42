"""The one registry through which apps above the register add to what it shows and does.

Apps fill it in `AppConfig.ready()`; tests/membership/test_extensions.py lists its entries. It is the only hook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from django import forms
from django.utils.functional import Promise

from membership.roles import Permission

if TYPE_CHECKING:
    from accounts.models import User
    from membership.models import Branch, Member, MemberQuerySet

Text = str | Promise


@dataclass(frozen=True, slots=True)
class NavItem:
    """A place in the main menu and the tab bar; `url_name` takes the branch's slug alone.

    `label` is a text, or a function of the branch where a county calls it otherwise.
    """

    key: str
    label: Text | Callable[[Branch], Text]
    icon: str
    url_name: str
    permission: Permission
    order: int
    # Extra URL arguments after the slug, such as this year.
    args: Callable[[date], tuple[Any, ...]] = field(default=lambda _today: ())
    # Another right that opens the same page.
    or_permission: Permission | None = None


@dataclass(frozen=True, slots=True)
class MemberPanel:
    """A panel on the member page: a template of the app's own, and what it shows of one member."""

    template: str
    permission: Permission
    order: int
    context: Callable[[Member, Branch, date], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """A filter on the register list. `apply` narrows the queryset; `choices` makes the form field's choices."""

    name: str
    label: Text
    permission: Permission
    choices: Callable[[Branch, date], list[tuple[str, Text]]]
    apply: Callable[[MemberQuerySet, str, Branch, date], MemberQuerySet]


@dataclass(frozen=True, slots=True)
class MemberColumn:
    """A column on the register list. `load` fetches the cell of each member on the page with one query."""

    name: str
    label: Text
    permission: Permission
    load: Callable[[Iterable[int], Branch, date], Mapping[int, Cell]]


@dataclass(frozen=True, slots=True)
class Cell:
    """A word in a list, with a tone: success, warning, danger, info or neutral."""

    text: Text
    tone: str = "neutral"


@dataclass(frozen=True, slots=True)
class BuiltInView:
    """A tab on the register list that everyone has; `count` reads summary rows, never the register."""

    key: str
    label: Text
    permission: Permission
    params: Callable[[date], dict[str, str]]
    count: Callable[[Branch, date], int | None]


class ImportExtension(Protocol):
    """What an app above adds to the register import: dues reads the paid column and raises claims."""

    name: str

    @property
    def title(self) -> Text:
        """What stands over its choices on the preview page."""
        ...

    def form(self, branch: Branch, today: date, data: Mapping[str, str] | None) -> forms.Form:
        """What the officer chooses on the preview page (dues year, rate, due date)."""
        ...

    def preview(self, branch: Branch, options: Mapping[str, Any], rows: Iterable[ImportedRow]) -> list[Text]:
        """Sentences for the preview: what confirming will do; writes nothing."""
        ...

    def apply(
        self,
        branch: Branch,
        options: Mapping[str, Any],
        rows: Iterable[ImportedRow],
        *,
        by: User,
        today: date,
        batch_id: UUID,
    ) -> None:
        """Do it for one chunk of rows, inside the chunk's transaction; `batch_id` is what it is taken back by."""
        ...

    def finish(self, branch: Branch, options: Mapping[str, Any], *, by: User, today: date, batch_id: UUID) -> None:
        """Once, after the last chunk."""
        ...

    def touched(self, batch_id: UUID) -> Iterable[int]:
        """The members for whom an import made something of this app's."""
        ...

    def undo(self, batch_id: UUID, member_ids: Sequence[int], *, by: User | None, now: datetime) -> None:
        """Take that back for some of them, inside the transaction that gives them back what they were."""
        ...


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """One row of the file that stands in the register after the import (in a preview, `member_id` may be None)."""

    member_id: int | None
    branch_id: int
    status: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing on a member's timeline: `on` is None where the date is unknown; `detail` says more in small."""

    icon: str
    text: Text
    on: date | None
    detail: Text = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimelineSource:
    """What an app above tells of a member: called, paid, written to. Whoever lacks the right does not see it."""

    permission: Permission
    events: Callable[[Member, Branch, date], Iterable[Event]]


@dataclass(frozen=True, slots=True)
class Removal:
    """What an app above says of taking members out of the register again, as if they had never come in.

    `blocks` tells for whom that cannot be: member id → why, in a sentence; what came with the piece of work that is
    taken back (its id) is no hindrance. `prepare` removes what the app made for the others, in the same transaction.
    """

    blocks: Callable[[Sequence[int], UUID], Mapping[int, Text]]
    prepare: Callable[[Sequence[int]], None]


@dataclass(frozen=True, slots=True)
class Merger:
    """What an app above does when one record is folded into another: moves its own rows from `lost` to `kept`.

    `merge` gives back, as JSON, what `undo` needs to move them again. `handles` names the relations it moves, as
    app.Model.field: a test finds the one that nobody moves.
    """

    name: str
    handles: frozenset[str]
    merge: Callable[[Member, Member, User, datetime], Any]
    undo: Callable[[Member, Member, Any, User, datetime], None]


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """One thing that can be wrong with a record: `find` narrows a branch's current members to those who have it.

    `fix` is where one puts it right: the name of an URL that takes branch slug and member id.
    """

    key: str
    label: Text
    explain: Text
    find: Callable[[MemberQuerySet], MemberQuerySet]
    order: int
    fix: str = "membership:member_edit"
    # The id of the field on that page.
    anchor: str = ""
    # Whether it stands among what waits on a branch's first page.
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Handover:
    """What an app above hands to a successor: open work of `old` in the branch and under it; how many things."""

    label: Callable[[int], Text]
    count: Callable[[User, Branch], int]
    hand: Callable[[User, User, Branch, User, datetime], int]


# Sends a new user the link to choose a password by: the user, the branch they are let into, the link.
InvitationSender = Callable[["User", "Branch", str], None]


@dataclass(frozen=True, slots=True)
class Reform:
    """What an app above does when branches are merged or split.

    `tell` says beforehand, in sentences, what these branches have there. `follow` gets old branch → its heirs, and
    gives back, as JSON, what `undo` needs; that gets the branches that are no more too.
    """

    name: str
    tell: Callable[[Sequence[Branch]], list[Text]]
    follow: Callable[[Mapping[int, Sequence[int]], User, datetime], Any]
    undo: Callable[[Any, Sequence[int], User, datetime], None]


@dataclass(frozen=True, slots=True)
class Leaving:
    """What an app above does when members leave (resigned or dead, by whatever door), and when that was a mistake.

    Both are told member ids, who did it, and the time and day, in the transaction that changes the status.
    """

    left: Callable[[Sequence[int], User | None, datetime, date], None]
    returned: Callable[[Sequence[int], User | None, datetime, date], None]


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an app above wipes of people who are erased for good: texts, addresses, copies that no foreign key finds.

    `wipe` gets the members as they stand, some hundreds at once, in the transaction that takes the rows away after it;
    it may run twice. What hangs on a member by a foreign key goes by `Removal.prepare` or by the key itself.
    """

    name: str
    wipe: Callable[[Sequence[Member], datetime], None]


@dataclass(frozen=True, slots=True)
class MemberDoor:
    """A page of an app above that is about one member and one leaves by: resignation, death.

    `url_name` takes branch slug and member id; `fits` tells for whom it is offered.
    """

    label: Text
    explain: Text
    url_name: str
    permission: Permission
    fits: Callable[[Member], bool]
    order: int


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that waits, for the first page: a sentence, one more, and the button that leads to it."""

    icon: str
    title: Text
    text: Text
    button: Text
    url: str
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class TodoSource:
    """What an app beside the first page has to put on it, for whoever holds the right; the weightiest first."""

    permission: Permission
    items: Callable[[Branch, User, date], Sequence[Todo]]


SummaryRebuild = Callable[[Iterable[int] | None], None]
MembersChanged = Callable[[Iterable[int]], None]


# Of phone numbers those known to be somebody else's: one query, none for no number.
WrongNumbers = Callable[[Sequence[str]], frozenset[str]]


@dataclass(slots=True)
class Registry:
    """All that apps have added."""

    nav: list[NavItem] = field(default_factory=list)
    member_panels: list[MemberPanel] = field(default_factory=list)
    member_filters: list[MemberFilter] = field(default_factory=list)
    member_columns: list[MemberColumn] = field(default_factory=list)
    member_views: list[BuiltInView] = field(default_factory=list)
    imports: list[ImportExtension] = field(default_factory=list)
    # Called with branch ids (None: all) when an app's own summary rows must be counted again.
    summaries: list[SummaryRebuild] = field(default_factory=list)
    timeline: list[TimelineSource] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    mergers: list[Merger] = field(default_factory=list)
    quality: list[QualityCheck] = field(default_factory=list)
    handovers: list[Handover] = field(default_factory=list)
    invitations: list[InvitationSender] = field(default_factory=list)
    reforms: list[Reform] = field(default_factory=list)
    # Called with member ids after name, branch or status changed: copies of them (open claims) follow.
    member_changed: list[MembersChanged] = field(default_factory=list)
    wrong_numbers: list[WrongNumbers] = field(default_factory=list)
    leavings: list[Leaving] = field(default_factory=list)
    erasures: list[Erasure] = field(default_factory=list)
    doors: list[MemberDoor] = field(default_factory=list)
    todos: list[TodoSource] = field(default_factory=list)

    def tell_changed(self, member_ids: Iterable[int]) -> None:
        """Tell every app that keeps copies of a member's name, branch or status."""
        ids = list(member_ids)
        for follow in self.member_changed:
            follow(ids)

    def tell_left(self, member_ids: Sequence[int], *, by: User | None, now: datetime, today: date) -> None:
        """Tell every app that these have left: it stops what it had going for them."""
        for leaving in self.leavings:
            leaving.left(member_ids, by, now, today)

    def tell_returned(self, member_ids: Sequence[int], *, by: User | None, now: datetime, today: date) -> None:
        """Tell every app that these have not left after all."""
        for leaving in self.leavings:
            leaving.returned(member_ids, by, now, today)


registry = Registry()
