"""Single cells of a register file: dates, numbers, yes and no, names, identity numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from common.spreadsheet.sheets import Cell
from membership.importing import cells
from membership.importing.cells import Unreadable
from membership.importing.identity import is_identity_number, looks_like_one
from membership.importing.people import as_name, is_capitals, split_name

any_cell = st.one_of(
    st.none(), st.text(max_size=60), st.floats(), st.integers(), st.booleans(), st.dates(), st.datetimes()
)


@pytest.fixture(autouse=True)
def _source_language() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("  Ola\u00a0 Nordmann ", "Ola Nordmann"),
        ("A\u030ase", "Åse"),
        ("Etter\u00adnavn", "Etternavn"),
        ("Ola\x00\x07", "Ola"),
        (12345.0, "12345"),
        (2.5, "2.5"),
        (7, "7"),
        (date(2026, 1, 2), "02.01.2026"),
        (datetime(2026, 1, 2, 3, 4), "02.01.2026"),
        (None, ""),
        ("", ""),
        ("-", ""),
        ("–", ""),
        (" N/A ", ""),
        ("Ukjent", ""),
        ("mangler", ""),
        ("#N/A", ""),
        ("ikke oppgitt", ""),
        ("Tom", "Tom"),
        ("=1+1", "=1+1"),
    ],
)
def test_cells_become_clean_text_or_nothing(cell: Cell, text: str) -> None:
    assert cells.text_of(cell) == text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12345.0, "12345"),
        (1.2e5, "120000"),
        ("12345.0", "12345"),
        ("12345,00", "12345"),
        ("00123", "00123"),
        ("12 345", "12345"),
        ("A-77 B", "A-77 B"),
    ],
)
def test_numbers_that_are_names_keep_their_digits(cell: Cell, text: str) -> None:
    assert cells.digits_text(cell) == text


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (date(1961, 3, 14), date(1961, 3, 14)),
        (datetime(1961, 3, 14, 12, 0), date(1961, 3, 14)),
        ("14.03.1961", date(1961, 3, 14)),
        ("14.3.61", date(1961, 3, 14)),
        ("01.02.05", date(2005, 2, 1)),
        ("1961-03-14", date(1961, 3, 14)),
        ("1961-03-14T00:00:00", date(1961, 3, 14)),
        ("14/03/1961", date(1961, 3, 14)),
        ("14031961", date(1961, 3, 14)),
        (14031961.0, date(1961, 3, 14)),
        (1031961.0, date(1961, 3, 1)),
        (22354.0, date(1961, 3, 14)),
        ("22354", date(1961, 3, 14)),
        (1961.0, 1961),
        ("1961", 1961),
        ("1961.0", 1961),
        (None, None),
        ("ukjent", None),
        ("-", None),
    ],
)
def test_days_and_years_are_read_however_they_are_written(cell: Cell, found: date | int | None) -> None:
    assert cells.day_or_year(cell, first_short_year=1927) == found


def test_a_bare_number_counts_from_1904_where_the_file_does() -> None:
    assert cells.day_or_year(20892.0, first_short_year=1927, epoch_1904=True) == date(1961, 3, 14)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("31.02.1988", "does not exist"),
        ("00.00.1961", "does not exist"),
        ("2026-13-01", "does not exist"),
        ("en gang i mars", "not a date"),
        (True, "not a date"),
        (3.0, "not a date"),
        (1e300, "not a date"),
        (float("nan"), "not a date"),
        (float("inf"), "not a date"),
        ("9" * 500, "not a date"),
        ("1e1000000", "not a date"),
    ],
)
def test_what_is_no_day_says_why(cell: Cell, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        cells.day_or_year(cell, first_short_year=1927)


def test_month_first_is_known_by_a_day_above_twelve() -> None:
    assert cells.is_month_first(["03/04/1980", "12/31/1980", None, 5.0])
    assert not cells.is_month_first(["03/04/1980", "31/12/1980"])
    assert not cells.is_month_first(["12/31/1980", "31/12/1980"])
    assert not cells.is_month_first(["31.12.1980"])
    assert cells.swap_month_first("12/31/1980") == "31/12/1980"


@pytest.mark.parametrize(
    ("cell", "answer"),
    [("J", True), ("ja", True), ("x", True), ("1", True), (1.0, True), (True, True), ("SANN", True),
     ("N", False), ("Nei", False), ("0", False), (0.0, False), (False, False), ("", None), (None, None), ("-", None)],
)  # fmt: skip
def test_yes_and_no_in_all_their_ways(cell: Cell, answer: bool | None) -> None:
    assert cells.yes_no(cell) is answer


def test_what_is_neither_yes_nor_no_says_so() -> None:
    with pytest.raises(Unreadable):
        cells.yes_no("kanskje")


@pytest.mark.parametrize(
    ("name", "last_first", "parts"),
    [
        ("Isaksen, Jon", False, ("Jon", "Isaksen")),
        ("Hætta Guttormsen, Elle Marie", False, ("Elle Marie", "Hætta Guttormsen")),
        ("Jon Isaksen", False, ("Jon", "Isaksen")),
        ("Anne-Marie van der Berg", False, ("Anne-Marie van der", "Berg")),
        ("Isaksen Jon", True, ("Jon", "Isaksen")),
        ("Madonna", False, ("", "Madonna")),
        ("Isaksen,", False, ("", "Isaksen")),
        (", Jon", False, ("", "Jon")),
        ("", False, ("", "")),
    ],
)
def test_names_in_one_cell_are_taken_apart(name: str, last_first: bool, parts: tuple[str, str]) -> None:
    assert split_name(name, last_first) == parts


@pytest.mark.parametrize(
    ("capitals", "name"),
    [
        ("ANNE-MARIE VAN DER BERG", "Anne-Marie van der Berg"),
        ("ÁILE ØDEGÅRD", "Áile Ødegård"),
        ("O'HARA", "O'Hara"),
        ("VAN DIJK", "Van Dijk"),
    ],
)
def test_names_in_capitals_are_written_as_names(capitals: str, name: str) -> None:
    assert as_name(capitals) == name


def test_capitals_are_a_matter_of_the_whole_file() -> None:
    assert is_capitals(["OLA", "KARI", None, "PER", "-", "ANNE LI", "ÅSE"])
    assert not is_capitals(["OLA", "KARI", "PER", "ANNE", "ÅSE", "Jon"])
    assert not is_capitals(["OLA"])


@pytest.mark.parametrize(
    "cell",
    ["14906110084", "149061 10084", "f.nr 14906110084.", 4886110095.0, 14906110084.0, 14906110084, "149061-10084"],
)
def test_identity_numbers_are_known(cell: Cell) -> None:
    assert is_identity_number(cell)


@pytest.mark.parametrize(
    "cell",
    ["14906110085", "4790012345", "+47 900 12 345", 4790012345.0, "99912312345", 1.5e10, "", None, True, "149061"],
)
def test_other_numbers_are_not_identity_numbers(cell: Cell) -> None:
    assert not is_identity_number(cell)


def test_a_number_with_a_slip_is_not_shown_either() -> None:
    assert looks_like_one("149061 10085")
    assert not looks_like_one("90012345")


@given(any_cell)
def test_no_cell_makes_a_reader_fail_in_any_other_way(cell: Cell) -> None:
    assert isinstance(cells.text_of(cell), str)
    assert isinstance(cells.digits_text(cell), str)
    assert cells.is_age(cell) in (True, False)
    assert is_identity_number(cell) in (True, False)
    for read in (cells.yes_no, lambda cell: cells.day_or_year(cell, first_short_year=1950)):
        try:
            read(cell)
        except Unreadable:
            continue
