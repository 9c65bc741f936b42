"""Holds, and those whose dues are long unpaid, for tests of leaving and keeping."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from accounts.models import User
from common import clock
from dues.actions.summaries import recount
from dues.enums import PaymentSource
from dues.models import Claim, PaymentBatch
from membership.models import Branch, Member
from privacy.actions import unpaid as actions
from privacy.actions.unpaid_notice import Moment, begin_notice, notify_all
from privacy.enums import HoldReason
from privacy.models import Hold, UnpaidRound
from privacy.unpaid import open_round
from tests.factories import NOW, TODAY, make_claim, make_member

# Its six months after the year's end were over on 30 June 2026.
YEAR: Final = 2025


def make_hold(member: Member, **fields: Any) -> Hold:
    """A hold in force for ten days; the one there is, where there is one."""
    fields = {
        "reason": HoldReason.DISPUTE,
        "until_on": TODAY + timedelta(days=10),
        "placed_at": NOW,
        **fields,
    }
    hold, _made = Hold.objects.get_or_create(member=member, lifted_at=None, defaults=fields)
    return hold


def make_overdue(branch: Branch, first_name: str = "Ane", *, year: int = YEAR, **fields: Any) -> Member:
    """A member who has not paid for 2025."""
    member = make_member(branch, first_name, **fields)
    make_claim(member, year=year)
    recount([branch.pk], [year])
    return member


def pay(member: Member, year: int = YEAR) -> None:
    """The claim is settled, as a payment file would."""
    Claim.objects.filter(member=member, year=year).update(outstanding_ore=0)


def make_file(county: Branch, as_of_on: date = TODAY, *, year: int | None = None) -> PaymentBatch:
    """A payment file that tells of the whole county."""
    return PaymentBatch.objects.create(
        branch=county, source=PaymentSource.OCR, year=year, as_of_on=as_of_on, created_at=NOW
    )


def make_list(county: Branch, *, by: User) -> UnpaidRound:
    """The county's open list of 2025, of those there are; the one there is, where there is one."""
    make_file(county)
    return open_round(county) or actions.make_round(county, year=YEAR, by=by, now=NOW, today=TODAY)


def notify(unpaid: UnpaidRound, *, by: User, today: date = TODAY) -> UnpaidRound:
    """Notice to everybody on it."""
    begun = begin_notice(unpaid, by=by, now=NOW, today=today)
    notify_all(begun, moment=Moment(NOW, today, clock.machine_time()))
    return begun


def make_any_round(branch: Branch) -> UnpaidRound:
    """A list of a branch's county with nobody on it: for tests of who may open it."""
    found = open_round(branch)
    return found or UnpaidRound.objects.create(county=branch, year=YEAR, created_at=NOW)
