"""Requests, breaches and a review of access, for the pictures and the browser tests: see tests/browser/scene.py."""

from __future__ import annotations

from datetime import timedelta

from accounts.models import User
from common import clock
from membership.models import Branch, Member
from messaging.models import Message
from privacy.actions import breaches
from privacy.actions.requests import answer, extend, open_request
from privacy.enums import BreachKind, RequestKind, RequestWay
from privacy.models import RightsRequest


def add_rights(urls: dict[str, str]) -> None:
    """Requests late, soon due, answered, and of one who is in no register."""
    tromso = Branch.objects.get(slug="tromso")
    one, two, three = tromso.members.current().exclude(email="").order_by("pk")[:3]
    secretary = User.objects.filter(grants__role="county_secretary", grants__branch__slug="troms").order_by("pk")[0]
    urls["request_access"] = _page(_asked(tromso, one, RequestKind.ACCESS, 24, "Hei! Hva har dere lagret om meg?"))
    urls["request_erasure"] = _page(_asked(tromso, two, RequestKind.ERASURE, 35, "Jeg vil slettes fra alt."))
    _asked(tromso, None, RequestKind.OBJECTION, 3, "Slutt å sende meg SMS. Jeg har aldri vært medlem.")
    done = _asked(tromso, three, RequestKind.CORRECTION, 20, "Jeg heter Bjørg, ikke Bjørk.")
    now, today = clock.now(), clock.today()
    true_now = clock.machine_time()
    extend(done, because="Vi må spørre sentralt.", by=secretary, now=now, today=today, machine_now=true_now)
    answer(done, text="Takk! Nå er det rettet.", email=True, by=secretary, today=today, machine_now=true_now)
    urls["request_answered"] = _page(done)
    _add_breaches(urls, secretary)


def _add_breaches(urls: dict[str, str], secretary: User) -> None:
    """One of a message, with the clock running; one that is closed."""
    now, true_now = clock.now(), clock.machine_time()
    tromso = Branch.objects.get(slug="tromso")
    message = Message.objects.filter(branch__county=tromso.county, started_at__isnull=False).order_by("pk").first()
    assert message is not None
    wrong = breaches.report(
        message.branch,
        kind=BreachKind.SENT_WRONG,
        what="Innkallingen til årsmøtet gikk til alle i fylket, med navnelista vedlagt.",
        found_at=now - timedelta(hours=31),
        by=secretary,
        now=now,
        machine_now=true_now,
        message=message,
    )
    lost = breaches.report(
        tromso,
        kind=BreachKind.LOST,
        what="En utskrevet ringeliste lå igjen på kafeen. Den ble funnet etter ti minutter.",
        found_at=now - timedelta(days=9),
        by=secretary,
        now=now,
        machine_now=true_now,
        affected=23,
    )
    decided = {
        "authority": "need_not", "authority_because": "Den lå bak disken, og ingen hadde lest den.",
        "people": "need_not", "people_because": "Ingen fikk vite noe.",
    }  # fmt: skip
    saved = breaches.save(lost, seen=lost.changed_at, values=decided, by=secretary, now=now)
    breaches.close(saved, by=secretary, now=now)
    urls["breach_sent_wrong"] = f"/lag/troms/personvern/avvik/{wrong.pk}/"
    urls["breach_closed"] = f"/lag/troms/personvern/avvik/{lost.pk}/"
    urls["breach_report_sent"] = f"/lag/troms/personvern/avvik/nytt/?melding={message.pk}"


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
