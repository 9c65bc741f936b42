"""Who has left Kåfjord and is not erased yet, and of whom it can be registered."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import User
from common import clock
from membership.models import Branch, Member
from privacy.actions.departures import leave
from privacy.enums import LeaveWay
from privacy.models import Departure


def add_leavers(urls: dict[str, str]) -> None:
    """One by letter, whose receipt must be posted, one by email, one who has died; pages of two who are there."""
    branch = Branch.objects.get(slug="kafjord")
    by = User.objects.get(email="medlemsansvarlig.kafjord@demo.example")
    newest = list(Member.objects.current().filter(branch=branch, address_protection="").order_by("-pk")[:5])
    ways = (LeaveWay.LETTER, LeaveWay.EMAIL, LeaveWay.DEATH)
    today, now = clock.today(), timezone.now()
    for member, way in zip(newest[:3], ways, strict=True):
        made = leave(member, way=way, left_on=today, by=by, now=now, today=today, text="Jeg melder meg ut.")
        if way != LeaveWay.DEATH:
            urls[f"left_by_{way}"] = f"/lag/kafjord/personvern/utmeldte/?registrert={made.pk}"
        if way == LeaveWay.LETTER:
            Departure.objects.filter(pk=made.pk).update(receipt_by_letter=True)
    reached, unreached = newest[3:]
    Member.objects.filter(pk=reached.pk).update(email="nås@example.no", email_bounced_on=None)
    Member.objects.filter(pk=unreached.pk).update(email="", mobile="", mobile_ok=False)
    for name, member in (("reached", reached), ("unreached", unreached)):
        urls[f"resignation_{name}"] = f"/lag/kafjord/medlemmer/{member.pk}/utmelding/"
    urls["death"] = f"/lag/kafjord/medlemmer/{reached.pk}/dodsfall/"
    urls["status_with_doors"] = f"/lag/kafjord/medlemmer/{reached.pk}/status/"
