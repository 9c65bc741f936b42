"""Email by a provider: through django-anymail to a real HTTP server that speaks as Postmark does and errs as it may."""

from __future__ import annotations

import json
import socket
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from anymail.exceptions import AnymailAPIError
from django.core import mail
from django.utils import timezone

from messaging.enums import DeliveryState
from messaging.transports import provider
from messaging.transports.base import NotOpen, Outcome, Outgoing
from messaging.transports.email import EmailTransport

ID = uuid.UUID("0123456789abcdef0123456789abcdef")
POSTMARK = "anymail.backends.postmark.EmailBackend"


class Postmark(ThreadingHTTPServer):
    """What was posted to it is in `posted`. `status` and the rest say how it answers; `mood` how it fails to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Desk)
        self.posted: list[dict[str, Any]] = []
        self.status = 200
        self.answer: dict[str, Any] = {"ErrorCode": 0, "Message": "OK", "MessageID": "abc-1", "To": "kari@demo.example"}
        self.headers: dict[str, str] = {}
        self.mood = "kind"
        self.connections = 0


class Desk(BaseHTTPRequestHandler):
    """One connection, kept for the next letter."""

    protocol_version = "HTTP/1.1"
    server: Postmark

    def setup(self) -> None:
        """Count it."""
        self.server.connections += 1
        super().setup()

    def do_POST(self) -> None:
        """Take a letter."""
        posted = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(json.loads(posted))
        if self.server.mood == "hangs up":
            self.close_connection = True
            return
        content = json.dumps(self.server.answer).encode()
        if self.server.mood == "babbles":
            content = b"<html>Bad gateway</html>"
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content) + 100 * (self.server.mood == "breaks off")))
        self.end_headers()
        if self.server.mood == "is slow":
            threading.Event().wait(1)
        self.wfile.write(content)
        self.close_connection = self.server.mood in {"breaks off", "closes half"}
        if self.server.mood == "closes half":
            self.connection.shutdown(socket.SHUT_WR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Nothing."""


@pytest.fixture
def postmark(settings: Any) -> Iterator[Postmark]:
    settings.DEMO = False
    settings.DEFAULT_FROM_EMAIL = "Medlemsboka <post@laget.example>"
    settings.EMAIL_BACKEND = POSTMARK
    with Postmark() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        settings.ANYMAIL = anymail(f"http://127.0.0.1:{server.server_address[1]}/")
        yield server
        server.shutdown()


def anymail(url: str) -> dict[str, Any]:
    return {"POSTMARK_SERVER_TOKEN": "hemmelig", "POSTMARK_API_URL": url, "REQUESTS_TIMEOUT": 0.4}


def outgoing(**changes: Any) -> Outgoing:
    fields: dict[str, Any] = {
        "id": ID,
        "address": "kari@demo.example",
        "text": "Hei, Kåre!\n",
        "subject": "Årsmøte",
        "sender": "Kåfjord, Nord",
    }
    return Outgoing(**(fields | changes))


def sent_now(message: Outgoing) -> Outcome:
    transport = EmailTransport()
    transport.open()
    try:
        return transport.send(message)
    finally:
        transport.close()


def test_a_provider_gets_the_letter_and_its_name_for_it_is_kept(postmark: Postmark, settings: Any) -> None:
    settings.RETURN_ADDRESS = "retur@laget.example"
    headers = {"List-Unsubscribe": "<https://laget.example/nei/abc>"}
    assert sent_now(outgoing(html="<p>Hei</p>", headers=headers)) == Outcome(DeliveryState.SENT, provider_id="abc-1")
    [letter] = postmark.posted
    assert letter["From"] == '"Kåfjord, Nord" <post@laget.example>'
    assert letter["To"] == "kari@demo.example"
    assert letter["Subject"] == "Årsmøte"
    assert letter["TextBody"] == "Hei, Kåre!\n"
    assert ">Hei</p>" in letter["HtmlBody"]
    assert letter["ReplyTo"] == f"retur+{ID.hex}@laget.example"
    named = {header["Name"]: header["Value"] for header in letter["Headers"]}
    assert named == {"Message-ID": f"<{ID}@laget.example>", **headers}
    assert letter["Metadata"] == {"delivery": str(ID)}


def test_nobody_follows_who_opens_or_clicks(postmark: Postmark) -> None:
    sent_now(outgoing())
    assert (postmark.posted[0]["TrackOpens"], postmark.posted[0]["TrackLinks"]) == (False, "None")


def test_many_letters_go_over_one_connection(postmark: Postmark) -> None:
    transport = EmailTransport()
    transport.open()
    assert {transport.send(outgoing()).state for _ in range(5)} == {DeliveryState.SENT}
    transport.close()
    assert (postmark.connections, len(postmark.posted)) == (1, 5)


@pytest.mark.parametrize(
    ("status", "headers", "outcome"),
    [
        (429, {"Retry-After": "30"}, Outcome(DeliveryState.QUEUED, "AnymailRequestsAPIError 429", retry_after=30)),
        (429, {"Retry-After": "x"}, Outcome(DeliveryState.QUEUED, "AnymailRequestsAPIError 429")),
        (503, {}, Outcome(DeliveryState.QUEUED, "AnymailRequestsAPIError 503")),
        (401, {}, Outcome(DeliveryState.QUEUED, "AnymailRequestsAPIError 401", broken=True)),
        (400, {}, Outcome(DeliveryState.FAILED, "AnymailRequestsAPIError 400")),
        (500, {}, Outcome(DeliveryState.UNKNOWN, "AnymailRequestsAPIError 500", broken=True)),
        (502, {}, Outcome(DeliveryState.UNKNOWN, "AnymailRequestsAPIError 502", broken=True)),
    ],
)
def test_what_is_known_after_an_answer(
    postmark: Postmark, status: int, headers: dict[str, str], outcome: Outcome
) -> None:
    postmark.status, postmark.headers = status, headers
    assert sent_now(outgoing()) == outcome


def test_a_moment_to_wait_for_is_told_in_seconds(postmark: Postmark) -> None:
    moment = format_datetime(timezone.now() + timedelta(minutes=2), usegmt=True)
    postmark.status, postmark.headers = 429, {"Retry-After": moment}
    assert sent_now(outgoing()).retry_after == 120


@pytest.mark.parametrize(
    ("mood", "problem"),
    [
        ("hangs up", "ConnectionError"),
        ("is slow", "ConnectionError"),
        ("breaks off", "ChunkedEncodingError"),
        ("babbles", "JSONDecodeError 200"),
    ],
)
def test_it_may_have_arrived_where_the_answer_was_lost(postmark: Postmark, mood: str, problem: str) -> None:
    postmark.mood = mood
    assert sent_now(outgoing()) == Outcome(DeliveryState.UNKNOWN, problem, broken=True)
    assert len(postmark.posted) == 1


def test_a_connection_closed_after_the_answer_is_opened_again_for_the_next(postmark: Postmark) -> None:
    postmark.mood = "closes half"
    transport = EmailTransport()
    assert {transport.send(outgoing()).state for _ in range(3)} == {DeliveryState.SENT}
    assert postmark.connections == 3


def test_a_recipient_who_is_refused_has_got_nothing(postmark: Postmark) -> None:
    postmark.status = 422
    postmark.answer = {
        "ErrorCode": 406,
        "Message": "Found inactive addresses: kari@demo.example. Inactive recipients are",
    }
    assert sent_now(outgoing()) == Outcome(DeliveryState.FAILED, "AnymailRecipientsRefused")


def test_of_a_recipient_of_whom_nothing_is_said_nothing_is_known(postmark: Postmark) -> None:
    postmark.status = 422
    postmark.answer = {"ErrorCode": 406, "Message": "Some are inactive."}
    assert sent_now(outgoing()).state == DeliveryState.UNKNOWN


def test_a_provider_that_is_gone_has_got_nothing(postmark: Postmark, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        settings.ANYMAIL = anymail(f"http://127.0.0.1:{closed.getsockname()[1]}/")
    assert sent_now(outgoing()) == Outcome(DeliveryState.QUEUED, "ConnectionError", broken=True)


def test_what_would_be_another_header_is_refused(postmark: Postmark) -> None:
    assert sent_now(outgoing(address="a@b.example\r\nBcc: c@d.example")).problem == "UnsafeHeader"
    assert sent_now(outgoing(headers={"X-Y": "a\r\nBcc: c@d.example"})).problem == "UnsafeHeader"
    assert sent_now(outgoing(subject="Hei\r\nBcc: c@d.example")).state == DeliveryState.SENT
    assert [letter["Subject"] for letter in postmark.posted] == ["Hei Bcc: c@d.example"]


def test_a_provider_that_cannot_do_all_is_not_asked_for_it_again(postmark: Postmark, settings: Any) -> None:
    # Mailtrap knows metadata and no choice of tracking; what it answers here is nonsense to it.
    settings.EMAIL_BACKEND = "anymail.backends.mailtrap.EmailBackend"
    settings.ANYMAIL |= {"MAILTRAP_API_TOKEN": "x", "MAILTRAP_API_URL": settings.ANYMAIL["POSTMARK_API_URL"]}
    postmark.answer = {"success": True, "message_ids": ["m-1"]}
    transport = EmailTransport()
    for _ in range(2):
        assert transport.send(outgoing()) == Outcome(DeliveryState.SENT, provider_id="m-1")
    assert postmark.posted[1]["custom_variables"] == {"delivery": str(ID)}


def test_a_letter_in_words_that_a_provider_does_not_have_fails(postmark: Postmark, settings: Any) -> None:
    settings.ANYMAIL |= {"SEND_DEFAULTS": {"send_at": timezone.now()}}
    assert sent_now(outgoing()) == Outcome(DeliveryState.FAILED, "AnymailUnsupportedFeature")
    assert not postmark.posted


def test_amazons_status_is_found_where_its_library_keeps_it() -> None:
    beneath = Exception()
    beneath.response = {"ResponseMetadata": {"HTTPStatusCode": 429}}  # type: ignore[attr-defined]
    error = AnymailAPIError("Throttled")
    error.__cause__ = beneath
    assert provider._after(error) == Outcome(DeliveryState.QUEUED, "Exception 429")


def test_any_backend_of_djangos_will_do(settings: Any) -> None:
    settings.DEMO, settings.EMAIL_BACKEND = False, "django.core.mail.backends.locmem.EmailBackend"
    assert sent_now(outgoing()) == Outcome(DeliveryState.SENT)
    assert [letter.subject for letter in mail.outbox] == ["Årsmøte"]


def test_a_backend_that_cannot_be_opened_has_got_nothing(settings: Any) -> None:
    settings.DEMO = False
    settings.EMAIL_BACKEND = f"{__name__}.Locked"
    with pytest.raises(NotOpen, match="PermissionError"):
        EmailTransport().open()
    transport = EmailTransport()
    assert transport.send(outgoing()) == Outcome(DeliveryState.FAILED)
    transport.close()


class Locked:
    """A backend that neither opens, takes, nor closes."""

    def __init__(self, **_options: Any) -> None:
        pass

    def open(self) -> None:
        """No."""
        raise PermissionError

    def send_messages(self, _messages: list[Any]) -> int:
        """None."""
        return 0

    def close(self) -> None:
        """No."""
        raise PermissionError
