"""What dues tell on a member's timeline: claims raised, and payments that stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from common.money import format_kr
from dues.enums import ClaimState
from dues.models import Claim, Payment
from membership.extensions import Event
from membership.models import Branch, Member


def events_of(member: Member, _branch: Branch, _today: date) -> Iterator[Event]:
    """Two queries, whatever there is. What was taken back again is not told."""
    for claim in Claim.objects.standing().filter(member=member).newest_first():
        text = _("Dues %(year)s asked for: %(amount)s") % {"year": claim.year, "amount": format_kr(claim.amount_ore)}
        if claim.state == ClaimState.WAIVED:
            text = _("Exempt from dues %(year)s") % {"year": claim.year}
        yield Event("Receipt", text, localtime(claim.created_at).date())
    payments = Payment.objects.standing().filter(claim__member=member).order_by("-paid_on", "-id")
    for payment in payments:
        year = payment.claim.year if payment.claim else ""
        words = {"amount": format_kr(payment.amount_ore), "year": year}
        yield Event("Wallet", _("Paid %(amount)s, dues %(year)s") % words, payment.paid_on)
