"""The file that we write ourselves, known by its marker and read to the letter.

A foreign file is read by guessing what was meant. Ours says exactly what it means: capitals are somebody's own way to
write a name, “Ingen” may be a town, and a telephone that cannot be read has a column of its own. Its words are in
Norwegian whatever the reader's language is: a file format has one language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from common.dates import parse_date
from common.phone import parse_phone
from common.spreadsheet.sheets import Cell, SheetRow
from common.text import clean, clean_lines
from membership.enums import Category, Gender, MemberSource, MemberStatus
from membership.importing.columns import Field
from membership.importing.draft import Draft
from membership.importing.words import LANGUAGES

if TYPE_CHECKING:
    from membership.importing.rows import Reader

# Stands alone in a row right above the heading.
MARKER: Final = "Medlemsboka, medlemsliste, format 1"
# Before the headings of columns that are not the register's (dues): never read, also where the marker has gone.
NOT_READ: Final = "Medlemsboka: "

HEADINGS: Final[Mapping[Field, str]] = {
    Field.MEMBER_NUMBER: "Medlemsnummer",
    Field.FIRST_NAME: "Fornavn",
    Field.LAST_NAME: "Etternavn",
    Field.BIRTH_DATE: "Fødselsdato",
    Field.GENDER: "Kjønn",
    Field.ADDRESS2: "C/o",
    Field.ADDRESS: "Adresse",
    Field.POSTAL_CODE: "Postnummer",
    Field.CITY: "Poststed",
    Field.EMAIL: "E-post",
    Field.MOBILE: "Mobil",
    Field.PHONE2: "Annen telefon",
    Field.LANGUAGE: "Språk",
    Field.BRANCH: "Partilag",
    Field.BRANCH_CODE: "Partilagskode",
    Field.MUNICIPALITY: "Kommune",
    Field.STATUS: "Medlemsstatus",
    Field.FEE_TYPE: "Medlemskategori",
    Field.JOINED: "Innmeldt",
    Field.LEFT: "Utmeldt",
    Field.SOURCE: "Innmeldingsmåte",
    Field.RECRUITED_BY: "Vervet av",
    Field.RECRUITER_NUMBER: "Ververs medlemsnummer",
    Field.SKILLS: "Kan bidra med",
    Field.TAGS: "Grupper i partiet",
    Field.NO_EMAIL: "Ikke e-post",
    Field.NO_SMS: "Ikke SMS",
    Field.NO_PHONE: "Ikke ring",
    Field.NO_POST: "Ikke post",
    Field.NO_NEWSLETTER: "Ikke nyhetsbrev",
    Field.NO_MEETINGS: "Ikke invitasjoner",
    Field.NO_SURVEYS: "Ikke undersøkelser",
    Field.NO_RECRUITMENT: "Ikke verving",
    Field.FUNDRAISING_CONSENT: "Samtykke til pengeinnsamling",
    Field.GUARDIAN_NAME: "Foresatt",
    Field.GUARDIAN_CONSENT: "Samtykke fra foresatt",
    Field.CHECKED: "Opplysninger kontrollert",
    Field.MOBILE_TYPED: "Mobil, uleselig",
    Field.PHONE2_TYPED: "Annen telefon, uleselig",
    Field.NOTE: "Merknad",
}
FIELDS: Final[Mapping[str, Field]] = {heading: field for field, heading in HEADINGS.items()}

# What our files say for the register's fixed words; words.py knows all of them.
STATUSES: Final = {
    MemberStatus.APPLIED: "Søker",
    MemberStatus.MEMBER: "Medlem",
    MemberStatus.RESIGNED: "Utmeldt",
    MemberStatus.EXPELLED: "Ekskludert",
    MemberStatus.DECEASED: "Død",
}
CATEGORIES: Final = {
    Category.ORDINARY: "Ordinær",
    Category.REDUCED: "Redusert",
    Category.HOUSEHOLD: "Husstandsmedlem",
    Category.FIRST_YEAR: "Første år",
    Category.YOUTH: "Ungdom",
}
GENDERS: Final = {Gender.WOMAN: "Kvinne", Gender.MAN: "Mann", Gender.OTHER: "Annet"}
SOURCES: Final = {
    MemberSource.REGISTER_FILE: "Sentralt register",
    MemberSource.OFFICER: "Registrert av tillitsvalgt",
    MemberSource.JOIN_FORM: "Innmeldingsskjema",
    MemberSource.PAPER: "Papirskjema",
    MemberSource.STAND: "Stand",
    MemberSource.MEETING: "Møte",
    MemberSource.FRIEND: "Spurt av et medlem",
    MemberSource.SMS: "SMS",
}
SPOKEN: Final = {
    "nb": "Norsk bokmål",
    "nn": "Nynorsk",
    "se": "Nordsamisk",
    "en": "Engelsk",
    "fi": "Finsk",
    "fkv": "Kvensk",
    "ar": "Arabisk",
    "uk": "Ukrainsk",
    "pl": "Polsk",
    "so": "Somalisk",
    "ti": "Tigrinja",
    "ru": "Russisk",
}
YES: Final = "Ja"

_ROWS_SEARCHED: Final = 40
_E164: Final = re.compile(r"\+[0-9]{4,39}")
_YEARS: Final = range(1800, 2201)


def heading_place(rows: Sequence[SheetRow]) -> int | None:
    """Where the heading of our own file stands among the rows; None in any other file."""
    for place, row in enumerate(rows[:_ROWS_SEARCHED]):
        told = [cell for cell in row.cells if cell is not None]
        if told == [MARKER] and place + 1 < len(rows):
            return place + 1
    return None


def field_of(title: Cell) -> Field | None:
    """The field under one of our headings; what else stands there is not read."""
    return FIELDS.get(clean(title)) if isinstance(title, str) else None


# A literal reader says whether it has read the cell; what it has not is read as in any file, with what is wrong of it.
_Literal = Callable[[Cell, Draft], bool]


def literally(field: Field, otherwise: Reader) -> Reader:
    """A reader that first takes the cell at its word."""
    literal = _LITERAL.get(field)
    if literal is None:
        return otherwise

    def read(cell: Cell, draft: Draft, column: str) -> None:
        if not literal(cell, draft):
            otherwise(cell, draft, column)

    return read


def _text(key: str, length: int, cell: Cell, draft: Draft) -> bool:
    if not isinstance(cell, str):
        return False
    text = clean(cell)
    if text and len(text) <= length:
        draft.values[key] = text
    return len(text) <= length


def _lines(key: str, cell: Cell, draft: Draft) -> bool:
    if not isinstance(cell, str):
        return False
    if text := clean_lines(cell):
        draft.values[key] = text
    return True


def _tags(cell: Cell, draft: Draft) -> bool:
    read_tags(cell, draft)
    return True


def read_tags(cell: Cell, draft: Draft, _column: str = "") -> None:
    """Groups by name, one on each line or with semicolons between them."""
    lines = [name for line in str(cell or "").splitlines() if (name := clean(line))]
    if lines:
        draft.values["tags"] = lines


def _day(cell: Cell) -> date | int | None:
    """A day, a year, or nothing that our own file would say."""
    if isinstance(cell, date):
        return parse_date(cell)
    if isinstance(cell, bool | None):
        return None
    if isinstance(cell, int | float):
        return int(cell) if cell in _YEARS else None
    if re.fullmatch("[0-9]{4}", cell):
        return int(cell) if int(cell) in _YEARS else None
    try:
        return parse_date(cell)
    except (ValueError, OverflowError):
        return None


def _birth(cell: Cell, draft: Draft) -> bool:
    found = _day(cell)
    if found is None:
        return False
    if isinstance(found, date):
        draft.values["birth_date"] = found
    draft.values["birth_year"] = found.year if isinstance(found, date) else found
    return True


def _date(key: str, cell: Cell, draft: Draft) -> bool:
    found = _day(cell)
    if not isinstance(found, date):
        return False
    draft.values[key] = found
    return True


def _email(cell: Cell, draft: Draft) -> bool:
    if not isinstance(cell, str):
        return False
    try:
        validate_email(clean(cell))
    except ValidationError:
        return False
    return _text("email", 254, cell, draft)


def _phone(key: str, cell: Cell, draft: Draft) -> bool:
    if not isinstance(cell, str):
        return False
    text = clean(cell)
    number = text if _E164.fullmatch(text) else parse_phone(text).e164
    if number is None:
        return False
    draft.values[key], draft.values[f"{key}_ok"] = number, True
    return True


def _typed(key: str, cell: Cell, draft: Draft) -> bool:
    if not isinstance(cell, str):
        return False
    read_typed(key, cell, draft)
    return True


def read_typed(key: str, cell: Cell, draft: Draft, _column: str = "") -> None:
    """A telephone that could not be read when it came in: kept as it is, and not called."""
    if text := clean(str(cell))[:40].rstrip():
        draft.values[key], draft.values[f"{key}_ok"] = text, False


def _language(cell: Cell, draft: Draft) -> bool:
    if not isinstance(cell, str) or not 0 < len(cell) <= 8 or clean(cell).casefold() in LANGUAGES:
        return False
    # A code that has no word yet.
    return _text("language", 8, cell, draft)


_LITERAL: Final[Mapping[Field, _Literal]] = {
    Field.MEMBER_NUMBER: partial(_text, "member_number", 32),
    Field.BIRTH_DATE: _birth,
    Field.ADDRESS2: partial(_text, "address2", 120),
    Field.ADDRESS: partial(_text, "address", 200),
    Field.POSTAL_CODE: partial(_text, "postal_code", 12),
    Field.CITY: partial(_text, "city", 80),
    Field.EMAIL: _email,
    Field.MOBILE: partial(_phone, "mobile"),
    Field.PHONE2: partial(_phone, "phone2"),
    Field.MOBILE_TYPED: partial(_typed, "mobile"),
    Field.PHONE2_TYPED: partial(_typed, "phone2"),
    Field.LANGUAGE: _language,
    Field.BRANCH: partial(_text, "branch", 120),
    Field.BRANCH_CODE: partial(_text, "branch_code", 120),
    Field.MUNICIPALITY: partial(_text, "municipality", 80),
    Field.JOINED: partial(_date, "joined"),
    Field.LEFT: partial(_date, "left"),
    Field.RECRUITED_BY: partial(_text, "recruited_by", 120),
    Field.RECRUITER_NUMBER: partial(_text, "recruiter_number", 32),
    Field.SKILLS: partial(_lines, "skills"),
    Field.TAGS: _tags,
    Field.FUNDRAISING_CONSENT: partial(_date, "fundraising_consent"),
    Field.GUARDIAN_NAME: partial(_text, "guardian_name", 120),
    Field.GUARDIAN_CONSENT: partial(_date, "guardian_consent"),
    Field.CHECKED: partial(_date, "checked"),
    Field.NOTE: partial(_lines, "note"),
}
# What cannot be an identity number in our file, however many digits it has.
NUMBERS: Final = frozenset({Field.MEMBER_NUMBER, Field.RECRUITER_NUMBER, Field.MOBILE, Field.PHONE2})
