"""Requests: registered, and the month they are to be answered in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import AuditEvent, User
from membership.models import Branch
from membership.roles import Role
from messaging.actions.blocks import block
from messaging.enums import BlockReason, Channel
from messaging.models import Delivery
from privacy.actions.forget_rights import forget_rights, wipe_requests
from privacy.actions.reminders import remind_requests
from privacy.actions.requests import (
    DayInFuture,
    NotOpen,
    TextMissing,
    TooLateToExtend,
    answer,
    extend,
    open_request,
    refuse,
    withdraw,
)
from privacy.enums import RequestKind, RequestState, RequestWay
from privacy.models import RightsRequest
from privacy.todos import pressing_requests
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer


@pytest.mark.django_db
def test_a_request_is_due_a_month_after_it_came_and_the_log_says_no_more_than_its_kind() -> None:
    branch = make_branch(make_county())
    member = make_member(branch, "Ragna", "Qvilnes")
    officer = make_officer(branch)

    made = open_request(
        branch, member=member, kind=RequestKind.ACCESS, way=RequestWay.EMAIL, text="Hva vet dere om meg?",
        received_on=date(2026, 10, 31), by=officer, now=NOW, today=TODAY,
    )  # fmt: skip

    made.refresh_from_db()
    assert (made.due_on, made.state, made.county_id) == (date(2026, 11, 30), RequestState.OPEN, branch.county_id)
    assert (made.member, made.created_by, made.created_at) == (member, officer, NOW)
    event = AuditEvent.objects.get(verb="request.opened")
    assert (event.actor_id, event.branch_id, event.details) == (officer.pk, branch.pk, {"kind": "access"})


@pytest.mark.django_db
def test_the_member_can_have_done_it_and_one_who_is_in_no_register() -> None:
    branch = make_branch(make_county())
    own = open_request(
        branch, member=make_member(branch), kind=RequestKind.ERASURE, way=RequestWay.MY_PAGE, text="",
        received_on=TODAY, by=None, now=NOW, today=TODAY,
    )  # fmt: skip
    stranger = open_request(
        branch, member=None, kind=RequestKind.ACCESS, way=RequestWay.LETTER, text="Har dere meg?",
        received_on=TODAY, by=make_officer(branch), now=NOW, today=TODAY,
    )  # fmt: skip

    assert (own.created_by, stranger.member) == (None, None)


@pytest.mark.django_db
def test_nothing_has_come_tomorrow() -> None:
    branch = make_branch(make_county())
    with pytest.raises(DayInFuture):
        open_request(
            branch, member=None, kind=RequestKind.ACCESS, way=RequestWay.LETTER, text="",
            received_on=TODAY + timedelta(days=1), by=None, now=NOW, today=TODAY,
        )  # fmt: skip
    assert not RightsRequest.objects.exists()


# --- Answering ----------------------------------------------------------------------------------------------------


@pytest.fixture
def county(db: None) -> Branch:
    return make_county()


@pytest.fixture
def branch(county: Branch) -> Branch:
    return make_branch(county)


@pytest.fixture
def secretary(county: Branch) -> User:
    return make_officer(county, Role.COUNTY_SECRETARY)


def asked(branch: Branch, received_on: date = date(2026, 11, 1), **values: Any) -> RightsRequest:
    fields: dict[str, Any] = {
        "member": None, "kind": RequestKind.ACCESS, "way": RequestWay.EMAIL, "text": "Hva har dere?", "by": None,
    }  # fmt: skip
    return open_request(branch, received_on=received_on, now=NOW, today=TODAY, **(fields | values))


def test_an_answer_closes_it_and_goes_to_the_address_on_record(branch: Branch, secretary: User) -> None:
    one = asked(branch, member=make_member(branch, "Ragna", email="Ragna@example.no"))

    sent = answer(one, text="Her er {{ alt }} <b>", email=True, by=secretary, today=TODAY, machine_now=NOW)

    one.refresh_from_db()
    assert (sent, one.state, one.answered_on, one.handled_by) == (True, RequestState.ANSWERED, TODAY, secretary)
    delivery = Delivery.objects.get()
    assert (delivery.address, delivery.purpose) == ("ragna@example.no", "notice")
    assert "Hei Ragna,\n" in delivery.body
    assert "Her er {{ alt }} <b>" in delivery.body
    assert "klage" not in delivery.body
    assert AuditEvent.objects.get(verb="request.answered").details == {"state": "answered"}


def test_a_refusal_says_why_and_where_to_complain(branch: Branch, secretary: User) -> None:
    one = asked(branch, member=make_member(branch))
    refuse(one, text="Det gjelder en annen.", email=True, by=secretary, today=TODAY, machine_now=NOW)

    one.refresh_from_db()
    assert one.state == RequestState.REFUSED
    assert "datatilsynet.no" in Delivery.objects.get().body


@pytest.mark.parametrize("close", [answer, refuse])
def test_nothing_is_closed_without_a_word_nor_twice(close: Any, branch: Branch, secretary: User) -> None:
    one = asked(branch, member=make_member(branch))
    with pytest.raises(TextMissing):
        close(one, text=" \n ", email=True, by=secretary, today=TODAY, machine_now=NOW)
    assert close(one, text="Ja.", email=False, by=secretary, today=TODAY, machine_now=NOW) is False
    for again in (answer, refuse):
        with pytest.raises(NotOpen):
            again(one, text="Nei.", email=True, by=secretary, today=TODAY, machine_now=NOW)
    with pytest.raises(NotOpen):
        withdraw(one, by=secretary, today=TODAY)
    with pytest.raises(NotOpen):
        extend(one, because="x", by=secretary, now=NOW, today=TODAY, machine_now=NOW)
    one.refresh_from_db()
    assert one.answer == "Ja."
    assert not Delivery.objects.exists()


def test_a_withdrawn_one_is_closed_and_nothing_is_sent(branch: Branch, secretary: User) -> None:
    one = asked(branch, member=make_member(branch))
    withdraw(one, by=secretary, today=TODAY)
    one.refresh_from_db()
    assert (one.state, one.answered_on) == (RequestState.WITHDRAWN, TODAY)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "fields", [{"email": ""}, {"email_bounced_on": TODAY}, {"email": "tulling"}, {"blocked": "stopp"}, {"nobody": True}]
)
def test_nobodys_address_is_guessed_at(fields: dict[str, Any], branch: Branch, secretary: User) -> None:
    blocked, nobody = fields.pop("blocked", ""), fields.pop("nobody", False)
    member = make_member(branch, **fields)
    if blocked:
        block(Channel.EMAIL, member.email, BlockReason(blocked), now=NOW)
    one = asked(branch, member=None if nobody else member)

    assert answer(one, text="Her.", email=True, by=secretary, today=TODAY, machine_now=NOW) is False
    assert not Delivery.objects.exists()


def test_who_has_called_our_email_spam_gets_the_answer_they_asked_for(branch: Branch, secretary: User) -> None:
    member = make_member(branch)
    block(Channel.EMAIL, member.email, BlockReason.COMPLAINT, now=NOW)
    one = asked(branch, member=member)
    assert answer(one, text="Her.", email=True, by=secretary, today=TODAY, machine_now=NOW)


def test_two_months_more_are_counted_from_the_day_it_came_and_the_member_is_told(
    branch: Branch, secretary: User
) -> None:
    one = asked(branch, date(2026, 10, 31), member=make_member(branch))
    with pytest.raises(TextMissing):
        extend(one, because=" ", by=secretary, now=NOW, today=TODAY, machine_now=NOW)

    assert extend(one, because="Mye papir.", by=secretary, now=NOW, today=TODAY, machine_now=NOW)

    one.refresh_from_db()
    assert (one.due_on, one.state) == (date(2027, 1, 31), RequestState.OPEN)
    body = Delivery.objects.get().body
    assert "31. januar 2027" in body
    assert "Mye papir." in body
    with pytest.raises(TooLateToExtend):
        extend(one, because="Enda mer.", by=secretary, now=NOW, today=TODAY, machine_now=NOW)
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(("received_on", "may"), [(date(2026, 10, 20), True), (date(2026, 10, 19), False)])
def test_more_time_is_taken_before_the_month_is_over(
    received_on: date, may: bool, branch: Branch, secretary: User
) -> None:
    one = asked(branch, received_on)
    if may:
        assert extend(one, because="x", by=secretary, now=NOW, today=TODAY, machine_now=NOW) is False
        return
    with pytest.raises(TooLateToExtend):
        extend(one, because="x", by=secretary, now=NOW, today=TODAY, machine_now=NOW)


# --- Reminding ----------------------------------------------------------------------------------------------------


def test_those_who_answer_are_reminded_a_week_before_and_when_it_is_late_once_each(
    branch: Branch, secretary: User
) -> None:
    member = make_member(branch, "Ragna", "Qvilnes")
    make_officer(branch)
    one = asked(branch, date(2026, 11, 1), member=member)
    told = []
    for days in range(21, 45):
        before = Delivery.objects.count()
        for _ in range(2):
            remind_requests(today=date(2026, 11, 1) + timedelta(days=days), now=NOW)
        if Delivery.objects.count() > before:
            told.append(date(2026, 11, 1) + timedelta(days=days))

    assert told == [one.due_on - timedelta(days=7), one.due_on + timedelta(days=1)]
    first, second = Delivery.objects.order_by("created_at", "key")
    assert {first.address, second.address} == {secretary.email}
    assert "Qvilnes" not in first.body + second.body + first.subject
    assert f"/lag/{branch.county.slug}/personvern/henvendelser/" in first.body  # type: ignore[union-attr]
    assert ("1 må besvares" in first.body, "1 er over" in second.body) == (True, True)


def test_a_missed_night_is_made_up_for_and_a_later_deadline_is_told_again(branch: Branch, secretary: User) -> None:
    one = asked(branch, date(2026, 10, 25))
    assert remind_requests(today=date(2026, 11, 20), now=NOW) == 1
    extend(one, because="x", by=secretary, now=NOW, today=TODAY, machine_now=NOW)
    assert remind_requests(today=date(2026, 12, 26), now=NOW) == 0
    assert remind_requests(today=date(2027, 1, 18), now=NOW) == 1
    answer(one, text="Ja", email=False, by=secretary, today=TODAY, machine_now=NOW)
    assert remind_requests(today=date(2027, 3, 1), now=NOW) == 0


def test_nobody_to_tell_is_told_when_there_is_somebody(branch: Branch, county: Branch) -> None:
    asked(branch, date(2026, 10, 1))
    assert remind_requests(today=TODAY, now=NOW) == 0
    make_officer(county, Role.COUNTY_MEMBERSHIP_OFFICER)
    assert remind_requests(today=TODAY, now=NOW) == 1


def test_the_first_page_tells_those_who_answer(branch: Branch, county: Branch, secretary: User) -> None:
    assert pressing_requests(county, secretary, TODAY) == []
    asked(branch, TODAY)
    assert pressing_requests(county, secretary, TODAY) == []
    asked(branch, date(2026, 10, 21))
    (todo,) = pressing_requests(county, secretary, TODAY)
    assert (todo.title, todo.is_urgent) == ("1 henvendelse fra et medlem må besvares", False)
    asked(branch, date(2026, 10, 1))
    (todo,) = pressing_requests(county, secretary, TODAY)
    assert (todo.title, todo.text, todo.is_urgent) == (
        "2 henvendelser fra medlemmer må besvares", "1 er over fristen.", True,
    )  # fmt: skip
    assert pressing_requests(make_branch(county, "Lyngen"), secretary, TODAY) == []


# --- Forgetting ---------------------------------------------------------------------------------------------------


def test_the_person_goes_with_the_erasing_and_the_case_stays(branch: Branch, secretary: User) -> None:
    member, other = make_member(branch), make_member(branch)
    one, theirs = asked(branch, member=member), asked(branch, member=other)
    for each in (one, theirs):
        extend(each, because="Ragna er syk", by=secretary, now=NOW, today=TODAY, machine_now=NOW)
        answer(each, text="Hei Ragna", email=False, by=secretary, today=TODAY, machine_now=NOW)

    for _ in range(2):
        wipe_requests([member], NOW)

    one.refresh_from_db()
    theirs.refresh_from_db()
    assert (one.member, one.text, one.answer, one.extended_because) == (None, "", "", "")
    assert (one.kind, one.state, one.answered_on) == (RequestKind.ACCESS, RequestState.ANSWERED, TODAY)
    assert (theirs.member, theirs.answer) == (other, "Hei Ragna")


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (RequestKind.ERASURE, RequestState.ANSWERED),
        (RequestKind.ACCESS, RequestState.WITHDRAWN),
        (RequestKind.CORRECTION, RequestState.WITHDRAWN),
        (RequestKind.OBJECTION, RequestState.WITHDRAWN),
    ],
)
def test_an_open_case_is_over_when_the_member_is_erased(
    kind: RequestKind, outcome: RequestState, branch: Branch, secretary: User
) -> None:
    member = make_member(branch)
    one, theirs = asked(branch, member=member, kind=kind), asked(branch, member=make_member(branch), kind=kind)

    for days in (0, 3):
        wipe_requests([member], NOW + timedelta(days=days))

    one.refresh_from_db()
    theirs.refresh_from_db()
    assert (one.member, one.text, one.state, one.answered_on) == (None, "", outcome, TODAY)
    assert theirs.state == RequestState.OPEN
    theirs.delete()
    assert remind_requests(today=one.due_on + timedelta(days=1), now=NOW) == 0
    assert forget_rights(today=date(2027, 11, 20)) == (1, 0)


def test_a_request_is_forgotten_a_year_after_it_was_closed(branch: Branch, secretary: User) -> None:
    asked(branch)
    one = asked(branch)
    answer(one, text="Ja", email=False, by=secretary, today=date(2026, 11, 20), machine_now=NOW)

    assert forget_rights(today=date(2027, 11, 19)) == (0, 0)
    assert forget_rights(today=date(2027, 11, 20)) == (1, 0)
    assert forget_rights(today=date(2027, 11, 20)) == (0, 0)
    assert RightsRequest.objects.count() == 1
