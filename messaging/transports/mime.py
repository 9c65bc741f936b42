"""The letter itself, as bytes. Written by hand: Python's own generator takes longer than the mail server does.

A line break in a name or a subject would begin a header of its own: it becomes a space; in an address it is refused.
"""

from __future__ import annotations

import re
import unicodedata
from binascii import b2a_qp
from collections.abc import Iterator
from email.header import Header
from email.utils import formatdate, quote
from functools import lru_cache
from typing import Final

from django.conf import settings

from messaging.transports.base import Outgoing
from messaging.transports.return_path import house_domain, house_sender, return_path_for

# Control characters and line ends of every kind, and those that turn the direction of what follows.
_UNSAFE: Final = {"Cc", "Zl", "Zp"}
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
_ADDRESS: Final = re.compile(r"[!-~]+@[!-~]+")
_FORBIDDEN: Final = re.compile(r"[\s<>,;:()\[\]\\\"]")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_VALUE: Final = re.compile(r"[ -~]{1,900}")
# A header of ours is not written twice because somebody else's list holds it too.
_OURS: Final = frozenset(
    {"from", "to", "cc", "bcc", "sender", "subject", "reply-to", "date", "message-id", "mime-version"}
)


class UnsafeHeader(ValueError):
    """An address or a header that cannot be written without becoming something else."""


def clean(text: str) -> str:
    """A name or a subject on one line, without what would end it or turn it round."""
    return " ".join(
        "".join(
            " " if unicodedata.category(letter) in _UNSAFE else letter for letter in text if letter not in _TURNING
        ).split()
    )


def plain_address(address: str) -> str:
    """The address in ASCII, the domain by IDNA. Raises `UnsafeHeader`."""
    local, at, domain = address.rpartition("@")
    try:
        written = local + at + (domain if domain.isascii() else domain.encode("idna").decode())
    except UnicodeError:
        raise UnsafeHeader from None
    if not _ADDRESS.fullmatch(written) or _FORBIDDEN.search(written):
        raise UnsafeHeader
    return written


@lru_cache(maxsize=512)
def encoded(text: str, header: str) -> str:
    """The text of a header as it may stand in one, folded where it is long."""
    return Header(clean(text), None if text.isascii() else "utf-8", 75, header).encode(linesep="\r\n")


@lru_cache(maxsize=512)
def mailbox(name: str, address: str) -> str:
    """`Kåfjord <post@…>`, with the name encoded or in quotes as it needs."""
    name = clean(name)
    if not name:
        return plain_address(address)
    shown = f'"{quote(name)}"' if name.isascii() else Header(name, "utf-8", 75, "From").encode(linesep="\r\n")
    return f"{shown} <{plain_address(address)}>"


def sender_of(outgoing: Outgoing) -> tuple[str, str]:
    """Under whose name, and from which address: always the house's own, which the mail server answers for."""
    name, address = house_sender()
    return outgoing.sender or name, address


def reply_to(outgoing: Outgoing) -> str:
    """Where answers go: whoever was named, else the return mailbox, which knows by the address what is answered."""
    return outgoing.reply_to or (return_path_for(outgoing.id) if settings.RETURN_ADDRESS else "")


def message_id(outgoing: Outgoing) -> str:
    """The same however often it is tried, so that a copy can be seen to be one. It names no machine."""
    return f"<{outgoing.id}@{house_domain()}>"


def more_headers(outgoing: Outgoing) -> Iterator[tuple[str, str]]:
    """What the message brings along. Raises `UnsafeHeader`."""
    for name, value in outgoing.headers.items():
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value) or name.casefold() in _OURS:
            raise UnsafeHeader
        yield name, value


def as_bytes(outgoing: Outgoing, html: str) -> bytes:
    """The whole letter: plain text, and HTML where there is some. Raises `UnsafeHeader`."""
    lines = [
        f"From: {mailbox(*sender_of(outgoing))}",
        f"To: {plain_address(outgoing.address)}",
        f"Subject: {encoded(outgoing.subject, 'Subject')}",
        f"Date: {formatdate()}",
        f"Message-ID: {message_id(outgoing)}",
    ]
    if answers := reply_to(outgoing):
        lines.append(f"Reply-To: {plain_address(answers)}")
    lines += [f"{name}: {value}" for name, value in more_headers(outgoing)]
    lines.append("MIME-Version: 1.0")
    text = _part("plain", outgoing.text)
    if not html:
        return "\r\n".join(lines).encode("ascii") + b"\r\n" + text + b"\r\n" * (not text.endswith(b"\r\n"))
    # A mark with an equals sign before an underscore never comes out of quoted-printable.
    mark = f"=_{outgoing.id.hex}"
    lines += [f'Content-Type: multipart/alternative; boundary="{mark}"', "", ""]
    edge = f"--{mark}".encode("ascii")
    parts = [edge, b"\r\n", text, b"\r\n", edge, b"\r\n", _part("html", html), b"\r\n", edge, b"--\r\n"]
    return "\r\n".join(lines).encode("ascii") + b"".join(parts)


def _part(kind: str, text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    body = b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode("ascii") + body
