"""A way out that is busy, closed, broken, or asks for patience."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from membership.models import Branch
from messaging import tasks
from messaging.enums import Channel, DeliveryState
from messaging.models import Delivery, Message, SendingRun
from messaging.outbox import pauses
from messaging.outbox.pump import pump
from messaging.outbox.run import MAX_ATTEMPTS
from messaging.transports.base import Outcome
from tests.factories import NOW, make_member
from tests.messaging.way_out import BUSY, QUEUED, SENT, UNKNOWN, WayOut, fate, states, wait_for

pytestmark = pytest.mark.django_db


def test_a_busy_answer_is_tried_again_later_and_later_and_given_up_in_the_end(
    way: WayOut, message: Message, county: Branch, clock: Any
) -> None:
    delivery = wait_for(message, make_member(county))
    for attempt in range(1, MAX_ATTEMPTS):
        way.answers = [BUSY]
        pump(Channel.EMAIL)
        assert fate(delivery) == (QUEUED, "451")
        wait = timedelta(seconds=30 * 2**attempt)
        assert (delivery.attempts, delivery.not_before_at - timezone.now(), delivery.run) == (attempt, wait, None)
        clock.shift(wait)
    way.answers = [BUSY]
    pump(Channel.EMAIL)
    assert fate(delivery) == (DeliveryState.FAILED, "451")


def test_behind_a_closed_door_nothing_changes_and_it_is_asked_less_and_less_often(
    way: WayOut, three: list[Delivery], clock: Any
) -> None:
    way.is_closed = True
    for _ in range(50):
        tasks.sweep()
        clock.shift(timedelta(seconds=10))
    assert 5 < way.opened < 12
    assert not Delivery.objects.exclude(state=QUEUED, attempts=0, run=None, not_before_at=NOW).exists()
    pause = pauses.pause_of(Channel.EMAIL)
    assert pause is not None
    assert (pause.problem, pause.times) == ("ConnectionRefusedError", way.opened)
    way.is_closed = False
    clock.shift(timedelta(minutes=5))
    tasks.sweep()
    assert len(way.sent) == 3
    assert pauses.pause_of(Channel.EMAIL) is None


def test_a_door_that_closes_in_mid_chunk_leaves_the_rest_as_it_was(
    way: WayOut, three: list[Delivery], clock: Any
) -> None:
    way.answers = [Outcome(UNKNOWN, "SMTPServerDisconnected", broken=True)]
    way.before = lambda _outgoing: setattr(way, "is_closed", True)
    pump(Channel.EMAIL)
    assert states() == [UNKNOWN, QUEUED, QUEUED]
    assert not Delivery.objects.filter(state=QUEUED).exclude(attempts=0, run=None).exists()
    assert not SendingRun.objects.exists()
    way.is_closed, way.before = False, lambda _outgoing: None
    clock.shift(timedelta(minutes=1))
    tasks.sweep()
    assert states() == [UNKNOWN, SENT, SENT]


def test_a_broken_connection_is_opened_anew_before_the_next(way: WayOut, three: list[Delivery]) -> None:
    way.answers = [Outcome(UNKNOWN, "SMTPServerDisconnected", broken=True)]
    pump(Channel.EMAIL)
    assert states() == [UNKNOWN, SENT, SENT]
    assert way.opened == 2


def test_a_long_rate_limit_puts_everything_off_and_counts_no_try(
    way: WayOut, three: list[Delivery], clock: Any
) -> None:
    way.answers = [Outcome(SENT), Outcome(QUEUED, "429", retry_after=60)]
    pump(Channel.EMAIL)
    tasks.sweep()
    assert states() == [SENT, QUEUED, QUEUED]
    three[1].refresh_from_db()
    assert (three[1].attempts, three[1].not_before_at) == (0, NOW + timedelta(seconds=60))
    clock.shift(timedelta(seconds=60))
    tasks.sweep()
    assert states() == [SENT] * 3


def test_a_short_rate_limit_is_waited_for_on_the_spot(way: WayOut, three: list[Delivery], clock: Any) -> None:
    way.answers = [Outcome(QUEUED, "429", retry_after=1)]
    pump(Channel.EMAIL)
    assert states() == [QUEUED, SENT, SENT]
    assert way.opened == 1
    assert pauses.pause_of(Channel.EMAIL) is None
    clock.shift(timedelta(seconds=1))
    pump(Channel.EMAIL)
    assert states() == [SENT] * 3


def test_so_many_failures_in_a_row_make_it_stop_and_look(
    way: WayOut, message: Message, county: Branch, clock: Any
) -> None:
    for number in range(12):
        wait_for(message, make_member(county, f"A{number}"))
    way.answers = [Outcome(UNKNOWN, "SMTPServerDisconnected", broken=True)] * 20
    pump(Channel.EMAIL)
    assert states().count(UNKNOWN) == 5
    tasks.sweep()
    assert states().count(UNKNOWN) == 5
    way.answers = []
    clock.shift(timedelta(seconds=10))
    tasks.sweep()
    assert (states().count(UNKNOWN), states().count(SENT)) == (5, 7)


def test_without_a_cache_the_outbox_goes_on(
    way: WayOut, three: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lost:
        def __getattr__(self, name: str) -> Any:
            raise ConnectionError

    monkeypatch.setattr(pauses, "cache", Lost())
    way.is_closed = True
    pump(Channel.EMAIL)
    way.is_closed = False
    pump(Channel.EMAIL)
    assert len(way.sent) == 3
