"""The second person who says yes to what goes to many."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.enums import Verb
from accounts.models import User
from jobs.models import Job
from membership.models import Branch
from membership.roles import Role
from messaging.actions.messages import (
    Why,
    approve,
    queue,
    send_back,
    stop,
)
from messaging.enums import DeliveryState, MessageState
from messaging.models import Delivery, Message
from tests.factories import NOW, TODAY, make_branch, make_officer
from tests.messaging.sending import (
    MINUTE,
    expanded,
    limits,
    logged,
    reached,
    refusal,
    send,
    swept,
    work,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def approver(county: Branch, kafjord: Branch) -> User:
    """The second one who may send; more than one recipient is a large message."""
    limits(county, approve_over=1)
    return make_officer(kafjord, Role.BRANCH_LEADER, name="Liv Bakken")


def test_whoever_can_say_yes_is_told_by_email_and_the_sender_is_not(
    kafjord: Branch, officer: User, members: list[str], approver: User
) -> None:
    message = send(kafjord, officer, 2)
    queue(message, by=officer, confirmed=2, now=NOW, today=TODAY)
    letter = Delivery.objects.get()
    assert (letter.address, letter.purpose, letter.message) == (approver.email, "notice", None)
    assert letter.subject == "En melding venter på at du godkjenner den"
    assert "Kari Nordvik vil sende en melding fra Kåfjord Arbeiderparti til 2 personer." in letter.body
    assert letter.body.endswith("http://127.0.0.1:8000/\n")


def test_one_without_an_address_is_not_told(kafjord: Branch, officer: User, members: list[str], approver: User) -> None:
    User.objects.filter(pk=approver.pk).update(email=None, phone="+4700000099")
    assert send(kafjord, officer, 2).state == MessageState.APPROVAL
    assert not Delivery.objects.exists()


def test_a_large_message_waits_for_a_second_person(
    kafjord: Branch, officer: User, members: list[str], approver: User
) -> None:
    message = send(kafjord, officer, 2)
    assert (message.state, message.due_at, message.is_held) == (MessageState.APPROVAL, None, False)
    assert not Job.objects.exists()
    assert swept(message, NOW + 600 * MINUTE).state == MessageState.APPROVAL
    for _time in range(2):
        message = approve(message, by=approver, now=NOW + MINUTE, today=TODAY)
        assert (message.approved_by, message.approved_at) == (approver, NOW + MINUTE)
        assert (message.state, message.due_at) == (MessageState.QUEUED, NOW + MINUTE)
    assert (Job.objects.count(), logged(Verb.MESSAGE_APPROVED)) == (1, 1)
    work()
    message.refresh_from_db()
    assert message.expanded_at
    assert reached(message) == {"Ane": "email", "Bo": "email"}


def test_nobody_approves_their_own(kafjord: Branch, officer: User, members: list[str], approver: User) -> None:
    message = send(kafjord, officer, 2)
    assert refusal(approve, message, by=officer, now=NOW, today=TODAY) == Why.SAME_PERSON
    assert refusal(send_back, message, by=officer, now=NOW, today=TODAY) == Why.SAME_PERSON
    treasurer = make_officer(kafjord, Role.TREASURER)
    assert refusal(approve, message, by=treasurer, now=NOW, today=TODAY) == Why.NO_RIGHT
    message.refresh_from_db()
    assert message.state == MessageState.APPROVAL


def test_the_named_substitute_approves_without_a_role_there(
    county: Branch, kafjord: Branch, officer: User, members: list[str]
) -> None:
    limits(county, approve_over=1)
    substitute = make_officer(make_branch(county, "Harstad"), Role.BRANCH_LEADER)
    limits(kafjord, substitute=substitute)
    message = send(kafjord, officer, 2)
    assert message.state == MessageState.APPROVAL
    assert approve(message, by=substitute, now=NOW, today=TODAY).state == MessageState.QUEUED


def test_where_nobody_else_can_approve_it_is_held_half_an_hour(
    county: Branch, kafjord: Branch, officer: User, members: list[str]
) -> None:
    limits(county, approve_over=1)
    limits(kafjord, substitute=make_officer(kafjord, Role.TREASURER, is_active=False))
    message = expanded(kafjord, officer, 2)
    assert (message.state, message.is_held, message.due_at) == (MessageState.QUEUED, True, NOW + 30 * MINUTE)
    assert swept(message, NOW + 29 * MINUTE).state == MessageState.QUEUED
    assert stop(message, by=officer, now=NOW + 29 * MINUTE) == 0
    assert swept(message, NOW + 31 * MINUTE).state == MessageState.STOPPED
    assert not Delivery.objects.exclude(state=DeliveryState.CANCELLED).exists()


def test_a_second_person_sends_it_back_with_a_reason(
    kafjord: Branch, officer: User, members: list[str], approver: User
) -> None:
    message = send(kafjord, officer, 2)
    message = send_back(message, by=approver, now=NOW, today=TODAY, reason=" Feil dato. ")
    assert (message.state, message.problem, message.queued_by) == (MessageState.DRAFT, "Feil dato.", None)
    assert refusal(send_back, message, by=approver, now=NOW, today=TODAY) == Why.NOT_WAITING
    assert refusal(approve, message, by=approver, now=NOW, today=TODAY) == Why.NOT_WAITING
    assert logged(Verb.MESSAGE_REFUSED) == 1
    again = queue(message, by=officer, confirmed=2, now=NOW + MINUTE, today=TODAY)
    assert (again.state, again.problem) == (MessageState.APPROVAL, "")
    assert send_back(again, by=approver, now=NOW, today=TODAY).problem


def test_yes_and_no_at_once_is_one_of_them(
    kafjord: Branch, officer: User, members: list[str], approver: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from messaging.actions import messages

    message = send(kafjord, officer, 2)
    read = messages._read

    def read_then_lose(asked: Message) -> Message:
        found = read(asked)
        Message.objects.filter(pk=asked.pk).update(state=MessageState.STOPPED)
        return found

    monkeypatch.setattr(messages, "_read", read_then_lose)
    assert refusal(approve, message, by=approver, now=NOW, today=TODAY) == Why.NOT_WAITING
    Message.objects.update(state=MessageState.APPROVAL)
    assert refusal(send_back, message, by=approver, now=NOW, today=TODAY) == Why.NOT_WAITING
    assert not Job.objects.exists()


def test_what_ran_out_is_not_approved(kafjord: Branch, officer: User, members: list[str], approver: User) -> None:
    message = send(kafjord, officer, 2, expires_at=NOW + 60 * MINUTE)
    assert refusal(approve, message, by=approver, now=NOW + 61 * MINUTE, today=TODAY) == Why.EXPIRES_FIRST
    assert swept(message, NOW + 61 * MINUTE).state == MessageState.EXPIRED


def test_what_nobody_answers_goes_back_after_a_week(
    kafjord: Branch, officer: User, members: list[str], approver: User
) -> None:
    message = send(kafjord, officer, 2)
    assert swept(message, NOW + timedelta(days=7)).state == MessageState.APPROVAL
    message = swept(message, NOW + timedelta(days=7, seconds=1))
    assert message.state == MessageState.DRAFT
    assert "en uke" in message.problem
