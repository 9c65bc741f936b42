"""SMS leaves by real HTTP, to stand-ins of each gateway on this machine, in all their moods."""

from __future__ import annotations

import logging
import socket
import time
from typing import Any
from uuid import uuid4

import pytest

from messaging.enums import DeliveryState
from messaging.transports import gateway as http
from messaging.transports import sms
from messaging.transports.base import NotOpen, Outcome, Outgoing, Transport
from tests.messaging.gateways import SECRET, TOKEN, Gateway

NUMBER = "+4791234567"
FAILED, QUEUED, SENT, UNKNOWN = (
    DeliveryState.FAILED,
    DeliveryState.QUEUED,
    DeliveryState.SENT,
    DeliveryState.UNKNOWN,
)


@pytest.fixture(autouse=True)
def _in_production(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEMO = False
    settings.WEBHOOK_SECRET = ""
    monkeypatch.setattr(http, "READ", 0.5)
    monkeypatch.setattr(http, "WHOLE", 0.6)


def outgoing(text: str = "Møte i kveld. Gáivuotna.", *, address: str = NUMBER, sender: str = "") -> Outgoing:
    return Outgoing(id=uuid4(), address=address, text=text, sender=sender)


def send(*all_outgoing: Outgoing) -> list[Outcome]:
    """Over one connection, as a worker does it."""
    transport = sms.sms_transport()
    transport.open()
    try:
        return [transport.send(one) for one in all_outgoing or [outgoing()]]
    finally:
        transport.close()


def states(outcomes: list[Outcome]) -> list[DeliveryState]:
    return [outcome.state for outcome in outcomes]


# --- Sveve ----------------------------------------------------------------------------------------------------------


def test_sveve_takes_one_recipient_a_call_over_one_connection(sveve: Gateway) -> None:
    first, second = outgoing(sender="Tromsø Ap"), outgoing(address="+46701234567", sender="12345")
    outcomes = send(first, second)
    assert states(outcomes) == [SENT, SENT]
    assert [outcome.provider_id for outcome in outcomes] == ["42807677", "42807678"]
    assert sveve.conversations == 1
    assert sveve.taken[0] == {
        "user": "medlemsboka",
        "passwd": SECRET,
        "to": "4791234567",
        "msg": first.text,
        "ref": str(first.id),
        "f": "json",
        "from": "Troms Ap",
    }
    assert (sveve.taken[1]["to"], sveve.taken[1]["from"]) == ("46701234567", "12345")


def test_sveve_is_told_of_the_accounts_own_sender_and_that_one_may_answer(sveve: Gateway, settings: Any) -> None:
    settings.SMS_URL = sveve.url + "?from=Partiet&reply=true"
    assert states(send(outgoing(sender="æøå"))) == [SENT]
    assert (sveve.taken[0]["from"], sveve.taken[0]["reply"]) == ("Partiet", "true")


def test_sveve_chooses_the_sender_where_we_have_none(sveve: Gateway) -> None:
    send()
    assert "from" not in sveve.taken[0]


def test_sveve_may_give_no_id(sveve: Gateway) -> None:
    sveve.mood = "nameless"
    assert send() == [Outcome(SENT)]


@pytest.mark.parametrize(
    ("mood", "problem"),
    [
        ("wrong number", "Sveve number"),
        ("wrong country", "Sveve country"),
        ("odd", "Sveve refused"),
        ("strict", "Sveve 422"),
    ],
)
def test_sveve_refuses_one_for_good_and_the_next_goes(sveve: Gateway, mood: str, problem: str) -> None:
    sveve.mood = mood
    [outcome] = send()
    assert (outcome.state, outcome.problem, outcome.broken) == (FAILED, problem, False)


@pytest.mark.parametrize("mood", ["out of credit", "out of credit for one", "closed to us", "elsewhere"])
def test_what_is_wrong_with_our_account_is_no_recipients_fault(sveve: Gateway, mood: str) -> None:
    sveve.mood = mood
    [outcome] = send()
    assert (outcome.state, outcome.broken) == (QUEUED, True)
    assert outcome.problem.startswith("Sveve account")
    assert outcome.retry_after
    # Not carried on to where it pointed.
    assert sveve.asked == 1


def test_a_wrong_password_is_no_recipients_fault_either(sveve: Gateway, settings: Any) -> None:
    settings.SMS_URL = sveve.url.replace("hemmelig", "feil")
    assert [(one.state, one.broken) for one in send()] == [(QUEUED, True)]


# --- Twilio ---------------------------------------------------------------------------------------------------------


def test_twilio_takes_one_recipient_a_call_over_one_connection(twilio: Gateway) -> None:
    outcomes = send(outgoing(), outgoing(sender="Partiet"))
    assert states(outcomes) == [SENT, SENT]
    assert outcomes[0].provider_id == "SM" + "42807677".zfill(32)
    assert twilio.conversations == 1
    assert twilio.taken == [
        {"To": NUMBER, "Body": "Møte i kveld. Gáivuotna.", "From": "+4759440000"},
        {"To": NUMBER, "Body": "Møte i kveld. Gáivuotna.", "From": "Partiet"},
    ]


def test_twilio_may_choose_the_sender_itself(twilio: Gateway, settings: Any) -> None:
    settings.SMS_URL = twilio.url + "&service=MG123"
    assert states(send(outgoing(sender="Partiet"))) == [SENT]
    assert (twilio.taken[0]["MessagingServiceSid"], "From" in twilio.taken[0]) == ("MG123", False)


@pytest.mark.parametrize(
    ("mood", "state", "problem"),
    [
        ("wrong number", FAILED, "Twilio 21614"),
        ("strict", FAILED, "Twilio 422"),
        ("sorry", FAILED, "Twilio 30006"),
        ("suspended", QUEUED, "Twilio account 30002"),
        ("at its limit", QUEUED, "Twilio 429"),
    ],
)
def test_twilios_errors_are_told_apart_by_their_number(
    twilio: Gateway, mood: str, state: DeliveryState, problem: str
) -> None:
    twilio.mood = mood
    [outcome] = send()
    assert (outcome.state, outcome.problem) == (state, problem)


def test_a_wrong_token_is_no_recipients_fault(twilio: Gateway, settings: Any) -> None:
    settings.SMS_URL = twilio.url.replace("hemmelig", "feil")
    assert send() == [Outcome(QUEUED, "Twilio account 20003", retry_after=900, broken=True)]


# --- Both, in bad weather -------------------------------------------------------------------------------------------


@pytest.fixture(params=["sveve", "twilio"])
def gateway(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize(
    "mood",
    [
        "slow",
        "endless",
        "long winded",
        "cut off",
        "half cut off",
        "gibberish",
        "a list",
        "empty",
        "down",
        "out of service",
    ],
)
def test_what_may_have_arrived_is_unknown(gateway: Gateway, mood: str) -> None:
    gateway.mood = mood
    [outcome] = send()
    assert (outcome.state, outcome.broken) == (UNKNOWN, True)
    assert gateway.asked == 1


@pytest.mark.parametrize(("mood", "wait"), [("busy", 7), ("busy by the clock", 120), ("busy without a word", 60)])
def test_a_busy_gateway_says_when_to_come_back(gateway: Gateway, mood: str, wait: int) -> None:
    gateway.mood = mood
    [outcome] = send()
    assert (outcome.state, outcome.retry_after, outcome.broken) == (QUEUED, wait, False)


def test_a_gateway_that_is_not_there_is_not_open(gateway: Gateway) -> None:
    gateway.shutdown()
    gateway.server_close()
    with pytest.raises(NotOpen) as refusal:
        sms.sms_transport().open()
    assert str(refusal.value).endswith(" ConnectionRefusedError")


def test_a_gateway_that_goes_away_between_two_has_not_got_the_second(gateway: Gateway) -> None:
    gateway.mood = "closing"
    transport = sms.sms_transport()
    transport.open()
    assert transport.send(outgoing()).state == SENT
    gateway.shutdown()
    gateway.server_close()
    outcome = transport.send(outgoing())
    transport.close()
    assert (outcome.state, outcome.broken) == (QUEUED, True)


def test_a_gateway_that_never_lets_us_in_has_got_nothing(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "CONNECT", 0.2)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(2)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        settings.SMS_URL = f"sveve://u:p@127.0.0.1:{port}"
        with pytest.raises(NotOpen):
            send()
        for one in waiting:
            one.close()


def test_a_gateway_that_closes_the_connection_between_two_gets_a_new_one(gateway: Gateway) -> None:
    gateway.mood = "closing"
    assert states(send(outgoing(), outgoing(), outgoing())) == [SENT, SENT, SENT]
    assert (gateway.conversations, len(gateway.taken)) == (3, 3)


def test_a_gateway_that_has_hung_up_on_an_idle_line_gets_a_new_one(gateway: Gateway) -> None:
    gateway.mood = "tired"
    transport = sms.sms_transport()
    transport.open()
    assert transport.send(outgoing()).state == SENT
    time.sleep(0.3)
    assert transport.send(outgoing()).state == SENT
    transport.close()
    assert len(gateway.taken) == 2


def test_a_restarted_gateway_is_found_again_by_the_same_transport(gateway: Gateway) -> None:
    transport = sms.sms_transport()
    transport.open()
    gateway.mood = "cut off"
    assert transport.send(outgoing()).state == UNKNOWN
    gateway.mood = "kind"
    assert transport.send(outgoing()).state == SENT
    transport.close()
    transport.close()


@pytest.mark.parametrize("text", ["", "x" * 1700])
def test_a_text_no_gateway_takes_is_not_sent(gateway: Gateway, text: str) -> None:
    [outcome] = send(outgoing(text=text))
    assert outcome.state == FAILED
    assert not gateway.asked


def test_a_transport_is_opened_first(gateway: Gateway) -> None:
    with pytest.raises(NotOpen):
        sms.sms_transport().send(outgoing())


@pytest.mark.parametrize("mood", ["kind", "wrong number", "cut off", "gibberish", "closed to us", "down", "slow"])
def test_no_secret_number_or_text_reaches_problems_and_logs(
    gateway: Gateway, mood: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway.mood = mood
    transport: Transport = sms.sms_transport()
    transport.open()
    said = [transport.send(outgoing()).problem, caplog.text, repr(getattr(transport, "account", ""))]
    transport.close()
    for secret in (SECRET, TOKEN, NUMBER, NUMBER[1:], "Gáivuotna"):
        assert secret not in "\n".join(said)


def test_only_this_machine_is_spoken_to_in_the_clear() -> None:
    def base(host: str) -> str:
        return http.Account(host=host, user="u", secret="p", port=8080).base

    assert base("127.0.0.1") == "http://127.0.0.1:8080"
    assert base("::1") == "http://[::1]:8080"
    assert base("sveve.no") == "https://sveve.no:8080"
    assert base("127.0.0.1.example.no") == "https://127.0.0.1.example.no:8080"


def test_a_certificate_that_does_not_hold_sends_nothing(sveve: Gateway) -> None:
    """Spoken to in TLS, the stand-in answers gibberish: the handshake fails before a byte of ours has left."""
    transport = sms.sms_transport()
    transport.open()
    assert isinstance(transport, http.Gateway)
    account = transport.account
    transport.account = Encrypted(host=account.host, user="u", secret="p", port=account.port)
    outcome = transport.send(outgoing())
    transport.close()
    assert (outcome.state, outcome.problem) == (QUEUED, "Sveve SSLError")
    assert not sveve.taken


class Encrypted(http.Account):
    """An account on this machine that is spoken to as one elsewhere."""

    @property
    def base(self) -> str:
        return f"https://{self.host}:{self.port}"
