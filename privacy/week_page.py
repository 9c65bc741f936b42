"""The week as an officer reads it: the email's own numbers, and who they are of those still in the register."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import BigIntegerField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from membership.access import Access
from membership.changes import NOTE, SECRET, SILENT, label_of
from membership.models import Branch, MemberQuerySet
from membership.roles import Permission
from privacy.weeks import Figures, Week, edits_of, figures_of, last_whole, moves_of, new_in, oldest

# More than this is read in the register itself.
AT_MOST: Final = 50
_UNTOLD: Final = SECRET | SILENT | {"branch", "status", "left_on", "email_bounced_on"}


@dataclass(frozen=True, slots=True)
class Person:
    """One who is in the register: where they belong, and what was changed of them."""

    pk: int
    name: str
    place: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of change: how many, those who are shown, and how many are not: more than fit, or not here any more."""

    key: str
    title: str
    explain: str
    count: int
    people: Sequence[Person]
    # For those who have left, or have moved on: a number is all there is.
    no_names: bool = False

    @property
    def others(self) -> int:
        """How many are not named."""
        return max(0, self.count - len(self.people))


def week_context(branch: Branch, week: Week, *, access: Access, today: date) -> dict[str, Any]:
    """The numbers, the names, and the way to the weeks beside it: the same number of queries for one and for many."""
    figures = figures_of(branch, week)
    latest = last_whole(today)
    return {
        "week": week,
        "figures": figures,
        "parts": _parts(branch, week, figures, access),
        "earlier": week.before if week.before >= oldest(today) else None,
        "later": week.after if week < latest else None,
    }


def _parts(branch: Branch, week: Week, figures: Figures, access: Access) -> list[Part]:
    come, _gone = moves_of(branch, week)
    new = _people(new_in(branch.members, week))
    moved = _people(branch.members.filter(pk__in=sorted(come)[: AT_MOST * 20]))
    return [
        Part("new", _("New members"), _("Came into the register, and joined lately."), figures.new, new),
        Part("in", _("Moved in"), _("Came from another branch."), figures.moved_in, moved),
        Part("out", _("Moved out"), _("Belong to another branch now, which has them."), figures.moved_out, (), True),
        Part("left", _("Left"), _("Resigned or dead. Their names are not shown any more."), figures.left, (), True),
        Part("edited", _("Changed"), _("Something was corrected."), figures.edited, _edited(branch, week, access)),
    ]


def _people(members: MemberQuerySet) -> list[Person]:
    columns = ("first_name", "last_name", "member_number", "branch__place")
    rows = members.in_order().select_related("branch").only(*columns)[:AT_MOST]
    return [Person(row.pk, row.list_name or row.member_number, row.branch.place) for row in rows]


def _edited(branch: Branch, week: Week, access: Access) -> list[Person]:
    lines = edits_of(branch, week)
    ids = lines.annotate(member=Cast("object_id", BigIntegerField())).values("member")
    people = _people(branch.members.filter(pk__in=ids))
    told = lines.filter(object_id__in=[str(one.pk) for one in people])
    fields: dict[int, set[str]] = {}
    for object_id, names in told.order_by("id").values_list("object_id", "details__fields"):
        fields.setdefault(int(object_id), set()).update(str(names).split(","))
    return [Person(one.pk, one.name, one.place, _words(fields.get(one.pk, ()), access)) for one in people]


def _words(names: Iterable[str], access: Access) -> str:
    """What was changed, by the fields' own names; what one may not read of is not named."""
    hidden = _UNTOLD if Permission.VIEW_NOTES in access else _UNTOLD | {NOTE}
    return ", ".join(dict.fromkeys(label_of(name) for name in sorted(names) if name not in hidden))
