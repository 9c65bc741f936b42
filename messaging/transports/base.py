"""What every way out has in common: what is sent, what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from messaging.enums import DeliveryState


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message as it leaves: everything about it is settled. `sender` is a name, in an SMS the sender's id."""

    id: UUID
    address: str
    text: str
    subject: str = ""
    html: str = ""
    sender: str = ""
    reply_to: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one try. QUEUED: it certainly did not leave, and may be tried again, after `retry_after` seconds.

    UNKNOWN: it may have arrived, so no machine sends it again. `broken`: the connection is of no more use.
    `problem` holds kinds of errors and codes, never an address or a text.
    """

    state: DeliveryState
    problem: str = ""
    provider_id: str = ""
    retry_after: int | None = None
    broken: bool = False


SENT = Outcome(DeliveryState.SENT)


class NotOpen(Exception):
    """The way out cannot be opened now; nothing has been sent. The text names the kind of error only."""


class Transport(Protocol):
    """One connection, for a chunk of messages. Used by one worker at a time."""

    def open(self) -> None:
        """Raises `NotOpen`."""
        ...

    def send(self, outgoing: Outgoing) -> Outcome:
        """Try once; raises nothing that the outside world can cause."""
        ...

    def close(self) -> None:
        """Raises nothing."""
        ...
