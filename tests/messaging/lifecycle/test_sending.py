"""Pressing the button: what is refused, who must say yes, when it goes, and that twice is once."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.enums import Verb
from accounts.models import User
from jobs.models import Job
from membership.models import Branch
from membership.roles import Role
from messaging.actions import messages, messages_checks
from messaging.actions.messages import (
    Refused,
    Why,
    queue,
    save_draft,
)
from messaging.audience import people_audience
from messaging.enums import DeliveryState, MessageState, Purpose, Way
from messaging.models import Delivery, Message, Recipient
from tests.access_mail import make_message
from tests.factories import NOW, TODAY, make_branch, make_member, make_officer
from tests.messaging.sending import (
    ALL,
    MINUTE,
    expanded,
    limits,
    logged,
    reached,
    refusal,
    send,
    swept,
    work,
    write,
)

pytestmark = pytest.mark.django_db


def refused(message: Message, by: User, confirmed: int = 2, **named: Any) -> Why:
    why = refusal(queue, message, by=by, confirmed=confirmed, **{"now": NOW, "today": TODAY, **named})
    message.refresh_from_db()
    assert message.state == MessageState.DRAFT
    assert not Job.objects.exists()
    return why


# --- Sending ----------------------------------------------------------------------------------------------------------


def test_a_message_waits_then_goes(kafjord: Branch, officer: User, members: list[str]) -> None:
    message = send(kafjord, officer, 2)
    assert (message.state, message.queued_by, message.queued_at) == (MessageState.QUEUED, officer, NOW)
    assert (message.due_at, message.confirmed, message.is_held) == (NOW, 2, False)
    assert (logged(Verb.MESSAGE_QUEUED), Job.objects.count()) == (1, 1)
    work()
    message.refresh_from_db()
    assert (message.state, message.started_at, message.reached) == (MessageState.SENDING, NOW, 2)
    assert reached(message) == {"Ane": "email", "Bo": "email"}
    assert set(Delivery.objects.values_list("state", "not_before_at")) == {(DeliveryState.QUEUED, NOW)}


def test_sent_twice_it_goes_once(kafjord: Branch, officer: User, members: list[str]) -> None:
    message = write(kafjord, officer)
    for _time in range(2):
        sent = queue(message, by=officer, confirmed=2, now=NOW, today=TODAY)
        assert sent.state == MessageState.QUEUED
    work()
    assert queue(message, by=officer, confirmed=2, now=NOW, today=TODAY).state == MessageState.SENDING
    work()
    assert (logged(Verb.MESSAGE_QUEUED), Job.objects.count(), Delivery.objects.count()) == (1, 1, 2)


def test_two_who_send_at_once_send_it_once(kafjord: Branch, officer: User, members: list[str]) -> None:
    other = make_officer(kafjord)
    message = write(kafjord, officer)
    queue(message, by=officer, confirmed=2, now=NOW, today=TODAY)
    assert refusal(queue, message, by=other, confirmed=2, now=NOW, today=TODAY) == Why.NOT_A_DRAFT
    assert Job.objects.count() == 1


def test_what_somebody_wrote_meanwhile_is_not_sent_unseen(kafjord: Branch, officer: User, members: list[str]) -> None:
    message = write(kafjord, officer)
    other = make_officer(kafjord, name="Liv Bakken")
    save_draft(
        kafjord,
        values={"texts": {"nb": {"subject": "Nei", "body": "Nei"}}},
        by=other,
        now=NOW + MINUTE,
        message=Message.objects.get(),
    )
    with pytest.raises(Refused) as caught:
        queue(message, by=officer, confirmed=2, now=NOW + MINUTE, today=TODAY)
    assert "Liv Bakken" in str(caught.value)


def test_a_second_click_that_comes_in_the_middle_of_the_first_finds_it_done(
    kafjord: Branch, officer: User, members: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = write(kafjord, officer)
    look = messages_checks.check

    def looks_while_the_other_is_sent(*arguments: Any, **named: Any) -> None:
        monkeypatch.setattr(messages, "check", look)
        queue(message, by=officer, confirmed=2, now=NOW, today=TODAY)

    monkeypatch.setattr(messages, "check", looks_while_the_other_is_sent)
    assert queue(message, by=officer, confirmed=2, now=NOW, today=TODAY).state == MessageState.QUEUED
    assert (logged(Verb.MESSAGE_QUEUED), Job.objects.count()) == (1, 1)


@pytest.mark.parametrize("state", [MessageState.STOPPED, MessageState.EXPIRED])
def test_what_is_over_is_not_sent_again(kafjord: Branch, officer: User, state: MessageState) -> None:
    message = make_message(kafjord, officer, state)
    assert refusal(queue, message, by=officer, confirmed=1, now=NOW, today=TODAY) == Why.NOT_A_DRAFT


def test_a_message_that_is_gone_is_not_sent(kafjord: Branch, officer: User) -> None:
    message = write(kafjord, officer)
    Message.objects.all().delete()
    assert refusal(queue, message, by=officer, confirmed=1, now=NOW, today=TODAY) == Why.NOT_A_DRAFT


# --- What is refused --------------------------------------------------------------------------------------------------


def test_only_who_may_send_sends(kafjord: Branch, officer: User, members: list[str]) -> None:
    message = write(kafjord, officer)
    assert refused(message, make_officer(kafjord, Role.TREASURER)) == Why.NO_RIGHT
    assert refused(message, make_officer(make_branch(kafjord.parent, "Harstad"))) == Why.NO_RIGHT  # type: ignore[arg-type]
    officer.is_active = False
    assert refused(message, officer) == Why.NO_RIGHT


@pytest.mark.parametrize(
    ("way", "texts", "why"),
    [
        (Way.EMAIL, {"body": "Hei", "sms": "Hei"}, Why.NO_SUBJECT),
        (Way.EMAIL, {"subject": "Møte", "body": " \n", "sms": "Hei"}, Why.NO_BODY),
        (Way.SMS, {"subject": "Møte", "body": "Hei"}, Why.NO_SMS),
        (Way.BOTH, {"subject": "Møte", "body": "Hei"}, Why.NO_SMS),
        (Way.BOTH, {"subject": "Møte", "sms": "Hei"}, Why.NO_BODY),
        (Way.EMAIL, {"subject": "Møte", "body": "Hei {{ kid }} {{ passord }}"}, Why.UNKNOWN_WORDS),
        (Way.SMS, {"sms": "Hei {{ passord }}"}, Why.UNKNOWN_WORDS),
    ],
)
def test_the_text_must_be_there_for_the_way_it_goes(
    kafjord: Branch, officer: User, members: list[str], way: Way, texts: dict[str, str], why: Why
) -> None:
    assert refused(write(kafjord, officer, way=way, texts={"nb": texts}), officer) == why


def test_an_sms_needs_no_subject_and_a_letter_needs_a_text(kafjord: Branch, officer: User, members: list[str]) -> None:
    only_sms = {"nb": {"sms": "Hei"}}
    assert refused(write(kafjord, officer, way=Way.SMS, texts=only_sms, with_letters=True), officer) == Why.NO_BODY
    assert send(kafjord, officer, 2, way=Way.SMS, texts=only_sms).state == MessageState.QUEUED


def test_the_number_must_be_what_the_sender_saw(kafjord: Branch, officer: User, members: list[str]) -> None:
    message = write(kafjord, officer)
    assert refused(message, officer, confirmed=1) == Why.COUNT
    assert refused(message, officer, confirmed=3) == Why.COUNT
    assert refused(message, officer, confirmed=0) == Why.NOBODY


def test_picked_people_are_counted_whatever_the_size_of_the_branch(
    kafjord: Branch, officer: User, members: list[str]
) -> None:
    kafjord.summary.__class__.objects.update(members=50_000)
    picked = people_audience(kafjord.members.values_list("pk", flat=True))
    message = write(kafjord, officer, audience=picked)
    assert refused(message, officer, confirmed=1) == Why.COUNT
    assert queue(message, by=officer, confirmed=2, now=NOW, today=TODAY).state == MessageState.QUEUED
    work()
    assert reached(message) == {"Ane": "email", "Bo": "email"}


def test_there_must_be_somebody_to_send_to(kafjord: Branch, officer: User) -> None:
    make_member(kafjord, email="")
    assert refused(write(kafjord, officer), officer, confirmed=1) == Why.NOBODY


@pytest.mark.parametrize("audience", [{}, {"kind": "members", "params": {"tull": "1"}}, {"kind": "people", "ids": []}])
def test_an_audience_that_cannot_be_read_is_refused(
    kafjord: Branch, officer: User, members: list[str], audience: dict[str, Any]
) -> None:
    assert refused(write(kafjord, officer, audience=audience), officer) == Why.AUDIENCE


def test_a_time_that_is_past_is_refused(kafjord: Branch, officer: User, members: list[str]) -> None:
    assert refused(write(kafjord, officer, send_at=NOW), officer) == Why.PAST
    assert refused(write(kafjord, officer, expires_at=NOW - MINUTE), officer) == Why.EXPIRES_FIRST
    later = NOW + 60 * MINUTE
    assert refused(write(kafjord, officer, send_at=later, expires_at=later), officer) == Why.EXPIRES_FIRST


def test_a_months_budget_is_kept(kafjord: Branch, officer: User, members: list[str]) -> None:
    limits(kafjord, sms_budget_ore=77)
    message = write(kafjord, officer, way=Way.SMS)
    assert refused(message, officer) == Why.BUDGET
    limits(kafjord, sms_budget_ore=0)
    assert refused(message, officer) == Why.BUDGET
    limits(kafjord, sms_budget_ore=78)
    assert queue(message, by=officer, confirmed=2, now=NOW, today=TODAY).state == MessageState.QUEUED


@pytest.mark.parametrize("way", [Way.SMS, Way.BOTH])
def test_an_sms_is_not_sent_into_nothing(
    kafjord: Branch, officer: User, members: list[str], settings: Any, way: Way
) -> None:
    settings.DEMO, settings.SMS_URL = False, ""
    message = write(kafjord, officer, way=way)
    assert refused(message, officer) == Why.NO_GATEWAY


def test_email_needs_no_budget(kafjord: Branch, officer: User, members: list[str]) -> None:
    limits(kafjord, sms_budget_ore=0)
    assert send(kafjord, officer, 2).state == MessageState.QUEUED


def test_a_large_branch_is_not_counted_in_the_request(
    kafjord: Branch, officer: User, members: list[str], django_assert_num_queries: Any
) -> None:
    kafjord.summary.__class__.objects.update(members=50_000)
    message = write(kafjord, officer)
    with django_assert_num_queries(10):
        queue(message, by=officer, confirmed=1, now=NOW, today=TODAY)
    work()
    message.refresh_from_db()
    assert (message.state, message.queued_by) == (MessageState.DRAFT, None)
    assert message.problem.startswith("2 ville fått meldingen, flere enn de 1 du bekreftet.")
    assert not Recipient.objects.exists()


# --- When -------------------------------------------------------------------------------------------------------------


def test_a_message_to_many_leaves_five_minutes_to_regret(
    county: Branch, kafjord: Branch, officer: User, members: list[str]
) -> None:
    limits(county, regret_over=1)
    message = expanded(kafjord, officer, 2)
    assert (message.state, message.due_at) == (MessageState.QUEUED, NOW + 5 * MINUTE)
    assert swept(message, NOW + 4 * MINUTE).state == MessageState.QUEUED
    assert not Delivery.objects.due(NOW + 4 * MINUTE).exists()
    assert swept(message, NOW + 5 * MINUTE).state == MessageState.SENDING
    assert Delivery.objects.due(NOW + 5 * MINUTE).count() == 2


def test_a_time_soon_is_no_way_around_regret(
    county: Branch, kafjord: Branch, officer: User, members: list[str]
) -> None:
    limits(county, regret_over=1)
    assert send(kafjord, officer, 2, send_at=NOW + MINUTE).due_at == NOW + 5 * MINUTE


def test_a_message_goes_at_its_time(kafjord: Branch, officer: User, members: list[str]) -> None:
    message = expanded(kafjord, officer, 2, send_at=NOW + 60 * MINUTE)
    assert (message.state, message.due_at) == (MessageState.QUEUED, NOW + 60 * MINUTE)
    assert swept(message, NOW + 59 * MINUTE).state == MessageState.QUEUED
    assert swept(message, NOW + 60 * MINUTE).state == MessageState.SENDING


def test_purpose_and_audience_reach_the_deliveries(kafjord: Branch, officer: User, members: list[str]) -> None:
    expanded(kafjord, officer, 2, purpose=Purpose.MEETINGS, audience=ALL)
    assert set(Delivery.objects.values_list("purpose", "branch")) == {(Purpose.MEETINGS, kafjord.pk)}
