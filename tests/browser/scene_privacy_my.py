"""A member with her own page open, and something on each of its pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common import clock
from membership.actions.moves import request_move
from membership.enums import OpeningReason
from membership.models import Branch, Member
from privacy.access import open_session
from privacy.actions.requests import open_request
from privacy.enums import RequestKind, RequestWay
from recruitment.recruiter_links import make_recruiter_link
from tests.factories import make_tag

# The account whose cookie is a member's own session.
MEMBER: Final = "min-side"


def add_my_page(cookies: dict[str, str], urls: dict[str, str]) -> None:
    """One who has not paid, asks for much, and has been looked at."""
    now, today = clock.now(), clock.today()
    branch = Branch.objects.get(slug="kafjord")
    held = Member.objects.current().filter(branch=branch, address_protection="", claims__year=today.year)
    held = held.filter(claims__outstanding_ore__gt=0).exclude(claims__state="cancelled")
    member = held.exclude(email="").exclude(mobile="").order_by("pk").first()
    assert member
    officer = User.objects.get(email="medlemsansvarlig.kafjord@demo.example")
    secretary = User.objects.get(email="fylkessekretaer@demo.example")
    opened: Any = {"branch_id": branch.pk, "subject": member}
    record(Verb.MEMBER_OPENED, by=officer, **opened)
    record(Verb.MEMBER_CHANGED, by=officer, fields="mobile,mobile_ok,street", **opened)
    record(Verb.PROTECTED_OPENED, by=secretary, reason=OpeningReason.LETTER.value, **opened)
    record(Verb.MY_PAGE_OPENED, by=None, **opened)
    record(Verb.MEMBERS_LISTED, by=officer, branch_id=branch.pk)
    make_tag(member.county, "Kvinnenettverket", member)
    open_request(
        branch,
        member=member,
        kind=RequestKind.CORRECTION,
        way=RequestWay.MY_PAGE,
        text="Jeg meldte meg inn i 2019, ikke i 2021.",
        received_on=today - timedelta(days=3),
        by=None,
        now=now,
        today=today,
    )
    to = Branch.objects.get(slug="skjervoy")
    request_move(member, to=to, by=None, now=now, today=today, by_member=True)
    urls["invited"] = reverse("recruitment:invited", args=[make_recruiter_link(member, now=now).code])
    cookies[MEMBER] = _session(member)


def _session(member: Member) -> str:
    """Longer than any run of the browsers."""
    session: SessionBase = Client().session
    session.save()
    request = HttpRequest()
    request.session = session
    open_session(request, member, now=clock.machine_time() + timedelta(days=1))
    session.save()
    return session.session_key or ""
