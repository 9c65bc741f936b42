"""Where the heading of a register file is, and what its columns are taken for."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from django.utils import translation

from common.spreadsheet.sheets import Cell, Sheet, SheetRow, Workbook
from membership.importing.columns import ColumnMapping, Field
from membership.importing.header import ColumnGuess, NotAMemberList, SheetGuess, choose_sheet, guess
from membership.importing.variants import field_of, fold, is_negated, variants

VARIANTS = Path(__file__).parents[2] / "membership" / "importing" / "header-variants.csv"


@pytest.fixture(autouse=True)
def _source_language() -> Iterator[None]:
    with translation.override("en"):
        yield


def rows(*lines: Sequence[Cell]) -> list[SheetRow]:
    return [
        SheetRow(number, list(cells))
        for number, cells in enumerate(lines, 1)
        if any(cell is not None for cell in cells)
    ]


def column(header: str, *cells: Cell, year: int | None = 2026) -> ColumnGuess:
    """What one column beside a number and a name is taken for."""
    lines: list[list[Cell]] = [[str(1000 + n), f"Ola {n}", cell] for n, cell in enumerate(cells)]
    return guess(rows(["Medlemsnr", "Navn", header], *(lines or [["1", "Ola", None]])), year=year).columns[2]


def taken(found: SheetGuess) -> dict[str, str]:
    return {column.header: str(column.field) for column in found.columns if column.field}


def test_every_variant_of_the_table_is_known_by_its_field() -> None:
    with VARIANTS.open(encoding="utf-8", newline="") as table:
        lines = list(csv.DictReader(table))
    assert len(lines) > 300
    wrong = [
        line["header_variant"]
        for line in lines
        if field_of(fold(line["header_variant"])) != line["field"] and line["header_variant"] != "Status"
    ]
    assert wrong == []
    assert set(variants().values()) == set(Field)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("MEDLNR.", Field.MEMBER_NUMBER),
        (" medlems-nr ", Field.MEMBER_NUMBER),
        ("Fodselsdato", Field.BIRTH_DATE),
        ("FØDSELSDATO (dd.mm.åååå)", Field.BIRTH_DATE),
        ("E-mail adresse", Field.EMAIL),
        ("Fo\u0308dselsdato", Field.BIRTH_DATE),
        ("Innm.dato", Field.JOINED),
        ("Adr.", Field.ADDRESS),
        ("Bet. 2026", Field.PAID),
        ("Betalt 2026", Field.PAID),
        ("Mobil\u00adtelefon", Field.MOBILE),
        ("Navn (etternavn, fornavn)", Field.FULL_NAME),
        ("Postnr. og sted", Field.POSTAL_CODE),
    ],
)
def test_case_signs_accents_and_years_do_not_matter(header: str, field: Field) -> None:
    assert field_of(fold(header)) == field


def test_the_heading_is_found_under_title_rows_and_beside_an_empty_column() -> None:
    found = guess(
        rows(
            [None, "Medlemsliste for Harstad"],
            [None, "Skrevet ut", date(2026, 11, 1)],
            [],
            [None, "Medl.nr", "Navn", "Mobiltelefon", "Epost", "Adr.", "Postnr", "Født", "Innm.dato", "Bet. 2026"],
            [
                None,
                10442.0,
                "Isaksen, Jon",
                "900 00 417",
                "jon@x.example",
                "Havnegata 8",
                9405.0,
                "14.03.1961",
                "2014-05-11",
                "J",
            ],
        ),
        year=2026,
    )
    assert found.header_row == 4
    assert found.row_count == 1
    assert taken(found) == {
        "Medl.nr": "member_number",
        "Navn": "full_name",
        "Mobiltelefon": "mobile",
        "Epost": "email",
        "Adr.": "address",
        "Postnr": "postal_code",
        "Født": "birth_date",
        "Innm.dato": "joined",
        "Bet. 2026": "paid",
    }
    assert [column.index for column in found.columns] == list(range(1, 10))
    assert found.columns[0].example == "10442"
    assert found.unsure == []


def test_a_heading_repeated_later_is_not_taken_for_the_first() -> None:
    head: list[Cell] = ["Nr", "Fornavn", "Etternavn", "Mobil"]
    assert guess(rows(["Liste"], head, ["7", "Ola", "Berg", "9"], head, ["9", "Kari", "Li", "9"])).header_row == 2


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [["Handleliste"], ["Melk", 2.0], ["Brød", 1.0]],
        [["1001", "Ola Nordmann", "90000000"], ["1002", "Kari Nordmann", "90000001"]],
        [["Navn"], ["Ola"]],
    ],
)
def test_what_is_no_member_list_is_told_so(lines: list[list[Cell]]) -> None:
    with pytest.raises(NotAMemberList) as caught:
        guess(rows(*lines))
    assert "Medlemsnummer" in str(caught.value)


def test_a_heading_without_rows_is_told_so() -> None:
    with pytest.raises(NotAMemberList, match="no rows under it"):
        guess(rows(["Medlemsnr", "Navn"]))


@pytest.mark.parametrize(
    ("header", "cells", "field", "sure"),
    [
        ("Status", ["Aktiv", "Utmeldt", "Aktiv"], Field.STATUS, True),
        ("Status", ["Betalt", "Ikke betalt", "Betalt"], Field.PAID, True),
        ("Status", ["Ordinær", "Student", "Ordinær"], Field.FEE_TYPE, False),
        ("Status", ["A1", "B2", "C3"], None, False),
        ("Kontingent", ["Ja", "Nei", "Ja"], Field.PAID, True),
        ("Kontingent", [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)], Field.PAID, True),
        ("Kontingent 2026", ["x", "x", "x"], Field.PAID, True),
        ("Kontingent", ["Ordinær", "Husstand", "Ordinær"], Field.FEE_TYPE, True),
        ("Kontingent", [450.0, 450.0, 150.0], None, False),
        ("Kontingent", ["rød", "blå", "gul"], None, False),
        ("Medlemskap", ["Aktiv", "Utmeldt", "Aktiv"], Field.STATUS, True),
        ("Medlemskap", ["Ordinær", "Student", "Student"], Field.FEE_TYPE, True),
        ("POST", ["9144", "9008", "9010"], Field.POSTAL_CODE, True),
        ("POST", ["9144 Samuelsberg", "9008 Tromsø", "9010 Tromsø"], Field.POSTAL_CODE, True),
        ("POST", [1.0, 0.0, 1.0], None, False),
        ("POST", ["a@x.example", "b@x.example", "c@x.example"], Field.EMAIL, False),
        ("POST", ["rød", "blå", "gul"], None, False),
        ("Telefon", ["90000001", "90000002", "40000003"], Field.MOBILE, True),
        ("Telefon", ["77600001", "77 60 00 02", "+47 22000003"], Field.PHONE2, False),
        ("Alder", [47.0, 33.0, 61.0], None, True),
        ("Alder", ["1961", "1950", "1982"], Field.BIRTH_DATE, True),
        ("SMS", ["ja", "nei", "ja"], Field.NO_SMS, True),
        ("SMS", ["90000001", "90000002", "90000003"], None, False),
        ("Status Aktiv", ["Ja", "Ja", "Nei"], Field.STATUS, False),
        ("Status Blokkert", ["Ja", "Ja", "Nei"], None, False),
        ("Aktiv", ["Aktiv", "Utmeldt", "Aktiv"], Field.STATUS, True),
        ("Verv", ["Leder", "Kasserer", "Leder"], Field.OFFICE, True),
        ("Verv", ["ja", "nei", "nei"], None, False),
        ("E-post", ["Gata 1", "Gata 2", "Gata 3"], Field.EMAIL, False),
        ("Mobil (privat, helst)", ["90000001", "90000002", "90000003"], Field.MOBILE, True),
        ("Mobil og sånt", ["90000001", "90000002", "90000003"], Field.MOBILE, False),
        ("Kontakt", ["a@x.example", "b@x.example", "c@x.example"], Field.EMAIL, False),
        ("Skostørrelse", ["41", "42", "43"], None, False),
        ("Betalt 2025", ["ja", "nei", "ja"], None, False),
    ],
)
def test_ambiguous_headings_are_judged_by_their_cells(
    header: str, cells: list[Cell], field: Field | None, sure: bool
) -> None:
    found = column(header, *cells)
    assert (found.field, found.sure) == (field, sure)
    assert found.why.endswith(("?", ".")) or found.sure


def test_id_is_the_member_number_only_where_no_other_column_is() -> None:
    alone = guess(rows(["ID", "Navn", "Mobil"], ["77", "Ola", None], ["81", "Kari", None]))
    assert taken(alone)["ID"] == "member_number"
    beside = guess(rows(["ID", "Medlemsnr", "Navn"], ["77", "1001", "Ola"], ["81", "1002", "Kari"]))
    assert taken(beside) == {"Medlemsnr": "member_number", "Navn": "full_name"}
    assert not beside.columns[0].sure
    assert "Medlemsnr" in beside.columns[0].why


def test_a_count_of_the_rows_is_not_the_member_number() -> None:
    counted = guess(rows(["Nr", "Navn", "Mobil"], [1.0, "Ola"], [2.0, "Kari"], [3.0, "Per"]))
    assert counted.columns[0].field is None
    assert not counted.columns[0].sure


def test_of_two_columns_for_one_field_the_better_wins_and_the_other_falls_back() -> None:
    found = guess(
        rows(
            ["Medlemsnr", "Navn", "Telefon", "Mobil", "Adresse", "Postadresse", "E-post", "Epost"],
            ["1", "Ola", None, "90000001", "Gata 1", "Boks 1", "a@x.example", "b@x.example"],
            ["2", "Kari", "90000002", "90000002", "Gata 2", None, "c@x.example", None],
            ["3", "Per", None, "90000003", "Gata 3", None, "d@x.example", None],
        )
    )
    assert [str(column.field) for column in found.columns] == [
        "member_number", "full_name", "phone2", "mobile", "address", "address2", "email", "None",
    ]  # fmt: skip
    assert [column.header for column in found.unsure] == ["Telefon", "Postadresse", "Epost"]


def test_of_two_columns_about_payment_the_one_for_the_dues_year_wins() -> None:
    lines = rows(
        ["Medlemsnr", "Navn", "Betalt 2025", "Betalt 2026"], ["1", "Ola", "ja", "nei"], ["2", "Kari", "ja", "ja"]
    )
    assert taken(guess(lines, year=2026))["Betalt 2026"] == "paid"
    assert taken(guess(lines, year=2025))["Betalt 2025"] == "paid"
    assert "2025" in guess(lines, year=2026).columns[2].why


@pytest.mark.parametrize("header", ["Fødselsnummer", "Personnummer", "Fødselsnr. (11 siffer)", "Fritekst"])
def test_identity_numbers_are_neither_read_nor_shown(header: str) -> None:
    found = column(header, "14906110084", 14906110084.0, "149061 10084")
    assert found.identity
    assert found.field is None
    assert found.example == ""
    assert "never read" in found.why


def test_a_column_without_heading_is_asked_about_and_an_empty_one_left_out() -> None:
    found = guess(rows(["Medlemsnr", "Navn", None, None], ["1", "Ola", None, "x"]))
    assert [column.index for column in found.columns] == [0, 1, 3]
    assert not found.columns[2].sure


def test_the_sheet_with_the_list_is_chosen_among_several() -> None:
    head: list[Cell] = ["Medlemsnr", "Navn", "Mobil"]
    notes = Sheet("Les meg", rows(["Dette er en liste"]))
    hidden = Sheet("Gammel", rows(head, *([str(n), "Ola", "9"] for n in range(50))), hidden=True)
    short = Sheet("Karlsøy", rows(head, ["1", "Ola", "9"]))
    long = Sheet("Tromsø", rows(head, ["2", "Ola", "9"], ["3", "Kari", "9"]))
    choice = choose_sheet(Workbook("x.xlsx", "xlsx", [notes, hidden, short, long]))
    assert choice.sheet.name == "Tromsø"
    assert choice.others == ["Karlsøy"]
    assert choose_sheet(Workbook("x.xlsx", "xlsx", [notes, hidden])).sheet.name == "Gammel"
    with pytest.raises(NotAMemberList):
        choose_sheet(Workbook("x.xlsx", "xlsx", [notes]))


def test_a_mapping_survives_being_stored_and_says_what_it_lacks() -> None:
    found = guess(rows(["Medlemsnr", "Navn", "Betalt 2026"], ["1", "Ola", "ja"]), year=2026).mapping()
    assert ColumnMapping.from_json(found.to_json()) == found
    assert found.years == {2: 2026}
    assert found.complaints() == []
    assert len(found.with_fields({}).complaints()) == 2
    twice = found.with_fields({0: Field.MEMBER_NUMBER, 1: Field.FULL_NAME, 2: Field.FULL_NAME})
    assert len(twice.complaints()) == 1


@pytest.mark.parametrize("stored", [{}, {"header_row": "x"}, {"header_row": 1, "fields": {"0": "nonsense"}}])
def test_a_stored_mapping_that_is_none_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        ColumnMapping.from_json(stored)


@pytest.mark.parametrize(
    ("header", "negated"),
    [("Ikkje ring", True), ("Reservert telefon", True), ("Ring_B", False), ("Kan ringes", False), ("Post_B", False)],
)
def test_headings_about_contact_say_which_way_yes_goes(header: str, negated: bool) -> None:
    assert is_negated(header) == negated
