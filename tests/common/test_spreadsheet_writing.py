"""Workbooks written: texts stay texts, sheets are fit to print, nothing is left on disk."""

import io
import json
import tempfile
import tracemalloc
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from common.spreadsheet.writing import Book, Column, Value, sheet_name, sheet_text

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
COLUMNS = [Column("Name", 20), Column("Amount", 10), Column("Result", 20, ["Will pay", "No answer"])]


def write(*rows: Sequence[Value], columns: list[Column] = COLUMNS, above: tuple[str, ...] = ()) -> Any:
    file = io.BytesIO()
    with Book(title="Test", footer="Kari & Ola") as book:
        sheet = book.sheet("All", columns, above=above)
        for row in rows:
            sheet.add(row)
        book.save(file)
    file.seek(0)
    return load_workbook(file)


def payloads() -> list[str]:
    if not CORPORA.exists():
        pytest.skip("the corpora of others are not beside the project (../shared/corpora)")
    texts: list[str] = json.loads((CORPORA / "naughty-strings" / "blns.json").read_text())
    return texts + (CORPORA / "payloadbox-csv" / "csv-payload.txt").read_text().splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "#N/A",
        "#REF!",
        "+4791234567",
        "-1",
        "@SUM(1)",
        "'=1",
        "1e5",
        "TRUE",
        "00123",
        " x ",
    ],
)
def test_a_text_stays_the_text_it_was(text: str) -> None:
    cell = write([text, 1, None]).active["A2"]
    assert (cell.value, cell.data_type) == (text, "s")


def test_texts_that_others_made_to_do_harm_do_none() -> None:
    texts = [text for text in payloads() if sheet_text(text)]
    sheet = write(*([text, 0, None] for text in texts)).active
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert len(cells) == len(texts) > 500
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells] == [sheet_text(text) for text in texts]


def test_what_no_workbook_holds_is_dropped_and_nothing_else() -> None:
    assert sheet_text("a\x00b\x1fc\ud800d\uffffe\tf") == "abcde\tf"
    assert sheet_text("one\r\ntwo\rthree") == "one\ntwo\nthree"
    assert write(["a\x07b", 1, None]).active["A2"].value == "ab"
    assert len(sheet_text("x" * 40_000)) == 32_767


def test_a_text_that_looks_like_a_code_is_not_decoded() -> None:
    assert sheet_text("_x003D_1 and _x_ and _xA_") == "_x005F_x003D_1 and _x_ and _xA_"


def test_numbers_and_dates_are_numbers_and_dates() -> None:
    sheet = write(["Ane", 450, date(2026, 3, 15)], ["Per", 450.5, date(2026, 3, 15)]).active
    assert sheet["B2"].value == 450
    assert sheet["B3"].value == 450.5
    assert sheet["C3"].value.date() == date(2026, 3, 15)
    assert sheet["C3"].number_format == "DD.MM.YYYY"


def test_a_style_does_not_leak_into_the_cells_after_it() -> None:
    sheet = write(["Ane", date(2026, 3, 15), "x"], ["Per", 1, "=y"]).active
    assert not sheet["C2"].has_style
    assert not sheet["B3"].has_style


def test_an_empty_text_is_an_empty_cell() -> None:
    assert write(["Ane", 1, ""]).active["C2"].value is None


def test_a_sheet_has_a_frozen_heading_a_filter_a_choice_and_is_fit_to_print() -> None:
    sheet = write(["Ane", 1, None], ["Per", 2, None], above=("Not paid 2026", "Confidential"))["All"]
    assert [cell.value for cell in sheet[3]] == ["Name", "Amount", "Result"]
    assert sheet["A1"].value == "Not paid 2026"
    assert sheet["A1"].font.b
    assert sheet.freeze_panes == "A4"
    assert sheet.auto_filter.ref == "A3:C5"
    assert sheet.print_title_rows == "$3:$3"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.column_dimensions["A"].width == 20
    assert sheet.oddFooter.left.text == "Kari && Ola"
    (choice,) = sheet.data_validations.dataValidation
    assert (choice.formula1, str(choice.sqref)) == ('"Will pay,No answer"', "C4:C5")


def test_an_empty_sheet_can_be_opened() -> None:
    assert write().active.auto_filter.ref == "A1:C2"


def test_choices_that_a_workbook_cannot_hold_are_refused() -> None:
    with pytest.raises(ValueError, match="choices"):
        write(columns=[Column("Result", 10, ["one, two"])])
    with pytest.raises(ValueError, match="choices"):
        write(columns=[Column("Result", 10, ["x" * 60] * 5)])


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Kari Nordvik", "Kari Nordvik"),
        ("a/b\\c?d*e[f]g:h", "a b c d e f g h"),
        ("'", "-"),
        ("History", "History -"),
        ("x" * 40, "x" * 31),
    ],
)
def test_a_sheets_name_is_one_that_excel_takes(name: str, made: str) -> None:
    assert sheet_name(name, set()) == made


def test_two_sheets_never_have_the_same_name() -> None:
    taken: set[str] = set()
    names = [sheet_name(name, taken) for name in ["Kari", "kari", "KARI", "x" * 31, "x" * 32]]
    assert names == ["Kari", "kari 2", "KARI 3", "x" * 31, "x" * 29 + " 2"]


def test_nothing_is_left_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    write(["Ane", 1, None])
    with Book(title="Test", footer="") as book:
        book.sheet("All", COLUMNS).add(["Ane", 1, None])
        assert list(tmp_path.iterdir()) != []
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_rows() -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        write_rows(rows)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    def write_rows(rows: int) -> None:
        with tempfile.TemporaryFile() as file, Book(title="Test", footer="") as book:
            sheet = book.sheet("All", COLUMNS)
            for number in range(rows):
                sheet.add([f"Name {number}", number, date(2026, 3, 15)])
            book.save(file)

    write_rows(10)
    assert peak(4_000) - peak(400) < 100_000
