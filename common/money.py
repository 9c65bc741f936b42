"""Money is a whole number of øre; only here does it become text, and text become it."""

import math
import re
from decimal import Decimal
from typing import Final

from common.numbers import MINUS, NO_BREAK_SPACE, format_int

# A hundred million kroner: more than any branch has, and well inside an integer column of either database.
MAX_ORE: Final = 10_000_000_000
_AMOUNT: Final = re.compile(r"([+-]?)([0-9]{1,12})(?:[.,]([0-9]{1,2}))?", re.ASCII)
_THOUSANDS_DOTS: Final = re.compile(r"([+-]?)[0-9]{1,3}(?:\.[0-9]{3})+(,[0-9]{1,2})?", re.ASCII)
_THOUSANDS_SPACES: Final = re.compile(r"(?<=[0-9])[\s\u00a0\u202f](?=[0-9]{3}(?![0-9]))")


def format_kr(ore: int) -> str:
    """Return an amount of øre as "1 450 kr", with øre only where it is not whole: "450,50 kr"."""
    kroner, rest = divmod(abs(ore), 100)
    sign = MINUS if ore < 0 else ""
    decimals = f",{rest:02d}" if rest else ""
    return f"{sign}{format_int(kroner)}{decimals}{NO_BREAK_SPACE}kr"


def as_kroner(ore: int) -> str:
    """Øre as people type an amount: 450, or 450,50."""
    kroner, rest = divmod(ore, 100)
    return f"{kroner},{rest:02d}" if rest else str(kroner)


def parse_kroner(value: str | float | Decimal) -> int:
    """Read an amount in kroner ("450", "450,-", "kr 1 450,50", 450.0) and return øre; ValueError where it is none."""
    ore = _parse_text(value) if isinstance(value, str) else _from_number(value)
    if abs(ore) > MAX_ORE:
        raise ValueError("an amount beyond all dues")
    return ore


def _from_number(value: float | Decimal) -> int:
    if not math.isfinite(value):
        raise ValueError("not an amount of kroner")
    return round(value * 100)


def _parse_text(value: str) -> int:
    """Øre of an amount as people write it."""
    if len(value) > 40:
        raise ValueError("too long for an amount of kroner")
    text = value.strip().lower().replace(MINUS, "-")
    text = re.sub(r"^(?:kr\.?|nok)\s*|\s*(?:kr\.?|kroner|nok)$", "", text)
    text = re.sub(r"[,.]\s*[-\u2013\u2014]+$", "", text)
    text = _THOUSANDS_SPACES.sub("", text.strip())
    if _THOUSANDS_DOTS.fullmatch(text):
        text = text.replace(".", "")
    amount = _AMOUNT.fullmatch(text)
    if amount is None:
        raise ValueError("not an amount of kroner")
    ore = int(amount[2]) * 100 + int((amount[3] or "0").ljust(2, "0"))
    return -ore if amount[1] == "-" else ore
