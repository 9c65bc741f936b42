"""Text files: encodings, separators, quotes, and our own escape of formulas."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.spreadsheet.csv_reading import delimiter_of, read_csv
from common.spreadsheet.errors import SpreadsheetError
from common.spreadsheet.escape import escape, unescape
from common.spreadsheet.reading import read_sheets
from common.spreadsheet.refusals import LIMITS, Refusal, Refused
from common.spreadsheet.sheets import Cell

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"
SPECTRUM = sorted((CORPORA / "csv-spectrum" / "csvs").glob("*.csv"))
NAUGHTY = CORPORA / "naughty-strings" / "blns.json"
PAYLOADS = CORPORA / "payloadbox-csv" / "csv-payload.txt"


def rows_of(content: bytes) -> list[list[Cell]]:
    return [row.cells for row in read_sheets(io.BytesIO(content), "liste.csv").sheets[0].rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_encodings_and_separators_are_found_out(encoding: str, separator: str) -> None:
    lines = [["Medlemsnr", "Navn", "Poststed"], ["1001", "Åse Ørbæk", "Tromsø"], ["1002", "Bjørn Å", "Kåfjord"]]
    text = "\r\n".join(separator.join(line) for line in lines)
    assert rows_of(text.encode(encoding)) == lines


def test_northern_sami_letters_survive() -> None:
    assert rows_of("Navn;Sted\nÁile Čáhppe;Gáivuotna\nŊ Š Ŧ Ž;Đ\n".encode())[1:] == [
        ["Áile Čáhppe", "Gáivuotna"],
        ["Ŋ Š Ŧ Ž", "Đ"],
    ]


def test_decimal_commas_do_not_make_columns() -> None:
    content = b"Navn;Betalt;Rest\nOla;450,00;0,50\nKari;1 200,00;0,00\nPer;0,00;450,00\n"
    assert rows_of(content)[1] == ["Ola", "450,00", "0,50"]


def test_names_with_commas_do_not_make_columns() -> None:
    content = b"Nr;Navn\n1;Hansen, Ola\n2;Olsen, Kari\n3;Berg, Per\n"
    assert rows_of(content)[1:] == [["1", "Hansen, Ola"], ["2", "Olsen, Kari"], ["3", "Berg, Per"]]


def test_title_rows_do_not_hide_the_separator() -> None:
    content = "Medlemsliste, Tromsø, november\n\nNr;Navn;Mobil\n1;Ola;9\n2;Kari;4\n".encode()
    assert delimiter_of(content.decode()) == ";"


def test_one_column_is_one_column() -> None:
    assert rows_of(b"Navn\nOla\nKari\n") == [["Navn"], ["Ola"], ["Kari"]]


def test_excels_own_hint_of_the_separator_is_followed_and_not_counted() -> None:
    sheet = read_sheets(io.BytesIO(b"sep=|\r\nNr|Navn;x\r\n1|Ola\r\n")).sheets[0]
    assert [(row.number, row.cells) for row in sheet.rows] == [(1, ["Nr", "Navn;x"]), (2, ["1", "Ola"])]


def test_rows_are_numbered_as_excel_shows_them() -> None:
    """A line break inside quotes is no new row; an empty line is one."""
    sheet = read_sheets(io.BytesIO(b'Nr;Adresse\n\n1;"Gata 1\nOppgang B"\n2;Gata 2\n;;\n3;Gata 3\n')).sheets[0]
    assert [row.number for row in sheet.rows] == [1, 3, 4, 6]
    assert sheet.rows[1].cells == ["1", "Gata 1\nOppgang B"]


def test_old_macintosh_line_ends_are_line_ends() -> None:
    assert rows_of(b"Nr;Navn\r1;Ola\r2;Kari\r") == [["Nr", "Navn"], ["1", "Ola"], ["2", "Kari"]]


def test_a_quote_that_is_never_closed_does_not_swallow_the_list() -> None:
    lines = [f"{n};Medlem {n}" for n in range(1, 500)]
    lines[3] = '4;"Ola'
    assert len(rows_of(("Nr;Navn\n" + "\n".join(lines)).encode())) == 500


def test_a_field_longer_than_any_cell_is_refused_or_read_without_quotes() -> None:
    with pytest.raises(SpreadsheetError) as caught:
        rows_of(b"Navn;Nr\n" + b"x" * 200_000 + b";1\n")
    assert caught.value.refusal == Refusal.DAMAGED


def test_only_separators_are_no_rows() -> None:
    with pytest.raises(Refused) as caught:
        read_csv(b";;;\n;;;\n", "x", LIMITS)
    assert caught.value.refusal == Refusal.EMPTY


@pytest.mark.skipif(not SPECTRUM, reason="shared/corpora is not beside the project")
@pytest.mark.parametrize("path", SPECTRUM, ids=lambda path: str(path.stem))
def test_csv_spectrum_gives_what_its_authors_expect(path: Path) -> None:
    expected = json.loads((path.parent.parent / "json" / f"{path.stem}.json").read_text("utf-8"))
    content = path.read_bytes()
    if path.stem.endswith("_crlf"):
        # The copies have lost the carriage returns they are named for.
        content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    head, *body = rows_of(content)
    found = [
        {
            str(title): row[place] if place < len(row) and row[place] is not None else ""
            for place, title in enumerate(head)
        }
        for row in body
    ]
    if isinstance(expected, dict):
        # One row, and its telephone number is another in the authors' two files.
        expected = [expected | {"Contact Phone Number": found[0]["Contact Phone Number"]}]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("=1+1", "'=1+1"),
        ("+47 900 00 000", "'+47 900 00 000"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        (' "=1', "' \"=1"),
        ("'=1", "''=1"),
        ("''=1", "'''=1"),
        ("'s-Gravenhage", "'s-Gravenhage"),
        ("Ola", "Ola"),
        ("", ""),
    ],
)
def test_formulas_are_escaped_and_come_back(text: str, escaped: str) -> None:
    assert escape(text) == escaped
    assert unescape(escaped) == text


@given(st.text())
def test_any_text_comes_back_from_its_escape(text: str) -> None:
    assert unescape(escape(text)) == text


@pytest.mark.skipif(not NAUGHTY.is_file(), reason="shared/corpora is not beside the project")
def test_naughty_strings_and_formulas_come_back_from_a_file() -> None:
    strings = [text for text in json.loads(NAUGHTY.read_text("utf-8")) if text]
    strings += [line for line in PAYLOADS.read_text("utf-8").splitlines() if line]
    content = io.StringIO(newline="")
    writer = csv.writer(content, delimiter=";")
    writer.writerow(["Nr", "Navn"])
    writer.writerows([str(number), escape(text)] for number, text in enumerate(strings))
    assert [row[1] for row in rows_of(content.getvalue().encode("utf-8-sig"))[1:]] == strings


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_fail_in_any_other_way(content: bytes) -> None:
    assert outcome_of(content) in ("rows", Refusal.EMPTY, Refusal.OTHER_KIND, Refusal.DAMAGED)


def outcome_of(content: bytes) -> str:
    try:
        return "rows" if read_csv(content, "x", LIMITS).rows else "nothing"
    except Refused as refused:
        return refused.refusal
