from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.utils.module_loading import import_string

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from config.schedule import SCHEDULE
from membership.enums import MemberStatus
from membership.models import Branch, Member
from privacy.actions import unpaid as actions
from privacy.actions import unpaid_striking as striking
from privacy.actions.departures import leave
from privacy.enums import CaseState, LeaveWay
from privacy.models import Departure, UnpaidCase, UnpaidRound
from privacy.unpaid import brake_of
from tests.factories import NOW, TODAY, make_branch, make_county, make_member
from tests.privacy.keeping import YEAR, make_file, make_hold, make_list, make_overdue, notify, pay

pytestmark = pytest.mark.django_db
# The day after the last day to answer, of those told on 20 November.
AFTER = date(2026, 12, 21)


def states(unpaid: UnpaidRound) -> dict[str, str]:
    return dict(UnpaidCase.objects.filter(round=unpaid).values_list("member__first_name", "state"))


def approve(unpaid: UnpaidRound, count: int | None, *, by: User, today: date = AFTER) -> UnpaidRound:
    approved = striking.approve(unpaid, count=count, by=by, now=NOW, today=today)
    striking.strike_all(approved, by=by, now=NOW, today=today)
    approved.refresh_from_db()
    return approved


def crowd(branch: Branch, count: int) -> None:
    """Members who have paid: so that a few are not many."""
    some = make_member(branch, "Mange")
    Member.objects.bulk_create(
        Member(
            member_number=f"M{branch.pk}-{n}",
            branch_id=branch.pk,
            municipal_id=some.municipal_id,
            county_id=some.county_id,
            sort_key="m",
            status=MemberStatus.MEMBER,
        )
        for n in range(count - 1)
    )


def test_those_who_were_told_and_are_silent_are_struck_off(county: Branch, kafjord: Branch, secretary: User) -> None:
    crowd(kafjord, 300)
    make_overdue(kafjord, "Taus")
    make_overdue(kafjord, "Brev", email="", mobile="", mobile_ok=False)
    pay_me, holds, stays, leaves = (make_overdue(kafjord, name) for name in ("Betaler", "Holdt", "Blir", "Gir seg"))
    moves = make_overdue(kafjord, "Flytter")
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    pay(pay_me)
    make_hold(holds, until_on=date(2027, 3, 1))
    actions.agree_to_stay(stays, year=YEAR, by=None, now=NOW)
    leave(leaves, way=LeaveWay.LETTER, left_on=TODAY, by=secretary, now=NOW, today=TODAY)
    away = make_branch(make_county("Nordland"), "Bodø")
    Member.objects.filter(pk=moves.pk).update(branch=away, municipal=away, county_id=away.root_id)
    make_file(county, AFTER)
    assert approve(unpaid, 1, by=secretary).struck == 1
    assert states(unpaid) == {
        "Taus": "struck",
        "Brev": "letter",
        "Betaler": "paid",
        "Holdt": "held",
        "Blir": "stays",
        "Gir seg": "spared",
        "Flytter": "spared",
    }
    departure = Departure.objects.get(way=LeaveWay.UNPAID)
    assert departure.member.first_name == "Taus"
    assert departure.left_on == AFTER
    assert Member.objects.get(first_name="Taus").status == MemberStatus.RESIGNED
    assert AuditEvent.objects.get(verb=Verb.ROUND_APPROVED).count == 1


def test_not_before_the_last_day_to_answer_is_over(county: Branch, kafjord: Branch, secretary: User) -> None:
    crowd(kafjord, 100)
    make_overdue(kafjord)
    unpaid = make_list(county, by=secretary)
    with pytest.raises(striking.NotNotified):
        approve(unpaid, 1, by=secretary)
    notify(unpaid, by=secretary)
    make_file(county, date(2026, 12, 20))
    with pytest.raises(striking.TooEarly):
        approve(unpaid, 1, by=secretary, today=date(2026, 12, 20))
    assert approve(unpaid, 1, by=secretary, today=date(2026, 12, 21)).struck == 1


def test_not_unless_the_file_is_fresh_and_reaches_the_last_day(
    county: Branch, kafjord: Branch, secretary: User
) -> None:
    crowd(kafjord, 100)
    make_overdue(kafjord)
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    make_file(county, date(2026, 12, 19))
    with pytest.raises(striking.FileBeforeAnswers):
        approve(unpaid, 1, by=secretary)
    make_file(county, date(2026, 12, 20))
    with pytest.raises(striking.FileBeforeAnswers):
        approve(unpaid, 1, by=secretary, today=date(2026, 12, 31))
    assert Member.objects.gone().count() == 0
    assert approve(unpaid, 1, by=secretary, today=date(2026, 12, 30)).struck == 1


def test_approved_once(county: Branch, kafjord: Branch, secretary: User) -> None:
    crowd(kafjord, 100)
    make_overdue(kafjord)
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    make_file(county, AFTER)
    approve(unpaid, 1, by=secretary)
    with pytest.raises(striking.NotNotified):
        approve(unpaid, 1, by=secretary)
    assert Departure.objects.count() == 1


def overdue_in(branches: list[tuple[Branch, int]]) -> None:
    for branch, count in branches:
        for _ in range(count):
            make_overdue(branch)


@pytest.mark.parametrize(("crowd_size", "brakes"), [(98, False), (97, True)])
def test_exactly_two_per_cent_does_not_stop_and_a_little_more_does(
    crowd_size: int, brakes: bool, county: Branch, kafjord: Branch, secretary: User
) -> None:
    # Two of a hundred, and two of ninety-nine.
    crowd(kafjord, crowd_size)
    overdue_in([(kafjord, 2)])
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    make_file(county, AFTER)
    brake = brake_of(unpaid, AFTER)
    assert (brake.count, brake.members) == (2, crowd_size + 2)
    assert brake.is_on is brakes


@pytest.mark.parametrize(("of_one", "brakes"), [(5, False), (6, True)])
def test_five_of_one_branch_do_not_stop_and_six_do(
    of_one: int, brakes: bool, county: Branch, kafjord: Branch, secretary: User
) -> None:
    lyngen = make_branch(county, "Lyngen")
    crowd(kafjord, 600)
    overdue_in([(kafjord, of_one), (lyngen, 5)])
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    brake = brake_of(unpaid, AFTER)
    assert brake.is_on is brakes
    assert brake.branches == ((("Kåfjord Arbeiderparti", 6),) if brakes else ())


def test_where_it_stops_only_the_exact_number_lets_it_go_on(county: Branch, kafjord: Branch, secretary: User) -> None:
    overdue_in([(kafjord, 6)])
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    make_file(county, AFTER)
    for wrong in (None, 0, 5, 7):
        with pytest.raises(striking.WrongNumber):
            approve(unpaid, wrong, by=secretary)
    assert not Departure.objects.exists()
    assert approve(unpaid, 6, by=secretary).struck == 6


def test_a_few_more_than_the_page_said_is_refused_too(county: Branch, kafjord: Branch, secretary: User) -> None:
    crowd(kafjord, 200)
    overdue_in([(kafjord, 2)])
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    make_file(county, AFTER)
    with pytest.raises(striking.Changed):
        approve(unpaid, 1, by=secretary)


def test_broken_off_in_the_middle_it_goes_on_and_takes_nobody_twice(
    county: Branch, kafjord: Branch, secretary: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    overdue_in([(kafjord, 5)])
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    make_file(county, AFTER)
    monkeypatch.setattr(striking, "CHUNK", 2)
    approved = striking.approve(unpaid, count=5, by=secretary, now=NOW, today=AFTER)

    def die(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        striking.strike_all(approved, by=secretary, now=NOW, today=AFTER, progress=die)
    assert Departure.objects.count() == 2
    late = UnpaidCase.objects.filter(round=unpaid, state=CaseState.NOTIFIED).order_by("id")[0].member
    pay(late)
    striking.strike_all(approved, by=secretary, now=NOW, today=AFTER)
    striking.strike_all(approved, by=secretary, now=NOW, today=AFTER)
    approved.refresh_from_db()
    assert (approved.struck, Departure.objects.count()) == (4, 4)
    assert Member.objects.get(pk=late.pk).status == MemberStatus.MEMBER


def test_nobody_is_struck_off_a_list_that_nobody_approved(county: Branch, kafjord: Branch, secretary: User) -> None:
    make_overdue(kafjord)
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    striking.strike_all(unpaid, by=secretary, now=NOW, today=AFTER)
    assert not Departure.objects.exists()


def test_the_clock_alone_erases_nobody_for_unpaid_dues(
    county: Branch, kafjord: Branch, secretary: User, clock: time_machine.Traveller
) -> None:
    overdue_in([(kafjord, 3)])
    notify(make_list(county, by=secretary), by=secretary)
    later = date(2028, 1, 10)
    make_file(county, later)
    clock.move_to(datetime(2028, 1, 10, 3, tzinfo=UTC))
    before: list[Any] = list(Member.objects.order_by("pk").values())
    nightly = [line.task for line in SCHEDULE if line.task.startswith(("privacy.", "membership."))]
    assert nightly
    for task in nightly:
        import_string(task)()
    assert list(Member.objects.order_by("pk").values()) == before
    assert not Departure.objects.exists()
