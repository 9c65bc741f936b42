"""Our own file: known by its marker, and then read to the letter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from common.spreadsheet.sheets import Cell
from membership.enums import Category, Gender, MemberSource, MemberStatus
from membership.importing import own, words
from membership.importing.columns import Field
from membership.importing.header import guess
from membership.importing.rows import Row, read_rows
from membership.importing.values import category_of
from membership.importing.variants import field_of, field_suggested, fold
from tests.membership.rows_told import TODAY, YEAR, sheet_of

BASE = (Field.MEMBER_NUMBER, Field.FIRST_NAME, Field.LAST_NAME)


def read_own(fields: Sequence[Field], *lines: Sequence[Cell], marker: str | None = own.MARKER) -> list[Row]:
    above: list[list[Cell]] = [["Medlemmer, Kåfjord"], [marker]] if marker else [["Medlemmer, Kåfjord"]]
    sheet = sheet_of([*above, [own.HEADINGS[field] for field in (*BASE, *fields)], *lines])
    return list(read_rows(sheet, guess(sheet.rows, year=YEAR).mapping(), today=TODAY, year=YEAR))


def test_every_heading_is_mapped_with_certainty_with_and_without_the_marker() -> None:
    head: list[Cell] = list(own.HEADINGS.values())
    body: list[Cell] = ["x"] * len(head)
    marked = guess(sheet_of([[own.MARKER], head, body]).rows, year=YEAR)
    assert [column.field for column in marked.columns] == list(own.HEADINGS)
    assert marked.unsure == []
    assert {heading: field_of(fold(heading)) for heading in own.FIELDS} == own.FIELDS


def test_what_other_apps_tell_is_never_read_back() -> None:
    heading = f"{own.NOT_READ}Kontingent 2026"
    assert field_of(fold(heading)) is None
    assert field_suggested(fold(heading)) is None
    marked = guess(sheet_of([[own.MARKER], ["Medlemsnummer", heading], ["1", "Betalt"]]).rows, year=YEAR)
    assert [column.field for column in marked.columns] == [Field.MEMBER_NUMBER, None]


def test_names_in_capitals_are_kept_in_our_own_file_and_corrected_in_any_other() -> None:
    lines = [[str(number), "KARI ANNE", "HANSEN"] for number in range(10, 20)]
    (first, *_rest) = read_own((), *lines)
    assert (first.values["first_name"], first.values["last_name"]) == ("KARI ANNE", "HANSEN")
    (foreign, *_rest) = read_own((), *lines, marker=None)
    assert foreign.values["last_name"] == "Hansen"


@pytest.mark.parametrize(
    ("field", "cell", "values"),
    [
        (Field.CITY, "Ingen", {"city": "Ingen"}),
        (Field.ADDRESS, "-", {"address": "-"}),
        (Field.NOTE, "C:\\nytt\nAndre linje", {"note": "C:\\nytt\nAndre linje"}),
        (Field.POSTAL_CODE, "0150", {"postal_code": "0150"}),
        (Field.POSTAL_CODE, "SE-984 92", {"postal_code": "SE-984 92"}),
        (Field.POSTAL_CODE, "12", {"postal_code": "12"}),
        (Field.MOBILE, "+4777712345", {"mobile": "+4777712345", "mobile_ok": True}),
        (Field.MOBILE, "901 23 456", {"mobile": "+4790123456", "mobile_ok": True}),
        (Field.MOBILE_TYPED, "12 eller 34", {"mobile": "12 eller 34", "mobile_ok": False}),
        (Field.PHONE2_TYPED, "ukjent", {"phone2": "ukjent", "phone2_ok": False}),
        (Field.BIRTH_DATE, "1961", {"birth_year": 1961}),
        (Field.BIRTH_DATE, 1961.0, {"birth_year": 1961}),
        (Field.BIRTH_DATE, date(1961, 3, 1), {"birth_date": date(1961, 3, 1), "birth_year": 1961}),
        (Field.BIRTH_DATE, "01.01.1900", {"birth_date": date(1900, 1, 1), "birth_year": 1900}),
        (Field.JOINED, "20.12.2026", {"joined": date(2026, 12, 20)}),
        (Field.EMAIL, "Test@Example.NO", {"email": "Test@Example.NO"}),
        (Field.LANGUAGE, "Kvensk", {"language": "fkv"}),
        (Field.LANGUAGE, "smj", {"language": "smj"}),
        (Field.TAGS, "Kvinner; Ungdom", {"tags": ["Kvinner; Ungdom"]}),
        (Field.TAGS, "Kvinner\nUngdom", {"tags": ["Kvinner", "Ungdom"]}),
        (Field.NO_RECRUITMENT, "Ja", {"no_recruitment": True}),
        (Field.SKILLS, "Snekker\nKjører buss", {"skills": "Snekker\nKjører buss"}),
    ],
)
def test_cells_are_taken_at_their_word(field: Field, cell: Cell, values: dict[str, object]) -> None:
    (row,) = read_own((field,), ["1001", "Ane", "Fjellvær", cell])
    assert row.problems == []
    assert row.values == {"member_number": "1001", "first_name": "Ane", "last_name": "Fjellvær"} | values


@pytest.mark.parametrize(
    ("field", "cell"), [(Field.MOBILE, "12"), (Field.EMAIL, "ikke en adresse"), (Field.JOINED, "i fjor")]
)
def test_what_somebody_has_written_into_our_file_is_still_checked(field: Field, cell: Cell) -> None:
    (row,) = read_own((field,), ["1001", "Ane", "Fjellvær", cell])
    assert len(row.problems) == 1
    assert row.accepted


def test_identity_numbers_are_not_read_from_our_own_file_either() -> None:
    (row,) = read_own((Field.NOTE,), ["1001", "Ane", "Fjellvær", "Født 14906110084"])
    assert "note" not in row.values
    assert len(row.problems) == 1


def test_our_own_words_are_understood_in_any_file() -> None:
    assert {words.STATUS_WORDS[word.casefold()]: word for word in own.STATUSES.values()} == own.STATUSES
    assert {words.GENDERS[word.casefold()]: word for word in own.GENDERS.values()} == own.GENDERS
    assert {words.LANGUAGES[word.casefold()]: word for word in own.SPOKEN.values()} == own.SPOKEN
    assert {words.SOURCES[word.casefold()]: word for word in own.SOURCES.values()} == own.SOURCES
    assert {category_of(word): word for word in own.CATEGORIES.values()} == own.CATEGORIES
    assert set(own.STATUSES) == set(MemberStatus)
    assert set(own.CATEGORIES) == set(Category)
    assert {Gender.UNKNOWN, *own.GENDERS} == set(Gender)
    assert set(own.SOURCES) == set(MemberSource)
    assert set(own.SPOKEN) == set(words.LANGUAGES.values())
