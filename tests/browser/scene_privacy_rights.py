"""Requests, breaches and a review of access, for the pictures and the browser tests: see tests/browser/scene.py."""

from __future__ import annotations

from datetime import timedelta

from accounts.models import User
from common import clock
from membership.models import Branch, Member
from privacy.actions.requests import answer, extend, open_request
from privacy.enums import RequestKind, RequestWay
from privacy.models import RightsRequest


def add_rights(urls: dict[str, str]) -> None:
    """Requests late, soon due, answered, and of one who is in no register."""
    tromso = Branch.objects.get(slug="tromso")
    one, two, three = tromso.members.current().exclude(email="").order_by("pk")[:3]
    secretary = User.objects.get(grants__role="county_secretary", grants__branch__slug="troms")
    urls["request_access"] = _page(_asked(tromso, one, RequestKind.ACCESS, 24, "Hei! Hva har dere lagret om meg?"))
    urls["request_erasure"] = _page(_asked(tromso, two, RequestKind.ERASURE, 35, "Jeg vil slettes fra alt."))
    _asked(tromso, None, RequestKind.OBJECTION, 3, "Slutt å sende meg SMS. Jeg har aldri vært medlem.")
    done = _asked(tromso, three, RequestKind.CORRECTION, 20, "Jeg heter Bjørg, ikke Bjørk.")
    now, today = clock.now(), clock.today()
    true_now = clock.machine_time()
    extend(done, because="Vi må spørre sentralt.", by=secretary, now=now, today=today, machine_now=true_now)
    answer(done, text="Takk! Nå er det rettet.", email=True, by=secretary, today=today, machine_now=true_now)
    urls["request_answered"] = _page(done)


def _asked(branch: Branch, member: Member | None, kind: RequestKind, days: int, text: str) -> RightsRequest:
    return open_request(
        branch,
        member=member,
        kind=kind,
        way=RequestWay.EMAIL,
        text=text,
        received_on=clock.today() - timedelta(days=days),
        by=None,
        now=clock.now(),
        today=clock.today(),
    )


def _page(one: RightsRequest) -> str:
    return f"/lag/troms/personvern/henvendelser/{one.pk}/"
