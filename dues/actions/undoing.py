"""Taking back what an import raised and posted, and letting go of members who leave the register altogether.

The ledger is added to, never cut: a payment is taken back by the opposite line, and a claim with lines stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Sum
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.models import User
from common.among import among
from dues.actions.summaries import lock, recount
from dues.enums import ClaimState, PaymentSource
from dues.models import NO_DAY, Claim, ClaimQuerySet, Payment, PaymentBatch
from membership.extensions import Text


def touched(batch_id: UUID) -> Iterable[int]:
    """The members on whom an import raised a claim or posted a payment."""
    of_import = Q(raised_in=batch_id) | Q(payments__batch__change_batch=batch_id)
    found = Claim.objects.filter(of_import, member__isnull=False)
    return {pk for pk in found.values_list("member_id", flat=True) if pk}


@transaction.atomic
def undo(batch_id: UUID, member_ids: Sequence[int], *, by: User | None, now: datetime) -> None:
    """Take back the payments an import posted on these members' claims, and the claims it raised.

    A claim that somebody else has had a payment on stays. “Betalt per” goes back to the delivery before.
    """
    PaymentBatch.objects.filter(change_batch=batch_id).update(as_of_on=NO_DAY)
    claims = Claim.objects.filter(member__in=list(member_ids)).filter(
        Q(raised_in=batch_id) | Q(Exists(_lines(batch_id).filter(claim=OuterRef("pk"))))
    )
    found = list(claims.order_by("pk").select_for_update())
    if not found:
        return
    branches, years = {claim.branch_id for claim in found}, {claim.year for claim in found}
    lock(branches, years)
    _reverse(batch_id, found, by=by, now=now)
    raised = [claim.pk for claim in found if claim.raised_in == batch_id]
    _withdraw(Claim.objects.filter(pk__in=raised))
    recount(branches, years)


def blocks(member_ids: Sequence[int], batch_id: UUID) -> Mapping[int, Text]:
    """Those with money that came otherwise: it is not thrown away with the member."""
    lines = (
        Payment.objects.filter(claim__member__in=member_ids)
        .exclude(batch__change_batch=batch_id)
        .exclude(reverses__batch__change_batch=batch_id)
    )
    paid = lines.values("claim__member").annotate(ore=Sum("amount_ore")).exclude(ore=0)
    return {
        pk: _("A payment has been registered since.") for pk in paid.order_by().values_list("claim__member", flat=True)
    }


@transaction.atomic
def prepare(member_ids: Sequence[int]) -> None:
    """Nothing more is asked of those who go; vouchers stay, without a name."""
    claims = Claim.objects.filter(member__in=among(member_ids))
    places = set(claims.order_by().values_list("branch_id", "year").distinct())
    if not places:
        return
    branches, years = {branch for branch, _year in places}, {year for _branch, year in places}
    lock(branches, years)
    claims.filter(~Exists(Payment.objects.filter(claim=OuterRef("pk")))).delete()
    claims.open().update(state=ClaimState.CANCELLED)
    claims.update(sort_key="")
    recount(branches, years)


def _lines(batch_id: UUID) -> Any:
    """What an import posted and nobody has taken back."""
    return Payment.objects.filter(batch__change_batch=batch_id, reverses=None, reversed_by=None)


def _reverse(batch_id: UUID, claims: Sequence[Claim], *, by: User | None, now: datetime) -> None:
    lines = list(_lines(batch_id).filter(claim__in=claims).select_related("batch").order_by("pk"))
    if not lines:
        return
    taken_back = PaymentBatch.objects.create(
        branch=lines[0].batch.branch,
        source=PaymentSource.MANUAL,
        year=lines[0].batch.year,
        as_of_on=localdate(now),
        created_at=now,
        created_by=by,
    )
    Payment.objects.bulk_create(
        [
            Payment(
                claim_id=line.claim_id,
                batch=taken_back,
                amount_ore=-line.amount_ore,
                paid_on=localdate(now),
                source=PaymentSource.MANUAL,
                reverses=line,
                created_at=now,
                created_by=by,
            )
            for line in lines
        ],
        batch_size=1000,
    )
    by_amount: dict[int, list[int]] = {}
    for line in lines:
        if line.claim_id:
            by_amount.setdefault(line.amount_ore, []).append(line.claim_id)
    for amount, ids in by_amount.items():
        Claim.objects.filter(pk__in=ids).update(outstanding_ore=F("outstanding_ore") + amount)


def _withdraw(claims: ClaimQuerySet) -> None:
    """Nobody is asked any more, but where somebody has paid something that stands."""
    lines = Payment.objects.filter(claim=OuterRef("pk"))
    claims.filter(~Exists(lines)).delete()
    claims.filter(outstanding_ore=F("amount_ore")).update(state=ClaimState.CANCELLED)
