"""Pressing the button: what is refused, who must say yes, when it goes, and that twice is once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from jobs.models import Job
from membership.models import Branch
from membership.roles import Role
from messaging.actions.messages import (
    Refused,
    Why,
    approve,
    queue,
    save_draft,
    send_back,
    stop,
    take_back,
)
from messaging.enums import DeliveryState, MessageState, Purpose, Reason, Way
from messaging.models import Delivery, Message, MessagingSettings, Recipient
from tests.access_mail import make_message
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer
from tests.messaging.sending import ALL, expanded, left_out, reached, send, swept, work, write

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county)


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik")


@pytest.fixture
def members(kafjord: Branch) -> list[str]:
    """Two of them."""
    return [make_member(kafjord, name).first_name for name in ("Ane", "Bo")]


def limits(branch: Branch, **fields: Any) -> MessagingSettings:
    """What the county has decided, or the branch's own budget and substitute."""
    return MessagingSettings.objects.update_or_create(branch=branch, defaults=fields)[0]


def logged(verb: Verb) -> int:
    return AuditEvent.objects.filter(verb=verb).count()


def refusal(action: Any, *arguments: Any, **named: Any) -> Why:
    with pytest.raises(Refused) as caught:
        action(*arguments, **named)
    assert str(caught.value)
    assert "%(" not in str(caught.value)
    return caught.value.why


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


def test_email_needs_no_budget(kafjord: Branch, officer: User, members: list[str]) -> None:
    limits(kafjord, sms_budget_ore=0)
    assert send(kafjord, officer, 2).state == MessageState.QUEUED


def test_a_large_branch_is_not_counted_in_the_request(
    kafjord: Branch, officer: User, members: list[str], django_assert_num_queries: Any
) -> None:
    kafjord.summary.__class__.objects.update(members=50_000)
    message = write(kafjord, officer)
    with django_assert_num_queries(12):
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


# --- The second person ------------------------------------------------------------------------------------------------


@pytest.fixture
def approver(county: Branch, kafjord: Branch) -> User:
    """The second one who may send; more than one recipient is a large message."""
    limits(county, approve_over=1)
    return make_officer(kafjord, Role.BRANCH_LEADER, name="Liv Bakken")


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


# --- Taking back and stopping -----------------------------------------------------------------------------------------


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


def test_purpose_and_audience_reach_the_deliveries(kafjord: Branch, officer: User, members: list[str]) -> None:
    expanded(kafjord, officer, 2, purpose=Purpose.MEETINGS, audience=ALL)
    assert set(Delivery.objects.values_list("purpose", "branch")) == {(Purpose.MEETINGS, kafjord.pk)}
