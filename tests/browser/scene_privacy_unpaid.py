"""Who is held back, and a county's list of those whose dues are long unpaid."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from common import clock
from membership.models import Branch, Member
from privacy.enums import HoldReason
from privacy.models import Hold


def add_unpaid(urls: dict[str, str]) -> None:
    """One member held; where one is held from."""
    branch = Branch.objects.get(slug="kafjord")
    member = Member.objects.current().filter(branch=branch).order_by("pk")[2]
    Hold.objects.create(
        member=member,
        reason=HoldReason.APPEAL,
        until_on=clock.today() + timedelta(days=40),
        placed_at=timezone.now(),
    )
    urls["hold"] = f"/lag/kafjord/medlemmer/{member.pk}/utsett/"
