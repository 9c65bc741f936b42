"""Where mail that comes back goes: the return mailbox, with the delivery's id in the address (VERP)."""

from __future__ import annotations

import re
from email.utils import parseaddr
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.conf import settings

_TAGGED: Final = re.compile(r"(.+)\+([0-9a-f]{32})@(.+)")


def return_path_for(delivery_id: UUID) -> str:
    """`retur+<hex>@…`, or the house's own address where there is no return mailbox."""
    if not settings.RETURN_ADDRESS:
        return house_address()
    local, _, domain = settings.RETURN_ADDRESS.rpartition("@")
    return f"{local}+{delivery_id.hex}@{domain}"


def delivery_id_in(address: str) -> UUID | None:
    """The id in an address that `return_path_for` made; None for every other."""
    found = _TAGGED.fullmatch(address.strip().strip("<>").casefold())
    if found is None or f"{found[1]}@{found[3]}" != settings.RETURN_ADDRESS.casefold():
        return None
    return UUID(found[2])


def house_sender() -> tuple[str, str]:
    """The house's own name and the address that mail is from."""
    return _parsed(settings.DEFAULT_FROM_EMAIL)


def house_address() -> str:
    """The address that mail is from."""
    return house_sender()[1]


def house_domain() -> str:
    """What stands after the @ in it."""
    return house_address().rpartition("@")[2]


@lru_cache(maxsize=8)
def _parsed(text: str) -> tuple[str, str]:
    return parseaddr(text)
