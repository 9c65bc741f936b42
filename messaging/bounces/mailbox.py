"""The return mailbox, over IMAP: what has not been read, in order, each marked as read once it is dealt with."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# Of one mail: a report stands at its beginning, and so does what somebody wrote.
MOST_BYTES: Final = 1_000_000
# In one round; the others are there the next time.
MOST_AT_ONCE: Final = 500
# Seconds without a word from the server.
PATIENCE: Final = 30
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class MailboxError(Exception):
    """The mailbox cannot be opened or read now. The text names the kind of error only, never a name or a password."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the mailbox is, and who opens it."""

    host: str
    port: int
    encrypted: bool
    user: str
    password: str
    folder: str


def address_of(url: str) -> Address:
    """Reads `imaps://user:password@host[:port]/FOLDER`. Without encryption (imap://) only on this machine.

    Raises `ImproperlyConfigured`, without repeating the address.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ImproperlyConfigured("RETURN_IMAP_URL is no address.") from None
    encrypted = parts.scheme == "imaps"
    if not host or not (encrypted or parts.scheme == "imap"):
        raise ImproperlyConfigured("RETURN_IMAP_URL must be imaps://user:password@host/INBOX.")
    if not encrypted and host not in _LOOPBACK:
        raise ImproperlyConfigured("RETURN_IMAP_URL: imap:// only reaches this machine; use imaps://.")
    return Address(
        host,
        port or (993 if encrypted else 143),
        encrypted,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        unquote(parts.path.lstrip("/")) or "INBOX",
    )


class Mailbox:
    """An open mailbox. Raises `MailboxError` when the line is lost."""

    def __init__(self, connection: imaplib.IMAP4) -> None:
        self._connection = connection

    def unread(self) -> list[bytes]:
        """The numbers (UIDs) of what has not been read, the oldest first."""
        found = self._ask("SEARCH", "UNSEEN")
        numbers = sorted(found[0].split(), key=int) if found and isinstance(found[0], bytes) else []
        return numbers[:MOST_AT_ONCE]

    def fetch(self, uid: bytes) -> bytes:
        """The first megabyte of a mail, still unread; empty where it has gone meanwhile."""
        found = self._ask("FETCH", uid.decode(), f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
        return next((one[1] for one in found if isinstance(one, tuple) and isinstance(one[1], bytes)), b"")

    def mark_read(self, uid: bytes, *, flagged: bool = False) -> None:
        """Done with it. `flagged`: a person should look at it."""
        self._ask("STORE", uid.decode(), "+FLAGS.SILENT", r"(\Seen \Flagged)" if flagged else r"(\Seen)")

    def _ask(self, command: str, *args: str) -> list[Any]:
        try:
            answer, found = self._connection.uid(command, *args)
        except (OSError, imaplib.IMAP4.error) as error:
            raise MailboxError(type(error).__name__) from None
        if answer != "OK":
            raise MailboxError(answer)
        return list(found)


@contextmanager
def open_mailbox(url: str) -> Iterator[Mailbox]:
    """The mailbox, opened and closed again. Raises `MailboxError` and `ImproperlyConfigured`."""
    address = address_of(url)
    try:
        connection = _connect(address)
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxError(type(error).__name__) from None
    try:
        _enter(connection, address)
        yield Mailbox(connection)
    finally:
        try:
            connection.logout()
        except (OSError, imaplib.IMAP4.error):
            pass


def _connect(address: Address) -> imaplib.IMAP4:
    if not address.encrypted:
        return imaplib.IMAP4(address.host, address.port, timeout=PATIENCE)
    context = ssl.create_default_context()
    return imaplib.IMAP4_SSL(address.host, address.port, ssl_context=context, timeout=PATIENCE)


def _enter(connection: imaplib.IMAP4, address: Address) -> None:
    try:
        # The library quotes the password alone.
        connection.login(_quoted(address.user), address.password)
        answer, _count = connection.select(_quoted(address.folder))
    except (OSError, imaplib.IMAP4.error, ValueError) as error:
        # The error's text may repeat what was sent.
        raise MailboxError(type(error).__name__) from None
    if answer != "OK":
        raise MailboxError("no such folder")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
