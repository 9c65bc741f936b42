"""Rows of a register file: status, payment and the rest of the membership."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.utils import translation

from common.spreadsheet.sheets import Cell
from membership.importing.columns import Field
from membership.importing.problems import Severity
from membership.importing.rows import read_rows
from tests.membership.rows_told import TODAY, YEAR, mapping_of, sheet_of, told


@pytest.fixture(autouse=True)
def _source_language() -> Iterator[None]:
    with translation.override("en"):
        yield


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
