"""Workbooks: read whatever is in them, and refuse in one sentence what cannot be read."""

from __future__ import annotations

import io
import os
import select
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from django.utils import translation
from openpyxl import Workbook as NewWorkbook

from common.spreadsheet.errors import MESSAGES, SpreadsheetError
from common.spreadsheet.reading import read_sheets
from common.spreadsheet.refusals import LIMITS, Limits, Refusal
from common.spreadsheet.sheets import SheetRow
from tests.common.crafted import NAMESPACE, cell, crafted

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpora" / "spreadsheets" / "calamine"
FILES = sorted(CORPUS.glob("*.*")) if CORPUS.is_dir() else []


def saved(workbook: NewWorkbook) -> io.BytesIO:
    content = io.BytesIO()
    workbook.save(content)
    return content


def refusal_of(content: bytes | io.BytesIO, limits: Limits = LIMITS) -> Refusal | None:
    """Why a file is refused; the sentence is there and is one for a person."""
    with pytest.raises(SpreadsheetError) as caught:
        read_sheets(io.BytesIO(content) if isinstance(content, bytes) else content, "fil.xlsx", limits=limits)
    assert str(caught.value).endswith(".")
    return caught.value.refusal


def test_values_come_as_plain_python_with_the_row_numbers_excel_shows() -> None:
    book = NewWorkbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Medlemmer"
    sheet["C4"], sheet["D4"], sheet["E4"] = "Áile Ødegård", 3, 2.5
    sheet["C7"], sheet["D7"], sheet["E7"] = date(1961, 3, 14), datetime(2026, 1, 2, 13, 5), True
    sheet["C9"] = 0
    read = read_sheets(saved(book), "liste.xlsx")
    assert read.kind == "xlsx"
    assert read.sheets[0].name == "Medlemmer"
    assert read.sheets[0].rows == [
        SheetRow(4, [None, None, "Áile Ødegård", 3.0, 2.5]),
        SheetRow(7, [None, None, date(1961, 3, 14), datetime(2026, 1, 2, 13, 5), True]),
        SheetRow(9, [None, None, 0.0]),
    ]


def test_only_the_first_cell_of_a_merged_range_holds_the_value() -> None:
    book = NewWorkbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "Medlemsliste"
    sheet.merge_cells("A1:D2")
    sheet["A3"] = "Navn"
    assert read_sheets(saved(book)).sheets[0].rows == [SheetRow(1, ["Medlemsliste"]), SheetRow(3, ["Navn"])]


def test_hidden_sheets_are_marked() -> None:
    book = NewWorkbook()
    assert book.active is not None
    book.active["A1"] = "vises"
    hidden = book.create_sheet("gammel")
    hidden["A1"] = "gjemt"
    hidden.sheet_state = "hidden"
    read = read_sheets(saved(book))
    assert [(sheet.name, sheet.hidden) for sheet in read.sheets] == [("Sheet", False), ("gammel", True)]


def test_a_path_is_read_as_well_as_an_open_file(tmp_path: Path) -> None:
    book = NewWorkbook()
    assert book.active is not None
    book.active["A1"] = "Navn"
    path = tmp_path / "liste.bin"
    book.save(path)
    with path.open("rb") as file:
        assert read_sheets(path).sheets == read_sheets(str(path)).sheets == read_sheets(file).sheets


def test_what_the_file_is_called_does_not_matter() -> None:
    book = NewWorkbook()
    assert book.active is not None
    book.active["A1"] = "Navn"
    assert read_sheets(saved(book), "liste.csv").kind == "xlsx"
    assert read_sheets(io.BytesIO(b"Navn;Mobil\nOla;1\n"), "liste.xlsx").kind == "csv"


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", Refusal.EMPTY),
        (b"\xef\xbb\xbf \r\n", Refusal.EMPTY),
        (b"%PDF-1.7 ...", Refusal.PDF),
        (b"MZ\x90\x00\x03", Refusal.OTHER_KIND),
        (b"\x7fELF\x02\x01", Refusal.OTHER_KIND),
        (b"\x89PNG\r\n\x1a\n", Refusal.OTHER_KIND),
        (b"{\\rtf1\\ansi Medlemmer}", Refusal.DOCUMENT),
        (b"\x1f\x8b\x08\x00", Refusal.ARCHIVE),
        (b"<!DOCTYPE html><html><table>", Refusal.WEB_PAGE),
        (b"\xef\xbb\xbf\r\n<HTML xmlns:x='x'><table>", Refusal.WEB_PAGE),
        (b"\xff\xfe" + "<html><table>".encode("utf-16-le"), Refusal.WEB_PAGE),
        (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="x">', Refusal.WEB_PAGE),
        (b"PK\x03\x04" + b"junk" * 50, Refusal.DAMAGED),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, Refusal.DAMAGED),
        (b"\x00\x01\x02\x03" * 20 + b"text here and there", Refusal.OTHER_KIND),
    ],
)
def test_what_is_no_spreadsheet_is_named_for_what_it_is(content: bytes, refusal: Refusal) -> None:
    assert refusal_of(content) == refusal


def test_zip_files_of_other_things_are_named_for_what_they_are() -> None:
    for name, refusal in (("word/document.xml", Refusal.DOCUMENT), ("liste.csv", Refusal.ARCHIVE)):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(name, "<x/>")
        assert refusal_of(content) == refusal


def test_a_workbook_without_a_value_is_empty() -> None:
    assert refusal_of(saved(NewWorkbook())) == Refusal.EMPTY


def test_a_damaged_workbook_is_refused() -> None:
    book = NewWorkbook()
    assert book.active is not None
    book.active["A1"] = "Navn"
    whole = saved(book).getvalue()
    assert refusal_of(whole[: len(whole) // 2]) == Refusal.DAMAGED


def test_entities_and_document_types_are_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    assert refusal_of(crafted("<sheetData/>", **{"xl/sharedStrings.xml": bomb})) == Refusal.HOSTILE


def test_a_part_that_inflates_beyond_reason_is_refused() -> None:
    assert refusal_of(crafted("<sheetData/>" + " " * (40 * 1024 * 1024))) == Refusal.HOSTILE


def test_parts_that_inflate_beyond_the_limit_together_are_refused() -> None:
    small = replace(LIMITS, inflated_bytes=10_000)
    assert refusal_of(crafted(f"<sheetData>{'<row/>' * 5000}</sheetData>"), small) == Refusal.TOO_LARGE


def test_a_part_that_says_it_is_smaller_than_it_is_is_refused() -> None:
    content = bytearray(crafted(f"<sheetData>{'<row/>' * 5000}</sheetData>").getvalue())
    size = len(f'<?xml version="1.0"?><worksheet xmlns="{NAMESPACE}"><sheetData></sheetData></worksheet>') + 30_000
    assert content.count(size.to_bytes(4, "little")) == 2
    assert refusal_of(bytes(content.replace(size.to_bytes(4, "little"), (50).to_bytes(4, "little")))) == Refusal.DAMAGED


def test_too_many_parts_are_refused() -> None:
    assert refusal_of(crafted("<sheetData/>", **{f"xl/x{n}.xml": "" for n in range(2_100)})) == Refusal.HOSTILE


def test_fifty_thousand_merged_ranges_are_refused() -> None:
    merges = "".join(f'<mergeCell ref="A{row}:B{row}"/>' for row in range(1, 50_001))
    assert refusal_of(crafted(f"<sheetData/><mergeCells>{merges}</mergeCells>")) == Refusal.TOO_MANY_MERGES


def test_a_cell_in_the_far_corner_is_refused_without_asking_for_all_memory() -> None:
    rows = f'<sheetData><row r="1">{cell("A1")}</row><row r="1048576">{cell("XFD1048576")}</row></sheetData>'
    assert refusal_of(crafted(f'<dimension ref="A1:XFD1048576"/>{rows}')) == Refusal.TOO_SPREAD
    # The same with a dimension that lies: the child runs into its memory limit, and only the child.
    assert refusal_of(crafted(f'<dimension ref="A1:B2"/>{rows}')) in (Refusal.CRASHED, Refusal.TOO_SPREAD)


def test_two_megabytes_of_empty_formatted_rows_are_no_hindrance() -> None:
    rows = [f'<row r="{n}">{"".join(cell(f"{column}{n}") for column in "ABCDEFGHIJ")}</row>' for n in range(1, 51)]
    for n in range(51, 60_000):
        empty = "".join(f'<c r="{column}{n}" s="1"/>' for column in "ABCDEFGHIJKLMNO")
        rows.append(f'<row r="{n}" s="1" customFormat="1" ht="15">{empty}</row>')
    file = crafted(f'<dimension ref="A1:XFD1048576"/><sheetData>{"".join(rows)}</sheetData>')
    assert file.getbuffer().nbytes > 1_500_000
    assert len(read_sheets(file).sheets[0].rows) == 50


def test_more_cells_than_the_limit_are_refused() -> None:
    rows = f'<sheetData><row r="1">{cell("A1")}{cell("B1")}{cell("C1")}</row></sheetData>'
    assert refusal_of(crafted(rows), replace(LIMITS, cells=2)) == Refusal.TOO_MANY_CELLS
    assert refusal_of(b"a;b;c\n", replace(LIMITS, cells=2)) == Refusal.TOO_MANY_CELLS


def test_a_file_larger_than_the_limit_is_refused_before_it_is_read() -> None:
    assert refusal_of(b"Navn\n" * 100, replace(LIMITS, file_bytes=100)) == Refusal.TOO_LARGE


def test_a_path_larger_than_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stor.csv"
    path.write_bytes(b"Navn\n" * 100)
    with pytest.raises(SpreadsheetError) as caught:
        read_sheets(path, limits=replace(LIMITS, file_bytes=100))
    assert caught.value.refusal == Refusal.TOO_LARGE


def test_an_answer_larger_than_the_limit_is_refused() -> None:
    rows = f'<sheetData><row r="1">{cell("A1", "x" * 5000)}</row></sheetData>'
    assert refusal_of(crafted(rows), replace(LIMITS, result_bytes=1000)) == Refusal.TOO_MANY_CELLS


def test_a_child_out_of_time_is_stopped() -> None:
    rows = f'<sheetData><row r="1">{cell("A1")}</row></sheetData>'
    assert refusal_of(crafted(rows), replace(LIMITS, wall_seconds=0.0)) == Refusal.TOO_SLOW


def test_a_child_out_of_memory_leaves_us_alive() -> None:
    rows = f'<sheetData><row r="1">{cell("A1")}</row><row r="1048576">{cell("O1048576")}</row></sheetData>'
    small = replace(LIMITS, memory_bytes=200 * 1024 * 1024)
    assert refusal_of(crafted(rows), small) in (Refusal.CRASHED, Refusal.TOO_MANY_CELLS)
    assert len(read_sheets(crafted(f'<sheetData><row r="1">{cell("A1")}</row></sheetData>')).sheets[0].rows) == 1


def test_a_child_that_uses_too_much_processor_time_is_stopped() -> None:
    rows = "".join(f'<row r="{n}">{cell(f"A{n}")}</row>' for n in range(1, 200_000))
    assert refusal_of(crafted(f"<sheetData>{rows}</sheetData>"), replace(LIMITS, cpu_seconds=0)) == Refusal.TOO_SLOW


def test_the_child_ends_with_its_parent() -> None:
    """A parent killed without warning leaves no child behind that still reads."""
    start = (
        "import os, subprocess, sys, time\n"
        "code = 'import sys; sys.path.insert(0, sys.argv.pop(1)); from common.spreadsheet.child import die_with;"
        " import os, time; die_with(os.getppid()); print(1, flush=True); time.sleep(60)'\n"
        "child = subprocess.Popen([sys.executable, '-I', '-c', code, sys.argv[1]], stdout=subprocess.PIPE)\n"
        "child.stdout.readline(); print(child.pid, flush=True); time.sleep(60)\n"
    )
    root = str(Path(__file__).parents[2])
    parent = subprocess.Popen([sys.executable, "-c", start, root], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    end = os.pidfd_open(child)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    ended, _writable, _failed = select.select([end], [], [], 10)
    os.close(end)
    assert ended


def test_every_refusal_has_its_sentence() -> None:
    assert set(MESSAGES) == set(Refusal)
    with translation.override("en"):
        assert str(SpreadsheetError.of(Refusal.ENCRYPTED)).startswith("The file is locked with a password.")


needs_corpus = pytest.mark.skipif(not FILES, reason="shared/corpora is not beside the project")


@needs_corpus
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.name))
def test_every_file_of_the_corpus_gives_data_or_a_sentence(path: Path) -> None:
    assert outcome_of(path) not in (Refusal.TOO_SLOW, Refusal.NO_START, "nothing")


def outcome_of(path: Path) -> str:
    try:
        read = read_sheets(path, path.name)
    except SpreadsheetError as error:
        return error.refusal or "no reason"
    return "data" if any(sheet.rows for sheet in read.sheets) else "nothing"


@needs_corpus
@pytest.mark.parametrize("name", ["pass_protected.xlsx", "pass_protected.xlsb", "pass_protected.ods", "issue_385.xls"])
def test_files_with_a_password_are_told_so(name: str) -> None:
    assert refusal_of((CORPUS / name).read_bytes()) == Refusal.ENCRYPTED


@needs_corpus
@pytest.mark.parametrize("name", ["any_sheets.xls", "any_sheets.ods", "any_sheets.xlsb", "any_sheets.xlsx"])
def test_all_four_formats_read_alike(name: str) -> None:
    sheets = read_sheets(CORPUS / name, name).sheets
    assert [sheet.hidden for sheet in sheets[:3]] == [False, True, True]
    assert len(sheets[0].rows) == 4


@needs_corpus
def test_dates_counted_from_1904_come_right() -> None:
    for name in ("date_1904.xlsx", "date.xlsx"):
        assert date(2021, 1, 1) in [row.cells[0] for row in read_sheets(CORPUS / name).sheets[0].rows]
    assert read_sheets(CORPUS / "date_1904.xlsx").sheets[0].epoch_1904
