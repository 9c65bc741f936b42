"""What comes in by SMS: whose it is, where it lands, and that it is taken in once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from membership.models import Branch
from messaging.actions.outbox import queue_sms
from messaging.enums import Channel, DeliveryState, InboxState, Purpose
from messaging.extensions import Keyword, registry
from messaging.inbound import receive
from messaging.models import BlockedAddress, Delivery, InboxMessage
from tests.factories import NOW, make_branch, make_county, make_member
from tests.messaging.incoming import NUMBER, answers_to, come_in, waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch(county: Branch) -> Branch:
    return make_branch(county)


@pytest.fixture
def keyword() -> Iterator[list[InboxMessage]]:
    """A word that another part answers; what it was handed."""
    handed: list[InboxMessage] = []

    def take(message: InboxMessage) -> str:
        handed.append(message)
        if "feil" in message.text:
            raise KeyError(message.text)
        return "" if "stille" in message.text else "Velkommen!"

    entry = Keyword("NYMEDLEM", take)
    registry.keywords.append(entry)
    yield handed
    registry.keywords.remove(entry)


# --- Whose it is ----------------------------------------------------------------------------------------------------


def test_a_members_message_waits_in_her_branch(branch: Branch) -> None:
    member = make_member(branch, mobile=NUMBER)
    message = come_in("  Når er møtet?\x00\n\n\n\nHilsen Ane ")
    assert (message.branch, message.municipal_id, message.county_id) == (branch, branch.municipal_id, branch.root_id)
    assert (message.member, message.address, message.state) == (member, NUMBER, InboxState.OPEN)
    assert message.text == "Når er møtet?\n\nHilsen Ane"
    assert message.received_at == timezone.now()
    assert not message.candidates.exists()
    assert not answers_to()


@pytest.mark.parametrize("number", ["4791234567", "91234567", "+47 912 34 567", "004791234567", "912\u00a034\u00a0567"])
def test_the_number_is_known_in_any_format(branch: Branch, number: str) -> None:
    member = make_member(branch, mobile=NUMBER)
    message = come_in("Hei", number=number)
    assert (message.member, message.address) == (member, NUMBER)


def test_a_foreign_number_comes_without_its_plus(branch: Branch) -> None:
    member = make_member(branch, mobile="+46701234567")
    assert come_in("Hei", number="46701234567").member == member


def test_the_other_telephone_tells_who_it_is_too(branch: Branch) -> None:
    member = make_member(branch, phone=NUMBER, phone_ok=True)
    assert come_in("Hei").member == member


def test_who_has_left_is_nobody(branch: Branch) -> None:
    make_member(branch, mobile=NUMBER, status="resigned")
    message = come_in("Hei")
    assert (message.member, message.branch) == (None, branch.parent)


def test_of_two_with_one_number_nobody_is_guessed(branch: Branch) -> None:
    members = [make_member(branch, name, mobile=NUMBER) for name in ("Ane", "Per")]
    message = come_in("Vi kommer")
    assert (message.member, message.branch) == (None, branch)
    assert list(message.candidates.order_by("pk")) == members


def test_two_in_different_branches_are_read_by_the_lowest_branch_over_both(county: Branch, branch: Branch) -> None:
    other = make_branch(county, "Lyngen")
    local = make_branch(branch, "Manndalen")
    make_member(branch, mobile=NUMBER)
    second = make_member(local, mobile=NUMBER)
    assert come_in("Hei").branch == branch
    second.branch, second.municipal = other, other
    second.save()
    assert come_in("Hei").branch == county


def test_of_two_the_branch_that_asked_reads_the_answer_where_it_is_over_both(county: Branch, branch: Branch) -> None:
    other = make_branch(county, "Lyngen")
    first, second = make_member(branch, mobile=NUMBER), make_member(branch, mobile=NUMBER)
    sent = waiting(county, first, second, state=DeliveryState.SENT)
    message = come_in("Ja")
    assert (message.branch, message.answers_to) == (county, sent)
    assert come_in("Ja", answers_to=waiting(other, number=NUMBER, state=DeliveryState.SENT)).branch == branch


def test_one_countys_inbox_does_not_tell_who_is_a_member_in_another(county: Branch, branch: Branch) -> None:
    elsewhere = make_branch(make_county("Finnmark"), "Alta")
    near = make_member(branch, mobile=NUMBER)
    make_member(elsewhere, mobile=NUMBER)
    message = come_in("Hei")
    assert (message.member, message.branch) == (None, branch)
    assert list(message.candidates.all()) == [near]
    asked = waiting(elsewhere, number=NUMBER, state=DeliveryState.SENT)
    assert come_in("Hei", answers_to=asked).branch == elsewhere


def test_a_stranger_lands_with_the_county_that_wrote_last(county: Branch) -> None:
    other = make_county("Finnmark")
    assert come_in("Hei").branch == county
    waiting(make_branch(other, "Alta"), number=NUMBER, state=DeliveryState.SENT)
    message = come_in("Hei")
    assert (message.branch, message.municipal_id, message.county_id) == (other, None, other.pk)


def test_a_stranger_is_answered_nothing(county: Branch) -> None:
    come_in("Er Kari Nordvik medlem?")
    assert not Delivery.objects.exists()


def test_a_house_whose_counties_are_all_gone_still_takes_it_in(county: Branch) -> None:
    Branch.objects.update(valid_to=NOW.date() - timedelta(days=1))
    assert come_in("Hei").branch == county


def test_a_sender_that_is_no_number_is_kept_as_it_came(county: Branch) -> None:
    assert come_in("Saldo", number="Telenor").address == "Telenor"
    assert come_in("STOPP", number="2077").state == InboxState.AUTOMATIC
    assert not Delivery.objects.exists()


def test_a_message_of_the_houses_own_has_no_county(county: Branch) -> None:
    queue_sms(key="k", purpose=Purpose.NOTICE, address=NUMBER, text="Hei", now=timezone.now())
    Delivery.objects.update(state=DeliveryState.SENT)
    message = come_in("Hei")
    assert message.branch == county
    assert message.answers_to is not None


# --- What it answers ------------------------------------------------------------------------------------------------


def test_it_answers_the_last_that_went_out_to_the_number(branch: Branch) -> None:
    member = make_member(branch, mobile=NUMBER)
    waiting(branch, member, state=DeliveryState.SENT)
    last = waiting(branch, member, state=DeliveryState.UNKNOWN)
    Delivery.objects.filter(pk=last.pk).update(created_at=NOW + timedelta(minutes=1))
    later = waiting(branch, member)
    Delivery.objects.filter(pk=later.pk).update(created_at=NOW + timedelta(minutes=2))
    assert come_in("Ja").answers_to == last


def test_nobody_answers_what_we_say_by_ourselves(branch: Branch) -> None:
    member = make_member(branch, mobile=NUMBER)
    sent = waiting(branch, member, state=DeliveryState.SENT)
    come_in("STOPP")
    Delivery.objects.filter(purpose=Purpose.REPLY).update(state=DeliveryState.SENT)
    assert come_in("Hva betyr det?").answers_to == sent


# --- Once -----------------------------------------------------------------------------------------------------------


def test_the_same_message_twice_is_one(branch: Branch) -> None:
    first, second = come_in("STOPP", external_id="x"), come_in("Noe annet", external_id="x")
    assert first == second
    assert InboxMessage.objects.get().text == "STOPP"
    assert len(answers_to()) == 1


def test_an_id_may_be_long_but_not_empty(branch: Branch) -> None:
    assert come_in("Hei", external_id="x" * 900) == come_in("Hei", external_id="x" * 900)
    assert come_in("Hei", external_id="x" * 901) != come_in("Hei", external_id="x" * 900)
    with pytest.raises(ValueError, match="nothing tells"):
        receive(channel=Channel.SMS, address=NUMBER, text="Hei", external_id="", now=timezone.now())


def test_a_text_of_any_length_is_cut(branch: Branch) -> None:
    assert len(come_in("x" * 100_000).text) == 20_000


@pytest.mark.django_db(transaction=True)
def test_the_same_stopp_from_two_workers_at_once_is_one_and_confirmed_once() -> None:
    branch = make_branch(make_county())
    make_member(branch, mobile=NUMBER)
    start = threading.Barrier(4)
    found: list[int] = []

    def knock(external_id: str) -> None:
        try:
            start.wait(timeout=10)
            found.append(come_in("STOPP", external_id=external_id).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=knock, args=[name]) for name in ("a", "a", "a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(found) == 4
    assert InboxMessage.objects.count() == 2
    assert BlockedAddress.objects.count() == 1
    assert len(answers_to()) == 1
    assert connection.vendor


# --- Keywords -------------------------------------------------------------------------------------------------------


def test_a_keyword_is_handed_on_and_its_answer_goes_back(branch: Branch, keyword: list[InboxMessage]) -> None:
    message = come_in("nymedlem: Kari Nordvik", external_id="x")
    come_in("nymedlem: Kari Nordvik", external_id="x")
    assert keyword == [message]
    assert (message.state, message.handled_at) == (InboxState.AUTOMATIC, timezone.now())
    answer = Delivery.objects.get()
    assert (answer.body, answer.channel, answer.purpose) == ("Velkommen!", Channel.SMS, Purpose.REPLY)
    assert (answer.branch, answer.parts, answer.price_ore) == (branch.parent, 1, 39)


def test_a_keyword_may_answer_nothing(branch: Branch, keyword: list[InboxMessage]) -> None:
    assert come_in("NYMEDLEM stille").state == InboxState.AUTOMATIC
    assert not Delivery.objects.exists()


def test_what_breaks_off_in_another_part_is_left_to_a_person(
    branch: Branch, keyword: list[InboxMessage], caplog: Any
) -> None:
    assert come_in("NYMEDLEM feil").state == InboxState.OPEN
    assert "broke off" in caplog.text


def test_a_keyword_inside_a_text_is_no_keyword(branch: Branch, keyword: list[InboxMessage]) -> None:
    assert come_in("Jeg sendte NYMEDLEM i går").state == InboxState.OPEN
    assert not keyword


def test_whoever_has_said_stopp_is_answered_by_a_person_only(branch: Branch, keyword: list[InboxMessage]) -> None:
    come_in("STOPP")
    message = come_in("NYMEDLEM Kari")
    assert message.state == InboxState.OPEN
    assert "Velkommen!" not in answers_to()


# --- By email -------------------------------------------------------------------------------------------------------


def mail_in(text: str, *, subject: str = "SV: Nyhetsbrev", address: str = "Ane@Example.no") -> InboxMessage:
    return receive(
        channel=Channel.EMAIL,
        address=address,
        text=text,
        subject=subject,
        external_id=f"<{text}{subject}{timezone.now()}>",
        now=timezone.now(),
    )


def test_an_email_lands_with_the_members_branch(branch: Branch) -> None:
    member = make_member(branch, email="Ane@example.no")
    message = mail_in("Takk!", subject="SV: Nyhets\r\nbrev")
    assert (message.member, message.branch, message.state) == (member, branch, InboxState.OPEN)
    assert (message.address, message.subject) == ("ane@example.no", "SV: Nyhets brev")


def test_a_letter_neither_stops_nor_answers(branch: Branch) -> None:
    letter = receive(channel=Channel.LETTER, address="", text="STOPP", external_id="x", now=timezone.now())
    assert letter.state == InboxState.OPEN
