"""A member's dues as the member reads them: year by year, what is paid, and how to pay the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dues.enums import TONES, DuesStatus
from dues.models import Claim, claims_on
from dues.panel import standing_lines
from membership.extensions import Text
from membership.models import Member


@dataclass(frozen=True, slots=True)
class Year:
    """One dues year. `left_ore` is what remains to be paid, and then `kid` tells what to pay it with."""

    year: int
    status: Text
    tone: str
    amount_ore: int
    left_ore: int
    due_on: date
    kid: str
    # Day and øre of each payment that stands, the oldest first.
    payments: list[tuple[date, int]]
    # Paid, and no single payment is kept of it: the central register only said so.
    paid: bool


def dues_years(member: Member) -> list[Year]:
    """The newest first. Two queries, however many years."""
    return [_year(claim) for claim in claims_on(member)]


def _year(claim: Claim) -> Year:
    status = claim.status
    return Year(
        claim.year,
        status.label,
        TONES[status],
        claim.amount_ore,
        claim.outstanding_ore if claim.is_open else 0,
        claim.final_due_on,
        claim.kid if claim.is_open else "",
        [(line.paid_on, line.amount_ore) for line in standing_lines(list(claim.payments.all()))],
        status == DuesStatus.PAID,
    )
