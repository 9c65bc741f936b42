"""From a message to its recipients: each once, by one channel, or with the reason why not."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from jobs.enums import JobState
from jobs.models import Job
from membership.enums import MemberStatus
from membership.models import Branch, Member
from membership.roles import Role
from messaging.audience import plan
from messaging.enums import BlockReason, Channel, DeliveryState, MessageState, Reason, Way
from messaging.expanding import WAITING, Expansion
from messaging.extensions import Placeholder, registry
from messaging.models import BlockedAddress, Delivery, Message, Recipient
from messaging.outbox.keys import key_of
from tests.factories import NOW, TODAY, make_branch, make_member, make_officer
from tests.messaging.sending import (
    MINUTE,
    addresses,
    expanded,
    left_out,
    limits,
    reached,
    send,
    work,
)

pytestmark = pytest.mark.django_db

PLAIN = {"nb": {"subject": "Møte", "body": "Velkommen", "sms": "Velkommen"}}
LATER = NOW + 60 * MINUTE


def again(message: Message) -> Expansion:
    return Expansion(Message.objects.select_related("branch", "queued_by").get(pk=message.pk), today=TODAY)


def silent(_done: int, _total: int | None = None, /) -> None:
    """Nobody listens."""


# --- Who gets it ------------------------------------------------------------------------------------------------------


def test_each_is_reached_by_one_channel_or_left_out_with_the_reason(kafjord: Branch, officer: User) -> None:
    make_member(kafjord, "Epost")
    make_member(kafjord, "Sms", email="")
    make_member(kafjord, "Brev", email="", mobile="", mobile_ok=False, street="Veien 1", postal_code="9144")
    make_member(kafjord, "Ingenting", email="", mobile="", mobile_ok=False)
    make_member(kafjord, "Nei", no_newsletter=True)
    make_member(kafjord, "Ute", status=MemberStatus.RESIGNED)
    message = expanded(kafjord, officer, 3, way=Way.BOTH, with_letters=True, send_at=LATER)
    assert reached(message) == {"Epost": "email", "Sms": "sms", "Brev": "letter"}
    assert left_out(message) == {"Ingenting": Reason.NO_ADDRESS, "Nei": Reason.NO_PURPOSE}
    assert (message.reached, message.cost_ore, message.expanded_at) == (3, 39, NOW)
    assert Delivery.objects.count() == 2


def test_a_delivery_waits_until_its_message_begins(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord, email=" Ane@Example.NO")
    message = expanded(kafjord, officer, 1, send_at=LATER)
    delivery = Delivery.objects.get()
    assert (delivery.address, delivery.channel, delivery.state) == ("ane@example.no", "email", DeliveryState.QUEUED)
    assert (delivery.not_before_at, delivery.created_at, delivery.branch) == (WAITING, NOW, kafjord)
    assert (delivery.parts, delivery.price_ore, delivery.body) == (0, 0, "")
    assert delivery.key == key_of(message.pk, Channel.EMAIL, "ane@example.no", "")
    assert delivery.recipients.get().member == member


def test_a_household_gets_one_copy_with_all_its_names(kafjord: Branch, officer: User) -> None:
    for name in ("Kari", "Ola"):
        make_member(kafjord, name, email="heime@example.no")
    message = expanded(kafjord, officer, 2)
    assert reached(message) == {"Kari": "email", "Ola": "email"}
    assert Delivery.objects.get().recipients.count() == 2
    assert message.reached == 2


def test_what_is_personal_goes_to_each(kafjord: Branch, officer: User) -> None:
    for name in ("Kari", "Ola"):
        make_member(kafjord, name, email="heime@example.no")
    text = {"nb": {"subject": "Møte", "body": "Ditt nummer: {{ medlemsnummer }}"}}
    expanded(kafjord, officer, 2, texts=text)
    assert Delivery.objects.filter(address="heime@example.no").count() == 2


def test_only_those_of_one_branch_share_a_text_that_names_it(county: Branch, kafjord: Branch) -> None:
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    for name, branch in {"Kari": kafjord, "Ola": kafjord, "Per": make_branch(county, "Harstad")}.items():
        make_member(branch, name, email="heime@example.no")
    text = {"nb": {"subject": "Møte", "body": "Hilsen {{ kommuneparti }}"}}
    expanded(county, secretary, 3, texts=text)
    assert sorted(one.recipients.count() for one in Delivery.objects.all()) == [1, 2]


def test_as_many_get_it_as_the_plan_said(kafjord: Branch, officer: User) -> None:
    for number in range(12):
        make_member(
            kafjord, f"M{number}", email=f"m{number // 2}@example.no" if number % 3 else "", no_sms=not number % 4
        )
    said = plan.plan_of(
        kafjord,
        {"kind": "members", "params": {}},
        way=Way.BOTH,
        with_letters=False,
        purpose="newsletter",
        is_personal=False,
        today=TODAY,
    )
    message = expanded(kafjord, officer, said.people, way=Way.BOTH, texts=PLAIN)
    assert message.reached == said.people
    assert Delivery.objects.count() == said.deliveries
    assert len(left_out(message)) == said.excluded


# --- SMS --------------------------------------------------------------------------------------------------------------


def test_each_sms_has_its_own_price(county: Branch, kafjord: Branch, officer: User) -> None:
    limits(county, sms_price_ore=50)
    make_member(kafjord, "Bo", mobile="+4740000001")
    make_member(kafjord, "B" * 40, mobile="+4740000002")
    make_member(kafjord, "Áŋŋel", mobile="+4740000003")
    text = {"nb": {"sms": "Hei {{ fornavn }}! " + "a" * 140}}
    message = expanded(kafjord, officer, 3, way=Way.SMS, texts=text)
    found = dict(Delivery.objects.values_list("address", "parts"))
    assert found == {"+4740000001": 1, "+4740000002": 2, "+4740000003": 3}
    assert message.cost_ore == 6 * 50
    limits(county, sms_price_ore=90)
    message.refresh_from_db()
    assert message.sms_price_ore == 50


def test_the_price_of_a_household_is_that_of_all_its_names(kafjord: Branch, officer: User) -> None:
    for name in ("A" * 60, "B" * 60, "C" * 60):
        make_member(kafjord, name, mobile="+4740000001")
    assert expanded(kafjord, officer, 3, way=Way.SMS).cost_ore == 2 * 39


def test_over_the_months_budget_it_comes_back(county: Branch, kafjord: Branch, officer: User) -> None:
    limits(kafjord, sms_budget_ore=117)
    make_member(kafjord, "Bo")
    make_member(kafjord, "Cora")
    # A plain name was the longest, and a short one is dear.
    make_member(kafjord, "Ŋ", "ŋ")
    text = {"nb": {"sms": "Hei {{ fornavn }}! " + "a" * 100}}
    message = expanded(kafjord, officer, 3, way=Way.SMS, texts=text)
    assert message.state == MessageState.DRAFT
    assert "budsjett" in message.problem
    assert not Delivery.objects.exists()
    assert not Recipient.objects.exists()


# --- Officers ---------------------------------------------------------------------------------------------------------


def test_officers_are_recipients_as_users(kafjord: Branch, officer: User) -> None:
    leader = make_officer(kafjord, Role.BRANCH_LEADER, name="Liv", email="Liv@demo.example")
    bounced = make_officer(kafjord, Role.BRANCH_LEADER, name="Odd")
    BlockedAddress.objects.create(
        channel="email", address=str(bounced.email), reason=BlockReason.HARD, noted_at=NOW, blocked_at=NOW
    )
    make_member(kafjord, "Liv", email="liv@demo.example")
    message = expanded(kafjord, officer, 1, audience={"kind": "officers", "roles": ["branch_leader"]})
    assert reached(message) == {"Liv": "email"}
    assert left_out(message) == {"Odd": Reason.WRONG}
    assert Recipient.objects.get(channel="email").user == leader
    assert addresses(message) == ["liv@demo.example"]


def test_officers_get_their_own_copy_of_what_is_personal_and_are_expanded_once(kafjord: Branch, officer: User) -> None:
    make_officer(kafjord, Role.BRANCH_LEADER, name="Liv")
    text = {"nb": {"subject": "Møte", "body": "Hei {{ navn }}, {{ medlemsnummer }}"}}
    leaders = {"kind": "officers", "roles": ["branch_leader"]}
    message = expanded(kafjord, officer, 1, audience=leaders, texts=text, send_at=LATER)
    Message.objects.update(expanded_at=None)
    again(message).run(silent)
    assert (Recipient.objects.count(), Delivery.objects.count()) == (1, 1)


# --- What stops it ----------------------------------------------------------------------------------------------------


def problem_of(message: Message) -> str:
    message.refresh_from_db()
    assert message.state == MessageState.DRAFT
    assert not Recipient.objects.exists()
    assert not Delivery.objects.exists()
    return message.problem


def test_more_people_than_confirmed_is_another_message(kafjord: Branch, officer: User) -> None:
    make_member(kafjord)
    message = send(kafjord, officer, 1)
    make_member(kafjord)
    work()
    assert "flere enn de 1 du bekreftet" in problem_of(message)


def test_fewer_people_than_confirmed_is_the_same_message(kafjord: Branch, officer: User) -> None:
    goes = make_member(kafjord, "Ane")
    make_member(kafjord, "Bo")
    message = send(kafjord, officer, 2)
    Member.objects.filter(pk=goes.pk).update(status=MemberStatus.RESIGNED)
    work()
    assert reached(message) == {"Bo": "email"}


def test_nobody_left_is_no_message(kafjord: Branch, officer: User) -> None:
    make_member(kafjord)
    message = send(kafjord, officer, 1)
    Member.objects.update(email="")
    work()
    assert problem_of(message).startswith("Ingen ville fått")


def test_the_sender_must_still_have_the_right(kafjord: Branch, officer: User) -> None:
    make_member(kafjord)
    message = send(kafjord, officer, 1)
    officer.grants.update(ends_on=TODAY)
    work()
    assert "kan ikke lenger sende" in problem_of(message)


def test_an_audience_that_is_gone_gives_the_message_back(kafjord: Branch, officer: User) -> None:
    make_member(kafjord)
    message = send(kafjord, officer, 1)
    Message.objects.update(audience={"kind": "meeting", "id": 1})
    work()
    assert "hvem denne er til" in problem_of(message)


def test_our_own_fault_gives_the_message_back(kafjord: Branch, officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make_member(kafjord)
    message = send(kafjord, officer, 1)
    monkeypatch.setattr(Expansion, "_complete", lambda _self: 1 / 0)
    work()
    assert problem_of(message).startswith("Noe gikk galt")
    assert Job.objects.get().state == JobState.FAILED


# --- Cost -------------------------------------------------------------------------------------------------------------


def test_a_chunk_takes_as_many_queries_however_many_are_in_it(
    kafjord: Branch, officer: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(15):
        make_member(kafjord, f"M{number}")
    message = send(kafjord, officer, 15, way=Way.BOTH)
    with django_assert_max_num_queries(30) as few:
        again(message).run(silent)
    Message.objects.update(expanded_at=None, state=MessageState.QUEUED)
    Recipient.objects.all().delete()
    Delivery.objects.all().delete()
    for number in range(15):
        make_member(kafjord, f"N{number}")
    Message.objects.update(confirmed=30)
    with django_assert_max_num_queries(len(few)):
        again(message).run(silent)


def test_words_of_apps_above_get_the_whole_member(
    kafjord: Branch, officer: User, django_assert_num_queries: Any
) -> None:
    for name in ("Kari", "Ola"):
        make_member(kafjord, name, mobile="+4740000001")
    added = Placeholder("epost", "email", True, lambda members, _message: {one.pk: one.email for one in members})
    registry.placeholders.append(added)
    try:
        expanded(kafjord, officer, 2, way=Way.SMS, texts={"nb": {"sms": "Du har {{ epost }}"}})
    finally:
        registry.placeholders.remove(added)
    assert Delivery.objects.count() == 2
