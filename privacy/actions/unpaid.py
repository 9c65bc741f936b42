"""A county's list of those whose dues are long unpaid: made, looked through, dropped; and who asks to stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.actions.editing import locked
from membership.models import Branch, Member
from membership.models.member import CURRENT
from messaging.enums import DeliveryState
from messaging.models import Delivery
from privacy.actions.links import spend
from privacy.enums import CaseState, RoundState
from privacy.models import AccessLink, StayAgreement, UnpaidCase, UnpaidRound
from privacy.refusals import Refused
from privacy.unpaid import OPEN_CASES, OPEN_ROUNDS, candidates, file_of, is_fresh, open_round

_AT_ONCE: Final = 1_000


class FileTooOld(Refused):
    """We do not know who has paid lately."""

    sentence = _("What we know of payments is too old. Read in a new payment file first.")


class OpenAlready(Refused):
    """A county has one list at a time."""

    sentence = _("The county has an open list already. Finish it or drop it first.")


class NobodyDue(Refused):
    """Nobody's time is over for that year."""

    sentence = _("Nobody’s time is over for that year.")


class NotOpen(Refused):
    """It was approved or dropped meanwhile."""

    sentence = _("The list is not open any more. Nothing was changed.")


class NotOnList(Refused):
    """The member has paid, has left, or was taken off already."""

    sentence = _("The member is not on the list any more.")


class NoMember(Exception):
    """Whoever wants to stay is no member any more, or erased."""


@transaction.atomic
def make_round(county: Branch, *, year: int, by: User, now: datetime, today: date) -> UnpaidRound:
    """Write down whose time is over for a year. Nobody is told yet, and nothing happens to anyone.

    Raises `OpenAlready`, `FileTooOld` and `NobodyDue`.
    """
    if open_round(county):
        raise OpenAlready
    if not is_fresh(file_of(county, year, today)):
        raise FileTooOld
    try:
        with transaction.atomic():
            made = UnpaidRound.objects.create(county=county, year=year, created_at=now, created_by=by)
    except IntegrityError:
        raise OpenAlready from None
    count = 0
    for ids in _pieces(candidates(county, year, today).order_by("pk").values_list("pk", flat=True).iterator()):
        UnpaidCase.objects.bulk_create(UnpaidCase(round=made, member_id=pk) for pk in ids)
        count += len(ids)
    if not count:
        raise NobodyDue
    record(Verb.ROUND_OPENED, by=by, branch_id=county.pk, subject=made, year=year, count=count)
    return made


@transaction.atomic
def spare(case: UnpaidCase, *, by: User) -> None:
    """Take one member off the list, whatever the reason. Raises `NotOpen` and `NotOnList`."""
    unpaid = lock_round(case.round)
    if unpaid.state not in OPEN_ROUNDS:
        raise NotOpen
    mine = UnpaidCase.objects.filter(pk=case.pk, state__in=OPEN_CASES)
    if not mine.update(state=CaseState.SPARED, decided_by=by):
        raise NotOnList
    record(Verb.UNPAID_SPARED, by=by, branch_id=case.member.branch_id, subject=case.member, year=unpaid.year)


@transaction.atomic
def drop_round(unpaid: UnpaidRound, *, by: User) -> None:
    """Nothing comes of it: nobody is struck off, and notice that waits is not sent. Raises `NotOpen`."""
    dropped = UnpaidRound.objects.filter(pk=unpaid.pk, state__in=OPEN_ROUNDS).update(state=RoundState.DROPPED)
    if not dropped:
        raise NotOpen
    waiting = Delivery.objects.filter(key__startswith=f"unpaid:{unpaid.pk}:", state=DeliveryState.QUEUED)
    waiting.update(state=DeliveryState.CANCELLED, problem="dropped", run=None)
    record(Verb.ROUND_DROPPED, by=by, branch_id=unpaid.county_id, subject=unpaid, year=unpaid.year)


@transaction.atomic
def agree_to_stay(member: Member, *, year: int, by: User | None, now: datetime) -> StayAgreement:
    """A member who has not paid for a year wants to stay; said twice, it is written once. Raises `NoMember`.

    `by` is empty where the member said so. Every open list of that year, or an earlier one, lets the member be.
    """
    fresh = next(iter(locked(Member.objects.filter(pk=member.pk))), None)
    if fresh is None or fresh.status not in CURRENT:
        raise NoMember
    agreed, is_new = StayAgreement.objects.get_or_create(
        member=fresh, year=year, defaults={"agreed_at": now, "recorded_by": by}
    )
    UnpaidCase.objects.filter(
        member=fresh, round__year__lte=year, round__state__in=OPEN_ROUNDS, state__in=OPEN_CASES
    ).update(state=CaseState.STAYS, decided_by=by)
    if is_new:
        record(Verb.STAY_AGREED, by=by, branch_id=fresh.branch_id, subject=fresh, year=year)
    return agreed


@transaction.atomic
def stay_by_link(link: AccessLink, *, proof: str, true_now: datetime, now: datetime, today: date) -> None:
    """The member presses the button: the link is spent and the wish written down, both or neither.

    Links live by the true clock. Raises `links.Unknown` and `NoMember`.
    """
    member = spend(link, proof=proof, now=true_now, today=today, counted=True)
    agree_to_stay(member, year=link.year or today.year, by=None, now=now)


@transaction.atomic
def stay_by_officer(case: UnpaidCase, *, by: User, now: datetime) -> None:
    """An officer writes down that the member has said so. Raises `NotOpen` and `NotOnList`."""
    unpaid = lock_round(case.round)
    if unpaid.state not in OPEN_ROUNDS:
        raise NotOpen
    if not UnpaidCase.objects.filter(pk=case.pk, state__in=OPEN_CASES).exists():
        raise NotOnList
    try:
        agree_to_stay(case.member, year=unpaid.year, by=by, now=now)
    except NoMember:
        raise NotOnList from None


def lock_round(unpaid: UnpaidRound) -> UnpaidRound:
    """The list as it is now, which nobody else can change until this transaction ends; with its county."""
    return UnpaidRound.objects.select_for_update(of=("self",)).select_related("county").get(pk=unpaid.pk)


def _pieces(ids: Iterator[int]) -> Iterator[list[int]]:
    while piece := list(islice(ids, _AT_ONCE)):
        yield piece
