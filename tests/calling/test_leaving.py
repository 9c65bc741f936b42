"""A call to one who leaves ends at once, shows neither name nor number, and outlives them as a count."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test import Client

from accounts.models import User
from calling.actions import ListCaller, NobodyToCall, NotOnTheList, close_list, make_list
from calling.enums import CHOSEN, Outcome
from calling.leaving import wipe
from calling.models import Call, CallList
from membership.actions.erasure import erase
from membership.models import Branch, Member
from privacy.actions.departures import come_back, leave
from privacy.enums import LeaveWay
from privacy.models import Departure
from tests.factories import NOW, TODAY, hand_out, make_branch, make_county, make_dues_year, make_officer, make_unpaid

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def branch() -> Branch:
    county = make_county()
    make_dues_year(county)
    return make_branch(county, "Kåfjord")


@pytest.fixture
def officer(branch: Branch) -> User:
    return make_officer(branch)


def go(member: Member) -> None:
    leave(member, way=LeaveWay.LETTER, left_on=TODAY, by=None, now=LATER, today=TODAY)


def test_an_open_call_ends(branch: Branch, officer: User) -> None:
    ane, bo = make_unpaid(branch, "Ane"), make_unpaid(branch, "Bo")
    hand_out(branch, officer, officer)
    Call.objects.update(note="Ring etter sju", follow_up_on=TODAY)
    go(ane)
    call = Call.objects.get(member=ane)
    assert (call.outcome, call.outcome_at, call.note, call.follow_up_on) == ("no_longer_member", LATER, "", None)
    other = Call.objects.get(member=bo)
    assert (other.outcome, other.note) == ("", "Ring etter sju")
    assert Outcome.NO_LONGER_MEMBER not in CHOSEN
    assert len(CHOSEN) == 8


def test_what_came_of_an_earlier_call_stands_but_nobody_phones_again(branch: Branch, officer: User) -> None:
    ane = make_unpaid(branch, "Ane")
    hand_out(branch, officer, officer)
    Call.objects.update(outcome=Outcome.CALL_BACK, outcome_at=NOW, follow_up_on=TODAY)
    go(ane)
    call = Call.objects.get()
    assert (call.outcome, call.outcome_at, call.follow_up_on) == (Outcome.CALL_BACK, NOW, None)


def test_a_closed_list_is_as_it_was(branch: Branch, officer: User) -> None:
    ane = make_unpaid(branch, "Ane")
    close_list(hand_out(branch, officer, officer), by=officer, now=NOW)
    go(ane)
    assert Call.objects.get().outcome == ""


def test_one_who_comes_back_is_put_on_a_new_list(branch: Branch, officer: User) -> None:
    ane = make_unpaid(branch, "Ane")
    hand_out(branch, officer, officer)
    go(ane)
    with pytest.raises(NobodyToCall):
        hand_out(branch, officer, officer)
    come_back(Departure.objects.get(member=ane), by=officer, now=LATER, today=TODAY)
    assert Call.objects.get().outcome == Outcome.NO_LONGER_MEMBER
    again = hand_out(branch, officer, officer)
    assert again.calls.get().outcome == ""


def test_the_pages_tell_neither_name_nor_number(branch: Branch, officer: User, client_for: ClientFor) -> None:
    ane = make_unpaid(branch, "Anelise", last_name="Sagatun", mobile="+4799887766")
    make_unpaid(branch, "Bo")
    call_list = hand_out(branch, officer, officer)
    page = f"/lag/{branch.slug}/ringelister/{call_list.pk}/"
    client = client_for(officer)
    shown = client.get(page).content.decode()
    assert "Anelise" in shown
    assert "1 av 2" not in shown
    go(ane)
    paper = f"{page}utskrift/{call_list.callers.get().pk}/"
    for address in (page, paper, f"/lag/{branch.slug}/ringelister/"):
        answer = client.get(address)
        assert answer.status_code == 200, address
        text = answer.content.decode()
        assert "Anelise" not in text
        assert "Sagatun" not in text
        assert "99 88 77 66" not in text
    text = client.get(page).content.decode()
    assert "Ikke lenger medlem" in text
    assert "1 av 1" in text
    erase(ane, by=officer, now=LATER, today=TODAY)
    text = client.get(page).content.decode()
    assert "Ikke lenger medlem" in text
    assert "Anelise" not in text


def test_the_row_of_one_who_is_erased_counts(branch: Branch, officer: User) -> None:
    ane, bo = make_unpaid(branch, "Ane"), make_unpaid(branch, "Bo")
    hand_out(branch, officer, officer)
    Call.objects.filter(member=ane).update(outcome=Outcome.NO_ANSWER, outcome_at=NOW, note="Anes søster svarte")
    for _time in range(2):
        wipe([ane], LATER)
    row = Call.objects.get(member=None)
    assert (row.outcome, row.note) == (Outcome.NO_ANSWER, "")
    wipe([bo], LATER)
    assert not Call.objects.filter(member__isnull=False).exists()
    assert set(Call.objects.values_list("outcome", flat=True)) == {Outcome.NO_ANSWER, Outcome.NO_LONGER_MEMBER}


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="two writers at once: SQLite has one at a time")
@pytest.mark.parametrize("round_", range(8))
def test_nobody_leaves_between_draw_and_save(branch: Branch, officer: User, round_: int) -> None:
    people = [make_unpaid(branch, f"Ane{number}") for number in range(40)]
    gone = people[round_ * 4]
    together = threading.Barrier(2)
    failures: list[Exception] = []

    def run(what: object) -> None:
        together.wait()
        try:
            what()  # type: ignore[operator]
        except NotOnTheList:
            pass
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    def draw() -> None:
        caller = ListCaller(officer, officer.name)
        chosen = [member.pk for member in people]
        make_list(branch, members=branch.members, callers=[caller], by=officer, now=NOW, year=2026, chosen=chosen)

    threads = [threading.Thread(target=run, args=(what,)) for what in (draw, lambda: go(gone))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert not Call.objects.open().filter(member=gone).exists()
    assert CallList.objects.count() in {0, 1}
