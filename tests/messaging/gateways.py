"""SMS gateways in a thread: real HTTP servers on loopback that speak each gateway's protocol, well or badly.

`mood` says what happens to the next requests: "kind" takes the message; the other words are explained in `Counter`.
What a gateway has taken is in `taken`, whatever it answered afterwards.
"""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs

USER, SECRET = "medlemsboka", "hemmelig/passord"
SID, TOKEN = "AC00000000000000000000000000000000", "hemmelig-nokkel"


class Gateway(ThreadingHTTPServer):
    """Listens on a port of its own. `conversations` counts the connections on which something was said."""

    daemon_threads = True

    def __init__(self, counter: type[Counter]) -> None:
        super().__init__(("127.0.0.1", 0), counter)
        self.taken: list[dict[str, str]] = []
        self.asked = 0
        self.conversations = 0
        self.mood = "kind"
        self.ids = count(42807677)

    @property
    def url(self) -> str:
        """What SMS_URL would be."""
        raise NotImplementedError

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class Counter(BaseHTTPRequestHandler):
    """Serves one connection, and keeps it."""

    protocol_version = "HTTP/1.1"
    server: Gateway

    def setup(self) -> None:
        """A client has come."""
        super().setup()
        self.has_spoken = False
        self.says_goodbye = False

    def do_POST(self) -> None:
        """Every mood is a method; those that answer at all answer with `say`."""
        self.server.conversations += not self.has_spoken
        self.has_spoken = True
        self.server.asked += 1
        length = int(self.headers.get("Content-Length", 0))
        fields = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        mood = self.server.mood.replace(" ", "_")
        getattr(self, f"be_{mood}")(fields)

    def be_kind(self, fields: dict[str, str]) -> None:
        """Take it."""
        raise NotImplementedError

    def be_busy(self, fields: dict[str, str]) -> None:
        """Too many at once: come again in a while."""
        self.say(429, {}, {"Retry-After": "7"})

    def be_busy_by_the_clock(self, fields: dict[str, str]) -> None:
        """The same, as a moment."""
        self.send_response_only(503)
        self.send_header("Date", "Fri, 20 Nov 2026 18:00:00 GMT")
        self.send_header("Retry-After", "Fri, 20 Nov 2026 18:02:00 GMT")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def be_busy_without_a_word(self, fields: dict[str, str]) -> None:
        """No Retry-After."""
        self.say(429, {})

    def be_down(self, fields: dict[str, str]) -> None:
        """An error of its own, before or after it took the message: who knows."""
        self.say(500, {})

    def be_out_of_service(self, fields: dict[str, str]) -> None:
        """503 and nothing more."""
        self.say(503, {})

    def be_elsewhere(self, fields: dict[str, str]) -> None:
        """Sends the client, and our password, on to another."""
        self.say(307, {}, {"Location": f"http://127.0.0.1:{self.server.port}/annet/sted"})

    def be_closed_to_us(self, fields: dict[str, str]) -> None:
        """We are nobody."""
        self.say(403, {})

    def be_strict(self, fields: dict[str, str]) -> None:
        """Not that text."""
        self.say(422, {})

    def be_slow(self, fields: dict[str, str]) -> None:
        """Takes it, and says so too late."""
        self.be_taking(fields)
        time.sleep(1.0)
        self.say(200, {})

    def be_endless(self, fields: dict[str, str]) -> None:
        """Takes it, and begins an answer that never ends, a byte at a time."""
        self.be_taking(fields)
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        for _ in range(40):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.05)

    def be_long_winded(self, fields: dict[str, str]) -> None:
        """Takes it, and says far too much."""
        self.be_taking(fields)
        self.say_bytes(200, b" " * 200_000)

    def be_cut_off(self, fields: dict[str, str]) -> None:
        """Takes it, and hangs up without a word."""
        self.be_taking(fields)
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def be_half_cut_off(self, fields: dict[str, str]) -> None:
        """Takes it, and hangs up in the middle of its answer."""
        self.be_taking(fields)
        self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"resp')
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        self.close_connection = True

    def be_gibberish(self, fields: dict[str, str]) -> None:
        """Takes it, and answers with what is no JSON."""
        self.be_taking(fields)
        self.say_bytes(200, b"<html>OK</html>")

    def be_a_list(self, fields: dict[str, str]) -> None:
        """JSON, but not what was promised."""
        self.be_taking(fields)
        self.say_bytes(200, b"[1, 2]")

    def be_empty(self, fields: dict[str, str]) -> None:
        """JSON that says nothing."""
        self.be_taking(fields)
        self.say(200, {"response": {}})

    def be_closing(self, fields: dict[str, str]) -> None:
        """Takes it, and says that it closes the connection afterwards, as a server may."""
        self.says_goodbye = True
        self.be_kind(fields)

    def be_tired(self, fields: dict[str, str]) -> None:
        """Takes it, and closes the connection afterwards without a word."""
        self.be_kind(fields)
        self.close_connection = True

    def be_taking(self, fields: dict[str, str]) -> None:
        """It counts as sent."""
        self.server.taken.append(fields)

    def say(self, status: int, data: object, headers: dict[str, str] | None = None) -> None:
        """An answer in JSON."""
        self.say_bytes(status, json.dumps(data).encode(), headers)

    def say_bytes(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """An answer."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if self.says_goodbye:
            self.send_header("Connection", "close")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quietly."""


# --- Sveve ----------------------------------------------------------------------------------------------------------


class SveveCounter(Counter):
    """https://sveve.no/apidok/send: errors come with status 200, as text."""

    def answer(self, **fields: object) -> None:
        """What stands under “response”."""
        self.say(200, {"response": fields})

    def be_kind(self, fields: dict[str, str]) -> None:
        """Take it from those who are known."""
        if self.path != "/SMS/SendMessage" or fields.get("f") != "json":
            self.say(404, {})
        elif (fields.get("user"), fields.get("passwd")) != (USER, SECRET):
            self.answer(fatalError="Feil brukernavn/passord.")
        elif not fields["to"].isdigit():
            self.be_wrong_number(fields)
        else:
            self.be_taking(fields)
            self.answer(msgOkCount=1, stdSMSCount=1, ids=[next(self.server.ids)])

    def be_nameless(self, fields: dict[str, str]) -> None:
        """Taken, without an id."""
        self.be_taking(fields)
        self.answer(msgOkCount=1, stdSMSCount=1)

    def be_wrong_number(self, fields: dict[str, str]) -> None:
        """Not a mobile number."""
        error = {"number": fields["to"], "message": "Telefonnummeret er ikke et mobilnummer"}
        self.answer(msgOkCount=0, stdSMSCount=0, errors=[error], ids=[])

    def be_wrong_country(self, fields: dict[str, str]) -> None:
        """Somewhere our account does not reach."""
        said = "Brukeren har ikke tilgang til å sende meldinger til dette landet"
        self.answer(msgOkCount=0, errors=[{"number": fields["to"], "message": said}])

    def be_out_of_credit(self, fields: dict[str, str]) -> None:
        """We have not paid; said for the request as a whole."""
        self.answer(fatalError="Det er ikke nok SMS igjen på kontoen.")

    def be_out_of_credit_for_one(self, fields: dict[str, str]) -> None:
        """The same, said for the number."""
        error = {"number": fields["to"], "message": "Ikke nok kreditt"}
        self.answer(msgOkCount=0, errors=[error])

    def be_particular(self, fields: dict[str, str]) -> None:
        """Not from that sender."""
        self.answer(msgOkCount=0, errors=[{"number": fields["to"], "message": "Ugyldig avsender"}])

    def be_odd(self, fields: dict[str, str]) -> None:
        """An error nobody has heard of, and not as promised."""
        self.answer(msgOkCount=0, errors=["Uff " + fields["to"]])


class Sveve(Gateway):
    """Sveve's stand-in."""

    def __init__(self) -> None:
        super().__init__(SveveCounter)

    @property
    def url(self) -> str:
        """What SMS_URL would be."""
        return f"sveve://{USER}:{SECRET.replace('/', '%2F')}@127.0.0.1:{self.port}"


# --- Twilio ---------------------------------------------------------------------------------------------------------


class TwilioCounter(Counter):
    """https://www.twilio.com/docs/messaging/api/message-resource"""

    def refuse(self, status: int, code: int, text: str = "No") -> None:
        """An error as Twilio says it."""
        self.say(status, {"code": code, "message": text, "more_info": "…", "status": status})

    def be_kind(self, fields: dict[str, str]) -> None:
        """Take it from those who are known."""
        known = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
        if self.headers.get("Authorization") != known:
            self.refuse(401, 20003, "Authenticate")
        elif self.path != f"/2010-04-01/Accounts/{SID}/Messages.json":
            self.refuse(404, 20404)
        elif not (fields.get("From") or fields.get("MessagingServiceSid")):
            self.refuse(400, 21603)
        else:
            self.be_taking(fields)
            self.say(201, {"sid": f"SM{next(self.server.ids):032d}", "status": "queued", "error_code": None})

    def be_wrong_number(self, fields: dict[str, str]) -> None:
        """Not a mobile number."""
        self.refuse(400, 21614, f"{fields['To']} is not a mobile number")

    def be_suspended(self, fields: dict[str, str]) -> None:
        """Our account is closed."""
        self.refuse(400, 30002)

    def be_at_its_limit(self, fields: dict[str, str]) -> None:
        """As many as one may have in a day."""
        self.refuse(429, 63038)

    def be_sorry(self, fields: dict[str, str]) -> None:
        """Noted, and failed at once."""
        self.say(201, {"sid": "SM1", "status": "failed", "error_code": 30006})


class Twilio(Gateway):
    """Twilio's stand-in."""

    def __init__(self) -> None:
        super().__init__(TwilioCounter)

    @property
    def url(self) -> str:
        """What SMS_URL would be."""
        return f"twilio://{SID}:{TOKEN}@127.0.0.1:{self.port}?from=%2B4759440000"


@contextmanager
def open_gateway(gateway: Gateway) -> Iterator[Gateway]:
    """A gateway that listens until the block ends."""
    with gateway:
        threading.Thread(target=gateway.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield gateway
        gateway.shutdown()
