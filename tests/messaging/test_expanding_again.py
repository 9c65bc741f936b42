"""Finding the recipients with workers that die, hang, and come two at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from jobs import actions as jobs
from jobs.actions import JobLost
from jobs.actions import sweep as sweep_jobs
from jobs.enums import JobState
from jobs.models import Job
from membership.models import Branch
from messaging import expanding
from messaging.actions.messages import stop
from messaging.enums import DeliveryState, MessageState, Reason, Way
from messaging.expanding import Expansion
from messaging.models import Delivery, Message, Recipient
from tests.factories import NOW, TODAY, make_member
from tests.messaging.sending import (
    MINUTE,
    expanded,
    left_out,
    send,
    swept,
    work,
)

pytestmark = pytest.mark.django_db

PLAIN = {"nb": {"subject": "Møte", "body": "Velkommen", "sms": "Velkommen"}}
LATER = NOW + 60 * MINUTE


def again(message: Message) -> Expansion:
    return Expansion(Message.objects.select_related("branch", "queued_by").get(pk=message.pk), today=TODAY)


def silent(_done: int, _total: int | None = None, /) -> None:
    """Nobody listens."""


def problem_of(message: Message) -> str:
    message.refresh_from_db()
    assert message.state == MessageState.DRAFT
    assert not Recipient.objects.exists()
    assert not Delivery.objects.exists()
    return message.problem


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expanding, "CHUNK", 2)


def test_a_killed_worker_leaves_whole_chunks_and_the_next_goes_on(
    kafjord: Branch, officer: User, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        make_member(kafjord, f"M{number}", email=f"m{number // 3}@example.no")
    message = send(kafjord, officer, 7, way=Way.BOTH, texts=PLAIN)
    calls: list[int] = []

    def dies(done: int, _total: int | None = None, /) -> None:
        calls.append(done)
        if len(calls) == 3:
            raise SystemExit

    with pytest.raises(SystemExit):
        again(message).run(dies)
    assert calls == [0, 3, 6]
    assert Recipient.objects.count() == 6
    message.refresh_from_db()
    assert (message.state, message.expanded_at) == (MessageState.QUEUED, None)
    work()
    message.refresh_from_db()
    assert (message.state, message.reached) == (MessageState.SENDING, 7)
    assert (Recipient.objects.count(), Delivery.objects.count()) == (7, 3)


def test_those_who_share_an_address_are_never_cut_in_two(kafjord: Branch, officer: User, small_chunks: None) -> None:
    for number in range(5):
        make_member(kafjord, f"M{number}", mobile="+4740000001")
    sizes: list[int] = []
    message = send(kafjord, officer, 5, way=Way.SMS)
    again(message).run(lambda done, _total=None, /: sizes.append(done))
    assert sizes == [0, 5]


def test_a_job_that_was_taken_over_leaves_the_message_alone(
    kafjord: Branch, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_member(kafjord)
    message = send(kafjord, officer, 1)

    def lost(*_arguments: Any, **_named: Any) -> None:
        raise JobLost

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "progress", lost)
        work()
    message.refresh_from_db()
    assert message.state == MessageState.QUEUED


def test_a_message_stopped_in_the_middle_gets_no_more_rows(kafjord: Branch, officer: User, small_chunks: None) -> None:
    for number in range(6):
        make_member(kafjord, f"M{number}")
    message = send(kafjord, officer, 6)

    def stops(done: int, _total: int | None = None, /) -> None:
        if done == 2:
            stop(message, by=officer, now=NOW)

    with pytest.raises(expanding.NotWaiting):
        again(message).run(stops)
    assert set(left_out(message).values()) == {Reason.STOPPED_BY_HAND}
    assert Recipient.objects.count() == 2
    assert not Delivery.objects.exclude(state=DeliveryState.CANCELLED).exists()


def test_the_job_of_a_message_stopped_in_the_middle_ends_quietly(
    kafjord: Branch, officer: User, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        make_member(kafjord, f"M{number}")
    message = send(kafjord, officer, 6)
    say = jobs.progress

    def stops(job: Job, done: int, *, total: int | None = None) -> None:
        say(job, done, total=total)
        if done == 2:
            stop(message, by=officer, now=NOW)

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "progress", stops)
        work()
    message.refresh_from_db()
    assert message.state == MessageState.STOPPED
    assert (Recipient.objects.count(), Job.objects.get().state) == (2, JobState.DONE)


def test_two_workers_make_each_row_once(kafjord: Branch, officer: User, small_chunks: None) -> None:
    for number in range(6):
        make_member(kafjord, f"M{number}", email=f"m{number // 2}@example.no")
    message = send(kafjord, officer, 6, send_at=LATER)
    second = again(message)

    def the_other_is_faster(done: int, _total: int | None = None, /) -> None:
        if done == 2:
            second.run(silent)

    with pytest.raises(expanding.NotWaiting):
        again(message).run(the_other_is_faster)
    message.refresh_from_db()
    assert (message.expanded_at, message.reached) == (NOW, 6)
    assert (Recipient.objects.count(), Delivery.objects.count()) == (6, 3)


def test_the_sum_is_that_of_all_rows_however_often_it_is_run(kafjord: Branch, officer: User) -> None:
    make_member(kafjord)
    message = expanded(kafjord, officer, 1, way=Way.SMS, send_at=LATER)
    Message.objects.update(expanded_at=None)
    again(message).run(silent)
    message.refresh_from_db()
    assert (message.reached, message.cost_ore) == (1, 39)


def test_a_job_no_worker_could_finish_gives_the_message_back(kafjord: Branch, officer: User) -> None:
    make_member(kafjord)
    message = send(kafjord, officer, 1)
    Job.objects.update(state=JobState.RUNNING, attempts=20, heartbeat_at=NOW - timedelta(minutes=1))
    sweep_jobs(now=NOW)
    assert problem_of(message).startswith("Noe gikk galt")
    sweep_jobs(now=NOW)


def test_a_job_given_up_after_the_message_was_stopped_changes_nothing(kafjord: Branch, officer: User) -> None:
    make_member(kafjord)
    message = send(kafjord, officer, 1)
    stop(message, by=officer, now=NOW)
    Job.objects.update(state=JobState.RUNNING, attempts=20, heartbeat_at=NOW - timedelta(minutes=1))
    sweep_jobs(now=NOW)
    message.refresh_from_db()
    assert message.state == MessageState.STOPPED


def test_a_message_without_its_job_is_given_back(kafjord: Branch, officer: User) -> None:
    make_member(kafjord)
    message = send(kafjord, officer, 1)
    assert swept(message, NOW + 5 * MINUTE).state == MessageState.QUEUED
    Job.objects.update(state=JobState.FAILED)
    assert swept(message, NOW + MINUTE).state == MessageState.QUEUED
    assert swept(message, NOW + 3 * MINUTE).state == MessageState.DRAFT
