"""A member's dues by year, for the member page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from common.money import as_kroner
from dues.enums import TONES, DuesStatus
from dues.models import Claim, Payment, claims_on
from membership.models import Branch, Member


def member_dues(member: Member, branch: Branch, today: date) -> dict[str, Any]:
    """Context of `dues/_member_panel.html`: the newest year first."""
    claims = list(claims_on(member))
    return {
        "rows": [_row(claim, branch) for claim in claims],
        "today": today,
        # The one to register a payment on with a tap: of the open ones, the newest.
        "open": next((_open(claim, branch) for claim in claims if claim.is_open), None),
    }


def _row(claim: Claim, branch: Branch) -> dict[str, Any]:
    lines = standing_lines(list(claim.payments.all()))
    last = lines[-1] if lines else None
    paid_ore = sum(line.amount_ore for line in lines)
    status = claim.status
    return {
        "year": claim.year,
        "status": status.label,
        "tone": TONES[status],
        "amount_ore": claim.amount_ore,
        "paid_ore": paid_ore if status == DuesStatus.PARTIAL else 0,
        "paid_on": last.paid_on if last else None,
        "due_on": None if last else claim.original_due_on,
        "undo_url": _undo_url(lines, claim, branch),
    }


def standing_lines(payments: Sequence[Payment]) -> list[Payment]:
    """The lines that were not taken back, oldest first."""
    taken_back = {line.reverses_id for line in payments if line.reverses_id}
    left = [line for line in payments if line.reverses_id is None and line.pk not in taken_back]
    return sorted(left, key=lambda line: (line.paid_on, line.pk))


def _undo_url(lines: Sequence[Payment], claim: Claim, branch: Branch) -> str:
    """For the last payment registered by hand, where the claim belongs to the branch that is open."""
    by_hand = [line for line in lines if line.is_by_hand]
    if not by_hand or not claim.is_under(branch):
        return ""
    return reverse("dues:payment_undo", args=[branch.slug, by_hand[-1].pk])


def _open(claim: Claim, branch: Branch) -> dict[str, Any] | None:
    return {
        "year": claim.year,
        "due_on": claim.original_due_on,
        "url": reverse("dues:payment_register", args=[branch.slug, claim.pk]),
        "expected_ore": claim.outstanding_ore,
        "amount": as_kroner(claim.outstanding_ore),
    }
