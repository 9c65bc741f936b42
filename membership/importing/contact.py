"""How a member is reached: telephones, email, address, and what they have reserved themselves against."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from common.phone import Phone, parse_phone
from common.spreadsheet.sheets import Cell
from membership.importing import cells
from membership.importing.cells import Unreadable
from membership.importing.draft import Draft

PHONE_LENGTH: Final = 40
EMAIL_LENGTH: Final = 254
POSTAL_CODE_LENGTH: Final = 12

_SEVERAL_PHONES: Final = re.compile(r"\s*(?:[/,;|&]|\b(?:og|eller|el|and|or)\b\.?)\s*|\s{2,}", re.IGNORECASE)
_PHONE_LABEL: Final = re.compile(r"[^\W\d_]+\.?:?|\([^\d)]*\)")
_TWO_IN_A_ROW: Final = re.compile(r"(\+?[0-9]{8,12})\s+(\+?[0-9]{8,12})")
_EMAIL: Final = re.compile(r"[^\s@\"(),:;<>\[\]\\]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{1,62}")
_EMAIL_BREAK: Final = re.compile(r"[\s,;|<>()\"]+|mailto:|/(?=\S+@)", re.IGNORECASE)
_NO_ADDRESS: Final = gettext_lazy("The row goes in without an email address.")
# Addresses that importers invent where there is none.
_NO_EMAIL: Final = re.compile(
    r"(?:mangler|ukjent|ingen|ingenepost|ingenmail|ikke|noemail|nomail|noreply|no-reply|na|xxx?|test)@.*|.*@(?:mangler|ukjent|ingen)\..*",
    re.IGNORECASE,
)

_NORWEGIAN_POSTAL: Final = re.compile(r"(?:N|NO|NOR)?[ -]?([0-9]{3,4})(?:[ ,]+([^\d\s].*))?", re.IGNORECASE)
_FULL_ADDRESS: Final = re.compile(r"(.+?)[,\s]+([0-9]{4})\s+([^\d\W][^\d]*)")
_NO_POSTAL: Final = frozenset(("0000", "9999"))


def read_mobile(cell: Cell, draft: Draft, column: str) -> None:
    """The telephone: a mobile number, a landline in its place, or two numbers in one cell."""
    numbers = _phones(cell, draft, column)
    if not numbers:
        return
    first = next((number for number in numbers if number.mobile), numbers[0])
    rest = [number for number in numbers if number is not first]
    if first.e164 and not first.mobile and "phone2" not in draft.values:
        _set_phone(draft, "phone2", first)
        return
    _set_phone(draft, "mobile", first)
    if rest and "phone2" not in draft.values:
        _set_phone(draft, "phone2", rest[0])


def read_phone2(cell: Cell, draft: Draft, column: str) -> None:
    """The other telephone, whatever kind it is. Its own column wins over a second number in the mobile's cell."""
    numbers = _phones(cell, draft, column)
    if numbers:
        _set_phone(draft, "phone2", numbers[0])


def _set_phone(draft: Draft, key: str, number: Phone) -> None:
    draft.values[key] = number.e164 or number.raw[:PHONE_LENGTH]
    draft.values[f"{key}_ok"] = number.e164 is not None


def _phones(cell: Cell, draft: Draft, column: str) -> list[Phone]:
    """The numbers in a cell, at most two; one that cannot be read is kept as typed, with a complaint."""
    text = cells.text_of(cell)
    if not text:
        return []
    whole = parse_phone(text)
    if whole.e164:
        return [whole]
    found = [number for number in map(parse_phone, _pieces(text)) if number.e164]
    if len(found) > 1:
        outcome = _("The first is kept as the mobile, the other as the other phone.")
        draft.notice(column, _("The cell has several numbers."), outcome, text)
        return found[:2]
    if found:
        return found
    draft.problem(column, _phone_complaint(text), _("It is kept as typed, but cannot be called."), text)
    return [Phone(None, False, text)]


def _pieces(text: str) -> list[str]:
    """The parts of a cell that may each be a number, without the words around them."""
    text = _TWO_IN_A_ROW.sub(r"\1/\2", text[:80])
    return [_PHONE_LABEL.sub("", piece).strip(" :.-") for piece in _SEVERAL_PHONES.split(text) if piece][:6]


def _phone_complaint(text: str) -> str:
    digits = sum(character.isdecimal() for character in text)
    if any(map(str.isalpha, text)) or not digits:
        return _("This is not a telephone number.")
    if digits == 8 or text.startswith("+") or (text.startswith("00") and digits > 8):
        return _("No telephone has this number.")
    if digits == 1:
        return _("The number has one digit. Norwegian numbers have eight.")
    counted = _counted().get(digits, str(digits))
    return _("The number has %(count)s digits. Norwegian numbers have eight.") % {"count": counted}


def _counted() -> dict[int, str]:
    """Numbers of digits as words, as far as they are read better so."""
    return {
        2: pgettext("number of digits", "two"),
        3: pgettext("number of digits", "three"),
        4: pgettext("number of digits", "four"),
        5: pgettext("number of digits", "five"),
        6: pgettext("number of digits", "six"),
        7: pgettext("number of digits", "seven"),
        9: pgettext("number of digits", "nine"),
        10: pgettext("number of digits", "ten"),
        11: pgettext("number of digits", "eleven"),
        12: pgettext("number of digits", "twelve"),
    }


def read_email(cell: Cell, draft: Draft, column: str) -> None:
    """The email address; of several the first."""
    text = cells.text_of(cell)
    if not text:
        return
    if len(text) > 4 * EMAIL_LENGTH:
        draft.problem(column, _("This is not an email address."), _NO_ADDRESS, text)
        return
    found = [piece.strip(".") for piece in _EMAIL_BREAK.split(text) if "@" in piece]
    right = [address for address in found if len(address) <= EMAIL_LENGTH and _EMAIL.fullmatch(address)]
    if not right:
        draft.problem(column, _("This is not an email address."), _NO_ADDRESS, text)
    elif _NO_EMAIL.fullmatch(right[0]):
        draft.notice(column, _("The address stands for a missing one."), _NO_ADDRESS, text)
    else:
        if len(found) > 1:
            draft.notice(column, _("The cell has several email addresses."), _("The first is kept."), text)
        draft.values["email"] = _lower_domain(right[0])


def _lower_domain(address: str) -> str:
    name, _at, domain = address.rpartition("@")
    return f"{name}@{domain.lower()}"


def read_postal_code(cell: Cell, draft: Draft, column: str) -> None:
    """Four digits; Excel takes the first zero of Oslo's. The town may stand in the same cell."""
    text = cells.digits_text(cell)
    if not text:
        return
    if text.isdecimal() and len(text) <= 2:
        text = text.zfill(3)
    found = _NORWEGIAN_POSTAL.fullmatch(text)
    if not found:
        _foreign_postal_code(text, draft, column)
        return
    code = found[1].zfill(4)
    if code not in _NO_POSTAL:
        draft.values["postal_code"] = code
    if found[2]:
        draft.values.setdefault("city", found[2][:80])


def _foreign_postal_code(text: str, draft: Draft, column: str) -> None:
    """Other countries' codes are kept as they are; what looks like a Norwegian one with a slip is pointed out."""
    if text.isdecimal():
        draft.problem(
            column, _("Norwegian postal codes have four digits."), _("It is kept as typed."), text[:POSTAL_CODE_LENGTH]
        )
    elif len(text) > POSTAL_CODE_LENGTH:
        outcome = _("The row goes in without a postal code.")
        draft.problem(column, _("The postal code is too long."), outcome, text)
        return
    draft.values["postal_code"] = text[:POSTAL_CODE_LENGTH]


def read_address(cell: Cell, draft: Draft, column: str) -> None:
    """The street address; a whole address in one cell is taken apart where the file has no column for the code."""
    text = cells.text_of(cell).replace("\\n", ", ")
    if not text:
        return
    if not draft.reading.has_postal_code and (found := _FULL_ADDRESS.fullmatch(text)):
        draft.values["postal_code"], draft.values["city"] = found[2], found[3].strip()[:80]
        text = found[1].rstrip(" ,")
    if len(text) > 200:
        draft.problem(column, _("The address is longer than 200 characters."), _("The first 200 are kept."), text)
    draft.values["address"] = text[:200]


def read_flag(key: str, negated: bool, cell: Cell, draft: Draft, column: str) -> None:
    """A reservation. Under “Ikke ring” yes means do not; under “Ring” it means do."""
    try:
        answer = cells.yes_no(cell)
    except Unreadable as unreadable:
        outcome = _("The row goes in without it.")
        draft.problem(column, str(unreadable), outcome, cells.text_of(cell))
        return
    if answer is not None:
        draft.values[key] = answer if negated else not answer
