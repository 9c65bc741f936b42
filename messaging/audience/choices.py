"""What one chooses among when one says whom a message is for, and what an audience is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from common.dates import format_date
from common.numbers import format_int
from membership.access import Access
from membership.enums import MemberStatus
from membership.extensions import Text
from membership.extensions import registry as register
from membership.filters import BRANCH, FROM, STATUS, MemberFilterSet
from membership.models import Branch, Grant
from membership.roles import Permission, Role
from membership.tree import Tree, tree_of
from messaging.audience.members import MEMBERS, OFFICERS, PEOPLE, narrowing
from messaging.extensions import registry

_LONGEST: Final = 200
# The offices that branches have, each with what its holders are called together.
_LEADERS: Final = (
    Role.BRANCH_LEADER,
    Role.MEMBERSHIP_OFFICER,
    Role.TREASURER,
    Role.RECRUITMENT_OFFICER,
    Role.COUNTY_SECRETARY,
    Role.COUNTY_MEMBERSHIP_OFFICER,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """`key` stands in the form; `count` is what summary rows tell, None where nobody has counted."""

    key: str
    audience: Mapping[str, Any]
    label: Text
    count: int | None
    group: Text

    @property
    def text(self) -> str:
        """“Not paid this year (11)”."""
        return str(self.label) if self.count is None else f"{self.label} ({format_int(self.count)})"


def choices_for(branch: Branch, *, user: User, access: Access, today: date) -> list[Choice]:
    """Everybody, the register's views, the officers by role, and what apps above have. Members only for those who may
    see them. Never counts a register: one query each for the tree, the views and the roles, and one for each count."""
    tree = tree_of(branch)
    choices = list(_views(branch, tree, user, access, today)) if Permission.VIEW_MEMBERS in access else []
    return [*choices, *_sources(branch, access, today), *_offices(branch, today)]


def _views(branch: Branch, tree: Tree, user: User, access: Access, today: date) -> Iterator[Choice]:
    group = _("Members")
    yield Choice("alle", {"kind": MEMBERS, "params": {}}, _everybody(branch), tree.members, group)
    for view in register.member_views:
        if view.permission in access:
            audience = {"kind": MEMBERS, "params": view.params(today)}
            yield Choice(f"fane-{view.key}", audience, view.label, view.count(branch, today), group)
    yield Choice("nye", {"kind": MEMBERS, "params": _new_this_year(today)}, _("New this year"), None, group)
    hidden = {added.name for added in register.member_filters if added.permission not in access}
    for saved in branch.saved_views.seen_by(user).order_by("name", "id"):
        params = narrowing(saved.params, tree)
        # A view of those who have left is nobody to write to; one that may not be read would mean everybody.
        if params and STATUS not in params and not hidden & params.keys():
            yield Choice(f"visning-{saved.pk}", {"kind": MEMBERS, "params": params}, saved.name, None, _("Saved views"))


def _sources(branch: Branch, access: Access, today: date) -> Iterator[Choice]:
    for source in registry.audiences:
        if source.permission in access:
            for number, (params, label) in enumerate(source.choices(branch, today)):
                audience = {**params, "kind": source.kind}
                yield Choice(f"{source.kind}-{params.get('id', number)}", audience, label, None, _("Others"))


def _offices(branch: Branch, today: date) -> Iterator[Choice]:
    held = Grant.objects.in_force(today).filter(branch__in=branch.subtree, user__is_active=True, role__in=_LEADERS)
    counts = dict(held.values_list("role").annotate(n=Count("user_id", distinct=True)).order_by("role"))
    for role in _LEADERS:
        if count := counts.get(role, 0):
            yield Choice(
                f"verv-{role.value}", {"kind": OFFICERS, "roles": [role.value]}, _office(role), count, _("Officers")
            )


def _office(role: Role) -> str:
    return {
        Role.BRANCH_LEADER: _("Branch leaders"),
        Role.MEMBERSHIP_OFFICER: _("Membership officers"),
        Role.TREASURER: _("Treasurers"),
        Role.RECRUITMENT_OFFICER: _("Recruitment officers"),
    }.get(role) or str(role.label)


def _everybody(branch: Branch) -> str:
    return _("All members in %(branch)s") % {"branch": branch.name}


def _new_this_year(today: date) -> dict[str, str]:
    return {FROM: format_date(date(today.year, 1, 1))}


def label_of(branch: Branch, audience: Mapping[str, Any], today: date) -> str:
    """What pages call it: “All members in Kåfjord Arbeiderparti”, “Dues: Not paid 2026”, “3 chosen members”.

    Short enough for `Message.audience_label`; something for any audience, also one that cannot be read.
    """
    kind = audience.get("kind")
    if kind == MEMBERS:
        return _view_label(branch, audience.get("params") or {}, today)[:_LONGEST]
    if kind == PEOPLE:
        count = len(audience.get("ids") or [])
        return ngettext("%(n)s chosen member", "%(n)s chosen members", count) % {"n": format_int(count)}
    if kind == OFFICERS:
        roles = [Role(role) for role in audience.get("roles") or [] if role in Role.values]
        return ", ".join(_office(role) for role in roles)[:_LONGEST]
    return _source_label(branch, audience, today)[:_LONGEST]


def _view_label(branch: Branch, params: Mapping[str, str], today: date) -> str:
    if not params:
        return _everybody(branch)
    built_in = next((view.label for view in register.member_views if view.params(today) == params), None)
    if built_in or params == _new_this_year(today):
        return str(built_in or _("New this year"))
    return ", ".join(_words(branch, params, today))


def _words(branch: Branch, params: Mapping[str, str], today: date) -> Iterator[str]:
    """Each filter as its form field says it: “Email: No email”."""
    filters = MemberFilterSet(
        params, branch.members.none(), branch=branch, may=frozenset(Permission), today=today, people=0
    )
    if BRANCH in params:
        part = Branch.objects.filter(slug=params[BRANCH]).first()
        yield part.name if part else params[BRANCH]
    for name, value in params.items():
        if name in filters.form.fields and (name, value) != (STATUS, MemberStatus.MEMBER):
            field = filters.form.fields[name]
            chosen = next((label for key, label in getattr(field, "choices", ()) if str(key) == value), value)
            yield f"{field.label}: {chosen}"


def _source_label(branch: Branch, audience: Mapping[str, Any], today: date) -> str:
    source = next((source for source in registry.audiences if source.kind == audience.get("kind")), None)
    choices = source.choices(branch, today) if source else []
    found = (str(label) for params, label in choices if {**params, "kind": audience["kind"]} == audience)
    return next(found, _("Others"))
