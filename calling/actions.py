"""Making and closing call lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid5

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from calling.enums import Purpose
from calling.models import Call, CallList, CallListCaller
from calling.sharing import Name, Shared, Taker, share
from common.text import fold
from membership.models import Branch, Member, MemberQuerySet
from messaging.contact import PHONE, Blocks, blocks_for, may_contact
from messaging.enums import Purpose as About
from messaging.enums import Reason

# More than an evening's phoning for any branch, and few enough for one request and one page.
MAX_NAMES: Final = 1000


class NotOnTheList(Exception):
    """Some of the ids are not among those who may be phoned from here. Says no name and no number."""


class NobodyToCall(Exception):
    """When the left-out are gone, nobody is left."""

    def __init__(self, left_out: Mapping[LeftOut, int]) -> None:
        super().__init__("nobody to call")
        self.left_out = left_out


class TooManyNames(Exception):
    """More than `MAX_NAMES` for one list."""


class LeftOut(models.TextChoices):
    """Why somebody is not on the list. Which members it is, is not told: a protected member would be pointed out."""

    NO_NUMBER = "no_number", _("no phone number")
    NO_CALLS = "no_calls", _("not to be phoned")
    UNDER_AGE = "under_age", _("under 18")
    WRONG_NUMBER = "wrong_number", _("a number that is somebody else's")
    ON_OTHER_LIST = "on_other_list", _("on another open list")
    OWN = "own", _("the caller's own name")


@dataclass(frozen=True, slots=True)
class ListCaller:
    """One who will phone: a user, or only a name on paper; `count` is None for an even share."""

    user: User | None
    name: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class MadeList:
    """The list, and how many were left out for which reason; empty the second time the same form comes."""

    call_list: CallList
    left_out: Mapping[LeftOut, int] = field(default_factory=dict)


@transaction.atomic
def make_list(
    branch: Branch,
    *,
    members: MemberQuerySet,
    callers: Sequence[ListCaller],
    by: User,
    now: datetime,
    purpose: Purpose = Purpose.DUES,
    year: int | None = None,
    chosen: Collection[int] | None = None,
    keep_households: bool = True,
    finish_by_on: date | None = None,
    token: UUID | None = None,
) -> MadeList:
    """Share names out among callers, and write the list down. The same `token` twice makes one list.

    `members` are those who may be phoned from this branch for this purpose; `chosen` only narrows them. Left out, and
    counted: no number, reserved or strictly protected, under 18, a number known to be somebody else's, on another open
    list for the same purpose, and a name only its owner could phone. Raises `NotOnTheList`, `TooManyNames`,
    `NobodyToCall` and `CountsDoNotFit`.
    """
    # One at a time in the county: of two officers who take the same name at once, the second finds it taken.
    Branch.objects.select_for_update(no_key=True).get(pk=branch.root_id)
    mark = uuid5(token, f"{branch.pk}/{by.pk}") if token else None
    if mark and (made := CallList.objects.filter(form_token=mark).first()):
        return MadeList(made)
    people = _people(members, chosen)
    taken = _taken(people, purpose, year)
    blocks = blocks_for(people, PHONE)
    reasons = {member.pk: _reason(member, taken, blocks, on=now.date()) for member in people}
    ready = [member for member in people if reasons[member.pk] is None]
    left_out = Counter(reason for reason in reasons.values() if reason)
    shared = _share(ready, callers, keep_households)
    if shared.left_out:
        left_out[LeftOut.OWN] = len(shared.left_out)
    if not any(shared.lists):
        raise NobodyToCall(left_out)
    call_list = CallList.objects.create(
        branch=branch,
        purpose=purpose,
        year=year,
        made_by=by,
        finish_by_on=finish_by_on,
        created_at=now,
        form_token=mark,
    )
    count = _hand_out(call_list, callers, shared.lists)
    record(
        Verb.CALL_LIST_MADE,
        by=by,
        branch_id=branch.pk,
        subject=call_list,
        count=count,
        now=now,
        year=year,
        callers=sum(bool(ids) for ids in shared.lists),
    )
    return MadeList(call_list, left_out)


@transaction.atomic
def close_list(call_list: CallList, *, by: User, now: datetime) -> None:
    """Take the list from its callers; its names may be put on another. Closing it twice changes nothing."""
    if CallList.objects.open().filter(pk=call_list.pk).update(closed_at=now):
        record(Verb.CALL_LIST_CLOSED, by=by, branch_id=call_list.branch_id, subject=call_list, now=now)


def _people(members: MemberQuerySet, chosen: Collection[int] | None) -> list[Member]:
    if chosen is not None:
        members = members.filter(pk__in=chosen)
    ids = list(members.in_order().values_list("pk", flat=True)[: MAX_NAMES + 1])
    if chosen is not None and len(ids) <= MAX_NAMES and len(ids) != len(set(chosen)):
        raise NotOnTheList
    if len(ids) > MAX_NAMES:
        raise TooManyNames
    # Held, and read as they are then: whoever leaves meanwhile has left before, or finds the call and closes it.
    held = Member.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    people = {member.pk: member for member in held}
    return [people[pk] for pk in ids if pk in people]


def _taken(people: Iterable[Member], purpose: Purpose, year: int | None) -> frozenset[int]:
    """Who already stands on an open list for the same purpose, in whatever branch it was made."""
    calls = Call.objects.handed().filter(
        member__in=[member.pk for member in people],
        call_list__closed_at__isnull=True,
        call_list__purpose=purpose,
        call_list__year=year,
    )
    return frozenset(pk for pk in calls.values_list("member_id", flat=True) if pk)


def _reason(member: Member, taken: frozenset[int], blocks: Blocks, *, on: date) -> LeftOut | None:
    """Why a member is not to be phoned, the weightiest reason first."""
    why = may_contact(member, PHONE, About.SERVICE, on=on, blocks=blocks)
    if why:
        return _LEFT_OUT.get(why, LeftOut.NO_CALLS)
    return LeftOut.ON_OTHER_LIST if member.pk in taken else None


_LEFT_OUT: Final = {
    Reason.UNDER_AGE: LeftOut.UNDER_AGE,
    Reason.NO_ADDRESS: LeftOut.NO_NUMBER,
    Reason.WRONG: LeftOut.WRONG_NUMBER,
}


def _share(ready: Sequence[Member], callers: Sequence[ListCaller], keep_households: bool) -> Shared:
    if not ready:
        return Shared([], [])
    names = [Name(member.pk, member.household_key) for member in ready]
    takers = [Taker(caller.count, _own(caller, ready)) for caller in callers]
    return share(names, takers, keep_households=keep_households)


def _own(caller: ListCaller, members: Iterable[Member]) -> frozenset[int]:
    """The members who are this caller: same email or number; for a name on paper, the same name."""
    if caller.user is None:
        wanted = fold(caller.name)
        return frozenset(member.pk for member in members if fold(member.full_name) == wanted)
    email, phone = (caller.user.email or "").casefold(), caller.user.phone
    return frozenset(
        member.pk
        for member in members
        if (email and member.email.casefold() == email) or (phone and phone in (member.mobile, member.phone))
    )


def _hand_out(call_list: CallList, callers: Sequence[ListCaller], lists: Sequence[Sequence[int]]) -> int:
    """Write down who phones whom; a caller without names is not on the list. The number of names."""
    calls = []
    for position, (caller, ids) in enumerate(zip(callers, lists, strict=True)):
        if ids:
            place = CallListCaller.objects.create(
                call_list=call_list, user=caller.user, name=caller.name, position=position
            )
            calls += [
                Call(call_list=call_list, caller=place, member_id=pk, position=number) for number, pk in enumerate(ids)
            ]
    Call.objects.bulk_create(calls, batch_size=500)
    return len(calls)
