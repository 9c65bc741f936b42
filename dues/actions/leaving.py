"""What is asked of one who leaves: nothing more. And again, should it turn out to be a mistake."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import Sum

from accounts.models import User
from common.policy import keep
from dues.actions.summaries import lock, recount
from dues.enums import ClaimState
from dues.models import Claim, ClaimQuerySet, Payment
from membership.extensions import Leaving


@transaction.atomic
def stop_asking(member_ids: Sequence[int], _by: User | None, now: datetime, _today: date) -> None:
    """Open claims are cancelled, and remember when: no list, reminder or count has them from here on."""
    claims = Claim.objects.open().filter(member__in=list(member_ids))
    _held(claims).update(state=ClaimState.CANCELLED, cancelled_at=now)
    _count(Claim.objects.filter(member__in=list(member_ids), cancelled_at=now))


@transaction.atomic
def ask_again(member_ids: Sequence[int], _by: User | None, now: datetime, _today: date) -> None:
    """What was cancelled by a leaving that was a mistake stands again, less what has come in.

    What somebody left behind long ago, and joined again after, is not asked for.
    """
    mistaken = Claim.objects.filter(
        member__in=list(member_ids), state=ClaimState.CANCELLED, cancelled_at__gt=now - keep("undo")
    )
    claims = list(_held(mistaken).order_by("-cancelled_at", "-id"))
    standing = Claim.objects.standing().filter(member__in=list(member_ids))
    taken: set[tuple[int | None, int]] = set(standing.values_list("member_id", "year"))
    paid = dict(Payment.objects.filter(claim__in=claims).values_list("claim_id").annotate(Sum("amount_ore")))
    again = []
    for claim in claims:
        if (claim.member_id, claim.year) not in taken:
            taken.add((claim.member_id, claim.year))
            claim.state, claim.cancelled_at = ClaimState.RAISED, None
            claim.outstanding_ore = claim.amount_ore - paid.get(claim.pk, 0)
            again.append(claim)
    Claim.objects.bulk_update(again, ["state", "cancelled_at", "outstanding_ore"], batch_size=500)
    _count(again)


def _held(claims: ClaimQuerySet) -> ClaimQuerySet:
    """The claims, with the counts they stand in locked first."""
    places = set(claims.order_by().values_list("branch_id", "year"))
    lock({branch for branch, _year in places}, {year for _branch, year in places})
    return claims


def _count(claims: Iterable[Claim]) -> None:
    places = {(claim.branch_id, claim.year) for claim in claims}
    if places:
        recount({branch for branch, _year in places}, {year for _branch, year in places})


LEAVING: Final = Leaving(stop_asking, ask_again)
