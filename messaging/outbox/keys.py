"""What makes two deliveries one and the same."""

from __future__ import annotations

from uuid import UUID

from django.utils.crypto import salted_hmac

# What we say by ourselves to somebody who wrote: the confirmation of a STOPP goes out although the number is blocked.
AUTOMATIC = "inbound:"
_SALT = "messaging.outbox.keys"


def key_of(message_id: UUID, channel: str, address: str, personal: str = "") -> str:
    """The unique key of a delivery of a message: one for each address, or for each member where the text is their own.

    `personal` is empty where several may share a copy, else whose it is. The address is hashed with the house's secret:
    a key that outlives its address tells nobody what it was.
    """
    value = f"{address.strip().lower()}\0{personal}"
    return f"{message_id}:{channel}:{salted_hmac(_SALT, value, algorithm='sha256').hexdigest()}"
