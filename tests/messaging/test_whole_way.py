"""From the button to the mail server: written, sent, found, delivered, done; to a real mail server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from dues.actions.payments import register_payment
from dues.models import Claim
from membership.models import Branch
from messaging import tasks
from messaging.actions.messages import stop, take_back
from messaging.enums import Channel, DeliveryState, MessageState, Purpose, Reason
from messaging.models import Delivery, Message
from messaging.outbox.pump import pump
from tests.factories import NOW, make_member, make_unpaid
from tests.messaging.post_office import PostOffice, open_post_office
from tests.messaging.sending import MINUTE, expanded, left_out, reached

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    """Production's way out, to a server of our own."""
    with open_post_office() as office:
        settings.DEMO = False
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", office.port, 5
        yield office


def rounds(message: Message) -> Message:
    """A few of the clock's and the workers'."""
    for _round in range(2):
        tasks.sweep()
        pump(Channel.EMAIL)
    tasks.sweep()
    message.refresh_from_db()
    return message


def to(office: PostOffice) -> list[str]:
    return sorted(address for envelope, _letter in office.letters for address in envelope)


def test_a_newsletter_arrives_once_at_each_address(kafjord: Branch, officer: User, office: PostOffice) -> None:
    for name, email in {"Kari": "heime@example.no", "Ola": "Heime@example.no", "Per": "per@example.no"}.items():
        make_member(kafjord, name, email=email)
    message = rounds(expanded(kafjord, officer, 3))
    assert (message.state, message.reached) == (MessageState.DONE, 3)
    assert to(office) == ["heime@example.no", "per@example.no"]
    texts = [str(letter.get_body(("plain",))) for _envelope, letter in office.letters]
    assert sum("Hei Kari og Ola!" in text for text in texts) == 1
    assert message.totals["deliveries"] == {"email": {"sent": 2}}
    rounds(message)
    assert len(office.letters) == 2


def test_nothing_leaves_before_its_time_nor_once_it_is_taken_back(
    kafjord: Branch, officer: User, office: PostOffice
) -> None:
    make_member(kafjord)
    message = rounds(expanded(kafjord, officer, 1, send_at=NOW + MINUTE))
    assert message.state == MessageState.QUEUED
    take_back(message, by=officer, now=NOW)
    rounds(message)
    assert not office.letters


def test_a_stopped_message_leaves_no_more(kafjord: Branch, officer: User, office: PostOffice) -> None:
    make_member(kafjord)
    message = expanded(kafjord, officer, 1)
    assert message.state == MessageState.SENDING
    stop(message, by=officer, now=NOW)
    message = rounds(message)
    assert not office.letters
    assert (message.state, message.finished_at) == (MessageState.STOPPED, NOW)


def test_who_paid_while_it_waited_gets_nothing(kafjord: Branch, officer: User, office: PostOffice) -> None:
    pays, owes = make_unpaid(kafjord, "Ane"), make_unpaid(kafjord, "Bo")
    unpaid = {"kind": "members", "params": {"kontingent": "2026-ubetalt"}}
    message = expanded(kafjord, officer, 2, audience=unpaid, purpose=Purpose.SERVICE)
    claim = Claim.objects.get(member=pays)
    register_payment(claim, amount_ore=45000, paid_on=NOW.date(), by=officer, now=NOW)
    message = rounds(message)
    assert to(office) == [owes.email]
    assert left_out(message) == {"Ane": Reason.NOT_IN_AUDIENCE}
    assert reached(message) == {"Bo": "email"}
    assert (message.state, message.reached) == (MessageState.DONE, 1)
    assert message.totals["left_out"] == {"not_asked": 1}
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT, DeliveryState.CANCELLED}
