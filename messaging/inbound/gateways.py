"""The gateways' own words for what they tell us, made into ours. No request, no database: fields in, facts out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from messaging.extensions import registry
from messaging.inbound.reports import Report
from messaging.inbound.words import Wish, read, words_of

Fields = Mapping[str, str]
_CODE: Final = re.compile(r"[^A-Za-z0-9_. -]", re.ASCII)
# Whose number it is, it is not told in a code.
_LONG_NUMBER: Final = re.compile(r"[0-9]{7,}", re.ASCII)

# --- Twilio ---------------------------------------------------------------------------------------------------------

_ARRIVED: Final = frozenset({"delivered", "read"})
_NOT_ARRIVED: Final = frozenset({"undelivered", "failed", "canceled"})
# Not a number in use; a land line; not a number at all. An unreachable telephone (30003) may be reached tomorrow.
_NO_SUCH: Final = frozenset({"30005", "21211", "21214", "21217", "21614", "21635"})


def twilio_report_of(fields: Fields, *, ref: str) -> Report | None:
    """None for the steps on the way, which change nothing."""
    status, code = fields.get("MessageStatus", fields.get("SmsStatus", "")), fields.get("ErrorCode", "")
    if status not in _ARRIVED | _NOT_ARRIVED:
        return None
    return Report(
        arrived=status in _ARRIVED,
        ref=ref,
        provider_id=fields.get("MessageSid", fields.get("SmsSid", "")),
        code=_coded("Twilio", code or status),
        no_such_number=code in _NO_SUCH,
    )


# --- Sveve ----------------------------------------------------------------------------------------------------------

_NO_SUCH_SAID: Final = (
    "finnes ikke",
    "ikke et mobilnummer",
    "ukjent abonnent",
    "ukjent nummer",
    "ugyldig nummer",
    "ugyldig mobilnummer",
    "unknown subscriber",
    "unknown number",
    "invalid number",
    "not a mobile",
)


def sveve_report_of(fields: Fields) -> Report | None:
    """None where it does not say how it went."""
    status = fields.get("status", "").strip().lower()
    if status not in {"true", "false"}:
        return None
    code, said = fields.get("errorCode", ""), fields.get("errorDesc", "").casefold()
    return Report(
        arrived=status == "true",
        ref=fields.get("ref", "").strip(),
        provider_id=fields.get("id", "").strip(),
        code=_coded("Sveve", code or "not delivered"),
        no_such_number=status == "false" and any(words in said for words in _NO_SUCH_SAID),
    )


@dataclass(frozen=True, slots=True)
class SveveMessage:
    """An SMS that came in by Sveve. `answers`: Sveve's id of the one it answers, where Sveve knows."""

    number: str
    text: str
    answers: str

    def external_id(self, *, answered: str, day: str) -> str:
        """Sveve gives what comes in no id, and brings it again where we did not answer in time: the same text from the
        same number on the same day is the same message, until something new has been sent there."""
        parts = (self.number, self.text, self.answers, answered, day)
        return "sveve:" + sha256("\0".join(parts).encode()).hexdigest()


def sveve_message(fields: Fields) -> SveveMessage | None:
    """None where somebody's number is missing. `prefix` is the keyword that led it to us, and is no part of the text,
    unless it is a word we know."""
    number = fields.get("number", "").strip()
    if not number:
        return None
    return SveveMessage(number, _with_keyword(fields.get("msg", ""), fields.get("prefix", "")), fields.get("id", ""))


def _with_keyword(text: str, prefix: str) -> str:
    """The text as if nobody stood between: “PARTIET STOPP” is “STOPP”, “NYMEDLEM Kari” stays as it is."""
    keyword, words = words_of(prefix), words_of(text)
    rest = text
    if keyword and words[: len(keyword)] == keyword:
        rest = re.sub(r"^\W*" + r"\W*".join(map(re.escape, prefix.split())) + r"\W*", "", text, flags=re.IGNORECASE)
    if not keyword or not _is_ours(prefix):
        return rest or text or prefix
    return f"{prefix} {rest}".strip()


def _is_ours(word: str) -> bool:
    return read(word).wish is not Wish.OTHER or any(one.word.casefold() == word.casefold() for one in registry.keywords)


def _coded(name: str, code: str) -> str:
    plain = _LONG_NUMBER.sub("…", _CODE.sub("", code)[:40])
    return f"{name} {plain}".strip()
