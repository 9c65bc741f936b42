"""Delivery reports (RFC 3464), complaints (RFC 5965) and automatic answers (RFC 3834): what a mail is, and about what.

Nothing is believed of an address: a report counts only when it names, by the return path or by the Message-ID of the
mail it returns, a delivery that we made. Whoever knows that name has had the mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from enum import StrEnum
from itertools import islice
from typing import Final
from uuid import UUID

from messaging.bounces.headers import Mail, address_in, header, named, tagged

# No report has more parts; a mail that has is no report.
_MOST_PARTS: Final = 50
_STATUS: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY_CODE: Final = re.compile(r"\b([45])\d\d\b")
# Permanent by number, and yet nothing is wrong with the address: a full mailbox, a mail too large, a policy (7) or
# a content (6) that was not liked.
_NOT_THE_ADDRESS: Final = re.compile(r"5\.(2\.2|3\.4|[67]\.\d+)")
_ROBOTS: Final = ("mailer-daemon@", "postmaster@", "microsoftexchange")
_AUTOMATIC_SUBJECT: Final = re.compile(
    r"(automatisk svar|autosvar|auto(matic)?[ -]?reply|autoreply|out[ -]of[ -](the[ -])?office|vacation reply)\b",
    re.IGNORECASE,
)
_AUTOMATIC_HEADERS: Final = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "List-Id", "X-Loop")
_AUTOMATIC_PRECEDENCE: Final = frozenset({"auto_reply", "auto-reply", "bulk", "junk", "list"})


class Kind(StrEnum):
    """What a mail is."""

    HARD = "hard"
    SOFT = "soft"
    DELIVERED = "delivered"
    COMPLAINT = "complaint"
    AUTOMATIC = "automatic"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail is; the delivery it is about, if it names one of ours; the status code of a bounce."""

    kind: Kind
    delivery_id: UUID | None = None
    status: str = ""


def report_of(mail: Mail) -> Report:
    """What it is. Everything that is neither a report nor made by a machine is an answer."""
    parts = list(islice(leaves(mail), _MOST_PARTS))
    by_type = {part.get_content_type(): part for part in reversed(parts)}
    if complaint := by_type.get("message/feedback-report"):
        return _complaint(complaint, mail, parts)
    if status := by_type.get("message/delivery-status"):
        return _delivery_status(status, mail, parts)
    if "message/disposition-notification" in by_type:
        return Report(Kind.AUTOMATIC)
    if _is_from_a_robot(mail):
        return _in_words(mail, parts)
    if _is_automatic(mail):
        return Report(Kind.AUTOMATIC)
    return Report(Kind.ANSWER, tagged(mail) or named(mail, "In-Reply-To", "References"))


def leaves(mail: Mail) -> Iterator[Mail]:
    """The parts of a mail; a mail inside it is one, not its parts: a report that somebody forwards is no report."""
    waiting = [mail]
    while waiting:
        part = waiting.pop(0)
        content = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(content, list):
            waiting[:0] = [one for one in content if isinstance(one, type(mail))]
        else:
            yield part


def _complaint(part: Mail, mail: Mail, parts: list[Mail]) -> Report:
    kind = next((header(inner, "Feedback-Type").lower() for inner in _inner(part)), "")
    if kind == "not-spam":
        return Report(Kind.AUTOMATIC)
    return Report(Kind.COMPLAINT, tagged(mail) or _returned(parts))


def _delivery_status(part: Mail, mail: Mail, parts: list[Mail]) -> Report:
    groups = list(islice(_inner(part), _MOST_PARTS))
    delivery_id = tagged(mail) or next(filter(None, (named(one, "Original-Message-ID") for one in groups)), None)
    found = [one for one in map(_recipient, groups) if one]
    if not found:
        return Report(Kind.AUTOMATIC)
    # One of ours has one recipient; behind it may be several, by forwarding: the worst counts.
    worst = min(found, key=lambda one: list(Kind).index(one[0]))
    return Report(worst[0], delivery_id or _returned(parts), worst[1])


def _recipient(group: Mail) -> tuple[Kind, str] | None:
    """What became of one recipient; None for a group that tells of none."""
    action = header(group, "Action").lower().split(" ")[0]
    if action == "delayed":
        # It is still being tried, and the last word comes later.
        return Kind.AUTOMATIC, ""
    if action in {"delivered", "relayed", "expanded"}:
        return Kind.DELIVERED, ""
    if action != "failed":
        return None
    said = f"{header(group, 'Status')} {header(group, 'Diagnostic-Code')}"
    return _kind_of(said) or (Kind.SOFT, "")


def _kind_of(said: str) -> tuple[Kind, str] | None:
    """Hard or soft, and the code, by the first code in a text; None without one."""
    if found := next((one for one in _STATUS.finditer(said) if one[1] != "2"), None):
        hard = found[1] == "5" and not _NOT_THE_ADDRESS.fullmatch(found[0])
        return (Kind.HARD if hard else Kind.SOFT), found[0]
    if code := _REPLY_CODE.search(said):
        return (Kind.HARD if code[1] == "5" else Kind.SOFT), code[0]
    return None


def _in_words(mail: Mail, parts: list[Mail]) -> Report:
    """A report in a form of somebody's own, as qmail and old servers make it: what its text says, where we know of
    which delivery."""
    delivery_id = tagged(mail) or _returned(parts)
    text = next((_text(part)[:20_000] for part in parts if part.get_content_type() == "text/plain"), "")
    found = _kind_of(text)
    return Report(found[0], delivery_id, found[1]) if found and delivery_id else Report(Kind.AUTOMATIC)


def _is_from_a_robot(mail: Mail) -> bool:
    return header(mail, "Return-Path") == "<>" or address_in(mail, "From").startswith(_ROBOTS)


def _is_automatic(mail: Mail) -> bool:
    """By RFC 3834, and by what was used before it."""
    auto = header(mail, "Auto-Submitted").lower().split(";")[0].strip()
    if auto not in {"", "no"} or any(name in mail for name in _AUTOMATIC_HEADERS):
        return True
    if header(mail, "Precedence").lower() in _AUTOMATIC_PRECEDENCE:
        return True
    return bool(_AUTOMATIC_SUBJECT.match(header(mail, "Subject")))


def _inner(part: Mail) -> Iterator[Mail]:
    """The groups of fields in a machine's part, whichever way they were put there."""
    content = part.get_payload()
    if isinstance(content, list):
        for one in content:
            if not isinstance(one, type(part)):
                continue
            yield one
            # Some servers end the first group with an encoded empty line: the rest is read as its text.
            rest = one.get_payload()
            if isinstance(rest, str) and ":" in rest:
                yield from (message_from_string(group) for group in rest.strip().split("\n\n"))
    elif isinstance(content, str):
        yield from (message_from_string(group) for group in _text(part).replace("\r\n", "\n").strip().split("\n\n"))


def _returned(parts: list[Mail]) -> UUID | None:
    """The delivery whose mail, or the headers of it, came along."""
    for part in parts:
        if part.get_content_type() == "message/rfc822":
            inside: list[Mail] = [one for one in part.get_payload() if isinstance(one, type(part))]
        elif part.get_content_type() in {"text/rfc822-headers", "message/rfc822-headers"}:
            inside = [message_from_string(_text(part).lstrip())]
        else:
            continue
        if found := next(filter(None, (named(one, "Message-ID") for one in inside)), None):
            return found
    return None


def _text(part: Mail) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
