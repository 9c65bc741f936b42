"""Who is held back, who waits to be erased, and a county's list of those whose dues are long unpaid."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from common import clock
from dues.enums import PaymentSource
from dues.models import Claim, PaymentBatch
from membership.models import Branch, Member
from messaging.enums import Channel
from privacy.actions.links import make_link
from privacy.enums import CaseState, HoldReason, LinkKind, RoundState
from privacy.models import Hold, UnpaidCase, UnpaidRound


def add_unpaid(urls: dict[str, str]) -> None:
    """One member held; a list that waits to be approved, and one that was dropped; a link to stay by."""
    branch, county = Branch.objects.get(slug="kafjord"), Branch.objects.get(slug="troms")
    member = Member.objects.current().filter(branch=branch, holds=None).order_by("pk")[2]
    Hold.objects.create(
        member=member,
        reason=HoldReason.APPEAL,
        until_on=clock.today() + timedelta(days=40),
        placed_at=timezone.now(),
    )
    urls["hold"] = f"/lag/kafjord/medlemmer/{member.pk}/utsett/"
    urls["unpaid_round"] = _round(county, RoundState.NOTIFIED)
    urls["unpaid_dropped"] = _round(county, RoundState.DROPPED)
    reached = Member.objects.current().filter(branch=branch).exclude(email="").order_by("pk")[3]
    address = reached.email.strip().lower()
    token = make_link(
        LinkKind.STAY, channel=Channel.EMAIL, address=address, now=timezone.now(), member=reached, year=2025
    )
    urls["stay"] = f"/fortsatt-medlem/{token}/"


def _round(county: Branch, state: RoundState) -> str:
    today, now = clock.today(), timezone.now()
    year = today.year - 1
    user = User.objects.get(email="fylkessekretaer@demo.example")
    PaymentBatch.objects.get_or_create(
        branch=county, source=PaymentSource.OCR, year=year, as_of_on=today, defaults={"created_at": now}
    )
    answered = today - timedelta(days=3)
    made = UnpaidRound.objects.create(
        county=county, year=year, state=state, created_at=now, created_by=user, notified_at=now, answer_by_on=answered
    )
    kafjord = Member.objects.current().filter(branch__slug="kafjord").order_by("pk")[5:15]
    for position, member in enumerate(kafjord):
        _claim(member, year)
        letter = position in {3, 4}
        UnpaidCase.objects.create(
            round=made,
            member=member,
            state=CaseState.LETTER if letter else CaseState.NOTIFIED,
            notified_at=None if letter else now,
        )
    return f"/lag/troms/personvern/ubetalt/{made.pk}/"


def _claim(member: Member, year: int) -> None:
    """Nothing paid for the year before this one, nor since."""
    Claim.objects.filter(member=member, year=year).update(outstanding_ore=45000, amount_ore=45000, state="raised")
    if not Claim.objects.filter(member=member, year=year).exists():
        latest = Claim.objects.filter(member=member).order_by("-year", "-id").first()
        if latest is None:
            return
        kid = f"9{member.pk:012d}"
        Claim.objects.create(
            member=member,
            branch_id=latest.branch_id,
            municipal_id=latest.municipal_id,
            county_id=latest.county_id,
            sort_key=latest.sort_key,
            year=year,
            amount_ore=45000,
            outstanding_ore=45000,
            kid=kid,
            original_due_on=latest.original_due_on.replace(year=year),
            final_due_on=latest.final_due_on.replace(year=year),
            created_at=timezone.now(),
        )
