"""Registering a new member by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common.text import fold
from membership.actions.editing import Pen, create
from membership.actions.member_editing import GuardianMissing
from membership.actions.members import derive
from membership.actions.numbers import digest_of, next_local_number
from membership.enums import ChangeSource, MemberStatus
from membership.models import Branch, ErasedNumber, FormerNumber, Member
from membership.search import find
from membership.tree import tree_of

# So many likely ones are shown.
_LIKELY: Final = 5
_LOOKED_AT: Final = 20


class NumberTaken(Exception):
    """Somebody has the number, or had it. Whose it is, is not told."""


class NumberErased(Exception):
    """The number was erased on a day, and does not come back."""

    def __init__(self, on: date) -> None:
        super().__init__("erased")
        self.on = on


class LikelySame(Exception):
    """There may be a record of this person already; only of the branch one works in."""

    def __init__(self, members: Sequence[Member]) -> None:
        super().__init__("likely the same person")
        self.members = members


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What was typed of a new member. `number` is empty where the central register has given none yet."""

    values: Mapping[str, Any]
    status: MemberStatus
    number: str = ""
    tags: frozenset[int] = frozenset()


@transaction.atomic
def register_member(
    newcomer: Newcomer,
    *,
    branch: Branch,
    working_in: Branch,
    not_the_same: Collection[int] = (),
    by: User,
    now: datetime,
    today: date,
) -> Member:
    """Put a new member into `branch`. `not_the_same` are likely ones that the officer has looked at already.

    Raises `NumberTaken`, `NumberErased`, `GuardianMissing` and `LikelySame`.
    """
    # One at a time in the county: two would get the same number, and register the same person twice.
    Branch.objects.select_for_update(no_key=True).get(pk=branch.root_id)
    _check_number(newcomer.number)
    local = not newcomer.number
    member = Member(
        **newcomer.values,
        status=newcomer.status,
        member_number=newcomer.number or next_local_number(),
        number_is_local=local,
    )
    if newcomer.status == MemberStatus.MEMBER and member.lacks_consent(on=today):
        raise GuardianMissing
    likely = [other for other in likely_same(member, branch=working_in) if other.pk not in set(not_the_same)]
    if likely:
        raise LikelySame(likely)
    derive(member, branch)
    _save(member, Pen(by, ChangeSource.OFFICER, now, today))
    if newcomer.tags:
        member.tags.set(newcomer.tags)
    record(Verb.MEMBER_CREATED, by=by, branch_id=branch.pk, subject=member, now=now)
    return member


def _check_number(number: str) -> None:
    if not number:
        return
    taken = Member.objects.filter(member_number=number).exists() or FormerNumber.objects.filter(number=number).exists()
    if taken:
        raise NumberTaken
    if erased := ErasedNumber.objects.filter(digest=digest_of(number)).first():
        raise NumberErased(erased.erased_on)


def _save(member: Member, pen: Pen) -> None:
    try:
        with transaction.atomic():
            create([member], pen=pen)
    except IntegrityError:
        # Another county, which this lock does not hold back, was a moment quicker.
        if not member.number_is_local:
            raise NumberTaken from None
        member.pk, member.member_number = None, next_local_number()
        derive(member)
        create([member], pen=pen)


def likely_same(member: Member, *, branch: Branch) -> list[Member]:
    """Those of a branch who may be this person: the same phone or email, or the same name and no other birth date."""
    people = tree_of(branch).whole.people
    name = member.full_name if member.first_name and member.last_name else ""
    found: dict[int, Member] = {}
    for words in filter(None, (name, member.mobile if member.mobile_ok else "", member.email)):
        rows = find(branch, words, people=people).order_by("pk")[:_LOOKED_AT]
        found |= {other.pk: other for other in rows if other.pk not in found and _is_likely(member, other)}
    return list(found.values())[:_LIKELY]


def _is_likely(member: Member, other: Member) -> bool:
    same_first = fold(member.first_name).split()[:1] == fold(other.first_name).split()[:1]
    same_last = fold(member.last_name) == fold(other.last_name)
    if member.mobile_ok and member.mobile in (other.mobile, other.phone):
        return same_first or same_last
    if member.email and member.email.casefold() == other.email.casefold():
        return same_first
    return same_first and same_last and not _born_apart(member, other)


def _born_apart(member: Member, other: Member) -> bool:
    """Whether both births are known, and are not the same."""
    if member.birth_on and other.birth_on:
        return member.birth_on != other.birth_on
    return bool(member.birth_year and other.birth_year and member.birth_year != other.birth_year)
