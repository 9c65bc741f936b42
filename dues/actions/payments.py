"""The ledger: payments in, and mistakes taken back by the opposite line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from dues.actions.claims import follow_members
from dues.actions.summaries import lock, recount
from dues.enums import PaymentSource
from dues.models import Claim, Payment, PaymentBatch


class PaymentRefused(Exception):
    """A payment that cannot be registered or taken back; `sentence` says why, and what to do."""

    sentence: ClassVar[str | Promise] = ""
    # Which field of the form it is about.
    field: ClassVar[str] = ""


class AmountNotPositive(PaymentRefused):
    """Nothing, or less."""

    sentence = _("Write an amount above 0 kr.")
    field = "amount"


class MoreThanOutstanding(PaymentRefused):
    """More than what is asked for."""

    sentence = _("The amount is more than what is not paid. Write at most what is not paid.")
    field = "amount"


class PaidInFuture(PaymentRefused):
    """Paid on a day that has not been."""

    sentence = _("The date has not been yet. Write the day the payment came.")
    field = "paid_on"


class PaidTooEarly(PaymentRefused):
    """Paid years before it was asked for."""

    sentence = _("The date is more than a year before the dues year. Check the year.")
    field = "paid_on"


class ClaimNotOpen(PaymentRefused):
    """Nothing is outstanding, or nothing is asked for any more."""

    sentence = _("Nothing more is to be paid here. Somebody may have registered the payment already.")


class ChangedMeanwhile(PaymentRefused):
    """Somebody else, or the same button, registered a payment between the form and now."""

    sentence = _(
        "A payment has been registered here in the meantime. Look at what is left before you register another."
    )


class AlreadyUndone(PaymentRefused):
    """A line is taken back once."""

    sentence = _("The payment has been undone already.")


class IsReversal(PaymentRefused):
    """What took a payment back is not itself taken back: register the payment anew."""

    sentence = _("This line undid a payment. Register the payment again instead.")


class Line(NamedTuple):
    """One line to post: øre, and the day it was paid."""

    claim: Claim
    amount_ore: int
    paid_on: date


@transaction.atomic
def register_payment(
    claim: Claim,
    *,
    amount_ore: int,
    paid_on: date,
    by: User | None,
    now: datetime,
    expected_ore: int | None = None,
    source: PaymentSource = PaymentSource.MANUAL,
) -> Payment:
    """Post one payment.

    `expected_ore` is what was outstanding when the form was shown: of two who press at the same time, one wins.
    Raises a `PaymentRefused`.
    """
    _check(claim, amount_ore, paid_on, today=localdate(now))
    lock([claim.branch_id], [claim.year])
    _take(claim, amount_ore, expected_ore)
    batch = _batch(claim, source=source, by=by, now=now)
    payment = Payment.objects.create(
        claim=claim, batch=batch, amount_ore=amount_ore, paid_on=paid_on, source=source, created_at=now, created_by=by
    )
    recount([claim.branch_id], [claim.year])
    _log(Verb.PAYMENT_REGISTERED, payment, claim, by)
    return payment


@transaction.atomic
def undo_payment(payment: Payment, *, by: User | None, now: datetime) -> Payment:
    """Take a payment back by the opposite line, which is returned. Raises `AlreadyUndone` or `IsReversal`."""
    if payment.reverses_id is not None:
        raise IsReversal
    claim = Claim.objects.get(payments=payment)
    lock([claim.branch_id], [claim.year])
    line = Payment(
        claim=claim,
        batch=_batch(claim, source=PaymentSource.MANUAL, by=by, now=now),
        amount_ore=-payment.amount_ore,
        paid_on=localdate(now),
        source=PaymentSource.MANUAL,
        reverses=payment,
        created_at=now,
        created_by=by,
    )
    try:
        with transaction.atomic():
            line.save()
    except IntegrityError:
        raise AlreadyUndone from None
    Claim.objects.filter(pk=claim.pk).update(outstanding_ore=F("outstanding_ore") + payment.amount_ore)
    recount([claim.branch_id], [claim.year])
    if claim.member_id:
        # While it was paid, it did not follow.
        follow_members([claim.member_id])
    _log(Verb.PAYMENT_UNDONE, line, claim, by)
    return line


def post(lines: Sequence[Line], *, batch: PaymentBatch, by: User | None, now: datetime) -> None:
    """Post many lines as part of an import that has locked the claims, recounts, and writes the log."""
    left: dict[int, list[int]] = {}
    for line in lines:
        line.claim.outstanding_ore -= line.amount_ore
        left.setdefault(line.claim.outstanding_ore, []).append(line.claim.pk)
    Payment.objects.bulk_create(
        (
            Payment(
                claim=line.claim,
                batch=batch,
                amount_ore=line.amount_ore,
                paid_on=line.paid_on,
                source=batch.source,
                created_at=now,
                created_by=by,
            )
            for line in lines
        ),
        batch_size=1000,
    )
    for outstanding_ore, ids in left.items():
        Claim.objects.filter(pk__in=ids).update(outstanding_ore=outstanding_ore)


def _check(claim: Claim, amount_ore: int, paid_on: date, *, today: date) -> None:
    if amount_ore <= 0:
        raise AmountNotPositive
    if paid_on > today:
        raise PaidInFuture
    if paid_on.year < claim.year - 1:
        raise PaidTooEarly


def _take(claim: Claim, amount_ore: int, expected_ore: int | None) -> None:
    """Lower what is outstanding, if it is still what we think; `claim` is told what is left."""
    row = Claim.objects.open().filter(pk=claim.pk)
    fits = row.filter(outstanding_ore__gte=amount_ore)
    if expected_ore is not None:
        fits = fits.filter(outstanding_ore=expected_ore)
    taken = fits.update(outstanding_ore=F("outstanding_ore") - amount_ore)
    now_left = row.values_list("outstanding_ore", flat=True).first()
    if taken:
        claim.outstanding_ore = now_left or 0
    elif now_left is None:
        raise ClaimNotOpen
    elif expected_ore is not None and now_left != expected_ore:
        raise ChangedMeanwhile
    else:
        raise MoreThanOutstanding


def _batch(claim: Claim, *, source: PaymentSource, by: User | None, now: datetime) -> PaymentBatch:
    return PaymentBatch.objects.create(
        branch_id=claim.branch_id,
        source=source,
        year=claim.year,
        as_of_on=localdate(now),
        created_at=now,
        created_by=by,
    )


def _log(verb: Verb, payment: Payment, claim: Claim, by: User | None) -> None:
    record(
        verb,
        by=by,
        branch_id=claim.branch_id,
        subject=payment,
        member=claim.member_id,
        year=claim.year,
        amount_ore=payment.amount_ore,
    )
