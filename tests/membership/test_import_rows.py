"""Rows of a register file: clean ones, and who they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.utils import translation

from common.spreadsheet.sheets import Cell
from membership.importing.columns import Field
from membership.importing.header import guess
from membership.importing.problems import Severity
from membership.importing.rows import Row, read_rows
from tests.membership.rows_told import NOBODY, TODAY, YEAR, mapping_of, read, sheet_of, told


@pytest.fixture(autouse=True)
def _source_language() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_a_clean_file_is_read_without_a_word() -> None:
    lines: list[list[Cell]] = [
        ["Medlemsliste"],
        [
            "Medl.nr", "Navn", "Mobil", "Epost", "Adr.", "Postnr", "Poststed",
            "Født", "Innm.dato", "Kjønn", "Bet. 2026", "KID",
        ],
        [
            "10442", "Isaksen, Jon", "+47 900 00 417", "jon.i@x.example", "Havnegata 8", "9405", "Harstad",
            "14.03.1961", "2014-05-11", "M", "J", "000104420",
        ],
    ]  # fmt: skip
    sheet = sheet_of(lines)
    (row,) = read_rows(sheet, guess(sheet.rows, year=YEAR).mapping(), today=TODAY, year=YEAR)
    assert row == Row(
        3,
        {
            "member_number": "10442",
            "first_name": "Jon",
            "last_name": "Isaksen",
            "mobile": "+4790000417",
            "mobile_ok": True,
            "email": "jon.i@x.example",
            "address": "Havnegata 8",
            "postal_code": "9405",
            "city": "Harstad",
            "birth_date": date(1961, 3, 14),
            "birth_year": 1961,
            "joined": date(2014, 5, 11),
            "gender": "M",
            "paid": {"paid": True, "paid_on": None, "paid_ore": None},
            "kid": "000104420",
        },
    )


def test_an_empty_cell_tells_nothing() -> None:
    fields = tuple(field for field in Field if field not in (Field.PAID, Field.FULL_NAME))
    (row,) = read(["1001", *["" for _field in fields[1:]]], fields=(*fields, Field.FULL_NAME))
    assert set(row.values) == {"member_number"}
    (row,) = read(["1001", "Berg", "-", None, "ukjent", "n/a"], fields=(
        Field.MEMBER_NUMBER, Field.LAST_NAME, Field.CITY, Field.EMAIL, Field.BIRTH_DATE, Field.MOBILE))  # fmt: skip
    assert row.values == {"member_number": "1001", "last_name": "Berg"}
    assert row.problems == []


# --- who


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (12345.0, "12345"),
        (1.2e5, "120000"),
        ("12 345", "12345"),
        ("007", "007"),
        (" 12345.0 ", "12345"),
        ("T-17", "T-17"),
    ],
)
def test_member_numbers_are_read_as_they_were_meant(cell: Cell, number: str) -> None:
    (row,) = read([cell, "Ola Berg"])
    assert row.values["member_number"] == number
    assert row.accepted


@pytest.mark.parametrize("cell", ["1,2E+05", 12.5, True, date(2026, 1, 1), "Ola", "9" * 33, 1e40, float("inf"), NOBODY])
def test_what_is_no_member_number_refuses_the_row(cell: Cell) -> None:
    (row,) = read([cell, "Ola Berg"])
    assert not row.accepted
    assert row.problems[-1].severity == Severity.REFUSED
    assert NOBODY not in repr(row)


def test_rows_without_number_or_name_are_refused_each_with_its_reason() -> None:
    fields = (Field.MEMBER_NUMBER, Field.FULL_NAME, Field.MOBILE, Field.CITY)
    no_number, no_name = read(
        [None, "Ola Berg", "90000001", "Tromsø"], ["1002", None, "90000002", "Tromsø"], fields=fields
    )
    assert not no_number.accepted
    assert no_number.problems[0].to_json() == {
        "row": 2,
        "column": "Member number",
        "reason": "The row has no member number. The row is left out.",
    }
    assert not no_name.accepted
    assert no_name.problems[0].what == "The row has no name."
    assert no_name.values["mobile"] == "+4790000002"


@pytest.mark.parametrize(
    ("fields", "cells", "first", "last"),
    [
        ((Field.FULL_NAME,), ["Isaksen, Jon"], "Jon", "Isaksen"),
        ((Field.FULL_NAME,), ["Jon Peder Isaksen"], "Jon Peder", "Isaksen"),
        ((Field.FIRST_NAME, Field.MIDDLE_NAME, Field.LAST_NAME), ["Elle", "Marie", "Hætta"], "Elle Marie", "Hætta"),
        ((Field.FIRST_NAME, Field.LAST_NAME), ["Tom", "Null"], "Tom", "Null"),
        ((Field.FIRST_NAME, Field.LAST_NAME), ["=HYPERLINK", "+Berg"], "=HYPERLINK", "+Berg"),
        ((Field.FIRST_NAME, Field.LAST_NAME), ["KARI", "NORDMANN"], "KARI", "NORDMANN"),
        ((Field.FIRST_NAME, Field.LAST_NAME), ["A\u030ase\u00a0Li", "O\u00adlsen\x07"], "Åse Li", "Olsen"),
        (
            (Field.FULL_NAME, Field.LAST_NAME),
            ["Jon Peder Berg Isaksen", "Berg Isaksen"],
            "Jon Peder Berg",
            "Berg Isaksen",
        ),
    ],
)
def test_names_are_read_from_any_columns(fields: tuple[Field, ...], cells: list[Cell], first: str, last: str) -> None:
    (row,) = read(["1001", *cells], fields=(Field.MEMBER_NUMBER, *fields))
    assert (row.values["first_name"], row.values["last_name"]) == (first, last)
    assert row.problems == []


def test_a_heading_that_says_last_name_first_is_believed() -> None:
    mapping = mapping_of(Field.MEMBER_NUMBER, Field.FULL_NAME, headers={1: "Etternavn og fornavn"})
    (row,) = read_rows(sheet_of([["Nr", "x"], ["1", "Isaksen Jon"]]), mapping, today=TODAY, year=YEAR)
    assert (row.values["first_name"], row.values["last_name"]) == ("Jon", "Isaksen")


def test_names_in_capitals_are_changed_only_where_the_whole_file_is_and_it_is_said_once() -> None:
    rows = read(*([str(n), f"NORDMANN, KARI ANNE-{letter}"] for n, letter in enumerate("ABCDEF")))
    assert rows[0].values["first_name"] == "Kari Anne-A"
    assert rows[0].values["last_name"] == "Nordmann"
    assert [len(row.problems) for row in rows] == [1, 0, 0, 0, 0, 0]
    assert rows[0].problems[0].severity == Severity.NOTICE


def test_a_name_that_says_the_person_has_gone_is_pointed_out() -> None:
    (row,) = read(["1001", "Ola Berg (død)"])
    assert row.accepted
    assert row.problems[0].severity == Severity.NOTICE
    assert "død" in row.problems[0].what
    (row,) = read(["1001", "Ola Dødsberg"])
    assert row.problems == []


def test_a_name_too_long_is_cut_and_said() -> None:
    found = read(["1001", "x" * 130])[0]
    assert found.values["last_name"] == "x" * 120
    assert found.problems[0].severity == Severity.PROBLEM


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("14.03.1961", {"birth_date": date(1961, 3, 14), "birth_year": 1961}),
        (date(1961, 3, 14), {"birth_date": date(1961, 3, 14), "birth_year": 1961}),
        ("14.03.26", {"birth_date": date(2026, 3, 14), "birth_year": 2026}),
        ("14.03.27", {"birth_date": date(1927, 3, 14), "birth_year": 1927}),
        (1961.0, {"birth_year": 1961}),
        ("1961", {"birth_year": 1961}),
        ("01.01.1900", {}),
        ("ukjent", {}),
    ],
)
def test_birth_is_a_day_or_a_year(cell: Cell, values: dict[str, Any]) -> None:
    found = told(Field.BIRTH_DATE, cell)
    assert found.values == values
    assert found.row.problems == []


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("31.02.1988", "That date does not exist."),
        ("i fjor", "This is not a date."),
        (date(2031, 1, 1), "The date of birth is in the future."),
        ("2031", "The date of birth is in the future."),
        ("01.01.1899", "Nobody is that old."),
        ("1890", "Nobody is that old."),
    ],
)
def test_a_birth_that_cannot_be_leaves_the_row_in_without_it(cell: Cell, what: str) -> None:
    found = told(Field.BIRTH_DATE, cell)
    assert found.values == {}
    assert found.problem.what == what
    assert found.problem.outcome == "The row goes in without a date of birth."
    assert found.problem.severity == Severity.PROBLEM


def test_ages_are_not_made_into_years_and_it_is_said_once() -> None:
    rows = read(
        ["1", "Ola", 47.0], ["2", "Kari", "33"], fields=(Field.MEMBER_NUMBER, Field.FULL_NAME, Field.BIRTH_DATE)
    )
    assert all("birth_year" not in row.values for row in rows)
    assert [len(row.problems) for row in rows] == [1, 0]


def test_bare_day_numbers_follow_the_files_own_calendar() -> None:
    mapping = mapping_of(Field.MEMBER_NUMBER, Field.FULL_NAME, Field.BIRTH_DATE)
    for epoch_1904, cell in ((False, 22354.0), (True, 20892.0)):
        sheet = sheet_of([["Nr", "Navn", "Født"], ["1", "Ola", cell]], epoch_1904=epoch_1904)
        (row,) = read_rows(sheet, mapping, today=TODAY, year=YEAR)
        assert row.values["birth_date"] == date(1961, 3, 14)


def test_dates_written_month_first_are_turned_for_the_whole_column() -> None:
    fields = (Field.MEMBER_NUMBER, Field.FULL_NAME, Field.BIRTH_DATE)
    rows = read(["1", "Ola", "03/04/1980"], ["2", "Kari", "12/31/1980"], fields=fields)
    assert [row.values["birth_date"] for row in rows] == [date(1980, 3, 4), date(1980, 12, 31)]
    assert [len(row.problems) for row in rows] == [1, 0]


@pytest.mark.parametrize(
    ("field", "cell", "key", "day", "problems"),
    [
        (Field.JOINED, "11.05.2014", "joined", date(2014, 5, 11), 0),
        (Field.JOINED, "2014", "joined", date(2014, 1, 1), 1),
        (Field.JOINED, date(2027, 1, 1), "joined", None, 1),
        (Field.JOINED, "1800-01-01", "joined", None, 0),
        (Field.JOINED, "lenge", "joined", None, 1),
        (Field.LEFT, "31.12.2026", "left", date(2026, 12, 31), 0),
        (Field.LEFT, "X", "left", None, 1),
    ],
)
def test_the_days_somebody_joined_and_left(field: Field, cell: Cell, key: str, day: date | None, problems: int) -> None:
    found = told(field, cell)
    assert found.values.get(key) == day
    assert len(found.row.problems) == problems


@pytest.mark.parametrize(
    ("cell", "gender"), [("K", "K"), ("kvinne", "K"), ("Mann", "M"), ("M", "M"), ("f", "K"), ("annet", "X"), ("", None)]
)
def test_genders(cell: str, gender: str | None) -> None:
    assert told(Field.GENDER, cell).values.get("gender") == gender


def test_an_unknown_word_for_a_gender_is_pointed_out() -> None:
    assert told(Field.GENDER, "Q9").problem.typed == "Q9"


def test_a_row_tells_which_mapped_cells_were_empty() -> None:
    fields = (Field.MEMBER_NUMBER, Field.LAST_NAME, Field.EMAIL, Field.MOBILE, Field.PHONE2, Field.PAID)
    rows = read(
        ["1001", "Nordmann", None, "000 00 142 / 000 00 143", None, None],
        ["1002", "Nes", "ola@example.no"],
        fields=fields,
    )
    # A second number in the mobile's cell fills the other phone; an empty payment is a value; a short row ends empty.
    assert [row.empty for row in rows] == [frozenset({"email"}), frozenset({"mobile", "phone2"})]


def test_a_row_with_a_name_and_no_number_is_refused_but_may_yet_be_said_to_be_somebody() -> None:
    fields = (Field.MEMBER_NUMBER, Field.FULL_NAME, Field.EMAIL)
    rows = read(
        [None, "Kari Nordmann", "kari@example.no"],
        [None, "Kari Nordmann", "kari@example.no"],
        [None, None, "ola@example.no"],
        ["1001", "Ola Nes", None],
        fields=fields,
    )
    assert [row.accepted for row in rows] == [False, False, False, True]
    # The second is the same as the first, and nothing tells them apart.
    assert [row.numberless for row in rows] == [True, False, False, False]
