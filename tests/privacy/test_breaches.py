"""Breaches: the clock, who is called, what is refused, and two who save at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import AuditEvent, User
from membership.models import Branch
from membership.roles import Role
from messaging.models import Delivery
from privacy.actions import breaches as actions
from privacy.actions.forget_rights import forget_rights
from privacy.actions.reminders import watch_breaches
from privacy.breach_words import clock_of, hours_left, is_running
from privacy.enums import BreachKind, Verdict
from privacy.models import Breach
from privacy.todos import running_breaches
from tests.factories import NOW, TODAY, make_branch, make_county, make_officer

OSLO = ZoneInfo("Europe/Oslo")


@pytest.fixture
def county(db: None) -> Branch:
    return make_county()


@pytest.fixture
def branch(county: Branch) -> Branch:
    return make_branch(county)


@pytest.fixture
def secretary(county: Branch) -> User:
    return make_officer(county, Role.COUNTY_SECRETARY)


def reported(branch: Branch, by: User, found_at: datetime = NOW, **values: Any) -> Breach:
    fields: dict[str, Any] = {"kind": BreachKind.LOST, "what": "En liste med Qvilnes ble glemt på bussen."}
    return actions.report(branch, found_at=found_at, by=by, now=NOW, machine_now=NOW, **(fields | values))


# --- The clock -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "over"),
    [
        # Summer time ends on 25 October 2026: the clock on the wall shows an hour less.
        (datetime(2026, 10, 24, 12, 0, tzinfo=OSLO), datetime(2026, 10, 27, 11, 0, tzinfo=OSLO)),
        # It begins on 29 March 2026: an hour more.
        (datetime(2026, 3, 28, 12, 0, tzinfo=OSLO), datetime(2026, 3, 31, 13, 0, tzinfo=OSLO)),
        (datetime(2026, 11, 20, 12, 0, tzinfo=OSLO), datetime(2026, 11, 23, 12, 0, tzinfo=OSLO)),
        # Within the hour that comes twice, the second time.
        (datetime(2026, 10, 25, 2, 30, tzinfo=OSLO, fold=1), datetime(2026, 10, 28, 2, 30, tzinfo=OSLO)),
    ],
)
def test_it_is_72_hours_also_where_the_clocks_change(found: datetime, over: datetime) -> None:
    breach = Breach(found_at=found)
    assert breach.tell_before == over.astimezone(UTC)
    assert (breach.tell_before - found.astimezone(UTC)) == timedelta(hours=72)
    assert hours_left(breach, found) == 72


@pytest.mark.parametrize(
    ("hours", "words", "tone"),
    [
        (0, "72 timer igjen", "warning"),
        (31, "41 timer igjen", "warning"),
        (48, "24 timer igjen", "warning"),
        (48.1, "23 timer igjen", "danger"),
        (71, "1 time igjen", "danger"),
        (71.5, "Under en time igjen", "danger"),
        (72.5, "1 time over fristen", "danger"),
        (75, "3 timer over fristen", "danger"),
    ],
)
def test_hours_are_told_in_words(hours: float, words: str, tone: str) -> None:
    assert clock_of(Breach(found_at=NOW), NOW + timedelta(hours=hours)) == (words, tone)


def test_the_clock_stops_when_it_is_told_or_need_not_be() -> None:
    breach = Breach(found_at=NOW, authority=Verdict.TELL)
    assert is_running(breach)
    breach.authority_told_at = NOW
    assert clock_of(breach, NOW + timedelta(days=9)) == ("Datatilsynet har fått melding", "success")
    assert not is_running(Breach(found_at=NOW, authority=Verdict.NEED_NOT))
    assert clock_of(Breach(found_at=NOW, closed_at=NOW), NOW) == ("Lukket", "neutral")


# --- Reporting -------------------------------------------------------------------------------------------------------


def test_those_who_answer_are_called_at_once_and_told_nothing_but_where(
    county: Branch, branch: Branch, secretary: User
) -> None:
    officer = make_officer(branch)
    second = make_officer(county, Role.COUNTY_MEMBERSHIP_OFFICER)

    breach = reported(branch, officer)

    mails = list(Delivery.objects.all())
    assert {mail.address for mail in mails} == {secretary.email, second.email}
    assert all("Qvilnes" not in mail.body + mail.subject for mail in mails)
    assert all(f"/lag/{county.slug}/personvern/avvik/{breach.pk}/" in mail.body for mail in mails)
    assert (breach.county_id, breach.reported_by) == (county.pk, officer)
    assert AuditEvent.objects.get(verb="breach.reported").details == {"kind": "lost"}


def test_what_is_found_tomorrow_or_is_nothing_is_no_breach(branch: Branch, secretary: User) -> None:
    with pytest.raises(actions.FoundInFuture):
        reported(branch, secretary, NOW + timedelta(minutes=1))
    with pytest.raises(actions.WhatMissing):
        reported(branch, secretary, what=" \n")
    assert not Breach.objects.exists()
    assert not Delivery.objects.exists()


# --- Writing down and closing ----------------------------------------------------------------------------------------


DONE: dict[str, Any] = {
    "authority": Verdict.NEED_NOT, "authority_because": "Lista er funnet.", "authority_told_at": None,
    "people": Verdict.TELL, "people_because": "De bør vite det.", "people_told_at": NOW,
}  # fmt: skip


def test_what_is_written_is_kept_and_of_two_the_second_is_told(branch: Branch, secretary: User) -> None:
    breach = reported(branch, secretary)
    seen = breach.changed_at
    actions.save(breach, seen=seen, values={"measures": "Ringt bussen", "affected": 12}, by=secretary, now=NOW)

    with pytest.raises(actions.ChangedMeanwhile):
        actions.save(breach, seen=seen, values={"measures": "Ingenting"}, by=secretary, now=NOW)

    breach.refresh_from_db()
    assert (breach.measures, breach.affected, breach.what[:8]) == ("Ringt bussen", 12, "En liste")
    assert breach.changed_at > seen
    actions.save(breach, seen=breach.changed_at, values={"measures": "Begge"}, by=secretary, now=NOW)


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"what": ""}, actions.WhatMissing),
        ({"authority": Verdict.TELL, "authority_because": " "}, actions.AuthorityBecauseMissing),
        ({"people": Verdict.NEED_NOT}, actions.PeopleBecauseMissing),
        (
            {"authority": Verdict.TELL, "authority_because": "x", "authority_told_at": NOW + timedelta(minutes=1)},
            actions.AuthorityWrongTime,
        ),
        (
            {"people": Verdict.TELL, "people_because": "x", "people_told_at": NOW - timedelta(minutes=1)},
            actions.PeopleWrongTime,
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    values: dict[str, Any], refusal: type[Exception], branch: Branch, secretary: User
) -> None:
    breach = reported(branch, secretary)
    with pytest.raises(refusal):
        actions.save(breach, seen=breach.changed_at, values=values, by=secretary, now=NOW)
    breach.refresh_from_db()
    assert (breach.authority, breach.people) == ("", "")


def test_one_who_need_not_be_told_has_not_been_told(branch: Branch, secretary: User) -> None:
    breach = reported(branch, secretary)
    values = {"authority": Verdict.NEED_NOT, "authority_because": "x", "authority_told_at": NOW}
    saved = actions.save(breach, seen=breach.changed_at, values=values, by=secretary, now=NOW)
    assert saved.authority_told_at is None


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"authority": "", "authority_because": ""}, actions.AuthorityUndecided),
        ({"people": "", "people_because": "", "people_told_at": None}, actions.PeopleUndecided),
        ({"people_told_at": None}, actions.PeopleNotTold),
        ({"authority": Verdict.TELL}, actions.AuthorityNotTold),
    ],
)
def test_it_is_not_closed_before_both_are_decided_and_done(
    values: dict[str, Any], refusal: type[Exception], branch: Branch, secretary: User
) -> None:
    breach = reported(branch, secretary)
    actions.save(breach, seen=breach.changed_at, values=DONE | values, by=secretary, now=NOW)
    with pytest.raises(refusal):
        actions.close(breach, by=secretary, now=NOW)
    breach.refresh_from_db()
    assert breach.closed_at is None


def test_a_closed_one_says_what_it_said(branch: Branch, secretary: User) -> None:
    breach = reported(branch, secretary)
    actions.save(breach, seen=breach.changed_at, values=DONE, by=secretary, now=NOW)
    closed = actions.close(breach, by=secretary, now=NOW)
    assert (closed.closed_at, closed.closed_by) == (NOW, secretary)
    with pytest.raises(actions.ClosedAlready):
        actions.close(breach, by=secretary, now=NOW)
    with pytest.raises(actions.ClosedAlready):
        actions.save(breach, seen=closed.changed_at, values={"what": "Noe annet"}, by=secretary, now=NOW)


# --- With a day left -------------------------------------------------------------------------------------------------


def test_with_a_day_left_and_nothing_decided_they_are_called_once_more(branch: Branch, secretary: User) -> None:
    reported(branch, secretary)
    Delivery.objects.all().delete()
    told: list[int] = []
    for hours in range(100):
        watch_breaches(now=NOW + timedelta(hours=hours), machine_now=NOW)
        if Delivery.objects.count() > len(told):
            told.append(hours)

    assert told == [48]
    mail = Delivery.objects.get()
    assert "Qvilnes" not in mail.body
    assert "under et døgn igjen" in mail.body
    watch_breaches(now=NOW + timedelta(days=15), machine_now=NOW)
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "called"),
    [
        ({"authority": Verdict.TELL, "authority_because": "Vi sender i morgen"}, 1),
        ({"authority": Verdict.TELL, "authority_because": "Sendt", "authority_told_at": NOW}, 0),
        ({"authority": Verdict.NEED_NOT, "authority_because": "Lista er funnet."}, 0),
    ],
)
def test_they_are_called_until_the_authority_is_told_or_need_not_be(
    values: dict[str, Any], called: int, branch: Branch, secretary: User
) -> None:
    breach = reported(branch, secretary)
    actions.save(breach, seen=breach.changed_at, values=values, by=secretary, now=NOW)
    Delivery.objects.all().delete()
    for hours in (60, 61):
        assert watch_breaches(now=NOW + timedelta(hours=hours), machine_now=NOW) == called
    assert Delivery.objects.count() == called
    assert all("eller det har ikke fått den ennå" in mail.body for mail in Delivery.objects.all())


def test_the_first_page_says_it_is_urgent_with_under_a_day_left(
    county: Branch, branch: Branch, secretary: User, clock: Any
) -> None:
    assert running_breaches(county, secretary, TODAY) == []
    breach = reported(branch, secretary)
    (todo,) = running_breaches(branch, secretary, TODAY)
    assert (todo.is_urgent, str(todo.text)[:14]) == (False, "72 timer igjen")
    clock.move_to(NOW + timedelta(hours=48, minutes=1))
    (todo,) = running_breaches(county, secretary, TODAY)
    assert todo.is_urgent
    assert running_breaches(make_branch(county, "Lyngen"), secretary, TODAY) == []
    actions.save(breach, seen=breach.changed_at, values=DONE, by=secretary, now=NOW)
    assert running_breaches(county, secretary, TODAY) == []


def test_a_closed_breach_is_kept_for_five_years(branch: Branch, secretary: User) -> None:
    reported(branch, secretary)
    breach = reported(branch, secretary)
    actions.save(breach, seen=breach.changed_at, values=DONE, by=secretary, now=NOW)
    actions.close(breach, by=secretary, now=NOW)
    assert forget_rights(today=date(2031, 11, 19)) == (0, 0)
    assert forget_rights(today=date(2031, 11, 20)) == (0, 1)
    assert Breach.objects.count() == 1
