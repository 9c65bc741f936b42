from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from membership.models import Branch, Member
from messaging.models import Delivery
from privacy.actions.departures import leave
from privacy.enums import LeaveWay, LinkKind
from privacy.models import AccessLink, StayAgreement
from tests.factories import NOW, TODAY, make_member
from tests.privacy.keeping import YEAR, make_list, make_overdue, notify

ClientFor = Callable[[User], Client]
pytestmark = pytest.mark.django_db
AFTER = date(2026, 12, 21)


def link_in(delivery: Delivery) -> str:
    found = re.search(r"/fortsatt-medlem/[\w-]+/", delivery.body)
    assert found
    return found[0]


@pytest.fixture
def told(county: Branch, kafjord: Branch, secretary: User) -> tuple[Member, str]:
    member = make_overdue(kafjord, "Ragna", last_name="Qvilnes", birth_year=1970)
    notify(make_list(county, by=secretary), by=secretary)
    return member, link_in(Delivery.objects.get())


def test_the_member_stays_by_the_link(told: tuple[Member, str]) -> None:
    member, link = told
    anybody = Client()
    for _ in range(2):
        opened = anybody.get(link)
        assert opened.status_code == 200
    assert not StayAgreement.objects.exists()
    assert "Qvilnes" not in opened.content.decode()
    assert opened["Cache-Control"] == "no-store"
    wrong = anybody.post(link, {"proof": "1971"})
    assert wrong.status_code == 422
    assert 'value="1971"' in wrong.content.decode()
    assert anybody.post(link, {"proof": ""}).status_code == 422
    answer = anybody.post(link, {"proof": "1970"})
    assert answer.status_code == 302
    assert anybody.get(answer["Location"]).status_code == 200
    agreed = StayAgreement.objects.get()
    assert (agreed.member_id, agreed.year, agreed.recorded_by) == (member.pk, YEAR, None)
    assert anybody.post(link, {"proof": "1970"}).status_code == 404
    assert anybody.get(link).status_code == 404
    assert StayAgreement.objects.count() == 1


def gone_pages(link: str) -> set[bytes]:
    csrf = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')
    anybody = Client()
    answers = [anybody.get(link), anybody.post(link, {"proof": "1970"})]
    assert {answer.status_code for answer in answers} == {404}
    return {csrf.sub(b"", answer.content) for answer in answers}


def test_what_is_wrong_with_a_link_is_not_said(
    told: tuple[Member, str], secretary: User, clock: time_machine.Traveller
) -> None:
    member, link = told
    nothing = gone_pages("/fortsatt-medlem/finnes-ikke/")
    assert len(nothing) == 1
    # The address is another's now.
    Member.objects.filter(pk=member.pk).update(email="ny@example.no")
    assert gone_pages(link) == nothing
    Member.objects.filter(pk=member.pk).update(email=member.email)
    # Meant for something else.
    AccessLink.objects.update(kind=LinkKind.RESIGN)
    assert gone_pages(link) == nothing
    AccessLink.objects.update(kind=LinkKind.STAY)
    # Guessed at too often.
    AccessLink.objects.update(tries=5)
    assert gone_pages(link) == nothing
    AccessLink.objects.update(tries=0)
    # Too old.
    clock.move_to(NOW + timedelta(days=91))
    assert gone_pages(link) == nothing
    clock.move_to(NOW)
    # Whoever has left does not come back by it.
    leave(member, way=LeaveWay.LETTER, left_on=TODAY, by=secretary, now=NOW, today=TODAY)
    answer = Client().post(link, {"proof": "1970"})
    assert answer.status_code == 404
    assert not StayAgreement.objects.exists()


def test_another_member_does_not_use_it(told: tuple[Member, str], kafjord: Branch) -> None:
    member, link = told
    housemate = make_member(kafjord, email=member.email, birth_year=1990)
    for proof in ("1990", housemate.member_number):
        assert Client().post(link, {"proof": proof}).status_code == 422
    assert not StayAgreement.objects.exists()
