"""Raising claims, and letting them follow their members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Sum

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from dues.actions.rates import Terms
from dues.actions.summaries import lock, recount
from dues.enums import ClaimState
from dues.kid import new_kids
from dues.models import Claim, Payment
from membership.models import Branch, Member, MemberQuerySet
from membership.models.member import CURRENT

T = TypeVar("T")

_CHUNK: Final = 2000
_COPIES: Final = ("branch_id", "municipal_id", "county_id", "sort_key")
# Drawing a reference that exists, or being beaten to a claim by somebody else, happens once in a blue moon.
_ATTEMPTS: Final = 5


class Debtor(NamedTuple):
    """A member, and what the claim copies of the member."""

    member_id: int
    branch_id: int
    municipal_id: int | None
    county_id: int
    sort_key: str


class Claims(NamedTuple):
    """The claims of some members in one year: those that stood already, and those just raised."""

    standing: list[Claim]
    raised: list[Claim]


@transaction.atomic
def raise_claims(
    branch: Branch, *, terms: Terms, by: User | None, now: datetime, member_ids: Iterable[int] | None = None
) -> int:
    """Raise the year's claim on every current member of a branch and the branches under it who has none.

    `member_ids` narrows it to some of them. Returns how many were raised: none the second time.
    """
    members = branch.members.current()
    if member_ids is not None:
        members = members.filter(pk__in=list(member_ids))
    standing = Claim.objects.standing().for_year(terms.year).filter(member_id=OuterRef("pk"))
    raised, touched = 0, set[int]()
    for chunk in _chunks(debtors(members.filter(~Exists(standing)))):
        raised += len(ensure_claims(chunk, terms=terms, now=now).raised)
        touched.update(debtor.branch_id for debtor in chunk)
    if raised:
        recount(touched, [terms.year])
        record(Verb.CLAIMS_RAISED, by=by, branch_id=branch.pk, count=raised, year=terms.year, rate_ore=terms.rate_ore)
    return raised


def debtors(members: MemberQuerySet) -> Iterable[Debtor]:
    """What a claim needs to know of each of some members."""
    rows = members.order_by("pk").values_list("pk", "branch_id", "municipal_id", "county_id", "sort_key")
    return map(Debtor._make, rows)


def ensure_claims(
    people: Sequence[Debtor], *, terms: Terms, now: datetime, locked: bool = False, raised_in: UUID | None = None
) -> Claims:
    """The year's claim of each member, raised where there is none; part of an act that recounts and writes the log.

    A claim that was cancelled when the member left is asked for again. With `locked`, nobody else posts to those that
    stood already before the transaction ends.
    """
    for _attempt in range(_ATTEMPTS):
        found = list(_claims_of(people, terms.year, locked=locked))
        standing = [claim for claim in found if claim.state != ClaimState.CANCELLED]
        claimed = {claim.member_id for claim in standing}
        missing = [debtor for debtor in people if debtor.member_id not in claimed]
        left = {claim.member_id: claim for claim in found if claim.state == ClaimState.CANCELLED}
        new = [debtor for debtor in missing if debtor.member_id not in left]
        try:
            with transaction.atomic():
                made = Claim.objects.bulk_create(_new_claims(new, terms, now, raised_in), batch_size=1000)
        except IntegrityError:
            continue
        again = [(left[debtor.member_id], debtor) for debtor in missing if debtor.member_id in left]
        return Claims(standing, made + _reopen(again, raised_in))
    raise RuntimeError("could not draw payment references that nobody has")


@transaction.atomic
def follow_members(member_ids: Iterable[int]) -> None:
    """Let open claims follow their members' name and branch; whoever is no longer a member is asked for nothing."""
    for ids in _chunks(member_ids):
        claims = Claim.objects.open().filter(member_id__in=ids).select_related("member").order_by("pk")
        _follow([(claim, claim.member) for claim in claims if claim.member])


def _follow(pairs: Sequence[tuple[Claim, Member]]) -> None:
    gone = [claim for claim, member in pairs if member.status not in CURRENT]
    moved = [(claim, member) for claim, member in pairs if member.status in CURRENT and _differs(claim, member)]
    counted = [*gone, *(claim for claim, member in moved if claim.branch_id != member.branch_id)]
    branch_ids = {claim.branch_id for claim in counted} | {member.branch_id for _claim, member in moved}
    years = {claim.year for claim in counted}
    if years:
        lock(branch_ids, years)
    # Still open? A payment may have come in meanwhile, and what is paid stays as it is.
    Claim.objects.open().filter(pk__in=[claim.pk for claim in gone]).update(state=ClaimState.CANCELLED)
    for claim, member in moved:
        _copy(claim, member)
    Claim.objects.bulk_update([claim for claim, _member in moved], ["branch", "municipal", "county", "sort_key"])
    if years:
        recount(branch_ids, years)


def _differs(claim: Claim, member: Member) -> bool:
    return any(getattr(claim, name) != getattr(member, name) for name in _COPIES)


def _copy(claim: Claim, source: Member | Debtor) -> None:
    for name in _COPIES:
        setattr(claim, name, getattr(source, name))


def _claims_of(people: Sequence[Debtor], year: int, *, locked: bool) -> Iterable[Claim]:
    claims = Claim.objects.for_year(year).filter(member_id__in=[debtor.member_id for debtor in people]).order_by("pk")
    return claims.select_for_update() if locked else claims


def _new_claims(people: Sequence[Debtor], terms: Terms, now: datetime, raised_in: UUID | None) -> list[Claim]:
    return [
        Claim(
            member_id=debtor.member_id,
            branch_id=debtor.branch_id,
            municipal_id=debtor.municipal_id,
            county_id=debtor.county_id,
            sort_key=debtor.sort_key,
            year=terms.year,
            amount_ore=terms.rate_ore,
            outstanding_ore=terms.rate_ore,
            kid=kid,
            original_due_on=terms.due_on,
            final_due_on=terms.due_on,
            created_at=now,
            raised_in=raised_in,
        )
        for debtor, kid in zip(people, new_kids(len(people)), strict=True)
    ]


def _reopen(pairs: Sequence[tuple[Claim, Debtor]], raised_in: UUID | None) -> list[Claim]:
    """Ask again for what was asked of members who have come back, less what they had paid."""
    claims = [claim for claim, _debtor in pairs]
    lines = Payment.objects.filter(claim__in=claims).values_list("claim_id").annotate(Sum("amount_ore"))
    paid = dict(lines) if claims else {}
    for claim, debtor in pairs:
        _copy(claim, debtor)
        claim.state, claim.raised_in = ClaimState.RAISED, raised_in
        claim.outstanding_ore = claim.amount_ore - paid.get(claim.pk, 0)
    names = ["branch", "municipal", "county", "sort_key", "state", "outstanding_ore", "raised_in"]
    Claim.objects.bulk_update(claims, names)
    return claims


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk
