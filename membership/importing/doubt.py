"""What one column is taken for, from its heading and its cells, and what to ask where they do not tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from common.spreadsheet.sheets import Cell
from membership.importing import profile as looks
from membership.importing.columns import Field
from membership.importing.profile import Profile
from membership.importing.variants import Heading, field_of, field_suggested


@dataclass(frozen=True, slots=True)
class Opinion:
    """A field or none, what to ask (`why`; empty: nothing), and how strong the claim is against other columns'."""

    field: Field | None
    why: str = ""
    strength: float = 0.0
    # `why` only explains; there is nothing to ask.
    settled: bool = False


def opinion(title: Heading, cells: Profile, year: int | None) -> Opinion:
    """Say what a column is. `year` is the dues year that is imported, where it is known."""
    if special := _SPECIAL.get(title.folded):
        found = special(title, cells)
    elif field := field_of(title.folded):
        found = _known(field, cells)
    else:
        found = _unknown(title, cells)
    if found.field == Field.PAID and title.year and year and title.year != year:
        return Opinion(None, _("This column is about %(year)s. Is it the payment to use?") % {"year": title.year})
    if found.field == Field.PAID and title.year and title.year == year:
        return Opinion(found.field, found.why, found.strength + 1, found.settled)
    return found


def _known(field: Field, cells: Profile) -> Opinion:
    """A known heading; the cells may contradict it."""
    expected = _EXPECTED.get(field)
    if expected is None or len(cells.cells) < 3:
        return Opinion(field, strength=2)
    if cells.share(expected) >= 0.4:
        return Opinion(field, strength=3)
    return Opinion(field, _("The cells do not look like “%(field)s”. Is it right?") % {"field": field.label}, 1)


def _unknown(title: Heading, cells: Profile) -> Opinion:
    """A heading that is not known: a word in it may suggest a field, else the cells may."""
    field = field_suggested(title.folded) if title.folded else None
    expected = _EXPECTED.get(field) if field else None
    if field and (expected is None or not cells.cells or cells.share(expected) >= 0.4):
        return Opinion(field, _("Is this “%(field)s”?") % {"field": field.label}, 1)
    if cells.mostly(looks.is_email):
        return Opinion(Field.EMAIL, _("The cells look like email addresses. Is this the email to use?"), 0.5)
    if not title.text:
        return Opinion(None, _("The column has no heading. What is it?"))
    return Opinion(None, _("We do not know this heading. Choose a field, or leave the column out."))


def _status(title: Heading, cells: Profile) -> Opinion:
    if cells.mostly(looks.is_status_word):
        return Opinion(Field.STATUS, strength=3)
    if cells.mostly(looks.is_paid_word):
        return Opinion(Field.PAID, strength=2.5)
    if cells.mostly(looks.is_fee_word):
        return Opinion(Field.FEE_TYPE, _("The cells look like kinds of dues. Is it right?"), 1.5)
    return Opinion(None, _("Does this say who is a member, or who has paid?"))


def _dues(title: Heading, cells: Profile) -> Opinion:
    """Kontingent: who has paid, how much is charged, or which kind."""
    if cells.mostly(looks.is_fee_word):
        return Opinion(Field.FEE_TYPE, strength=2.5)
    if cells.mostly(looks.is_paid_word) or cells.mostly(looks.is_yes_no) or cells.mostly(looks.is_date):
        return Opinion(Field.PAID, strength=2.5)
    if cells.mostly(looks.is_amount):
        return Opinion(None, _("Is this what has been paid, or what is charged?"))
    return Opinion(None, _("Does this say who has paid, or which kind of dues?"))


def _fee_type(title: Heading, cells: Profile) -> Opinion:
    """Medlemskap: a kind of dues, or whether somebody is a member."""
    if cells.mostly(looks.is_status_word) and not cells.mostly(looks.is_fee_word):
        return Opinion(Field.STATUS, strength=1.5)
    return Opinion(Field.FEE_TYPE, strength=2)


def _post(title: Heading, cells: Profile) -> Opinion:
    if cells.mostly(looks.is_email):
        return Opinion(Field.EMAIL, _("The cells look like email addresses. Is this the email to use?"), 1)
    if cells.mostly(looks.is_yes_no):
        return Opinion(None, _("Does yes here mean that letters may be sent, or that they may not?"))
    if cells.mostly(looks.is_postal):
        return Opinion(Field.POSTAL_CODE, strength=2.5)
    return Opinion(None, _("Is this the postal code, or something else?"))


def _number(title: Heading, cells: Profile) -> Opinion:
    """ID and Nr: the member number, if no column has a better claim and no number stands twice."""
    texts = [looks.as_text(cell) for cell in cells.cells]
    if texts and cells.mostly(looks.is_number) and len(set(texts)) == len(texts):
        if _is_count(texts):
            return Opinion(None, _("This looks like a count of the rows. Is it the member number?"))
        return Opinion(Field.MEMBER_NUMBER, strength=1.5)
    return Opinion(None, _("Is this the member number?"))


def _is_count(texts: list[str]) -> bool:
    """Whether the column only numbers the rows: 1, 2, 3 …"""
    first = texts[: min(5, len(texts))]
    return first == [str(number) for number in range(1, len(first) + 1)]


def _phone(title: Heading, cells: Profile) -> Opinion:
    """Telefon: mobiles, unless most of them are landlines."""
    if cells.mostly(looks.is_landline):
        return Opinion(Field.PHONE2, _("Most of the numbers are landlines. Is it right?"), 2)
    return _known(Field.MOBILE, cells) if cells.cells else Opinion(Field.MOBILE, strength=1.5)


def _age(title: Heading, cells: Profile) -> Opinion:
    if cells.mostly(looks.is_age):
        return Opinion(
            None, _("An age is wrong within a year, so it is not read. A date or a year of birth is."), settled=True
        )
    return _known(Field.BIRTH_DATE, cells)


def _flag(title: Heading, cells: Profile) -> Opinion:
    """Ring, SMS, Nyhetsbrev: only yes or no tells anything about contact."""
    field = field_of(title.folded)
    if field and cells.mostly(looks.is_yes_no):
        return Opinion(field, strength=2)
    return Opinion(None, _("Does this say whether the member may be contacted?"))


def _active(title: Heading, cells: Profile) -> Opinion:
    if cells.mostly(looks.is_status_word):
        return Opinion(Field.STATUS, strength=2)
    if cells.mostly(looks.is_yes_no) and "aktiv" in title.folded:
        return Opinion(Field.STATUS, _("Does yes here mean that the person is a member?"), 1)
    return Opinion(None, _("Does this say who is a member, or who has paid?"))


def _office(title: Heading, cells: Profile) -> Opinion:
    if cells.mostly(looks.is_yes_no):
        return Opinion(None, _("Which office is this about?"))
    return Opinion(Field.OFFICE, strength=2)


_SPECIAL: Final[dict[str, Callable[[Heading, Profile], Opinion]]] = {
    "status": _status,
    "medlemsstatus": _status,
    "mi": _status,
    "statusaktiv": _active,
    "aktiv": _active,
    "statusblokkert": _active,
    "kontingent": _dues,
    "medlemskap": _fee_type,
    "kategori": _fee_type,
    "post": _post,
    "id": _number,
    "nr": _number,
    "kundenr": _number,
    "personid": _number,
    "telefon": _phone,
    "tlf": _phone,
    "tel": _phone,
    "phone": _phone,
    "tlfnr": _phone,
    "telefonnr": _phone,
    "telefonnummer": _phone,
    "telefon1": _phone,
    "tlf1": _phone,
    "tlfh": _phone,
    "alder": _age,
    "ring": _flag,
    "sms": _flag,
    "nyhetsbrev": _flag,
    "verv": _office,
}


def _paid(cell: Cell) -> bool:
    return looks.is_date_or_year(cell) or looks.is_yes_no(cell) or looks.is_paid_word(cell) or looks.is_amount(cell)


def _birth(cell: Cell) -> bool:
    return looks.is_date_or_year(cell)


_EXPECTED: Final[dict[Field, Callable[[Cell], bool]]] = {
    Field.EMAIL: looks.is_email,
    Field.MOBILE: looks.is_phone,
    Field.PHONE2: looks.is_phone,
    Field.POSTAL_CODE: looks.is_postal,
    Field.BIRTH_DATE: _birth,
    Field.JOINED: looks.is_date_or_year,
    Field.LEFT: looks.is_date_or_year,
    Field.MEMBER_NUMBER: looks.is_number,
    Field.PAID: _paid,
}
