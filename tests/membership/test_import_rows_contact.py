"""Rows of a register file: how members are reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from django.utils import translation

from common.spreadsheet.sheets import Cell
from membership.importing.columns import Field
from membership.importing.problems import Severity
from tests.membership.rows_told import read, told


@pytest.fixture(autouse=True)
def _source_language() -> Iterator[None]:
    with translation.override("en"):
        yield


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
