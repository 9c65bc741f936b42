"""Making and closing call lists."""

import threading
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from calling import actions
from calling.actions import LeftOut, ListCaller, close_list, make_list
from calling.models import Call, CallList
from calling.sharing import CountsDoNotFit
from membership.enums import AddressProtection, MemberStatus
from membership.models import Branch, Member
from tests.factories import NOW, make_branch, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county(), "Kåfjord")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik")


def make(branch: Branch, by: User, *callers: ListCaller, **more: object) -> actions.MadeList:
    more = {"members": branch.members, "year": 2026, "now": NOW} | more
    return make_list(branch, callers=callers or [ListCaller(by, by.name)], by=by, **more)  # type: ignore[arg-type]


def names_of(call_list: CallList) -> list[list[str]]:
    return [
        [call.member.first_name for call in caller.calls.order_by("position") if call.member]
        for caller in call_list.callers.order_by("position")
    ]


def test_names_are_handed_out_in_order_and_written_in_the_log(kafjord: Branch, officer: User) -> None:
    for first_name, last_name in [("Cato", "C"), ("Ane", "A"), ("Bo", "B"), ("Dag", "D")]:
        make_member(kafjord, first_name, last_name)
    made = make(kafjord, officer, ListCaller(officer, officer.name), ListCaller(None, "Per på papir"))
    assert names_of(made.call_list) == [["Ane", "Bo"], ["Cato", "Dag"]]
    assert [caller.name for caller in made.call_list.callers.order_by("position")] == ["Kari Nordvik", "Per på papir"]
    assert made.left_out == {}
    event = AuditEvent.objects.get(verb=Verb.CALL_LIST_MADE)
    assert (event.actor_id, event.branch_id, event.count) == (officer.pk, kafjord.pk, 4)
    assert event.details == {"year": 2026, "callers": 2}
    assert event.object_id == str(made.call_list.pk)


def test_only_the_chosen_are_handed_out(kafjord: Branch, officer: User) -> None:
    chosen = make_member(kafjord, "Ane")
    make_member(kafjord, "Bo")
    made = make(kafjord, officer, chosen=[chosen.pk])
    assert names_of(made.call_list) == [["Ane"]]


def test_an_id_from_elsewhere_refuses_the_whole_list(kafjord: Branch, officer: User) -> None:
    mine = make_member(kafjord, "Ane")
    foreign = make_member(make_branch(kafjord.county, "Lyngen"), "Hemmelig", "Person")  # type: ignore[arg-type]
    with pytest.raises(actions.NotOnTheList) as refused:
        make(kafjord, officer, chosen=[mine.pk, foreign.pk])
    assert "Hemmelig" not in str(refused.value)
    assert not CallList.objects.exists()


def test_those_who_are_not_to_be_phoned_are_left_out_and_counted(kafjord: Branch, officer: User) -> None:
    make_member(kafjord, "Ane")
    make_member(kafjord, "Uten", mobile="", mobile_ok=False)
    make_member(kafjord, "Ulest", mobile="ukjent", mobile_ok=False)
    make_member(kafjord, "Reservert", no_phone=True)
    make_member(kafjord, "Streng", address_protection=AddressProtection.STRICT)
    make_member(kafjord, "Utmeldt", status=MemberStatus.RESIGNED)
    make_member(kafjord, "Ung", birth_on=date(2008, 11, 21))
    make_member(kafjord, "Kanskje", birth_year=2008)
    make_member(kafjord, "Atten", birth_on=date(2008, 11, 20))
    make_member(kafjord, "Voksen", birth_year=2007)
    make_member(kafjord, "Skjult", address_protection=AddressProtection.CONFIDENTIAL)
    made = make(kafjord, officer)
    assert sorted(names_of(made.call_list)[0]) == ["Ane", "Atten", "Skjult", "Voksen"]
    assert made.left_out == {LeftOut.NO_NUMBER: 2, LeftOut.NO_CALLS: 2, LeftOut.UNDER_AGE: 2}


def test_the_other_phone_is_enough(kafjord: Branch, officer: User) -> None:
    make_member(kafjord, "Ane", mobile="", mobile_ok=False, phone="+4777000000", phone_ok=True)
    assert names_of(make(kafjord, officer).call_list) == [["Ane"]]


def test_when_nobody_is_left_no_list_is_made(kafjord: Branch, officer: User) -> None:
    make_member(kafjord, "Reservert", no_phone=True)
    with pytest.raises(actions.NobodyToCall) as refused:
        make(kafjord, officer)
    assert refused.value.left_out == {LeftOut.NO_CALLS: 1}
    assert not CallList.objects.exists()


def test_a_name_on_an_open_list_is_not_handed_out_again(kafjord: Branch, officer: User) -> None:
    make_member(kafjord, "Ane")
    first = make(kafjord, officer).call_list
    make_member(kafjord, "Bo")
    county = kafjord.county
    assert county is not None
    second = make(county, officer)
    assert names_of(second.call_list) == [["Bo"]]
    assert second.left_out == {LeftOut.ON_OTHER_LIST: 1}
    close_list(first, by=officer, now=NOW)
    assert names_of(make(kafjord, officer).call_list) == [["Ane"]]


def test_another_years_list_does_not_count(kafjord: Branch, officer: User) -> None:
    make_member(kafjord, "Ane")
    make(kafjord, officer)
    assert names_of(make(kafjord, officer, year=2025).call_list) == [["Ane"]]


def test_the_same_form_twice_makes_one_list(kafjord: Branch, officer: User) -> None:
    make_member(kafjord, "Ane")
    token = uuid4()
    first = make(kafjord, officer, token=token)
    second = make(kafjord, officer, token=token)
    assert first.call_list == second.call_list
    assert Call.objects.count() == 1
    assert AuditEvent.objects.filter(verb=Verb.CALL_LIST_MADE).count() == 1


def test_a_token_is_only_its_own_users(kafjord: Branch, officer: User) -> None:
    make_member(kafjord, "Ane")
    token = uuid4()
    first = make(kafjord, officer, token=token)
    make_member(kafjord, "Bo")
    other = make_officer(kafjord, name="Ola")
    assert make(kafjord, other, token=token).call_list != first.call_list


def test_nobody_gets_their_own_name(kafjord: Branch, officer: User) -> None:
    other = make_officer(kafjord, name="Ola", phone="+4700000777")
    make_member(kafjord, "Selv", email=str(officer.email).upper())
    make_member(kafjord, "Ola", mobile="+4700000777")
    make_member(kafjord, "Per", "På Papir")
    made = make(
        kafjord,
        officer,
        ListCaller(officer, officer.name),
        ListCaller(other, other.name),
        ListCaller(None, "per på papir"),
    )
    first, second, third = names_of(made.call_list)
    assert "Selv" not in first
    assert "Ola" not in second
    assert "Per" not in third
    assert sorted(first + second + third) == ["Ola", "Per", "Selv"]


def test_ones_own_name_is_left_out_where_nobody_else_phones(kafjord: Branch, officer: User) -> None:
    make_member(kafjord, "Ane")
    make_member(kafjord, "Selv", email=officer.email)
    made = make(kafjord, officer)
    assert names_of(made.call_list) == [["Ane"]]
    assert made.left_out == {LeftOut.OWN: 1}


def test_when_only_ones_own_name_is_left_no_list_is_made(kafjord: Branch, officer: User) -> None:
    make_member(kafjord, "Selv", email=officer.email)
    with pytest.raises(actions.NobodyToCall) as refused:
        make(kafjord, officer)
    assert refused.value.left_out == {LeftOut.OWN: 1}


def test_a_household_stays_together_unless_it_need_not(kafjord: Branch, officer: User) -> None:
    home = {"street": "Storgata 1", "postal_code": "9146"}
    for first_name in ("Eira", "Håkon"):
        make_member(kafjord, first_name, "Bergersen", **home)
    callers = [ListCaller(officer, officer.name), ListCaller(None, "Per")]
    first = make(kafjord, officer, *callers).call_list
    assert names_of(first) == [["Eira", "Håkon"]]
    close_list(first, by=officer, now=NOW)
    assert names_of(make(kafjord, officer, *callers, keep_households=False).call_list) == [["Eira"], ["Håkon"]]


def test_numbers_that_do_not_fit_make_no_list(kafjord: Branch, officer: User) -> None:
    make_member(kafjord, "Ane")
    with pytest.raises(CountsDoNotFit):
        make(kafjord, officer, ListCaller(officer, officer.name, 3))
    assert not CallList.objects.exists()


def test_too_many_names_make_no_list(kafjord: Branch, officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MAX_NAMES", 2)
    for number in range(3):
        make_member(kafjord, f"Ane {number}")
    with pytest.raises(actions.TooManyNames):
        make(kafjord, officer)
    with pytest.raises(actions.TooManyNames):
        make(kafjord, officer, chosen=list(Member.objects.values_list("pk", flat=True)))


def test_closing_twice_is_closing_once(kafjord: Branch, officer: User) -> None:
    make_member(kafjord, "Ane")
    call_list = make(kafjord, officer).call_list
    close_list(call_list, by=officer, now=NOW)
    close_list(call_list, by=officer, now=NOW + timedelta(days=1))
    call_list.refresh_from_db()
    assert call_list.closed_at == NOW
    assert AuditEvent.objects.filter(verb=Verb.CALL_LIST_CLOSED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_one_gets_the_name(kafjord: Branch, officer: User) -> None:
    """Two threads make a list of the same member: whoever comes second finds it taken."""
    make_member(kafjord, "Ane")
    results: list[str] = []
    both_ready = threading.Barrier(2)

    def attempt() -> None:
        try:
            both_ready.wait()
            with transaction.atomic():
                make(kafjord, officer)
            results.append("made")
        except actions.NobodyToCall:
            results.append("taken")
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["made", "taken"]
    assert Call.objects.count() == 1
