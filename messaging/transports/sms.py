"""Which way an SMS leaves the house, by the setting SMS_URL."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.conf import settings

from messaging.enums import DeliveryState
from messaging.transports.base import SENT, NotOpen, Outcome, Outgoing, Transport
from messaging.transports.gateway import Account
from messaging.transports.sveve import SveveTransport
from messaging.transports.twilio import TwilioTransport

# What a gateway says on the spot of a number that no SMS will ever reach: everything to it stops.
NO_SUCH_NUMBER: Final = frozenset({"Sveve number", "Twilio 21211", "Twilio 21614", "Twilio 21635"})
_GATEWAYS: Final[dict[str, Callable[[Account], Transport]]] = {"sveve": SveveTransport, "twilio": TwilioTransport}


def sms_transport() -> Transport:
    """The way out that SMS_URL names. The demo sends nothing, whatever is named."""
    if settings.DEMO:
        return DemoTransport()
    try:
        return _read(settings.SMS_URL)
    except ValueError:
        # Not the error itself: it may repeat the address, and the password in it.
        return Closed("SMS_URL is not understood")


def sms_is_possible() -> bool:
    """Whether there is a way out for SMS at all: pages ask before they offer it."""
    return not isinstance(sms_transport(), Closed)


def account_of(scheme: str) -> Account | None:
    """Who we are to a gateway; None where it is not the one set up."""
    parts = urlsplit(settings.SMS_URL) if settings.SMS_URL.startswith(f"{scheme}://") else None
    try:
        return _account(parts) if parts else None
    except ValueError:
        return None


def own_number() -> str:
    """The number that SMS come from and go back to, where the account has one; a name cannot be answered."""
    account = account_of("sveve") or account_of("twilio")
    sender = account.sender if account else ""
    return sender if sender.removeprefix("+").isdigit() else ""


def _read(url: str) -> Transport:
    """Raises ValueError for what is no address of ours."""
    if not url:
        return Closed("no SMS gateway is set up")
    parts = urlsplit(url)
    if parts.scheme == "demo":
        return DemoTransport()
    if parts.scheme == "file" and parts.path:
        return FileTransport(Path(unquote(parts.path)))
    if make := _GATEWAYS.get(parts.scheme):
        return make(_account(parts))
    return Closed("SMS_URL is not understood")


def _account(parts: SplitResult) -> Account:
    if not (parts.hostname and parts.username and parts.password):
        raise ValueError
    options = dict(parse_qsl(parts.query))
    return Account(
        host=parts.hostname,
        port=parts.port,
        user=unquote(parts.username),
        secret=unquote(parts.password),
        sender=options.pop("from", ""),
        options=options,
    )


@dataclass(frozen=True, slots=True)
class Closed:
    """No way out: what waits, waits."""

    why: str

    def open(self) -> None:
        """Always raises."""
        raise NotOpen(self.why)

    def send(self, outgoing: Outgoing) -> Outcome:
        """Not sent."""
        return Outcome(DeliveryState.QUEUED, self.why, broken=True)

    def close(self) -> None:
        """Nothing to close."""


class DemoTransport:
    """Sends nothing, and says it did."""

    def open(self) -> None:
        """Nothing to open."""

    def send(self, outgoing: Outgoing) -> Outcome:
        """As if it had gone."""
        return SENT

    def close(self) -> None:
        """Nothing to close."""


class FileTransport:
    """A line of JSON for each SMS, on the disk before it counts as sent: for trying things out, and for tests."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = -1

    def open(self) -> None:
        """Make the file where it is not there; only we may read it."""
        try:
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise NotOpen(type(error).__name__) from None

    def send(self, outgoing: Outgoing) -> Outcome:
        """One write, so that lines of several workers do not mix."""
        row = {"id": str(outgoing.id), "to": outgoing.address, "from": outgoing.sender, "text": outgoing.text}
        try:
            os.write(self._file, json.dumps(row, ensure_ascii=False).encode() + b"\n")
            os.fsync(self._file)
        except OSError as error:
            return Outcome(DeliveryState.UNKNOWN, type(error).__name__, broken=True)
        return SENT

    def close(self) -> None:
        """Let it go."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
