"""Out by a mail server. What decides what we know afterwards is whether the full stop that ends a letter was sent."""

from __future__ import annotations

import re
import smtplib
import ssl
from typing import Any, Final

from django.core.mail.backends.smtp import EmailBackend

from messaging.enums import DeliveryState
from messaging.transports import mime
from messaging.transports.base import SENT, NotOpen, Outcome, Outgoing
from messaging.transports.return_path import return_path_for

# Not about the letter but about us: who we are was not accepted.
_SIGN_IN: Final = {530, 534, 535, 538}
_CLOSING: Final = 421
_GO_ON: Final = 354
_LEADING_DOT: Final = re.compile(rb"(?m)^\.")


class RecipientRefused(smtplib.SMTPResponseException):
    """The server does not take mail for this address."""


class Talk:
    """What a connection of ours knows beside smtplib's own: how far the letter has come."""

    # Whether the server has taken up this letter, and whether it has all of it.
    begun: bool = False
    ended: bool = False

    def deliver(self, sender: str, recipient: str, letter: bytes) -> None:
        """Send one letter to one recipient. Raises `SMTPException` and `OSError`."""
        talk: Any = self
        self.begun = self.ended = False
        talk.ehlo_or_helo_if_needed()
        size = [f"size={len(letter)}"] if talk.has_extn("size") else []
        if talk.has_extn("pipelining"):
            self._announce_at_once(sender, recipient, size)
        else:
            self._wants(talk.mail(sender, size), smtplib.SMTPSenderRefused, sender)
            self.begun = True
            self._wants(talk.rcpt(recipient), RecipientRefused)
            self._wants(talk.docmd("DATA"), smtplib.SMTPDataError, wanted=_GO_ON)
        talk.send(_LEADING_DOT.sub(b"..", letter) + b".\r\n")
        # Sent in one piece: had its last byte not left us, an error had been raised.
        self.ended = True
        self._wants(talk.getreply(), smtplib.SMTPDataError)

    def _announce_at_once(self, sender: str, recipient: str, size: list[str]) -> None:
        """The three lines that come before a letter in one piece (RFC 2920): one wait for the server and not three."""
        talk: Any = self
        words = " ".join([f"MAIL FROM:{smtplib.quoteaddr(sender)}", *size])
        talk.send(f"{words}\r\nRCPT TO:{smtplib.quoteaddr(recipient)}\r\nDATA\r\n")
        mail = talk.getreply()
        if mail[0] in {_CLOSING, -1}:
            self._wants(mail, smtplib.SMTPSenderRefused, sender)
        self.begun = True
        rcpt, data = talk.getreply(), talk.getreply()
        if data[0] == _GO_ON and not (_is_yes(mail) and _is_yes(rcpt)):
            # It wants a letter for nobody. There is no way back from here but to hang up; no letter has been sent.
            talk.close()
        self._wants(mail, smtplib.SMTPSenderRefused, sender)
        self._wants(rcpt, RecipientRefused)
        self._wants(data, smtplib.SMTPDataError, wanted=_GO_ON)

    def _wants(
        self, reply: tuple[int, bytes], refusal: type[smtplib.SMTPResponseException], *more: str, wanted: int = 200
    ) -> None:
        code, text = reply
        if code == wanted or (wanted == 200 and _is_yes(reply)):
            return
        talk: Any = self
        if code in {_CLOSING, -1}:
            talk.close()
        elif talk.sock is not None:
            # The next letter begins anew.
            talk._rset()
        raise refusal(code, text, *more)


def _is_yes(reply: tuple[int, bytes]) -> bool:
    return 200 <= reply[0] < 300


class Plain(Talk, smtplib.SMTP):
    """On an open connection, or one that STARTTLS closes."""


class Secure(Talk, smtplib.SMTP_SSL):
    """On a connection that is closed from the first byte."""


class Server(EmailBackend):
    """Django's way to the server that EMAIL_URL names, with a talk that can tell how far it came."""

    connection: Plain | Secure | None

    @property
    def connection_class(self) -> type[Plain | Secure]:
        """What Django makes the connection of."""
        return Secure if self.use_ssl else Plain


class SmtpTransport:
    """One connection to the mail server; it is opened anew once where it has died while it waited."""

    def __init__(self) -> None:
        self._server = Server()

    def open(self) -> None:
        """Raises `NotOpen`."""
        try:
            self._server.open()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise NotOpen(described(error)) from None

    def send(self, outgoing: Outgoing, html: str) -> Outcome:
        """Try once. Raises `UnsafeHeader` before anything is sent."""
        letter = mime.as_bytes(outgoing, html)
        recipient, sender = mime.plain_address(outgoing.address), return_path_for(outgoing.id)
        waited = self._server.connection is not None
        try:
            self.open()
        except NotOpen as error:
            return Outcome(DeliveryState.QUEUED, str(error), broken=True)
        talk: Any = self._server.connection
        try:
            talk.deliver(sender, recipient, letter)
        except (OSError, smtplib.SMTPException) as error:
            dead = talk.sock is None or not _codes(error)
            if dead:
                self._server.connection = None
                talk.close()
            if dead and waited and not talk.begun:
                return self.send(outgoing, html)
            return _after(error, talk, broken=dead)
        return SENT

    def close(self) -> None:
        """Say goodbye, if there is anybody to say it to."""
        try:
            self._server.close()
        except (OSError, smtplib.SMTPException):
            pass
        self._server.connection = None


def _after(error: Exception, connection: Talk, *, broken: bool) -> Outcome:
    """What an error in the middle of the talk means."""
    problem = described(error)
    code = max(_codes(error), default=0)
    if code in _SIGN_IN:
        return Outcome(DeliveryState.QUEUED, problem, broken=True)
    if 500 <= code < 600:
        return Outcome(DeliveryState.FAILED, problem, broken=broken)
    if 400 <= code < 500 or not connection.ended:
        return Outcome(DeliveryState.QUEUED, problem, broken=broken)
    # It has the whole letter and has not said what came of it: it may have arrived.
    return Outcome(DeliveryState.UNKNOWN, problem, broken=True)


def _codes(error: Exception) -> list[int]:
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


def described(error: Exception) -> str:
    """The kind of error and the server's number; never its text, which repeats the address."""
    kind = "SSLError" if isinstance(error, ssl.SSLError) else type(error).__name__
    return " ".join([kind, *map(str, _codes(error))])[:200]
