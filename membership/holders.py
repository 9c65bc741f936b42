"""Whom a name typed on the board's page may mean: members of the branch, its officers, or somebody known by name alone.

A name is never guessed at: unless it is one person's whole name or member number, one is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from accounts.models import User
from common.text import fold
from membership.access import BranchRequest
from membership.actions.board import Holder
from membership.models import Grant
from membership.roles import Permission
from membership.search import find
from membership.tree import tree_of

MOST: Final = 8
BY_NAME: Final = "navn"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who may be meant. `certain` where what was typed is the whole name, or the member number."""

    key: str
    label: str
    holder: Holder
    certain: bool


def candidates(text: str, request: BranchRequest) -> list[Candidate]:
    """Those in the branch and under it whom the text fits, officers first; the name alone last."""
    found = [*_officers(text, request), *_members(text, request)]
    alone = _("Only the name: %(name)s") % {"name": text}
    return [*found, Candidate(BY_NAME, alone, Holder(name=text), certain=False)]


def chosen(text: str, pick: str, request: BranchRequest) -> tuple[Holder | None, list[Candidate]]:
    """Who is meant, by the text and what was picked; None with the choices where that cannot be known."""
    found = candidates(text, request)
    picked = [one for one in found if one.key == pick]
    certain = [one for one in found if one.certain]
    if picked:
        return picked[0].holder, found
    if len(certain) == 1:
        return certain[0].holder, found
    return (found[0].holder if len(found) == 1 else None), found


def _officers(text: str, request: BranchRequest) -> list[Candidate]:
    grants = Grant.objects.in_force(request.today).filter(branch=request.branch, user__is_active=True)
    users = {grant.user_id: grant.user for grant in grants.select_related("user").order_by("id")}
    words = fold(text).split()
    return [_officer(user, text) for user in users.values() if words and all(word in fold(user.name) for word in words)]


def _officer(user: User, text: str) -> Candidate:
    label = _("%(name)s, who signs in here") % {"name": user.name}
    return Candidate(f"u{user.pk}", label, Holder(user=user), fold(user.name) == fold(text))


def _members(text: str, request: BranchRequest) -> list[Candidate]:
    """The register is searched only for those who may read it."""
    if Permission.VIEW_MEMBERS not in request.access or not fold(text):
        return []
    number = request.branch.members.current().filter(member_number=text).order_by("id")[:1]
    people = tree_of(request.branch).whole.people
    named = find(request.branch, text, people=people).current().in_order()[:MOST]
    members = {member.pk: member for member in [*number, *named]}
    return [
        Candidate(
            f"m{member.pk}",
            _("%(name)s, member %(number)s") % {"name": member.full_name, "number": member.member_number},
            Holder(member=member),
            text == member.member_number or fold(text) == fold(member.full_name),
        )
        for member in members.values()
    ]
