"""The headings that registers use, and which field each means: read from header-variants.csv, compared folded."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from common.spreadsheet.sheets import Cell
from common.text import clean, slugify_nb
from membership.importing.columns import Field

_TABLE: Final = Path(__file__).with_name("header-variants.csv")
_YEAR: Final = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9])")
_BRACKETS: Final = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_LONGEST: Final = 60

# Never read: who is who is decided by the member number, and the party does not keep these.
IDENTITY_HEADINGS: Final = frozenset(
    [
        "fodselsnummer",
        "fodselsnr",
        "personnummer",
        "personnr",
        "fnr",
        "fnummer",
        "personnummer11siffer",
        "fodselsogpersonnummer",
        "dnummer",
        "fodselsnrpersonnr",
        "nationalid",
        "ssn",
    ]
)

# A word that, anywhere in a heading, suggests a field: for headings nobody thought of. The first that fits counts.
_KEYWORDS: Final[tuple[tuple[str, Field], ...]] = (
    ("medlemsn", Field.MEMBER_NUMBER),
    ("medlnr", Field.MEMBER_NUMBER),
    ("epost", Field.EMAIL),
    ("email", Field.EMAIL),
    ("mobil", Field.MOBILE),
    ("fornavn", Field.FIRST_NAME),
    ("mellomnavn", Field.MIDDLE_NAME),
    ("etternavn", Field.LAST_NAME),
    ("postn", Field.POSTAL_CODE),
    ("poststed", Field.CITY),
    ("fodselsd", Field.BIRTH_DATE),
    ("fodt", Field.BIRTH_DATE),
    ("fodselsar", Field.BIRTH_DATE),
    ("utmeld", Field.LEFT),
    ("innmeld", Field.JOINED),
    ("telefon", Field.PHONE2),
    ("tlf", Field.PHONE2),
    ("kommuneparti", Field.BRANCH),
    ("lokallag", Field.BRANCH),
    ("betal", Field.PAID),
    ("kontingent", Field.PAID),
    ("adresse", Field.ADDRESS),
    ("merknad", Field.NOTE),
    ("kommentar", Field.NOTE),
)


class Heading(NamedTuple):
    """A heading: as the file has it, folded, and the year it carries."""

    text: str
    folded: str
    year: int | None


def heading(cell: Cell) -> Heading:
    """Read a cell as a heading."""
    text = clean(cell)[:_LONGEST] if isinstance(cell, str) else ("" if cell is None else str(cell)[:_LONGEST])
    found = _YEAR.findall(text)
    return Heading(text, fold(text), int(found[-1]) if found else None)


def fold(text: str) -> str:
    """Fold a heading for comparison: lower case, no accents, no spaces, no signs, no year, no brackets around it."""
    without = _YEAR.sub(" ", text)
    outside = _BRACKETS.sub(" ", without)
    return slugify_nb(outside if outside.strip() else without).replace("-", "")


@cache
def variants() -> dict[str, Field]:
    """The known headings, folded. Brackets count only where the table has two variants that differ by them."""
    known: dict[str, Field] = {}
    with _TABLE.open(encoding="utf-8", newline="") as table:
        for line in csv.DictReader(table):
            known.setdefault(fold(line["header_variant"]), Field(line["field"]))
    return known


def field_of(folded: str) -> Field | None:
    """The field that a known heading means."""
    return variants().get(folded)


def field_suggested(folded: str) -> Field | None:
    """The field that a word within an unknown heading suggests."""
    # “Medlemsboka: Kontingent 2026” is ours, and tells what the reader is told by us.
    if folded.startswith("medlemsboka"):
        return None
    field = next((field for word, field in _KEYWORDS if word in folded), None)
    # “Ikke betalt” with amounts under it is what is outstanding: taken for payments, it would settle the claims.
    return None if field == Field.PAID and folded.startswith(("ikke", "ikkje", "ubetal")) else field


def is_negated(text: str) -> bool:
    """Whether a heading about contact says no (“Ikke ring”), so that “yes” under it means “do not”."""
    folded = fold(text)
    return folded.startswith(("ikke", "ikkje", "reserv", "no", "ingen", "unntatt", "sperr")) and folded != "norsk"
