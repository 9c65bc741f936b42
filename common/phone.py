"""Telephone numbers: read from whatever was typed, stored as E.164, shown as Norwegians write them."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.conf import settings

# Nobody can dial it: no Norwegian subscriber number begins with 00. Only the demo takes it as a mobile number.
DEMO_PREFIX: Final = "+4700"

_MAX_LENGTH: Final = 40
_SPACING: Final = dict.fromkeys(map(ord, " \t\u00a0\u2007\u2009\u202f.-()\u2010\u2011\u2012\u2013"))
_EIGHT_DIGITS: Final = re.compile(r"(?:\+47|0047|47)?([2-9][0-9]{7})", re.ASCII)
_DEMO_NUMBER: Final = re.compile(r"(?:\+47|0047)?(00[0-9]{6})", re.ASCII)
_FIXED_LINE: Final = re.compile(r"(?:2[1-4]|3[1-3578]|5[1-35-7]|6[1-46-9]|7[0-8])[0-9]{6}", re.ASCII)
_SEVERAL: Final = re.compile(
    r"[0-9][^0-9]*(?:[/,;|\n&]|\b(?:og|eller|el|or|and)\b)[^0-9]*\+?[0-9]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Phone:
    """One number as read: `e164` is None where `raw` is not one valid number; an SMS needs `mobile`."""

    e164: str | None
    mobile: bool
    raw: str


def _in_demo() -> bool:
    return getattr(settings, "MODE", "production") == "demo"


def _as_text(raw: str | float | None) -> str:
    """A cell as text; a spreadsheet hands numbers over as 91234567.0."""
    if raw is None:
        return ""
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    text = str(raw).strip()
    return text[:-2] if re.fullmatch(r"[0-9]{8,12}\.0", text) else text


def parse_phone(raw: str | float | None, *, demo: bool | None = None) -> Phone:
    """Read one telephone number; without a country code it is Norwegian.

    Two numbers in one text are none. `demo` says whether the demo's undialable numbers count as mobile numbers; left
    out, the setting MODE decides.
    """
    text = _as_text(raw)
    compact = text.translate(_SPACING)
    if demo_number := _DEMO_NUMBER.fullmatch(compact):
        if _in_demo() if demo is None else demo:
            return Phone(f"+47{demo_number[1]}", True, text)
        return Phone(None, False, text)
    if norwegian := _EIGHT_DIGITS.fullmatch(compact):
        number = norwegian[1]
        if number[0] in "49":
            return Phone(f"+47{number}", True, text)
        if _FIXED_LINE.fullmatch(number):
            return Phone(f"+47{number}", False, text)
    return _parse_slowly(text)


def _parse_slowly(text: str) -> Phone:
    """Ask the phonenumbers library, which knows every country and costs fifty times as much."""
    # Here, not above: a process that only shows Norwegian numbers never needs its tables of the world.
    import phonenumbers

    none = Phone(None, False, text)
    if not 3 <= len(text) <= _MAX_LENGTH or _SEVERAL.search(text):
        return none
    try:
        number = phonenumbers.parse(text, "NO")
    except phonenumbers.NumberParseException:
        return none
    if number.extension or not phonenumbers.is_valid_number(number):
        return none
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    kinds = phonenumbers.PhoneNumberType
    is_mobile = phonenumbers.number_type(number) in (kinds.MOBILE, kinds.FIXED_LINE_OR_MOBILE)
    return Phone(e164, is_mobile, text)


def format_phone(e164: str) -> str:
    """Return a stored number as it is read aloud: "912 34 567", "22 33 44 55", "+46 70 123 45 67"."""
    if not e164.startswith("+47") or len(e164) != 11:
        return _format_foreign(e164) if e164 else ""
    number = e164[3:]
    if number[0] in "0489":
        return f"{number[:3]} {number[3:5]} {number[5:]}"
    return f"{number[:2]} {number[2:4]} {number[4:6]} {number[6:]}"


@lru_cache(maxsize=1_000)
def _format_foreign(e164: str) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def tel_uri(e164: str) -> str:
    """Return the address that makes a telephone dial."""
    return f"tel:{e164}"
