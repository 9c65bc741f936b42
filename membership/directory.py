"""Who is who: whom to call in a branch, in those under it, and at the county. Office users' own pages only.

However many branches there are, it is six queries: the branches, the officers' last sign-ins, and for the branches
shown their grants and their posts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from common.dates import format_date
from common.listing import ListPage, page_of
from common.text import search_terms, search_text
from membership.access import BranchRequest
from membership.enums import BranchKind, PostTitle
from membership.models import BoardPost, Branch, Grant, Member
from membership.models.member import CURRENT, GONE
from membership.roles import Permission, Role

# An officer who has not been here for so long may not know that anything is waiting.
AWAY_AFTER: Final = timedelta(days=60)
PER_PAGE: Final = 30
# Those one calls. A caller is called by nobody, and committees read.
_CALLED: Final = (
    Role.COUNTY_SECRETARY,
    Role.COUNTY_MEMBERSHIP_OFFICER,
    Role.MEMBERSHIP_OFFICER,
    Role.TREASURER,
    Role.RECRUITMENT_OFFICER,
    Role.BRANCH_LEADER,
    Role.ADMINISTRATOR,
)


class Lack(StrEnum):
    """What a branch's officer may lack, as the address says it."""

    NO_OFFICER = "uten"
    AWAY = "borte"


@dataclass(slots=True)
class Person:
    """Somebody to call, and as what."""

    name: str
    labels: list[str]
    phone: str = ""
    email: str = ""


@dataclass(slots=True)
class Entry:
    """One branch of the directory."""

    branch: Branch
    people: list[Person] = field(default_factory=list)
    # Whether nobody looks after the members here, nor in the municipal branch above.
    no_officer: bool = False
    # Since when no officer has signed in, where that is long.
    away_since: date | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """The page: those above and the branch itself, then the branches under it, a page of them."""

    above: Sequence[Entry]
    listing: ListPage[Entry]
    counts: Mapping[str, int]
    has_branches: bool


def directory_of(request: BranchRequest, *, q: str, lack: str, number: int) -> Directory:
    """Read it. `q` narrows the branches under this one by name, `lack` to those that have no officer to call."""
    branch, today = request.branch, request.today
    above = _above(branch)
    under = list(branch.subtree.in_force(today).exclude(pk=branch.pk).select_related("municipal").in_order())
    lacks = _lacks(branch, under, today) if under and sees_sign_ins(request) else _Lacks()
    found = [one for one in under if lacks.has(one, lack) and _named(one, q)]
    shown = page_of(found, number, per_page=PER_PAGE)
    entries = [Entry(one, [], one.pk in lacks.missing, lacks.away.get(one.pk)) for one in shown.rows]
    top = [Entry(one) for one in above]
    _fill([*top, *entries], request)
    counts = {Lack.NO_OFFICER.value: len(lacks.missing), Lack.AWAY.value: len(lacks.away)}
    return Directory(top, ListPage(entries, shown.number, shown.total, PER_PAGE), counts, bool(under))


def sees_sign_ins(request: BranchRequest) -> bool:
    """When an officer last signed in is for those who can do something about it."""
    return bool(request.access.permissions & {Permission.EDIT_BRANCH, Permission.MANAGE_ACCESS})


def _above(branch: Branch) -> list[Branch]:
    """The county first, the branch itself last."""
    return list(Branch.objects.filter(pk__in=branch.ancestor_ids).order_by("kind_order", "id"))


def _named(branch: Branch, q: str) -> bool:
    words = search_text([branch.name, branch.place, branch.other_names])
    return all(f" {term}" in words for term in search_terms(q))


# --- Officers who are missing or away ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Lacks:
    missing: frozenset[int] = frozenset()
    away: Mapping[int, date] = field(default_factory=dict)

    def has(self, branch: Branch, lack: str) -> bool:
        wanted: Mapping[str, Iterable[int]] = {Lack.NO_OFFICER: self.missing, Lack.AWAY: self.away}
        return lack not in wanted or branch.pk in wanted[lack]


def _lacks(branch: Branch, under: Iterable[Branch], today: date) -> _Lacks:
    seen = _last_seen(branch, today)
    missing = frozenset(
        one.pk
        for one in under
        if one.pk not in seen and not (one.kind == BranchKind.LOCAL and one.municipal_id in seen)
    )
    return _Lacks(missing, {pk: day for pk, day in seen.items() if pk != branch.pk and day < today - AWAY_AFTER})


def _last_seen(branch: Branch, today: date) -> dict[int, date]:
    """Branch id → when one of its membership officers last signed in; who never did counts from the first day."""
    grants = Grant.objects.in_force(today).filter(
        branch__in=branch.subtree, role=Role.MEMBERSHIP_OFFICER, user__is_active=True
    )
    seen: dict[int, date] = {}
    for branch_id, starts_on, signed_in_at in grants.values_list("branch_id", "starts_on", "user__last_login"):
        day = max(starts_on, localtime(signed_in_at).date()) if signed_in_at else starts_on
        seen[branch_id] = max(seen.get(branch_id, day), day)
    return seen


# --- People ----------------------------------------------------------------------------------------------------------


def _fill(entries: Sequence[Entry], request: BranchRequest) -> None:
    """Put in who is who: officers first, as one calls them, then the board. Two queries."""
    ids = [entry.branch.pk for entry in entries]
    grants: dict[int, list[Grant]] = {pk: [] for pk in ids}
    in_force = Grant.objects.in_force(request.today).filter(branch__in=ids, role__in=_CALLED, user__is_active=True)
    for grant in in_force.select_related("user", "stands_in_for").order_by("id"):
        grants[grant.branch_id].append(grant)
    posts: dict[int, list[BoardPost]] = {pk: [] for pk in ids}
    held = BoardPost.objects.in_force(request.today).filter(branch__in=ids)
    for post in held.exclude(member__status__in=GONE).select_related("user", "member").in_order():
        posts[post.branch_id].append(post)
    for entry in entries:
        people: dict[str, Person] = {}
        for grant in sorted(grants[entry.branch.pk], key=lambda one: (_CALLED.index(Role(one.role)), one.pk)):
            _add(people, f"u{grant.user_id}", _officer(grant))
        for post in posts[entry.branch.pk]:
            _add(people, *_holder(post, request))
        entry.people = list(people.values())


def _add(people: dict[str, Person], key: str, person: Person) -> None:
    """The same person in two posts stands once."""
    known = people.setdefault(key, person)
    known.labels += [label for label in person.labels if label not in known.labels]


def _officer(grant: Grant) -> Person:
    label = str(Role(grant.role).label)
    if grant.stands_in_for:
        label = _("%(role)s, stands in for %(name)s") % {"role": label, "name": grant.stands_in_for.name}
        if grant.last_day:
            label = _("%(label)s until and with %(day)s") % {"label": label, "day": format_date(grant.last_day)}
    return Person(grant.user.name, [label], grant.user.phone or "", grant.user.email or "")


def _holder(post: BoardPost, request: BranchRequest) -> tuple[str, Person]:
    label = str(PostTitle(post.title).label)
    if post.user:
        return f"u{post.user_id}", Person(post.user.name, [label], *_reach_user(post))
    if post.member:
        return f"m{post.member_id}", Person(post.member.full_name, [label], *_reach(post.member, request))
    return f"n{post.name}", Person(post.name, [label])


def _reach_user(post: BoardPost) -> tuple[str, str]:
    user = post.user
    return (user.phone or "", user.email or "") if user and user.is_active else ("", "")


def _reach(member: Member, request: BranchRequest) -> tuple[str, str]:
    """Phone and email, as far as the register may be read here and the member has not said no."""
    scope = request.branch.scope_of().items()
    reads = Permission.VIEW_MEMBERS in request.access and all(getattr(member, column) == pk for column, pk in scope)
    if not reads or member.address_hidden or member.status not in CURRENT:
        return "", ""
    mail = "" if member.no_email or "@" not in member.email else member.email
    return "" if member.no_phone else member.call_number, mail
