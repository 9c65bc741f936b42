"""The way out that stands in every email: a link that needs no sign-in, and the headers that mail programs act on.

The link names one delivery and is signed, so that it can be neither guessed nor turned on somebody else. It holds as
long as the delivery is kept: a year.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from membership.models import Member
from messaging.contact import address_of
from messaging.enums import PURPOSES, Purpose
from messaging.models import Delivery, Recipient

# What a mail program sends when its own button is pressed (RFC 8058); it asks nothing more.
ONE_CLICK: Final = {"List-Unsubscribe": "One-Click"}
# A dot: neither part has one, and programs that find links in a text take it along.
_SIGNER: Final = signing.Signer(sep=".", salt="messaging.unsubscribe")
_LEAVABLE: Final = frozenset(PURPOSES) - {Purpose.SERVICE}


def token_for(delivery: Delivery) -> str:
    """The same each time, so that a mail that is tried again is the same mail."""
    return _SIGNER.sign(urlsafe_b64encode(delivery.pk.bytes).decode().rstrip("="))


def url_for(delivery: Delivery) -> str:
    """The address of the page, by PUBLIC_URL."""
    return f"{_before_token(settings.PUBLIC_URL)}{token_for(delivery)}/"


@lru_cache(maxsize=4)
def _before_token(public_url: str) -> str:
    """Looked up once: finding an address takes longer than signing, and a message has thousands."""
    return public_url + reverse("messaging:unsubscribe", args=["-"]).removesuffix("-/")


def can_leave(delivery: Delivery) -> bool:
    """Whether there is something to say no to: not to one's own dues, to a code one asked for, or as an officer.

    Reads the delivery's message: load it along.
    """
    if delivery.purpose not in _LEAVABLE or delivery.message is None:
        return False
    return bool(delivery.message.audience.get("kind") != "officers")


def headers_for(delivery: Delivery) -> dict[str, str]:
    """What an email carries so that the mail program shows a button of its own; nothing where there is no leaving."""
    if not can_leave(delivery):
        return {}
    return {
        "List-Unsubscribe": f"<{url_for(delivery)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def delivery_of(token: str) -> Delivery | None:
    """The delivery that a link names; None for what is no link of ours, or whose delivery is erased."""
    try:
        name = _SIGNER.unsign(token)
        pk = UUID(bytes=urlsafe_b64decode(name + "=="))
    except (signing.BadSignature, ValueError):
        return None
    return Delivery.objects.filter(pk=pk, purpose__in=_LEAVABLE).select_related("message").first()


def readers_of(delivery: Delivery) -> dict[int, Member]:
    """Those it went to and who still have that address, by the number of their `Recipient`, in order.

    Whoever has another address by now may not be the one who reads this one: nothing comes here about them any more.
    """
    rows = Recipient.objects.filter(delivery=delivery, member__isnull=False).select_related("member").order_by("pk")
    found = {row.pk: row.member for row in rows if row.member is not None}
    return {pk: member for pk, member in found.items() if address_of(member, delivery.channel) == delivery.address}
