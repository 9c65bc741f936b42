"""What all SMS gateways have in common: one connection that is kept, time limits, and what an answer means.

What matters most is whether a request may have reached the gateway: before its first byte has left, a failure is
certain and it is tried again; after that nobody knows, and no machine sends it twice.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from messaging.enums import DeliveryState
from messaging.transports.base import NotOpen, Outcome, Outgoing

# Seconds: to connect, between two pieces of an answer, and for the answer as a whole.
CONNECT: Final = 5.0
READ: Final = 20.0
WHOLE: Final = 40.0
# No honest answer about one SMS is longer.
_MOST: Final = 64 * 1024
# Seconds until a gateway without credit, or that does not know us, is asked again; and what it may ask for at most.
_ACCOUNT_WAIT: Final = 900
_LONGEST_WAIT: Final = 3600
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

_wire = threading.local()


@dataclass(frozen=True, slots=True)
class Account:
    """Where a gateway is, and who we are to it. The secret never stands in a text of ours."""

    host: str
    user: str = field(repr=False)
    secret: str = field(repr=False)
    port: int | None = None
    # Who an SMS is from where the branch has no sender of its own.
    sender: str = ""
    options: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The beginning of every address: encrypted, but on this machine itself."""
        scheme = "http" if self.host in _LOOPBACK else "https"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}" + (f":{self.port}" if self.port else "")

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self.host, self.port or (80 if self.host in _LOOPBACK else 443)


class _Plain(HTTPConnection):
    """Notes that a request has begun to leave."""

    def send(self, data: Any) -> None:
        _ready(self)
        super().send(data)


class _Encrypted(HTTPSConnection):
    """The same."""

    def send(self, data: Any) -> None:
        _ready(self)
        super().send(data)


def _ready(connection: HTTPConnection) -> None:
    """Connect first, if need be: what fails in that has sent nothing."""
    if connection.sock is None and connection.auto_open:
        connection.connect()
    _wire.began = True


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _Encrypted


class _Adapter(HTTPAdapter):
    """One connection, and no second try behind our back."""

    def __init__(self) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _EncryptedPool}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gateway said: `data` is None where it is no JSON object."""

    status: int
    data: dict[str, Any] | None
    retry_after: int | None


class Gateway:
    """A transport over HTTP: one request for each recipient. `name` stands before every problem."""

    name: ClassVar[str]
    # Longer texts are refused by the gateway as a whole: better said before than after.
    longest: ClassVar[int]

    def __init__(self, account: Account) -> None:
        self.account = account
        self._session: requests.Session | None = None

    def open(self) -> None:
        """See whether somebody is there: behind a closed door nothing is begun, and no try is counted."""
        try:
            socket.create_connection(self.account.address, CONNECT).close()
        except OSError as error:
            raise NotOpen(f"{self.name} {type(error).__name__}") from None
        session = requests.Session()
        # No proxies, no password file, no certificates from the environment: what we send is nobody else's.
        session.trust_env = False
        adapter = _Adapter()
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        self._session = session

    def send(self, outgoing: Outgoing) -> Outcome:
        """Try once."""
        if self._session is None:
            raise NotOpen("not opened")
        if not outgoing.text or len(outgoing.text) > self.longest:
            return self.refused("length")
        _wire.began = False
        try:
            answer = self._ask(self._session, outgoing)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            return self._cut(type(error).__name__)
        return self.read(answer)

    def close(self) -> None:
        """Let the connection go."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def request(self, outgoing: Outgoing) -> tuple[str, dict[str, str], tuple[str, str] | None]:
        """The path, the fields of the form, and who we are where that is not among the fields."""
        raise NotImplementedError

    def read(self, answer: Answer) -> Outcome:
        """What an answer means."""
        raise NotImplementedError

    def _ask(self, session: requests.Session, outgoing: Outgoing) -> Answer:
        path, fields, auth = self.request(outgoing)
        until = time.monotonic() + WHOLE
        response = session.post(
            self.account.base + path,
            data=fields,
            auth=auth,
            timeout=(CONNECT, READ),
            # To another host a request would be carried once more, and the password with it.
            allow_redirects=False,
            stream=True,
        )
        with response:
            body = b""
            for piece in response.iter_content(4096):
                body += piece
                if len(body) > _MOST or time.monotonic() > until:
                    return Answer(response.status_code, None, None)
        return Answer(response.status_code, _as_object(body), _wait_of(response))

    def _cut(self, kind: str) -> Outcome:
        state = DeliveryState.UNKNOWN if _wire.began else DeliveryState.QUEUED
        return Outcome(state, f"{self.name} {kind}", broken=True)

    # --- What the answers of all of them mean ------------------------------------------------------------------------

    def by_status(self, answer: Answer) -> Outcome | None:
        """What the number of an answer says, whatever stands in it; None where that must be read."""
        status = answer.status
        if status == 429 or (status == 503 and answer.retry_after is not None):
            return Outcome(DeliveryState.QUEUED, f"{self.name} {status}", retry_after=answer.retry_after or 60)
        if status >= 500 or status < 200:
            return Outcome(DeliveryState.UNKNOWN, f"{self.name} {status}", broken=True)
        if status in {401, 402, 403, 404, 405, 407, 408} or 300 <= status < 400:
            return self.account_fault(str(status))
        return None

    def account_fault(self, kind: str) -> Outcome:
        """No credit, a wrong password, a closed account: not the recipient's fault, and true of all that wait."""
        return Outcome(
            DeliveryState.QUEUED, f"{self.name} account {kind}"[:200], retry_after=_ACCOUNT_WAIT, broken=True
        )

    def refused(self, kind: str) -> Outcome:
        """The gateway will not take this one, now or later."""
        return Outcome(DeliveryState.FAILED, f"{self.name} {kind}"[:200])

    def unreadable(self, answer: Answer) -> Outcome:
        """An answer that says neither yes nor no: it may have been taken."""
        return Outcome(DeliveryState.UNKNOWN, f"{self.name} {answer.status} unreadable", broken=True)

    def sender_of(self, outgoing: Outgoing) -> str:
        """A number, or a name of letters, digits and spaces, eleven at most; empty where the gateway chooses."""
        return sender_id(outgoing.sender) or self.account.sender


def sender_id(text: str) -> str:
    """The text as gateways take it; empty where nothing of use is left."""
    if re.fullmatch(r"\+?[0-9]{3,15}", text, re.ASCII):
        return text
    return " ".join(re.sub(r"[^A-Za-z0-9 ]", "", text, flags=re.ASCII).split())[:11].strip()


def _as_object(body: bytes) -> dict[str, Any] | None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _wait_of(response: requests.Response) -> int | None:
    """Retry-After in seconds: as a number, or as a moment by the gateway's own clock."""
    raw = response.headers.get("Retry-After", "").strip()
    if raw.isascii() and raw.isdigit():
        return min(int(raw[:9]), _LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(raw) - parsedate_to_datetime(response.headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return min(max(int(wait.total_seconds()), 0), _LONGEST_WAIT)
