"""Rows of a register file: what is no member, what stands twice, what must not be kept."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from common.spreadsheet.escape import escape
from common.spreadsheet.reading import read_sheets
from common.spreadsheet.sheets import Cell
from common.text import clean
from membership.importing.columns import ColumnMapping, Field
from membership.importing.header import choose_sheet
from membership.importing.problems import Severity
from membership.importing.rows import read_rows
from membership.importing.words import NO_NAME
from tests.membership.rows_told import NAUGHTY, NOBODY, TODAY, YEAR, mapping_of, read, sheet_of, told


@pytest.fixture(autouse=True)
def _source_language() -> Iterator[None]:
    with translation.override("en"):
        yield


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
