"""What the clock does with messages, and trying again what failed."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.enums import Verb
from accounts.models import User
from membership.models import Branch
from messaging.actions import messages_settling
from messaging.actions.messages import Why, retry_failed, retryable, settle
from messaging.enums import BlockReason, DeliveryState, MessageState, Reason, Way
from messaging.models import BlockedAddress, Delivery, Message
from tests.access_mail import make_message
from tests.factories import NOW, TODAY, make_member
from tests.messaging.sending import MINUTE, expanded, left_out, logged, reached, refusal, swept

pytestmark = pytest.mark.django_db

LATER = NOW + 60 * MINUTE


@pytest.fixture
def names(kafjord: Branch) -> list[str]:
    """Four members, each with an address of their own name."""
    return [make_member(kafjord, name, email=f"{name}@example.no").first_name for name in ("Ane", "Bo", "Cora", "Dag")]


def becomes(state: DeliveryState, *names: str, **fields: Any) -> None:
    Delivery.objects.filter(address__in=[f"{name.lower()}@example.no" for name in names]).update(state=state, **fields)


# --- Done -------------------------------------------------------------------------------------------------------------


def test_a_message_is_done_when_nothing_of_it_is_open(kafjord: Branch, officer: User, names: list[str]) -> None:
    message = expanded(kafjord, officer, 4)
    becomes(DeliveryState.SENT, "Ane")
    becomes(DeliveryState.FAILED, "Bo")
    becomes(DeliveryState.UNKNOWN, "Cora")
    for state in (DeliveryState.QUEUED, DeliveryState.SENDING):
        becomes(state, "Dag")
        assert swept(message).state == MessageState.SENDING
    becomes(DeliveryState.BOUNCED, "Dag")
    message = swept(message, LATER)
    assert (message.state, message.finished_at, message.reached) == (MessageState.DONE, LATER, 3)
    assert message.totals == {
        "deliveries": {"email": {"sent": 1, "failed": 1, "unknown": 1, "bounced": 1}},
        "people": {"email": 4},
        "left_out": {},
    }
    settle(LATER + MINUTE)
    message.refresh_from_db()
    assert message.finished_at == LATER


def test_the_sums_that_stay_tell_of_those_left_out_and_of_the_cost(kafjord: Branch, officer: User) -> None:
    for name in ("Kari", "Ola"):
        make_member(kafjord, name, email="heime@example.no")
    make_member(kafjord, "Per", email="")
    make_member(kafjord, "Pål", email="")
    make_member(kafjord, "Siv", no_newsletter=True)
    make_member(kafjord, "Tor", email="", mobile="", mobile_ok=False, street="Veien 1", postal_code="9144")
    message = expanded(kafjord, officer, 5, way=Way.BOTH, with_letters=True)
    Delivery.objects.update(state=DeliveryState.SENT)
    failed = Delivery.objects.filter(channel="sms").order_by("address")[:1].get()
    Delivery.objects.filter(pk=failed.pk).update(state=DeliveryState.FAILED)
    message = swept(message)
    assert message.totals == {
        "deliveries": {"email": {"sent": 1}, "sms": {"sent": 1, "failed": 1}},
        "people": {"email": 2, "sms": 2, "letter": 1},
        "left_out": {"no_purpose": 1},
    }
    assert (message.reached, message.cost_ore) == (4, 39)


def test_letters_alone_are_done_at_once(kafjord: Branch, officer: User) -> None:
    make_member(kafjord, email="", street="Veien 1", postal_code="9144")
    message = expanded(kafjord, officer, 1, with_letters=True)
    assert message.state == MessageState.SENDING
    assert swept(message).state == MessageState.DONE
    assert reached(message) == {"Ane": "letter"}


# --- Too late ---------------------------------------------------------------------------------------------------------


def test_what_has_not_gone_in_time_does_not_go(kafjord: Branch, officer: User, names: list[str]) -> None:
    message = expanded(kafjord, officer, 4, expires_at=LATER)
    becomes(DeliveryState.SENT, "Ane")
    becomes(DeliveryState.SENDING, "Bo")
    assert swept(message, LATER - MINUTE).state == MessageState.SENDING
    message = swept(message, LATER)
    assert (message.state, message.finished_at) == (MessageState.EXPIRED, None)
    assert left_out(message) == {"Cora": Reason.EXPIRED, "Dag": Reason.EXPIRED}
    becomes(DeliveryState.SENT, "Bo")
    message = swept(message, LATER)
    assert (message.finished_at, message.reached) == (LATER, 2)
    assert message.totals["left_out"] == {"expired": 2}


def test_what_never_began_in_time_does_not_begin(kafjord: Branch, officer: User, names: list[str]) -> None:
    message = expanded(kafjord, officer, 4, send_at=NOW + MINUTE, expires_at=LATER)
    message = swept(message, LATER)
    assert (message.state, reached(message)) == (MessageState.EXPIRED, {})


def test_what_had_all_gone_when_the_time_was_out_is_done(kafjord: Branch, officer: User, names: list[str]) -> None:
    message = expanded(kafjord, officer, 4, expires_at=LATER)
    Delivery.objects.update(state=DeliveryState.SENT)
    assert swept(message, LATER).state == MessageState.DONE


# --- Beginning --------------------------------------------------------------------------------------------------------


def test_whoever_may_not_send_any_more_does_not_send(kafjord: Branch, officer: User, names: list[str]) -> None:
    message = expanded(kafjord, officer, 4, send_at=LATER)
    officer.grants.update(ends_on=TODAY)
    message = swept(message, LATER)
    assert message.state == MessageState.DRAFT
    assert "ikke lenger sende" in message.problem
    assert not Delivery.objects.exists()


def test_a_view_that_the_sender_may_not_use_any_more_does_not_go(
    kafjord: Branch, officer: User, names: list[str]
) -> None:
    message = expanded(kafjord, officer, 4, send_at=LATER)
    Message.objects.update(audience={"kind": "members", "params": {"tull": "1"}})
    message = swept(message, LATER)
    assert message.state == MessageState.DRAFT
    assert "hvem denne er til" in message.problem


def test_one_that_was_sent_back_and_anew_meanwhile_is_left_alone(
    kafjord: Branch, officer: User, names: list[str]
) -> None:
    message = expanded(kafjord, officer, 4, send_at=LATER)
    Message.objects.update(queued_at=NOW + MINUTE)
    messages_settling._give_back(message, "Nei", NOW)
    messages_settling._begin(message, LATER)
    message.refresh_from_db()
    assert (message.state, message.problem) == (MessageState.QUEUED, "")


def test_the_workers_hear_of_it_when_it_begins(
    kafjord: Branch,
    officer: User,
    names: list[str],
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(messages_settling, "tell", told.append)
    expanded(kafjord, officer, 4, send_at=LATER)
    with django_capture_on_commit_callbacks(execute=True):
        settle(LATER - MINUTE)
    assert not told
    with django_capture_on_commit_callbacks(execute=True):
        settle(LATER)
        settle(LATER)
    assert sorted(told) == ["email", "sms"]


def test_a_sweep_with_nothing_to_do_is_one_query(
    kafjord: Branch, officer: User, django_assert_num_queries: Any
) -> None:
    make_message(kafjord, officer, MessageState.DONE)
    make_message(kafjord, officer)
    with django_assert_num_queries(1):
        settle(NOW)


# --- Trying again -----------------------------------------------------------------------------------------------------


@pytest.fixture
def failed(kafjord: Branch, officer: User, names: list[str]) -> Message:
    """Done: one failed, one perhaps arrived, one arrived, one came back."""
    message = expanded(kafjord, officer, 4)
    becomes(DeliveryState.FAILED, "Ane", problem="SMTPDataError 554", attempts=6)
    becomes(DeliveryState.UNKNOWN, "Bo")
    becomes(DeliveryState.SENT, "Cora")
    becomes(DeliveryState.BOUNCED, "Dag", bounced_at=NOW)
    return swept(message)


def test_only_what_failed_is_tried_again_and_once(officer: User, failed: Message) -> None:
    assert retryable(failed) == 1
    assert retry_failed(failed, by=officer, now=LATER) == 1
    assert retry_failed(failed, by=officer, now=LATER) == 0
    assert logged(Verb.MESSAGE_RETRIED) == 1
    failed.refresh_from_db()
    assert (failed.state, failed.finished_at) == (MessageState.SENDING, None)
    again = Delivery.objects.due(LATER).get()
    assert (again.address, again.attempts, again.problem) == ("ane@example.no", 0, "")
    becomes(DeliveryState.SENT, "Ane")
    failed = swept(failed, LATER)
    assert (failed.state, failed.reached) == (MessageState.DONE, 4)


@pytest.mark.parametrize("problem", ["SMTPRecipientsRefused 550", "5.1.1 unknown", "SMTPResponse 553"])
def test_an_address_that_does_not_exist_is_not_tried_again(officer: User, failed: Message, problem: str) -> None:
    becomes(DeliveryState.FAILED, "Ane", problem=problem)
    assert retryable(failed) == 0
    assert retry_failed(failed, by=officer, now=LATER) == 0
    failed.refresh_from_db()
    assert failed.state == MessageState.DONE
    assert logged(Verb.MESSAGE_RETRIED) == 0


def test_a_blocked_address_is_not_tried_again(officer: User, failed: Message) -> None:
    BlockedAddress.objects.create(
        channel="email", address="ane@example.no", reason=BlockReason.HARD, noted_at=NOW, blocked_at=NOW
    )
    assert retry_failed(failed, by=officer, now=LATER) == 0


@pytest.mark.parametrize("state", [MessageState.DRAFT, MessageState.QUEUED, MessageState.STOPPED, MessageState.EXPIRED])
def test_only_what_was_sent_is_tried_again(kafjord: Branch, officer: User, state: MessageState) -> None:
    message = make_message(kafjord, officer, state)
    assert refusal(retry_failed, message, by=officer, now=NOW) == Why.NOT_SENT


def test_what_is_gone_or_too_late_is_not_tried_again(officer: User, failed: Message) -> None:
    Message.objects.update(expires_at=LATER)
    assert refusal(retry_failed, failed, by=officer, now=LATER) == Why.TOO_LATE
    Message.objects.all().delete()
    assert refusal(retry_failed, failed, by=officer, now=LATER) == Why.NOT_SENT


def test_a_retry_is_not_taken_for_done(officer: User, failed: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep has seen that nothing was open; then somebody tries again; then it looks once more."""
    Message.objects.update(state=MessageState.SENDING, finished_at=None)
    looked: list[bool] = []
    has_open = messages_settling._has_open

    def look(message: Message) -> bool:
        if not looked:
            looked.append(True)
            found = has_open(message)
            retry_failed(message, by=officer, now=NOW)
            return found
        return has_open(message)

    monkeypatch.setattr(messages_settling, "_has_open", look)
    settle(NOW)
    failed.refresh_from_db()
    assert failed.state == MessageState.SENDING
