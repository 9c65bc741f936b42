"""The week's email: to whom, when, once, and with no name in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from membership.models import Branch
from membership.roles import Role
from messaging.actions.blocks import block
from messaging.enums import BlockReason, Channel, Purpose
from messaging.models import Delivery
from privacy import tasks
from privacy.actions.weeks import send_week
from tests.factories import make_branch, make_county, make_member, make_officer
from tests.privacy.weeks import FRIDAY, NOON, OSLO, WEDNESDAY, change, depart

ClientFor = Callable[[User], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def county(clock: Any) -> Branch:
    clock.move_to(datetime(2026, 1, 5, 12, 0, tzinfo=OSLO))
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county)


@pytest.fixture
def lyngen(county: Branch) -> Branch:
    return make_branch(county, "Lyngen")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik", email="kari@example.no")


# --- The email --------------------------------------------------------------------------------------------------------


def send(now: datetime = NOON) -> int:
    return send_week(now=now, today=now.date(), sent_at=now)


def test_an_officer_is_told_once_in_numbers_without_a_name(kafjord: Branch, officer: User, clock: Any) -> None:
    member = make_member(kafjord, "Solfrid", "Myrland")
    clock.move_to(WEDNESDAY)
    change(member, city="Birtavarre")
    depart(make_member(kafjord, "Ragnar", "Storslett"))
    assert (send(), send(NOON + timedelta(hours=1))) == (1, 0)
    told = Delivery.objects.get(key__startswith="week:")
    assert told.key == f"week:2026-11-09:{kafjord.pk}:{officer.pk}"
    assert (told.address, told.purpose) == ("kari@example.no", Purpose.NOTICE)
    assert told.subject == "Kåfjord Arbeiderparti: endringer i uke 46"
    assert "Meldt ut: 1\nEndret: 1\n" in told.body
    assert f"/lag/{kafjord.slug}/uka/2026-11-09/" in told.body
    for word in ("Solfrid", "Myrland", "Ragnar", "Storslett", member.member_number, "Birtavarre"):
        assert word not in told.subject + told.body


def test_the_clock_starts_it(officer: User, clock: Any) -> None:
    clock.move_to(NOON)
    tasks.send_week.delay()
    assert Delivery.objects.get(key__startswith="week:").key.startswith("week:2026-11-09:")


def test_a_quiet_week_is_told_as_one(officer: User) -> None:
    assert send() == 1
    assert "En rolig uke: ingen endringer." in Delivery.objects.get(key__startswith="week:").body


@pytest.mark.parametrize(
    ("now", "keys"),
    [
        (datetime(2026, 11, 23, 6, 59, tzinfo=OSLO), 0),
        (datetime(2026, 11, 23, 7, 0, tzinfo=OSLO), 1),
        (datetime(2026, 11, 24, 20, 0, tzinfo=OSLO), 1),
        (datetime(2026, 11, 29, 23, 59, tzinfo=OSLO), 1),
    ],
)
def test_it_goes_on_monday_at_seven_or_later_if_nobody_was_awake(officer: User, now: datetime, keys: int) -> None:
    assert send(now) == keys
    assert Delivery.objects.filter(key__startswith="week:2026-11-16:").count() == keys


def test_each_week_is_told_of_its_own(officer: User) -> None:
    for day in range(28):
        send(datetime(2026, 12, 14, 12, 0, tzinfo=OSLO) + timedelta(days=day))
    mondays = sorted(Delivery.objects.values_list("key", flat=True))
    assert [key.split(":")[1] for key in mondays] == ["2026-12-07", "2026-12-14", "2026-12-21", "2026-12-28"]


def test_who_is_told(county: Branch, kafjord: Branch, clock: Any) -> None:
    told = make_officer(kafjord)
    chief = make_officer(county, Role.COUNTY_MEMBERSHIP_OFFICER)
    for role in (Role.TREASURER, Role.BRANCH_LEADER, Role.COUNTY_SECRETARY, Role.CALLER):
        make_officer(county if role == Role.COUNTY_SECRETARY else kafjord, role)
    make_officer(kafjord).grants.update(ends_on=FRIDAY)
    make_officer(kafjord).grants.update(starts_on=date(2026, 11, 16))
    make_officer(kafjord, is_active=False)
    silent = make_officer(kafjord)
    User.objects.filter(pk=silent.pk).update(email=None, phone="+4700000999")
    stopped = make_officer(kafjord)
    block(Channel.EMAIL, stopped.email or "", BlockReason.HARD, now=NOON)
    assert send() == 2
    assert set(Delivery.objects.values_list("address", flat=True)) == {told.email, chief.email}


def test_one_who_holds_it_in_two_branches_gets_one_for_each(kafjord: Branch, lyngen: Branch, officer: User) -> None:
    grant = officer.grants.get()
    for branch in (lyngen, kafjord):
        grant.pk, grant.branch = None, branch
        grant.save()
    assert send() == 2
    assert set(Delivery.objects.values_list("address", flat=True)) == {officer.email}


def test_a_branch_that_has_ended_is_told_nothing(kafjord: Branch, officer: User) -> None:
    Branch.objects.filter(pk=kafjord.pk).update(valid_to=date(2026, 11, 16))
    assert send() == 0


def test_nothing_is_told_of_weeks_before_the_house_began(kafjord: Branch, officer: User) -> None:
    User.objects.update(created_at=datetime(2026, 11, 16, 0, 0, tzinfo=OSLO))
    assert send() == 0
    User.objects.update(created_at=datetime(2026, 11, 15, 23, 0, tzinfo=OSLO))
    assert send() == 1


def test_a_branch_is_counted_once_however_many_read_it(kafjord: Branch) -> None:
    def counts() -> int:
        Delivery.objects.all().delete()
        with CaptureQueriesContext(connection) as seen:
            send()
        return sum("audit" in query["sql"] for query in seen.captured_queries)

    make_officer(kafjord)
    one = counts()
    for _ in range(2):
        make_officer(kafjord)
    assert counts() == one == 3
    assert Delivery.objects.count() == 3
