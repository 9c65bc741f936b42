"""One mail from the return mailbox, from its bytes to what it is. Pure: asks no database and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes
from hashlib import sha256
from uuid import UUID

from messaging.bounces.answers import attachments_of, text_of
from messaging.bounces.headers import address_in, header
from messaging.bounces.reports import Kind, report_of
from messaging.transports.return_path import house_address


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail. `external_id` is the same however often it is read; `delivery_id` may name a delivery that is none."""

    kind: Kind
    external_id: str
    delivery_id: UUID | None = None
    status: str = ""
    sender: str = ""
    subject: str = ""
    text: str = ""
    attachments: list[str] = field(default_factory=list)


def read(raw: bytes) -> Incoming:
    """What a mail is. One that claims to be from ourselves is nobody's answer: no two machines shall talk for ever.

    Raises what the mail parser raises for what is beyond reading: `RecursionError` and the like.
    """
    mail = message_from_bytes(raw)
    report = report_of(mail)
    sender = address_in(mail, "Reply-To") or address_in(mail, "From")
    external_id = _name_of(header(mail, "Message-ID"), address_in(mail, "From"), raw)
    if report.kind != Kind.ANSWER:
        return Incoming(report.kind, external_id, report.delivery_id, report.status)
    if "@" not in sender or sender == house_address().lower():
        return Incoming(Kind.AUTOMATIC, external_id)
    return Incoming(
        Kind.ANSWER,
        external_id,
        report.delivery_id,
        sender=sender[:254],
        subject=header(mail, "Subject")[:250],
        text=text_of(mail),
        attachments=attachments_of(mail),
    )


def _name_of(message_id: str, sender: str, raw: bytes) -> str:
    """By its Message-ID and sender, else by what it says: names of any length become short."""
    named = f"{message_id}\n{sender}".encode() if message_id else raw
    return sha256(named).hexdigest()
