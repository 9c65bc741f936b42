"""What an SMS that came in asks for, by its first word: to be left alone, to be written to again, or something else."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from typing import Final

_WORDS: Final = re.compile(r"[^\W_]+")
_STOP: Final = frozenset(
    {"stopp", "stop", "stoppe", "stoppes", "stopall", "avmeld", "avmelding", "avmeldt", "avslutt", "slutt"}
    | {"unsubscribe", "optout"}
)
# Gateways act on these too, but they begin sentences: only where nothing else is said.
_STOP_ALONE: Final = frozenset({"end", "quit", "cancel", "revoke", "stans"})
_START: Final = frozenset({"start", "unstop", "påmeld"})
# An answer to anything at all: asks for SMS again only where there is a STOPP to take back.
_YES: Final = frozenset({"ja", "yes"})
# What may follow without being a message of its own.
_FILLERS: Final = frozenset(
    {"takk", "tusen", "sms", "smser", "melding", "meldinger", "meldingene", "alle", "alt", "all", "nå", "now", "please"}
    | {"vennligst", "utsending", "utsendelser", "til", "meg", "fra", "dere", "å", "sende", "flere", "igjen"}
)
# More words than this after the first one are a message: “Slutt på møtet ble klokken ni”; but not after a full stop.
_LITTLE: Final = 3
_BY_ITSELF: Final = re.compile(r"[^\w\n]*[^\W_]+[^\S\n]*[.!,;:\n]")


class Wish(Enum):
    """What is asked for."""

    STOP = "stop"
    START = "start"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reading:
    """`keyword` is the first word in lower case. `has_more`: something is said that a person should read."""

    wish: Wish
    keyword: str
    has_more: bool


def read(text: str, *, is_stopped: bool = False) -> Reading:
    """Whatever the case, the spacing and the punctuation. `is_stopped`: a plain yes takes the STOPP back."""
    words = words_of(text)
    first, rest = (words[0], words[1:]) if words else ("", [])
    has_more = any(word not in _FILLERS for word in rest)
    is_short = len(rest) <= _LITTLE or _BY_ITSELF.match(text.strip()[:80])
    if (first in _STOP and is_short) or (first in _STOP_ALONE and not rest):
        return Reading(Wish.STOP, first, has_more)
    starts = first in _START or (is_stopped and first in _YES)
    if starts and not has_more:
        return Reading(Wish.START, first, has_more=False)
    return Reading(Wish.OTHER, first, has_more=True)


def words_of(text: str) -> list[str]:
    """The words in lower case; “S T O P P” is one."""
    words = _WORDS.findall(unicodedata.normalize("NFKC", text[:500]).casefold())
    return ["".join(words)] if len(words) > 2 and all(len(word) == 1 for word in words) else words


def asks_to_stop(subject: str) -> bool:
    """Whether an email's subject says no more than STOPP, an answer's “SV:” aside."""
    words = words_of(subject)
    while words and words[0] in {"sv", "re", "vs", "fw", "fwd"}:
        words.pop(0)
    return read(" ".join(words)).wish is Wish.STOP
