"""Email by a mail server: what is in the letter, and what we know when the talk breaks off. The servers are real."""

from __future__ import annotations

import smtplib
import socket
import uuid
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from django.core.mail import EmailMultiAlternatives
from hypothesis import given
from hypothesis import strategies as st

from messaging.enums import DeliveryState
from messaging.transports import mime
from messaging.transports.base import SENT, NotOpen, Outcome, Outgoing
from messaging.transports.email import EmailTransport
from tests.messaging.post_office import PostOffice, open_post_office

ID = uuid.UUID("0123456789abcdef0123456789abcdef")


def outgoing(**changes: Any) -> Outgoing:
    fields: dict[str, Any] = {
        "id": ID,
        "address": "kari@demo.example",
        "text": "Hei, Kåre!\n",
        "subject": "Årsmøte på tirsdag",
        "sender": "Kåfjord",
    }
    return Outgoing(**(fields | changes))


@pytest.fixture(autouse=True)
def _production(settings: Any) -> None:
    settings.DEMO = False
    settings.DEFAULT_FROM_EMAIL = "Medlemsboka <post@laget.example>"
    settings.RETURN_ADDRESS = ""


def use_server(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 2


@pytest.fixture(params=["line by line", "at once"])
def office(request: pytest.FixtureRequest, settings: Any) -> Iterator[PostOffice]:
    """A server of either kind: one that wants to answer each line, and one that takes several at once."""
    with open_post_office() as office:
        office.pipelining = request.param == "at once"
        use_server(settings, office.port)
        yield office


def sent_now(message: Outgoing) -> Outcome:
    transport = EmailTransport()
    transport.open()
    try:
        return transport.send(message)
    finally:
        transport.close()


def letter_of(message: Outgoing, html: str = "") -> EmailMessage:
    letter = message_from_bytes(mime.as_bytes(message, html), policy=policy.default)
    assert isinstance(letter, EmailMessage)
    assert not letter.defects
    return letter


def text_of(part: Any) -> str:
    """As a reader sees it: mail ends its lines with two characters."""
    return str(part.get_content()).replace("\r\n", "\n")


# --- The letter -----------------------------------------------------------------------------------------------------


def test_a_letter_says_who_it_is_from_and_is_itself_each_time(office: PostOffice, settings: Any) -> None:
    settings.RETURN_ADDRESS = "retur@laget.example"
    message = outgoing(html="<p>Hei, <strong>Kåre</strong>!</p>", reply_to="styret@demo.example")
    assert sent_now(message) == SENT
    [(recipients, letter)] = office.letters
    assert recipients == ["kari@demo.example"]
    assert office.senders == [f"retur+{ID.hex}@laget.example"]
    assert letter["From"] == "Kåfjord <post@laget.example>"
    assert letter["To"] == "kari@demo.example"
    assert letter["Subject"] == "Årsmøte på tirsdag"
    assert letter["Reply-To"] == "styret@demo.example"
    assert letter["Message-ID"] == f"<{ID}@laget.example>"
    assert letter["Date"].datetime.year == 2026
    assert letter.get_content_type() == "multipart/alternative"
    plain, html = letter.iter_parts()
    assert (plain.get_content_type(), text_of(plain)) == ("text/plain", "Hei, Kåre!\n")
    assert "Hei, <strong>Kåre</strong>!</p>" in html.get_content()


def test_answers_come_to_the_return_mailbox_where_nobody_else_is_named(settings: Any) -> None:
    assert letter_of(outgoing())["Reply-To"] is None
    settings.RETURN_ADDRESS = "retur@laget.example"
    assert letter_of(outgoing())["Reply-To"] == f"retur+{ID.hex}@laget.example"


def test_without_a_name_it_is_the_house_that_writes() -> None:
    assert letter_of(outgoing(sender=""))["From"] == "Medlemsboka <post@laget.example>"


def test_without_html_it_is_plain_text(office: PostOffice) -> None:
    for text in ("En linje", ".\n..\n.skjult\n", "Slutter med mellomrom  \n\n\nFra alle\r\n"):
        assert sent_now(outgoing(text=text)) == SENT
        letter = office.letters[-1][1]
        assert letter.get_content_type() == "text/plain"
        assert text_of(letter) == text.replace("\r\n", "\n").removesuffix("\n") + "\n"


@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=400))
def test_any_text_arrives_as_it_was_written(text: str) -> None:
    plain, html = letter_of(outgoing(text=text), f"<p>{text}</p>").iter_parts()
    assert text_of(plain) == text
    assert text_of(html) == f"<p>{text}</p>"


def test_every_line_is_short_enough_for_any_server() -> None:
    letter = mime.as_bytes(outgoing(text="å" * 5000, subject="æ" * 150, sender="ø" * 80), "x" * 5000)
    assert max(map(len, letter.split(b"\r\n"))) <= 120
    assert b"\n" not in letter.replace(b"\r\n", b"")
    assert letter.isascii()


@pytest.mark.parametrize(
    "name",
    ["Kåfjord", 'Ola "Bob" Nordmann', "Laget, i Nord", "a@b.example", "x <evil@b.example>", "\\"],
)
def test_a_sender_is_one_name_and_one_address_whatever_the_name(name: str) -> None:
    [sender] = letter_of(outgoing(sender=name))["From"].addresses
    assert (sender.addr_spec, sender.display_name) == ("post@laget.example", " ".join(name.split()))


def test_a_long_name_is_folded_and_stays_one_name() -> None:
    line = mime.as_bytes(outgoing(sender="øæå " * 20), "").split(b"\r\nTo:")[0]
    name, _, address = line.decode().removeprefix("From: ").rpartition(" ")
    assert (str(make_header(decode_header(name))), address) == (("øæå " * 20).strip(), "<post@laget.example>")


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\u2029", "\x00"])
def test_a_line_end_in_a_name_or_a_subject_makes_no_header(ending: str) -> None:
    attack = f"Hei{ending}Bcc: alle@demo.example{ending}{ending}<script>"
    letter = letter_of(outgoing(subject=attack, sender=attack))
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Hei Bcc: alle@demo.example <script>"
    assert [address.addr_spec for address in letter["From"].addresses] == ["post@laget.example"]


def test_what_turns_the_direction_is_taken_out_of_a_name() -> None:
    assert mime.clean("Kari \u202eelpmaxe.demo@\u2066 x") == "Kari elpmaxe.demo@ x"


@pytest.mark.parametrize(
    "changes",
    [
        {"address": "a@b.example\r\nBcc: c@d.example"},
        {"address": "a@b.example, c@d.example"},
        {"address": "a b@c.example"},
        {"address": "<a@b.example>"},
        {"address": "åge@demo.example"},
        {"address": "a@" + "å" * 80 + ".example"},
        {"address": ""},
        {"reply_to": "a@b.example\nX: y"},
        {"headers": {"X-Y\r\nBcc": "c@d.example"}},
        {"headers": {"List-Unsubscribe": "<https://x>\r\nBcc: c@d.example"}},
        {"headers": {"Bcc": "c@d.example"}},
        {"headers": {"subject": "to"}},
        {"headers": {"X-Å": "y"}},
        {"headers": {"X-Y": "å"}},
    ],
)
def test_what_would_be_another_address_or_header_is_refused(office: PostOffice, changes: dict[str, Any]) -> None:
    assert sent_now(outgoing(**changes)) == Outcome(DeliveryState.FAILED, "UnsafeHeader")
    assert not office.letters


def test_a_domain_with_our_letters_is_written_as_servers_know_it(office: PostOffice) -> None:
    assert sent_now(outgoing(address="kari@kåfjord.example")) == SENT
    assert office.letters[0][0] == ["kari@xn--kfjord-iua.example"]


def test_headers_that_come_along_are_written() -> None:
    headers = {
        "List-Unsubscribe": "<https://laget.example/nei/abc>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    letter = letter_of(outgoing(headers=headers))
    assert {name: letter[name] for name in headers} == headers


def test_it_says_the_same_as_djangos_own_letter() -> None:
    message = outgoing(sender="Ola, Nord", headers={"Precedence": "bulk"})
    theirs = EmailMultiAlternatives(
        message.subject, message.text, '"Ola, Nord" <post@laget.example>', [message.address], headers=message.headers
    )
    theirs.attach_alternative("<p>Hei</p>", "text/html")
    other = message_from_bytes(theirs.message().as_bytes(), policy=policy.default)
    ours = letter_of(message, "<p>Hei</p>")
    for name in ("From", "To", "Subject", "Precedence", "MIME-Version"):
        assert ours[name] == other[name]
    assert [text_of(part) for part in ours.iter_parts()] == [text_of(part) for part in other.iter_parts()]


# --- What is known afterwards ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mood", "outcome"),
    [
        ("refuses", Outcome(DeliveryState.FAILED, "RecipientRefused 550")),
        ("busy", Outcome(DeliveryState.QUEUED, "RecipientRefused 451")),
        ("full", Outcome(DeliveryState.QUEUED, "SMTPDataError 452")),
        ("dislikes", Outcome(DeliveryState.FAILED, "SMTPDataError 554")),
        ("closing", Outcome(DeliveryState.QUEUED, "SMTPSenderRefused 421", broken=True)),
        ("wants a password", Outcome(DeliveryState.QUEUED, "SMTPSenderRefused 530", broken=True)),
        ("hangs up early", Outcome(DeliveryState.QUEUED, "SMTPServerDisconnected", broken=True)),
        ("hangs up", Outcome(DeliveryState.UNKNOWN, "SMTPServerDisconnected", broken=True)),
        ("babbles", Outcome(DeliveryState.UNKNOWN, "SMTPDataError -1", broken=True)),
    ],
)
def test_what_is_known_when_a_server_does_not_take_it(office: PostOffice, mood: str, outcome: Outcome) -> None:
    office.mood = mood
    # Longer than what fits between us and a server that does not read: the full stop is not sent.
    text = "Hei\n" * (3_000_000 if mood == "hangs up early" else 1)
    assert sent_now(outgoing(text=text)) == outcome


def test_a_server_that_wants_a_letter_for_nobody_gets_none(office: PostOffice) -> None:
    office.mood = "forgetful"
    transport = EmailTransport()
    outcome = transport.send(outgoing())
    assert outcome == Outcome(DeliveryState.FAILED, "RecipientRefused 550", broken=office.pipelining)
    office.mood = "kind"
    assert transport.send(outgoing()) == SENT
    transport.close()
    assert len(office.letters) == 1


def test_many_letters_go_over_one_connection_and_a_refusal_does_not_end_it(office: PostOffice) -> None:
    transport = EmailTransport()
    for number in range(20):
        office.mood = "refuses" if number == 7 else "kind"
        outcome = transport.send(outgoing(id=uuid.uuid4(), address=f"m{number}@demo.example"))
        assert outcome.state == (DeliveryState.FAILED if number == 7 else DeliveryState.SENT)
        assert not outcome.broken
    transport.close()
    assert (office.connections, len(office.letters)) == (1, 19)
    assert [len(recipients) for recipients, _letter in office.letters] == [1] * 19


def test_a_connection_that_died_while_it_waited_is_opened_again(office: PostOffice) -> None:
    office.mood = "tired"
    transport = EmailTransport()
    assert [transport.send(outgoing()) for _ in range(3)] == [SENT] * 3
    transport.close()
    assert (office.connections, len(office.letters)) == (3, 3)


def test_a_server_that_says_it_closes_is_asked_once_more(office: PostOffice) -> None:
    transport = EmailTransport()
    assert transport.send(outgoing()) == SENT
    office.mood = "closing"
    assert transport.send(outgoing()) == Outcome(DeliveryState.QUEUED, "SMTPSenderRefused 421", broken=True)
    assert office.connections == 2
    transport.close()


def test_a_server_that_is_gone_has_got_nothing(settings: Any) -> None:
    with open_post_office() as office:
        use_server(settings, office.port)
        transport = EmailTransport()
        office.mood = "tired"
        assert transport.send(outgoing()) == SENT
    with pytest.raises(NotOpen, match="ConnectionRefusedError"):
        EmailTransport().open()
    assert transport.send(outgoing()) == Outcome(DeliveryState.QUEUED, "ConnectionRefusedError", broken=True)
    transport.close()
    transport.close()


def test_a_server_that_never_answers_is_given_up(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use_server(settings, silent.getsockname()[1])
        settings.EMAIL_TIMEOUT = 0.2
        with pytest.raises(NotOpen, match="SMTPServerDisconnected"):
            EmailTransport().open()


def free_port() -> int:
    """One that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


class Handler:
    """Takes all, and keeps the last."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        self.envelopes.append(envelope)
        return "250 taken"


@pytest.mark.filterwarnings("ignore:Requiring AUTH", "ignore::DeprecationWarning:aiosmtpd")
@pytest.mark.parametrize("password", ["rett", "feil"])
def test_a_server_of_others_takes_it_and_a_wrong_password_costs_no_letter(settings: Any, password: str) -> None:
    handler = Handler()
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=free_port(),
        auth_required=True,
        auth_require_tls=False,
        authenticator=lambda _server, _session, _envelope, _mechanism, data: AuthResult(
            success=data.password == b"rett", handled=False
        ),
    )
    controller.start()
    try:
        use_server(settings, controller.port)
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "laget", password
        transport = EmailTransport()
        if password == "feil":
            with pytest.raises(NotOpen, match="SMTPAuthenticationError 535"):
                transport.open()
            assert transport.send(outgoing()).state == DeliveryState.QUEUED
            return
        assert [transport.send(outgoing()) for _ in range(2)] == [SENT, SENT]
        transport.close()
        assert [envelope.rcpt_tos for envelope in handler.envelopes] == [["kari@demo.example"]] * 2
    finally:
        controller.stop()


def test_a_secure_connection_is_asked_for_where_the_settings_say_so(office: PostOffice, settings: Any) -> None:
    settings.EMAIL_USE_SSL, settings.EMAIL_USE_TLS = True, False
    with pytest.raises(NotOpen, match="SSLError"):
        EmailTransport().open()
    settings.EMAIL_USE_SSL, settings.EMAIL_USE_TLS = False, True
    with pytest.raises(NotOpen, match=smtplib.SMTPNotSupportedError.__name__):
        EmailTransport().open()
    assert not office.letters


def test_the_demo_sends_nothing(office: PostOffice, settings: Any) -> None:
    settings.DEMO = True
    assert sent_now(outgoing()) == SENT
    assert not office.connections
