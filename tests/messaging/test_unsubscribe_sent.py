"""From a message that is sent, over a real mail server (aiosmtpd), to the button in the reader's mail program."""

from __future__ import annotations

import email.policy
import re
import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings as house
from django.test import Client

from membership.models import Branch, Member
from messaging.enums import Channel, DeliveryState, Purpose
from messaging.models import Delivery, Message
from messaging.outbox.pump import pump
from tests.factories import make_member, make_officer
from tests.messaging.sending import expanded, swept

pytestmark = pytest.mark.django_db


class Mailroom:
    """Keeps what has come, by whom it was for."""

    def __init__(self) -> None:
        self.letters: dict[str, EmailMessage] = {}

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # its name there
        """One letter."""
        letter = message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.update(dict.fromkeys(envelope.rcpt_tos, letter))
        return "250 taken"


@pytest.fixture
def mailroom(settings: Any) -> Iterator[Mailroom]:
    room = Mailroom()
    # aiosmtpd asks at the port it was given whether it has started: it must be told a free one.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(room, hostname="127.0.0.1", port=port)
    controller.start()
    settings.DEMO = False
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield room
    controller.stop()


def sent(branch: Branch, confirmed: int, **values: Any) -> Message:
    message = swept(expanded(branch, make_officer(branch), confirmed, **values))
    pump(Channel.EMAIL)
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
    return message


def link_of(letter: EmailMessage) -> str:
    """The one of the header, which is the one in both texts."""
    url = str(letter["List-Unsubscribe"]).strip("<>")
    for kind in ("plain", "html"):
        body = letter.get_body((kind,))
        assert body is not None
        assert re.findall(rf"{house.PUBLIC_URL}/avmelding/[^\s\"<]+", body.get_content()) == [url]
    return url.removeprefix(house.PUBLIC_URL)


def test_each_reader_has_a_way_out_of_their_own(branch: Branch, mailroom: Mailroom) -> None:
    ane, bo, cato = (make_member(branch, name) for name in ("Ane", "Bo", "Cato"))
    sent(branch, 3)
    links = {member: link_of(mailroom.letters[member.email]) for member in (ane, bo, cato)}
    assert len(set(links.values())) == 3
    letter = mailroom.letters[bo.email]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    answer = Client(enforce_csrf_checks=True).post(links[bo], {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert list(Member.objects.filter(no_newsletter=True)) == [bo]


def test_a_household_gets_one_letter_and_is_asked_who(branch: Branch, mailroom: Mailroom, client: Client) -> None:
    for name in ("Kari", "Ola"):
        make_member(branch, name, email="familien@example.no")
    sent(branch, 2, texts={"nb": {"subject": "Nytt", "body": "Hei!", "sms": ""}})
    page = client.get(link_of(mailroom.letters["familien@example.no"])).content.decode()
    assert "Hvem gjelder det?" in page
    assert "Kari" in page
    assert "Ola" in page


def test_whoever_said_no_gets_the_next_service_message_and_no_newsletter(
    branch: Branch, mailroom: Mailroom, client: Client
) -> None:
    ane, bo = make_member(branch, "Ane"), make_member(branch, "Bo")
    sent(branch, 2)
    client.post(link_of(mailroom.letters[bo.email]), {"List-Unsubscribe": "One-Click"})
    mailroom.letters.clear()
    sent(branch, 1)
    assert list(mailroom.letters) == [ane.email]
    sent(branch, 2, purpose=Purpose.SERVICE)
    letter = mailroom.letters[bo.email]
    assert letter["List-Unsubscribe"] is None
    assert "avmelding" not in letter.as_string()
