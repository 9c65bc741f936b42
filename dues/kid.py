"""Payment references (KID): a random number with a check digit, which tells nothing about the member."""

from __future__ import annotations

from random import SystemRandom
from typing import Final

from stdnum import luhn

LENGTH: Final = 13
# No leading zero: spreadsheets eat them.
_FIRST: Final = 10 ** (LENGTH - 2)
_random = SystemRandom()


def new_kid() -> str:
    """Twelve random digits and their MOD10. That no other claim has it, the table's constraint decides."""
    body = str(_random.randrange(_FIRST, 10 * _FIRST))
    return body + luhn.calc_check_digit(body)


def new_kids(count: int) -> list[str]:
    """So many references, no two alike."""
    kids: set[str] = set()
    while len(kids) < count:
        kids.add(new_kid())
    return list(kids)


def is_kid(text: str) -> bool:
    """Whether a text has the length and the check digit of a reference of ours."""
    return len(text) == LENGTH and text.isascii() and text.isdecimal() and luhn.is_valid(text)
