"""How many SMS a text is: GSM-7 with its extension table, or UCS-2; and which characters make it dear.

Gateways count the same way: 160 septets or 70 UTF-16 units in one part, 153 or 67 in each of several. Neither an escape
pair nor a surrogate pair is cut in two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
# An escape and a letter: two septets.
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
_GSM: Final = _BASIC | _EXTENDED

_GSM_ONE: Final = 160
_GSM_MANY: Final = 153
_UNICODE_ONE: Final = 70
_UNICODE_MANY: Final = 67

# What looks nearly the same and costs nothing extra. For typed text, where the writer asks; a name stays as it is.
LOOK_ALIKES: Final = {
    **dict.fromkeys("–—―‐‑‒−•·", "-"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‘’‚‛´`′‹›", "'"),
    # No-break, thin and other spaces; the tab.
    **dict.fromkeys("\t\u00a0\u2002\u2003\u2007\u2009\u200a\u202f", " "),
    "…": "...",
    # Soft hyphen, zero-width space, the mark at the beginning of a file: nobody sees them. (Joiners change letters.)
    **dict.fromkeys("\u00ad\u200b\u2060\ufeff", ""),
}
_SWAP: Final = str.maketrans(LOOK_ALIKES)


@dataclass(frozen=True, slots=True)
class Segments:
    """What one text is as SMS. `units` are septets, or UTF-16 units where `unicode`; a part holds `per_part` of them.

    `culprits` are the characters that are not in GSM-7, each once, in the order they stand.
    `filled` tells the units of each part: what a pair left over at a part's end is lost.
    """

    parts: int
    units: int
    unicode: bool
    culprits: list[str]
    per_part: int
    filled: tuple[int, ...]

    @property
    def swaps(self) -> dict[str, str]:
        """Of the culprits those that something in the ordinary alphabet can stand in for."""
        return {letter: LOOK_ALIKES[letter] for letter in self.culprits if letter in LOOK_ALIKES}


def count(text: str) -> Segments:
    """Count one text, as it is sent: placeholders filled in. The empty text is no SMS at all."""
    culprits = [letter for letter in dict.fromkeys(text) if letter not in _GSM]
    one, many = (_UNICODE_ONE, _UNICODE_MANY) if culprits else (_GSM_ONE, _GSM_MANY)
    if not culprits and _EXTENDED.isdisjoint(text):
        units, filled = len(text), _even(len(text), one, many)
    else:
        sizes = [_units(letter, unicode=bool(culprits)) for letter in text]
        units = sum(sizes)
        filled = (units,) if 0 < units <= one else _whole_pairs(sizes, many)
    return Segments(len(filled), units, bool(culprits), culprits, one if units <= one else many, filled)


def _units(letter: str, *, unicode: bool) -> int:
    return 1 + (letter > "\uffff" if unicode else letter in _EXTENDED)


def _even(units: int, one: int, many: int) -> tuple[int, ...]:
    if units <= one:
        return (units,) if units else ()
    whole, rest = divmod(units, many)
    return (many,) * whole + ((rest,) if rest else ())


def _whole_pairs(sizes: Sequence[int], many: int) -> tuple[int, ...]:
    filled: list[int] = []
    for size in sizes:
        if not filled or filled[-1] + size > many:
            filled.append(0)
        filled[-1] += size
    return tuple(filled)


def is_plain(text: str) -> bool:
    """Whether every character is in the ordinary alphabet."""
    return _GSM.issuperset(text)


def swapped(text: str, letters: str = "") -> str:
    """A typed text with the look-alikes in place; only of `letters` where they are named.

    Placeholders are plain letters in braces and come through unharmed; what is put into them is never touched.
    """
    return text.translate(_SWAP if not letters else _chosen(letters))


@cache
def _chosen(letters: str) -> dict[int, str]:
    return {ord(letter): LOOK_ALIKES[letter] for letter in letters if letter in LOOK_ALIKES}
