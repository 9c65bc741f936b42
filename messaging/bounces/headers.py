"""What stands in the headers of a mail, whoever made it: broken ones read as well as they can be, never an error."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parseaddr
from typing import Any, Final, TypeAlias
from uuid import UUID

from common.text import clean
from messaging.transports.return_path import delivery_id_in, house_domain

Mail: TypeAlias = "Message[str, str]"

# Longer than any header that a person means something by.
_LONGEST: Final = 2_000
_OUR_NAME: Final = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@([^<>\s]+)>", re.IGNORECASE)


def header(mail: Mail, name: str) -> str:
    """The decoded text on one line, at most 2,000 characters; empty where it is missing."""
    raw: Any = mail.get(name, "")
    text = str(raw)[:_LONGEST]
    try:
        return clean(str(make_header(decode_header(text))))
    except (HeaderParseError, LookupError, ValueError):
        return clean(text.encode("ascii", "replace").decode())


def address_in(mail: Mail, name: str) -> str:
    """The first address of a header, in lower case; empty where there is none."""
    return parseaddr(header(mail, name))[1].strip().lower()


def addresses_in(mail: Mail, *names: str) -> list[str]:
    """All addresses of some headers, each of which may stand there several times."""
    values = [str(value)[:_LONGEST] for name in names for value in mail.get_all(name, [])]
    return [address for _name, address in getaddresses(values) if address]


def tagged(mail: Mail) -> UUID | None:
    """The delivery that this mail was sent back to the return address of (VERP)."""
    found = map(delivery_id_in, addresses_in(mail, "Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc"))
    return next((one for one in found if one), None)


def named(mail: Mail, *names: str) -> UUID | None:
    """The delivery whose Message-ID stands in one of these headers, the last one first."""
    for name in names:
        for found, domain in reversed(_OUR_NAME.findall(header(mail, name))):
            if domain.casefold() == house_domain().casefold():
                return UUID(found)
    return None
