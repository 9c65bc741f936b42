"""Vouchers are kept as long as the law asks for, with or without a person; after that only the year's counts are."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef

from common.policy import policy
from dues.models import Claim, ClaimQuerySet, DuesSummary, Payment, PaymentBatch

_AT_ONCE: Final = 500


def forget_vouchers(*, today: date) -> int:
    """Erase claims and payments of accounting years that are over for longer than the policy says; how many claims.

    A claim goes when the last of its payments may: one that came late, or was taken back, belongs to a later year.
    The counts of those years stay as they are. May run twice, and goes on where it was cut short.
    """
    first_kept = today.year - policy().amount("vouchers", "years")
    DuesSummary.objects.filter(year__lt=first_kept, is_final=False).update(is_final=True)
    gone = 0
    while ids := list(_over(first_kept).order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]):
        _forget(ids)
        gone += len(ids)
    # What never found a claim, and the deliveries that are empty by now.
    Payment.objects.filter(claim=None, reverses=None, reversed_by=None, paid_on__year__lt=first_kept).delete()
    empty = PaymentBatch.objects.filter(as_of_on__year__lt=first_kept, created_at__year__lt=first_kept)
    empty.filter(~Exists(Payment.objects.filter(batch=OuterRef("pk")))).delete()
    return gone


def _over(first_kept: int) -> ClaimQuerySet:
    """Claims from before a year, which nothing was paid on, or taken back of, in that year or after it."""
    kept = Payment.objects.filter(claim=OuterRef("pk"), paid_on__year__gte=first_kept)
    return Claim.objects.filter(year__lt=first_kept).exclude(Exists(kept))


@transaction.atomic
def _forget(claim_ids: list[int]) -> None:
    Payment.objects.filter(reverses__claim__in=claim_ids).update(reverses=None)
    Payment.objects.filter(claim__in=claim_ids).delete()
    Claim.objects.filter(pk__in=claim_ids).delete()
