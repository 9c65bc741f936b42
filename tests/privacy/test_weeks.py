"""The week's numbers: when a week is over, and what is counted in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from membership.actions.moves import move
from membership.actions.undo import remove
from membership.enums import ChangeSource, MemberStatus
from membership.models import Branch
from membership.roles import Role
from messaging.actions.blocks import block
from messaging.enums import BlockReason, Channel
from privacy.actions.departures import come_back
from privacy.models import Departure
from privacy.weeks import Figures, Week, figures_of, last_whole, oldest, week_from
from tests.factories import make_branch, make_county, make_member, make_officer
from tests.privacy.weeks import FRIDAY, NOON, OSLO, WEDNESDAY, WEEK, change, depart

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


# --- What a week is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "monday"),
    [
        (date(2026, 11, 20), date(2026, 11, 9)),
        (date(2026, 11, 22), date(2026, 11, 9)),
        (date(2026, 11, 23), date(2026, 11, 16)),
        (date(2027, 1, 4), date(2026, 12, 28)),
        (date(2027, 1, 3), date(2026, 12, 21)),
        (date(2028, 2, 29), date(2028, 2, 21)),
    ],
)
def test_a_week_is_over_on_the_monday_after(today: date, monday: date) -> None:
    assert last_whole(today) == Week(monday)


def test_the_week_over_new_year_has_one_number() -> None:
    assert Week(date(2026, 12, 28)).number == 53
    assert Week(date(2027, 1, 4)).number == 1


def test_the_clock_s_change_makes_a_week_longer_or_shorter() -> None:
    def hours(week: Week) -> float:
        return (week.end.timestamp() - week.start.timestamp()) / 3600

    assert hours(Week(date(2026, 3, 23))) == 167
    assert hours(Week(date(2026, 10, 19))) == 169
    assert hours(WEEK) == 168


@pytest.mark.parametrize("text", ["2026-11-10", "2026-11-16", "2027-01-04", "20261109", "2026-W46", "x", "2025-11-03"])
def test_what_is_no_week_that_is_over_is_none(text: str) -> None:
    assert week_from(text, FRIDAY) is None


def test_a_week_is_found_by_its_monday_as_far_back_as_the_log() -> None:
    assert week_from("2026-11-09", FRIDAY) == WEEK
    assert oldest(FRIDAY) == Week(date(2025, 11, 24))
    assert week_from("2025-11-24", FRIDAY) == oldest(FRIDAY)
    assert week_from("2025-11-17", FRIDAY) is None


@pytest.mark.parametrize(
    ("at", "counted"),
    [
        (datetime(2026, 10, 18, 23, 59, tzinfo=OSLO), 0),
        (datetime(2026, 10, 19, 0, 0, tzinfo=OSLO), 1),
        # The Sunday night that has an hour twice.
        (datetime(2026, 10, 25, 23, 30, tzinfo=OSLO), 1),
        (datetime(2026, 10, 26, 0, 0, tzinfo=OSLO), 0),
    ],
)
def test_midnight_in_norway_is_where_a_week_begins_and_ends(
    kafjord: Branch, clock: Any, at: datetime, counted: int
) -> None:
    member = make_member(kafjord)
    clock.move_to(at)
    change(member, city="Birtavarre", at=at)
    assert figures_of(kafjord, Week(date(2026, 10, 19))).edited == counted


# --- What is counted --------------------------------------------------------------------------------------------------


def test_each_kind_is_counted_where_it_happened(county: Branch, kafjord: Branch, lyngen: Branch, clock: Any) -> None:
    stays, goes, comes, changes = (make_member(branch) for branch in (kafjord, kafjord, lyngen, kafjord))
    left = make_member(kafjord)
    clock.move_to(WEDNESDAY)
    make_member(kafjord, joined_on=date(2026, 11, 8))
    change(goes, branch=lyngen, source=ChangeSource.IMPORT)
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    move(comes, to=kafjord, by=secretary, now=WEDNESDAY, today=WEDNESDAY.date())
    change(changes, city="Birtavarre")
    change(changes, postal_code="9147")
    depart(left)
    clock.move_to(NOON)
    change(stays, city="Djupvik", at=NOON)
    assert figures_of(kafjord, WEEK) == Figures(new=1, moved_in=1, moved_out=1, left=1, edited=1)
    assert figures_of(lyngen, WEEK) == Figures(new=0, moved_in=1, moved_out=1, left=0, edited=0)
    # Within the county nobody has moved.
    assert figures_of(county, WEEK) == Figures(new=1, moved_in=0, moved_out=0, left=1, edited=1)


def test_the_numbers_outlive_those_who_are_erased(kafjord: Branch, lyngen: Branch, clock: Any) -> None:
    left, moved, changed = make_member(kafjord), make_member(lyngen), make_member(kafjord)
    clock.move_to(WEDNESDAY)
    depart(left)
    change(moved, branch=kafjord)
    change(changed, city="Birtavarre")
    before = figures_of(kafjord, WEEK)
    remove([left.pk, moved.pk, changed.pk])
    assert figures_of(kafjord, WEEK) == before == Figures(new=0, moved_in=1, moved_out=0, left=1, edited=1)


def test_an_address_that_mail_comes_back_from_is_not_a_change(kafjord: Branch, clock: Any) -> None:
    member = make_member(kafjord, email="ane@example.no")
    clock.move_to(WEDNESDAY)
    block(Channel.EMAIL, "ane@example.no", BlockReason.HARD, now=WEDNESDAY)
    member.refresh_from_db()
    assert member.email_bounced_on == WEDNESDAY.date()
    assert figures_of(kafjord, WEEK).is_quiet


def test_one_who_went_and_came_back_the_same_week_has_not_left(kafjord: Branch, clock: Any) -> None:
    member = make_member(kafjord)
    clock.move_to(WEDNESDAY)
    departure = depart(member)
    come_back(departure, by=None, now=WEDNESDAY, today=WEDNESDAY.date())
    assert figures_of(kafjord, WEEK).is_quiet
    depart(member)
    assert figures_of(kafjord, WEEK).left == 1
    clock.move_to(NOON)
    come_back(Departure.objects.standing().get(), by=None, now=NOON, today=FRIDAY)
    assert figures_of(kafjord, WEEK).left == 1


def test_one_who_moved_and_moved_back_has_not_moved(kafjord: Branch, lyngen: Branch, clock: Any) -> None:
    member = make_member(kafjord)
    clock.move_to(WEDNESDAY)
    change(member, branch=lyngen)
    change(member, branch=kafjord, source=ChangeSource.UNDO)
    assert figures_of(kafjord, WEEK).is_quiet
    assert figures_of(lyngen, WEEK).is_quiet


def test_a_merger_of_branches_moves_nobody(kafjord: Branch, lyngen: Branch, clock: Any) -> None:
    member = make_member(kafjord)
    clock.move_to(WEDNESDAY)
    change(member, branch=lyngen, source=ChangeSource.REFORM)
    assert figures_of(lyngen, WEEK).is_quiet


def test_whoever_an_old_file_brings_is_not_new(kafjord: Branch, clock: Any) -> None:
    clock.move_to(WEDNESDAY)
    make_member(kafjord, joined_on=date(2019, 3, 1))
    make_member(kafjord, joined_on=date(2026, 9, 1))
    make_member(kafjord, joined_on=None)
    assert figures_of(kafjord, WEEK).new == 2


def test_one_who_has_applied_is_new_when_taken_up(kafjord: Branch, clock: Any) -> None:
    clock.move_to(WEDNESDAY - timedelta(days=7))
    member = make_member(kafjord, status=MemberStatus.APPLIED, joined_on=date(2026, 11, 3))
    assert figures_of(kafjord, WEEK.before).new == 0
    clock.move_to(WEDNESDAY)
    change(member, status=MemberStatus.MEMBER.value)
    assert figures_of(kafjord, WEEK).new == 1
    assert figures_of(kafjord, WEEK.before).new == 0


def test_counting_costs_the_same_for_one_and_many(kafjord: Branch, clock: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            figures_of(kafjord, WEEK)
        return len(seen)

    members = [make_member(kafjord) for _ in range(4)]
    clock.move_to(WEDNESDAY)
    change(members[0], city="A")
    depart(members[1])
    few = queries()
    for member in members[2:]:
        change(member, city="B")
        depart(member)
    make_branch(kafjord, "Olderdalen")
    assert queries() == few == 6
