"""Two at once, on a database that lets them: one wins, and nobody gets anything twice."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections

from accounts.models import User
from membership.models import Branch
from messaging.actions.messages import Refused, queue, retry_failed, save_draft, settle, stop, take_back
from messaging.enums import DeliveryState, MessageState, Reason
from messaging.expanding import Expansion, NotWaiting
from messaging.models import Delivery, Message, Recipient
from tests.factories import NOW, TODAY, make_member, make_officer
from tests.messaging.sending import MINUTE, expanded, send, write

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="two writers at once: SQLite has one at a time"),
]


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests do the workers' work themselves, when it is most awkward."""
    monkeypatch.setattr("jobs.actions.kick", lambda _pk: None)
    monkeypatch.setattr("messaging.actions.messages_settling.tell", lambda _channel: None)


@pytest.fixture
def officer(kafjord: Branch) -> User:
    for number in range(40):
        make_member(kafjord, f"M{number}", email=f"m{number // 2}@example.no")
    return make_officer(kafjord)


def at_once(*actions: Callable[[], object]) -> list[str]:
    """What came of each, in no order."""
    together, outcomes = threading.Barrier(len(actions)), []

    def act(action: Callable[[], object]) -> None:
        together.wait()
        try:
            action()
            outcomes.append("done")
        except (Refused, NotWaiting) as refusal:
            outcomes.append(getattr(refusal, "why", type(refusal).__name__))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def expand(message: Message) -> None:
    own = Message.objects.select_related("branch", "queued_by", "approved_by").get(pk=message.pk)
    Expansion(own, today=TODAY).run(lambda _done, _total=None, /: None)


def test_two_officers_send_one_message(kafjord: Branch, officer: User) -> None:
    other, message = make_officer(kafjord), write(kafjord, officer)

    def press(by: User) -> Callable[[], object]:
        return lambda: queue(message, by=by, confirmed=40, now=NOW, today=TODAY)

    assert at_once(press(officer), press(other)) in (["changed", "done"], ["done", "not_a_draft"])


def test_a_double_click_sends_one_message(kafjord: Branch, officer: User) -> None:
    message = write(kafjord, officer)

    def press() -> object:
        return queue(message, by=officer, confirmed=40, now=NOW, today=TODAY)

    assert at_once(press, press, press) == ["done"] * 3
    assert Message.objects.get().state == MessageState.QUEUED


def test_what_is_saved_while_it_is_sent_is_not_sent_unseen(kafjord: Branch, officer: User) -> None:
    message, other = write(kafjord, officer), make_officer(kafjord)
    given = {"texts": {"nb": {"subject": "Nei", "body": "Nei"}}}
    outcomes = at_once(
        lambda: queue(message, by=officer, confirmed=40, now=NOW + MINUTE, today=TODAY),
        lambda: save_draft(
            kafjord, values=given, by=other, now=NOW + MINUTE, message=Message.objects.get(), seen_at=NOW
        ),
    )
    sent = Message.objects.get().state == MessageState.QUEUED
    assert sent == (message.texts.get().subject == "Medlemsmøte")
    assert outcomes in (["changed", "done"], ["done", "not_a_draft"])


def test_two_workers_on_one_message_make_each_row_once(
    kafjord: Branch, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.expanding.CHUNK", 3)
    message = send(kafjord, officer, 40)
    assert "done" in at_once(*[lambda: expand(message)] * 3)
    assert (Recipient.objects.count(), Delivery.objects.count()) == (40, 20)
    message.refresh_from_db()
    assert (message.reached, message.state) == (40, MessageState.SENDING)


@pytest.mark.parametrize("wait", [0.0, 0.03])
def test_a_message_taken_back_while_its_rows_are_made_has_none(
    kafjord: Branch, officer: User, monkeypatch: pytest.MonkeyPatch, wait: float
) -> None:
    monkeypatch.setattr("messaging.expanding.CHUNK", 3)
    message = send(kafjord, officer, 40, send_at=NOW + MINUTE)
    pause = threading.Event()

    def back() -> object:
        pause.wait(wait)
        return take_back(message, by=officer, now=NOW)

    at_once(lambda: expand(message), back)
    message.refresh_from_db()
    assert message.state == MessageState.DRAFT
    assert (Recipient.objects.count(), Delivery.objects.count(), message.reached) == (0, 0, 0)


@pytest.mark.parametrize("wait", [0.0, 0.03])
def test_a_message_stopped_while_it_begins_sends_nothing(
    kafjord: Branch, officer: User, monkeypatch: pytest.MonkeyPatch, wait: float
) -> None:
    monkeypatch.setattr("messaging.expanding.CHUNK", 3)
    message = send(kafjord, officer, 40)
    pause = threading.Event()

    def halt() -> object:
        pause.wait(wait)
        return stop(message, by=officer, now=NOW)

    at_once(lambda: expand(message), halt, lambda: settle(NOW))
    message.refresh_from_db()
    assert message.state == MessageState.STOPPED
    assert not Delivery.objects.exclude(state=DeliveryState.CANCELLED).exists()
    assert set(Recipient.objects.values_list("left_out", flat=True)) <= {Reason.STOPPED_BY_HAND}


def test_two_sweeps_begin_and_end_it_once(kafjord: Branch, officer: User) -> None:
    message = expanded(kafjord, officer, 40, send_at=NOW + MINUTE)
    later = NOW + 2 * MINUTE
    at_once(lambda: settle(later), lambda: settle(later))
    assert Delivery.objects.due(later).count() == 20
    Delivery.objects.update(state=DeliveryState.SENT)
    at_once(lambda: settle(later), lambda: settle(later))
    message.refresh_from_db()
    assert (message.state, message.reached) == (MessageState.DONE, 40)


def test_two_who_retry_at_once_retry_each_once(kafjord: Branch, officer: User) -> None:
    message = expanded(kafjord, officer, 40)
    Delivery.objects.update(state=DeliveryState.FAILED)
    settle(NOW)
    counts: list[int] = []

    def again() -> None:
        counts.append(retry_failed(message, by=officer, now=NOW))

    at_once(again, again, lambda: settle(NOW))
    assert sorted(counts) == [0, 20]
    message.refresh_from_db()
    assert message.state == MessageState.SENDING
