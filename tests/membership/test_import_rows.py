"""Rows of a register file: every kind of dirt, and what is said about it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from common.spreadsheet.escape import escape
from common.spreadsheet.reading import read_sheets
from common.spreadsheet.sheets import Cell, Sheet, SheetRow
from common.text import clean
from membership.importing.columns import ColumnMapping, Field
from membership.importing.header import choose_sheet, guess
from membership.importing.problems import Problem, Severity
from membership.importing.rows import Row, read_rows
from membership.importing.words import NO_NAME

TODAY = date(2026, 11, 22)
YEAR = 2026
NAUGHTY = Path(__file__).parents[2].parent / "shared" / "corpora" / "naughty-strings" / "blns.json"
NOBODY = "14906110084"  # a made-up person: 80 is added to the month


@pytest.fixture(autouse=True)
def _source_language() -> Iterator[None]:
    with translation.override("en"):
        yield


def sheet_of(lines: Sequence[Sequence[Cell]], *, epoch_1904: bool = False) -> Sheet:
    filled = [
        SheetRow(number, list(cells))
        for number, cells in enumerate(lines, 1)
        if any(cell is not None for cell in cells)
    ]
    return Sheet("Ark1", filled, epoch_1904=epoch_1904)


def mapping_of(*fields: Field | None, headers: dict[int, str] | None = None, **more: Any) -> ColumnMapping:
    chosen = {index: field for index, field in enumerate(fields) if field}
    titles = {index: str(field.label) for index, field in chosen.items()} | (headers or {})
    return ColumnMapping(1, chosen, titles, **more)


@dataclass
class Told:
    """What one row told about a field, and what was said."""

    row: Row

    @property
    def values(self) -> dict[str, Any]:
        return {key: value for key, value in self.row.values.items() if key not in ("member_number", "last_name")}

    @property
    def problem(self) -> Problem:
        (problem,) = self.row.problems
        return problem


def told(field: Field, cell: Cell, *, header: str = "", year: int = YEAR, **more: Any) -> Told:
    """Read one cell of a field in a row that is otherwise right."""
    mapping = mapping_of(Field.MEMBER_NUMBER, Field.LAST_NAME, field, headers={2: header or str(field.label)}, **more)
    lines: list[list[Cell]] = [["Nr", "Navn", "x"], ["1001", "Nordmann", cell]]
    (row,) = read_rows(sheet_of(lines), mapping, today=TODAY, year=year)
    assert row.accepted
    return Told(row)


def read(
    *lines: Sequence[Cell], fields: tuple[Field | None, ...] = (Field.MEMBER_NUMBER, Field.FULL_NAME)
) -> list[Row]:
    head: list[Cell] = [str(field.label) if field else None for field in fields]
    return list(read_rows(sheet_of([head, *lines]), mapping_of(*fields), today=TODAY, year=YEAR))


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


# --- how they are reached


@pytest.mark.parametrize(
    "cell", ["900 12 345", "+47 90012345", "0047 900 12 345", "4790012345", 90012345.0, "90012345.0", "90.01.23.45",
             "90012345 (privat)", "Mob: 900 12 345", 4790012345.0, "900\u00a012\u00a0345"],
)  # fmt: skip
def test_mobiles_are_read_however_they_are_typed(cell: Cell) -> None:
    found = told(Field.MOBILE, cell)
    assert found.values == {"mobile": "+4790012345", "mobile_ok": True}
    assert found.row.problems == []


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("900 12", "The number has five digits. Norwegian numbers have eight."),
        ("000 12", "The number has five digits. Norwegian numbers have eight."),
        ("0046 12 34 5", "No telephone has this number."),
        ("900123456", "The number has nine digits. Norwegian numbers have eight."),
        ("9", "The number has one digit. Norwegian numbers have eight."),
        ("1234567890123456", "The number has 16 digits. Norwegian numbers have eight."),
        ("se i permen", "This is not a telephone number."),
        ("10000000", "No telephone has this number."),
        ("+46 1", "No telephone has this number."),
    ],
)
def test_a_number_that_cannot_be_read_is_kept_as_typed_and_said(cell: Cell, what: str) -> None:
    found = told(Field.MOBILE, cell)
    assert found.values == {"mobile": cell, "mobile_ok": False}
    assert found.problem.what == what
    assert found.problem.typed
    assert found.problem.severity == Severity.PROBLEM


@pytest.mark.parametrize(
    "cell", ["900 12 345 / 77 61 23 45", "77612345, 90012345", "90012345 og 77612345", "90012345 77612345"]
)
def test_two_numbers_in_one_cell_become_mobile_and_other_phone(cell: str) -> None:
    found = told(Field.MOBILE, cell)
    assert found.values == {"mobile": "+4790012345", "mobile_ok": True, "phone2": "+4777612345", "phone2_ok": True}
    assert found.problem.severity == Severity.NOTICE


def test_a_landline_among_mobiles_is_the_other_phone() -> None:
    assert told(Field.MOBILE, "77 61 23 45").values == {"phone2": "+4777612345", "phone2_ok": True}


def test_the_other_phones_own_column_wins_over_a_second_number() -> None:
    fields = (Field.MEMBER_NUMBER, Field.LAST_NAME, Field.MOBILE, Field.PHONE2)
    (row,) = read(["1", "Berg", "90012345/40012345", "22 00 00 01"], fields=fields)
    assert (row.values["mobile"], row.values["phone2"]) == ("+4790012345", "+4722000001")
    (row,) = read(["1", "Berg", "77612345", "22 00 00 01"], fields=fields)
    assert (row.values["mobile"], row.values["phone2"]) == ("+4777612345", "+4722000001")


def test_foreign_numbers_are_read() -> None:
    assert told(Field.PHONE2, "+46 70 123 45 67").values == {"phone2": "+46701234567", "phone2_ok": True}


def test_demo_numbers_are_read_in_the_demo_only() -> None:
    with override_settings(MODE="demo"):
        assert told(Field.MOBILE, "+47 000 00 417").values["mobile_ok"]
    with override_settings(MODE="production"):
        assert not told(Field.MOBILE, "+47 000 00 417").values["mobile_ok"]


@pytest.mark.parametrize(
    ("cell", "email"),
    [
        ("Ola.Berg@X.Example", "Ola.Berg@x.example"),
        ("mailto:ola@x.example", "ola@x.example"),
        ("Ola Berg <ola@x.example>", "ola@x.example"),
        ("ola@blåbær.example", "ola@blåbær.example"),
        ("ola@x.example.", "ola@x.example"),
        (" ola@x.example\u00a0", "ola@x.example"),
    ],
)
def test_emails_are_read(cell: str, email: str) -> None:
    found = told(Field.EMAIL, cell)
    assert found.values == {"email": email}
    assert found.row.problems == []


@pytest.mark.parametrize(
    "cell",
    ["a@x.example, b@x.example", "a@x.example;b@x.example", "a@x.example b@x.example", "a@x.example/b@x.example"],
)
def test_of_several_emails_the_first_is_kept_and_it_is_said(cell: str) -> None:
    found = told(Field.EMAIL, cell)
    assert found.values == {"email": "a@x.example"}
    assert found.problem.severity == Severity.NOTICE


@pytest.mark.parametrize(
    ("cell", "severity"),
    [
        ("ola.x.example", Severity.PROBLEM),
        ("ola@x", Severity.PROBLEM),
        ("ola@@x.example", Severity.PROBLEM),
        ("@x.example", Severity.PROBLEM),
        ("a" * 300 + "@x.example", Severity.PROBLEM),
        ("a@" + "b" * 1_000_000, Severity.PROBLEM),
        ("mangler@medlem.example", Severity.NOTICE),
        ("ukjent@x.example", Severity.NOTICE),
    ],
)
def test_what_is_no_email_is_left_out(cell: str, severity: Severity) -> None:
    found = told(Field.EMAIL, cell)
    assert found.values == {}
    assert found.problem.severity == severity
    assert len(found.problem.typed) <= 60


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        (150.0, {"postal_code": "0150"}),
        ("150", {"postal_code": "0150"}),
        (9405.0, {"postal_code": "9405"}),
        ("0150", {"postal_code": "0150"}),
        (10.0, {"postal_code": "0010"}),
        ("N-9405", {"postal_code": "9405"}),
        ("9144 Samuelsberg", {"postal_code": "9144", "city": "Samuelsberg"}),
        ("9999", {}),
        ("0000", {}),
        ("SE-981 31", {"postal_code": "SE-981 31"}),
    ],
)
def test_postal_codes_get_their_zero_back(cell: Cell, values: dict[str, Any]) -> None:
    found = told(Field.POSTAL_CODE, cell)
    assert found.values == values
    assert found.row.problems == []


def test_a_towns_own_column_wins_over_the_one_behind_the_code() -> None:
    fields = (Field.MEMBER_NUMBER, Field.LAST_NAME, Field.POSTAL_CODE, Field.CITY)
    for order in (fields, (*fields[:2], Field.CITY, Field.POSTAL_CODE)):
        cells: list[Cell] = [
            "1",
            "Berg",
            *("9144 Samuelsberg" if f == Field.POSTAL_CODE else "Olderdalen" for f in order[2:]),
        ]
        (row,) = read(cells, fields=order)
        assert row.values["city"] == "Olderdalen"


@pytest.mark.parametrize(("cell", "kept"), [("94051", "94051"), ("9" * 20, "9" * 12), ("et sted langt herfra", None)])
def test_codes_that_are_not_norwegian_are_pointed_out(cell: str, kept: str | None) -> None:
    found = told(Field.POSTAL_CODE, cell)
    assert found.values.get("postal_code") == kept
    assert found.problem.severity == Severity.PROBLEM


def test_a_whole_address_in_one_cell_is_taken_apart() -> None:
    assert told(Field.ADDRESS, "Havnegata 8, 9405 Harstad").values == {
        "address": "Havnegata 8",
        "postal_code": "9405",
        "city": "Harstad",
    }
    fields = (Field.MEMBER_NUMBER, Field.LAST_NAME, Field.ADDRESS, Field.POSTAL_CODE)
    (row,) = read(["1", "Berg", "Postboks 5, 9405 Harstad", "9406"], fields=fields)
    assert row.values["address"] == "Postboks 5, 9405 Harstad"


def test_line_breaks_in_addresses_and_notes() -> None:
    assert told(Field.ADDRESS, "Gata 1\\nOppgang B").values["address"] == "Gata 1, Oppgang B"
    assert told(Field.ADDRESS, "Gata 1\nOppgang B").values["address"] == "Gata 1 Oppgang B"
    assert told(Field.NOTE, "Ring\\netter fem").values["note"] == "Ring\netter fem"
    assert told(Field.NOTE, "Ring\r\netter fem").values["note"] == "Ring\netter fem"


@pytest.mark.parametrize(
    ("field", "length"),
    [(Field.ADDRESS, 200), (Field.ADDRESS2, 120), (Field.CITY, 80), (Field.NOTE, 2000), (Field.BRANCH, 120)],
)
def test_texts_too_long_are_cut_and_said(field: Field, length: int) -> None:
    found = told(field, "å" * (length + 1))
    assert found.values == {str(field): "å" * length}
    assert found.problem.severity == Severity.PROBLEM


@pytest.mark.parametrize(
    ("header", "cell", "reserved"),
    [
        ("Ikke ring", "ja", True),
        ("Ikke ring", "", None),
        ("Ring_B", 0.0, True),
        ("Ring_B", 1.0, False),
        ("Kan ringes", "nei", True),
        ("Reservert telefon", "x", True),
    ],
)
def test_reservations_follow_their_heading(header: str, cell: Cell, reserved: bool | None) -> None:
    assert told(Field.NO_PHONE, cell, header=header).values.get("no_phone") is reserved


def test_a_reservation_that_is_neither_yes_nor_no_is_pointed_out() -> None:
    assert told(Field.NO_EMAIL, "av og til").problem.severity == Severity.PROBLEM


# --- membership


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("Aktiv", "member"),
        ("UTMELDT", "resigned"),
        ("Død", "deceased"),
        ("Ekskludert", "expelled"),
        ("Søker", "applied"),
    ],
)
def test_statuses(cell: str, status: str) -> None:
    assert told(Field.STATUS, cell).values == {"status": status}


def test_a_status_that_is_not_known_leaves_it_as_it_is() -> None:
    found = told(Field.STATUS, "Passiv")
    assert found.values == {}
    assert found.problem.outcome == "The status is left as it is."


def test_yes_is_a_member_only_under_a_heading_about_being_active() -> None:
    assert told(Field.STATUS, "Ja", header="Status Aktiv").values == {"status": "member"}
    assert told(Field.STATUS, "Nei", header="Status Aktiv").problem.severity == Severity.PROBLEM
    assert told(Field.STATUS, "Ja", header="Status").problem.severity == Severity.PROBLEM


@pytest.mark.parametrize(
    ("cell", "kid"),
    [("000104420", "000104420"), ("1234 5678 2", "123456782"), (104420.0, "104420"), ("12345-", "12345-")],
)
def test_kid_numbers(cell: Cell, kid: str) -> None:
    assert told(Field.KID, cell).values == {"kid": kid}


@pytest.mark.parametrize("cell", ["A12", "1", "9" * 26, 1.2345678901234567e24])
def test_what_is_no_kid_number_is_left_out(cell: Cell) -> None:
    found = told(Field.KID, cell)
    assert found.values == {}
    assert found.problem.severity == Severity.PROBLEM


@pytest.mark.parametrize(("cell", "code"), [("Bokmål", "nb"), ("nordsamisk", "se"), ("EN", "en")])
def test_languages(cell: str, code: str) -> None:
    assert told(Field.LANGUAGE, cell).values == {"language": code}


def test_an_unknown_language_is_pointed_out() -> None:
    assert told(Field.LANGUAGE, "klingon").problem.severity == Severity.PROBLEM


@pytest.mark.parametrize(("cell", "value"), [(301.0, "0301"), ("5501", "5501"), ("Kåfjord", "Kåfjord")])
def test_municipalities_by_number_or_name(cell: Cell, value: str) -> None:
    assert told(Field.MUNICIPALITY, cell).values == {"municipality": value}


def paid(
    cell: Cell, header: str = "Betalt", year: int = YEAR, **more: Any
) -> tuple[bool | None, date | None, int | None]:
    answer = told(Field.PAID, cell, header=header, year=year, **more).values["paid"]
    return answer["paid"], answer["paid_on"], answer["paid_ore"]


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("J", (True, None, None)),
        ("x", (True, None, None)),
        ("Betalt", (True, None, None)),
        (True, (True, None, None)),
        (1.0, (True, None, None)),
        ("Nei", (False, None, None)),
        ("Ikke betalt", (False, None, None)),
        ("-", (False, None, None)),
        ("mangler", (False, None, None)),
        (None, (False, None, None)),
        (0.0, (False, None, None)),
        (450.0, (True, None, 45_000)),
        ("450,00", (True, None, 45_000)),
        ("kr 1 200,50", (True, None, 120_050)),
        ("0,00", (False, None, 0)),
        (-450.0, (False, None, 0)),
        (date(2026, 2, 14), (True, date(2026, 2, 14), None)),
        ("14.02.2026", (True, date(2026, 2, 14), None)),
        (46067.0, (True, date(2026, 2, 14), None)),
        (2026.0, (True, None, None)),
        (2025.0, (False, None, None)),
        ("2027", (True, None, None)),
        (date(2025, 2, 14), (False, None, None)),
        ("01.01.1900", (False, None, None)),
    ],
)
def test_payment_is_read_from_yes_and_no_from_amounts_and_from_days(
    cell: Cell, answer: tuple[bool | None, date | None, int | None]
) -> None:
    assert paid(cell) == answer


@pytest.mark.parametrize(
    ("cell", "year", "answer"),
    [
        (date(2019, 1, 31), 2018, True),
        (date(2019, 1, 31), 2019, False),
        (date(2019, 3, 15), 2019, False),
        (date(2019, 12, 31), 2019, True),
        ("31.12.2019", 2019, True),
        ("2019", 2019, True),
        ("2018", 2019, False),
        (None, 2019, False),
    ],
)
def test_paid_until_counts_for_the_years_whose_last_day_it_reaches(cell: Cell, year: int, answer: bool) -> None:
    assert paid(cell, header="Betalt til", year=year) == (answer, None, None)


def test_a_heading_with_the_dues_year_takes_a_payment_on_any_day() -> None:
    assert paid(date(2025, 12, 3), header="Betalt 2026", years={2: 2026}) == (True, date(2025, 12, 3), None)


def test_a_column_about_another_year_is_not_read_and_it_is_said_once() -> None:
    mapping = mapping_of(Field.MEMBER_NUMBER, Field.LAST_NAME, Field.PAID, headers={2: "Betalt 2025"}, years={2: 2025})
    lines: list[list[Cell]] = [["Nr", "Navn", "Betalt 2025"], ["1", "Berg", "ja"], ["2", "Li", "ja"]]
    rows = list(read_rows(sheet_of(lines), mapping, today=TODAY, year=2026))
    assert all("paid" not in row.values for row in rows)
    assert [len(row.problems) for row in rows] == [1, 0]
    assert "2025" in rows[0].problems[0].what


@pytest.mark.parametrize("cell", ["kanskje", date(2026, 12, 24), "24.12.2026", 1e12])
def test_a_payment_that_cannot_be_read_is_neither_yes_nor_no(cell: Cell) -> None:
    found = told(Field.PAID, cell, header="Betalt")
    assert found.values["paid"] == {"paid": None, "paid_on": None, "paid_ore": None}
    assert found.problem.severity == Severity.PROBLEM


def test_a_payment_after_the_dues_year_tells_nothing_about_it() -> None:
    assert paid(date(2026, 2, 1), year=2025) == (None, None, None)


def test_a_bare_number_under_a_heading_about_money_is_money() -> None:
    assert paid(2026.0, header="Betalt beløp") == (True, None, 202_600)


# --- rows that are not members


@pytest.mark.parametrize(
    "cells",
    [
        ["Sum", "214"],
        [None, "Sum 214"],
        ["Totalt", 214.0],
        [None, None, "Antall medlemmer: 214"],
        [214.0],
        [None, None, None, 214.0],
        [214.0, "Sum"],
        ["Utskrift 1. november"],
    ],
)
def test_sums_and_stray_lines_are_left_out_as_such(cells: list[Cell]) -> None:
    fields = (Field.MEMBER_NUMBER, Field.FULL_NAME, Field.CITY, Field.MOBILE)
    rows = read(["1001", "Ola Berg"], cells, fields=fields)
    assert rows[0].accepted
    assert [problem.severity for problem in rows[1].problems] == [Severity.SKIP]
    assert rows[1].problems[0].column == ""


def test_a_member_called_sum_is_a_member() -> None:
    assert read(["1001", "Sum Wang"])[0].accepted


def test_headings_repeated_and_empty_rows_are_passed_over_silently() -> None:
    fields = (Field.MEMBER_NUMBER, Field.FULL_NAME, Field.CITY)
    head: list[Cell] = [str(field.label) for field in fields]
    rows = read(
        ["1001", "Ola Berg"], head, [None], [" MEMBER NUMBER ", "full name", "town"], ["1002", "Kari"], fields=fields
    )
    assert [row.number for row in rows] == [2, 6]
    assert all(row.problems == [] for row in rows)


def test_only_rows_under_the_heading_are_read() -> None:
    mapping = ColumnMapping(2, {0: Field.MEMBER_NUMBER, 1: Field.FULL_NAME})
    lines: list[list[Cell]] = [["1", "Ola"], ["Nr", "Navn"], ["2", "Kari"]]
    assert [row.values["member_number"] for row in read_rows(sheet_of(lines), mapping, today=TODAY, year=YEAR)] == ["2"]


# --- twice


def test_a_row_told_before_counts_once() -> None:
    first, second = read(["1001", "Ola Berg"], ["1001", "Ola Berg"])
    assert first.accepted
    assert not second.accepted
    assert second.problems[0].severity == Severity.SKIP
    assert second.problems[0].what == "The row is the same as row 2."


def test_a_number_that_stands_with_another_name_is_refused_and_names_the_row() -> None:
    _first, second = read(["1001", "Ola Berg"], ["1001.0", "Kari Li"])
    assert second.problems[0].severity == Severity.REFUSED
    assert second.problems[0].reason == "The same number stands in row 2, with another name. The row is left out."


def test_a_number_that_stands_with_other_information_is_read_once() -> None:
    fields = (Field.MEMBER_NUMBER, Field.FULL_NAME, Field.CITY)
    first, second = read(["1001", "Ola Berg", "Tromsø"], ["1001", "Ola Berg", "Harstad"], fields=fields)
    assert first.accepted
    assert second.problems[0].severity == Severity.REFUSED


def test_a_refused_row_does_not_take_the_number() -> None:
    fields = (Field.MEMBER_NUMBER, Field.FULL_NAME, Field.MOBILE, Field.CITY)
    first, second = read(["1001", None, "90000001", "x"], ["1001", "Ola Berg"], fields=fields)
    assert not first.accepted
    assert second.accepted


@pytest.mark.parametrize(
    ("field", "cell"), [(Field.BIRTH_DATE, "14.03.1961"), (Field.MOBILE, "90000001"), (Field.EMAIL, "ola@x.example")]
)
def test_a_person_twice_under_two_numbers_goes_in_twice_and_is_pointed_out(field: Field, cell: str) -> None:
    fields = (Field.MEMBER_NUMBER, Field.FULL_NAME, field)
    first, second = read(["1001", "Ola Berg", cell], ["1002", "Berg, Ola", cell], fields=fields)
    assert first.problems == []
    assert second.accepted
    assert second.problems[0].severity == Severity.NOTICE
    assert "Row 2" in second.problems[0].what


def test_a_family_may_share_an_email() -> None:
    fields = (Field.MEMBER_NUMBER, Field.FULL_NAME, Field.EMAIL)
    rows = read(["1001", "Ola Berg", "fam@x.example"], ["1002", "Kari Berg", "fam@x.example"], fields=fields)
    assert all(row.problems == [] for row in rows)


# --- identity numbers


@pytest.mark.parametrize("field", [field for field in Field if field != Field.KID])
@pytest.mark.parametrize("cell", [NOBODY, f"{NOBODY[:6]} {NOBODY[6:]}", float(NOBODY)])
def test_identity_numbers_are_neither_kept_nor_repeated(field: Field, cell: Cell) -> None:
    fields = (Field.MEMBER_NUMBER, Field.LAST_NAME, Field.CITY)
    others = tuple(other for other in fields if other != field)
    plain: dict[Field, Cell] = {Field.MEMBER_NUMBER: "1001", Field.LAST_NAME: "Berg", Field.CITY: "Tromsø"}
    (row,) = read([*(plain[other] for other in others), cell], fields=(*others, field))
    assert any("identity number" in problem.what for problem in row.problems)
    shown = repr(row).replace(" ", "")
    assert NOBODY not in shown
    assert "birth_date" not in row.values


def test_eleven_digits_with_a_slip_are_not_repeated() -> None:
    found = told(Field.BIRTH_DATE, "14906110085")
    assert found.values == {}
    assert found.problem.typed == ""


# --- from file to rows


def test_an_export_of_our_own_comes_back_unchanged() -> None:
    names = ["=cmd|' /C calc'!A0", "+Ola", "-Kari", "@Per", "'s-Gravenhage", "'=x", "Åse"]
    content = io.StringIO(newline="")
    writer = csv.writer(content, delimiter=";")
    writer.writerow(["Medlemsnr", "Fornavn", "Etternavn", "Mobil"])
    writer.writerows([str(n), escape(name), escape(name), escape("+4790012345")] for n, name in enumerate(names, 1001))
    choice = choose_sheet(read_sheets(io.BytesIO(content.getvalue().encode("utf-8-sig")), "eksport.csv"))
    rows = list(read_rows(choice.sheet, choice.guess.mapping(), today=TODAY, year=YEAR))
    assert [row.values["last_name"] for row in rows] == names
    assert {row.values["mobile"] for row in rows} == {"+4790012345"}


@pytest.mark.skipif(not NAUGHTY.is_file(), reason="shared/corpora is not beside the project")
def test_naughty_strings_are_unharmed_in_names_and_notes() -> None:
    strings = [text for text in json.loads(NAUGHTY.read_text("utf-8")) if clean(text)]
    fields = (Field.MEMBER_NUMBER, Field.FIRST_NAME, Field.LAST_NAME, Field.CITY, Field.RECRUITED_BY)
    rows = read(*([str(n), "Ola", text, "Tromsø", text] for n, text in enumerate(strings, 1001)), fields=fields)
    assert len(rows) == len(strings)
    for text, row in zip(strings, rows, strict=True):
        if len(clean(text)) <= 120 and clean(text).casefold() not in NO_NAME:
            assert row.values.get("last_name", "") == clean(text)


any_cell = st.one_of(
    st.none(),
    st.text(max_size=40),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.from_regex(r"[0-9 +.,/-]{1,20}", fullmatch=True),
    st.sampled_from(["ja", "nei", "Sum", "-", "31.02.1988", "a@b.no", "Betalt", "=1+1", "1e1000000", "9" * 60]),
)


@given(st.lists(st.lists(any_cell, max_size=len(Field)), max_size=8), st.integers(1990, 2100))
def test_no_cells_make_the_reading_of_rows_fail(lines: list[list[Cell]], year: int) -> None:
    sheet = sheet_of([[str(field.label) for field in Field], *lines])
    mapping = mapping_of(*Field)
    for row in read_rows(sheet, mapping, today=TODAY, year=year):
        assert all(problem.reason for problem in row.problems)
        assert row.accepted is False or row.values["member_number"]
        json.dumps([problem.to_json() for problem in row.problems])
