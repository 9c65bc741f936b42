"""Taking back what waits, and stopping what has begun."""

from __future__ import annotations

import pytest

from accounts.enums import Verb
from accounts.models import User
from membership.models import Branch
from membership.roles import Role
from messaging.actions.messages import (
    Why,
    queue,
    stop,
    take_back,
)
from messaging.enums import DeliveryState, MessageState, Reason
from messaging.models import Delivery, Recipient
from tests.access_mail import make_message
from tests.factories import NOW, TODAY, make_member, make_officer
from tests.messaging.sending import (
    MINUTE,
    expanded,
    left_out,
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


def test_what_waits_is_taken_back_and_leaves_nothing(kafjord: Branch, officer: User, members: list[str]) -> None:
    message = expanded(kafjord, officer, 2, send_at=NOW + 60 * MINUTE)
    assert Recipient.objects.count() == 2
    for _time in range(2):
        message = take_back(message, by=officer, now=NOW + MINUTE)
        assert (message.state, message.queued_by, message.expanded_at) == (MessageState.DRAFT, None, None)
        assert (message.reached, message.confirmed, message.due_at) == (0, 0, None)
    assert not Recipient.objects.exists()
    assert not Delivery.objects.exists()
    assert logged(Verb.MESSAGE_TAKEN_BACK) == 1


def test_what_was_taken_back_can_be_sent_again(kafjord: Branch, officer: User, members: list[str]) -> None:
    message = take_back(send(kafjord, officer, 2), by=officer, now=NOW)
    queue(message, by=officer, confirmed=2, now=NOW + MINUTE, today=TODAY)
    # The first job too, which is late.
    work()
    message.refresh_from_db()
    assert message.expanded_at
    assert (message.state, Recipient.objects.count(), Delivery.objects.count()) == (MessageState.QUEUED, 2, 2)


def test_the_job_of_what_was_taken_back_makes_nothing(kafjord: Branch, officer: User, members: list[str]) -> None:
    message = take_back(send(kafjord, officer, 2), by=officer, now=NOW)
    work()
    assert not Recipient.objects.exists()
    message.refresh_from_db()
    assert (message.state, message.problem) == (MessageState.DRAFT, "")


def test_what_waits_for_approval_is_taken_back(
    kafjord: Branch, officer: User, members: list[str], approver: User
) -> None:
    assert take_back(send(kafjord, officer, 2), by=officer, now=NOW).state == MessageState.DRAFT


def test_nothing_is_taken_back_once_it_has_begun(kafjord: Branch, officer: User, members: list[str]) -> None:
    message = expanded(kafjord, officer, 2)
    assert refusal(take_back, message, by=officer, now=NOW) == Why.BEGUN
    assert Delivery.objects.count() == 2


def test_stopped_in_the_middle_nothing_more_goes(kafjord: Branch, officer: User) -> None:
    for name in ("Ane", "Bo", "Cora", "Dag"):
        make_member(kafjord, name, email=f"{name}@example.no")
    make_member(kafjord, "Eli", email="", street="Veien 1", postal_code="9144")
    message = expanded(kafjord, officer, 5, with_letters=True)
    Delivery.objects.filter(address="ane@example.no").update(state=DeliveryState.SENT)
    Delivery.objects.filter(address="bo@example.no").update(state=DeliveryState.SENDING)
    for _time in range(2):
        assert stop(message, by=officer, now=NOW + MINUTE) == 2
    message.refresh_from_db()
    assert (message.state, message.stopped_by, message.stopped_at) == (MessageState.STOPPED, officer, NOW + MINUTE)
    assert not Delivery.objects.due(NOW + 99 * MINUTE).exists()
    assert reached(message) == {"Ane": "email", "Bo": "email"}
    assert left_out(message) == dict.fromkeys(("Cora", "Dag", "Eli"), Reason.STOPPED_BY_HAND)
    assert logged(Verb.MESSAGE_STOPPED) == 1
    # What was under way may come back to be tried again: it is not.
    Delivery.objects.filter(address="bo@example.no").update(state=DeliveryState.QUEUED)
    message = swept(message, NOW + 2 * MINUTE)
    assert (message.finished_at, message.reached) == (NOW + 2 * MINUTE, 1)
    assert left_out(message)["Bo"] == Reason.STOPPED_BY_HAND


def test_a_stopped_message_is_closed_when_nothing_is_under_way(
    kafjord: Branch, officer: User, members: list[str]
) -> None:
    message = expanded(kafjord, officer, 2)
    Delivery.objects.update(state=DeliveryState.SENDING)
    stop(message, by=officer, now=NOW)
    assert swept(message).finished_at is None
    Delivery.objects.update(state=DeliveryState.SENT)
    message = swept(message)
    assert (message.finished_at, message.reached) == (NOW, 2)


@pytest.mark.parametrize("state", [MessageState.DRAFT, MessageState.DONE, MessageState.EXPIRED])
def test_there_must_be_something_to_stop(kafjord: Branch, officer: User, state: MessageState) -> None:
    message = make_message(kafjord, officer, state)
    assert refusal(stop, message, by=officer, now=NOW) == Why.OVER


def test_a_message_stopped_before_its_job_gets_no_rows(kafjord: Branch, officer: User, members: list[str]) -> None:
    message = send(kafjord, officer, 2)
    stop(message, by=officer, now=NOW)
    work()
    assert not Recipient.objects.exists()
    assert swept(message).finished_at == NOW
