"""What the child process does, done here: its limits and its end are tried from outside in test_spreadsheet."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from openpyxl import Workbook as NewWorkbook

from common.spreadsheet import child
from common.spreadsheet.prescan import kind_of, prescan
from common.spreadsheet.refusals import LIMITS, Limits, Refusal, Refused
from tests.common.crafted import cell, crafted

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpora" / "spreadsheets" / "calamine"


def refusal_of(file: io.BytesIO, kind: str = "zip", limits: Limits = LIMITS) -> Refusal:
    with pytest.raises(Refused) as caught:
        prescan(file, kind, limits)
    return caught.value.refusal


def answer_of(file: io.BytesIO, kind: str = "zip", limits: Limits = LIMITS) -> list[Any]:
    return [json.loads(line) for line in child.answer(python_calamine, file, kind, limits)]


def test_the_answer_names_the_book_its_sheets_their_rows_and_the_end() -> None:
    rows = f'<row r="3">{cell("B3", "Åse")}</row><row r="4"><c r="B4"><v>0</v></c></row>'
    assert answer_of(crafted(f"<sheetData>{rows}</sheetData>")) == [
        {"kind": "xlsx", "epoch_1904": False},
        {"sheet": "Liste", "hidden": False},
        [[3, [None, "Åse"]], [4, [None, 0.0]]],
        {"end": True},
    ]


def test_many_rows_come_in_several_lines() -> None:
    rows = "".join(f'<row r="{n}">{cell(f"A{n}")}</row>' for n in range(1, 1002))
    batches = [line for line in answer_of(crafted(f"<sheetData>{rows}</sheetData>")) if isinstance(line, list)]
    assert [len(batch) for batch in batches] == [500, 500, 1]


def test_an_empty_sheet_has_no_rows() -> None:
    assert answer_of(crafted("<sheetData/>"))[1:] == [{"sheet": "Liste", "hidden": False}, {"end": True}]


def test_sheets_of_charts_are_passed_over() -> None:
    book = NewWorkbook()
    book.create_chartsheet("Figur")
    content = io.BytesIO()
    book.save(content)
    assert {"sheet": "Figur", "hidden": False} not in answer_of(content)


def test_more_cells_than_allowed_end_the_answer() -> None:
    file = crafted(f'<sheetData><row r="1">{cell("A1")}{cell("B1")}</row></sheetData>')
    with pytest.raises(Refused) as caught:
        answer_of(file, limits=replace(LIMITS, cells=1))
    assert caught.value.refusal == Refusal.TOO_MANY_CELLS


def test_a_workbook_the_parser_cannot_read_is_damaged() -> None:
    with pytest.raises(Refused) as caught:
        answer_of(crafted("<sheetData><row", **{"xl/workbook.xml": "<workbook><sheets"}))
    assert caught.value.refusal == Refusal.DAMAGED


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (datetime(2026, 1, 2, 3, 4), {"t": "2026-01-02T03:04:00"}),
        (date(2026, 1, 2), {"d": "2026-01-02"}),
        (time(3, 4), "03:04:00"),
        (timedelta(hours=30), "1 day, 6:00:00"),
        (object(), ""),
    ],
)
def test_values_json_does_not_know_are_told_another_way(value: object, told: object) -> None:
    assert child.as_object(value) == told


@pytest.mark.parametrize(
    ("sheet", "limits", "refusal"),
    [
        ("<!DOCTYPE x><sheetData/>", LIMITS, Refusal.HOSTILE),
        (" " * (20 * 1024 * 1024), LIMITS, Refusal.HOSTILE),
        ("<row/>" * 5000, replace(LIMITS, inflated_bytes=20_000), Refusal.TOO_LARGE),
        ("<sheetData/>", replace(LIMITS, zip_entries=2), Refusal.HOSTILE),
        ('<mergeCell ref="A1:B1"/>' * 20, replace(LIMITS, merged_ranges=10), Refusal.TOO_MANY_MERGES),
        (f'<dimension ref="A1:XFD1048576"/><row>{cell("A1")}{cell("XFD1048576")}</row>', LIMITS, Refusal.TOO_SPREAD),
    ],
    ids=["document type", "inflation", "size", "parts", "merges", "spread"],
)
def test_hostile_workbooks_are_refused_before_they_are_parsed(sheet: str, limits: Limits, refusal: Refusal) -> None:
    assert refusal_of(crafted(sheet), limits=limits) == refusal


def test_a_large_dimension_with_nothing_in_it_is_no_matter() -> None:
    empty = "".join(f'<c r="A{n}" s="1"/>' for n in range(1, 50))
    file = crafted(f'<dimension ref="A1:XFD1048576"/><row>{cell("A1")}{empty}</row>')
    assert prescan(file, "zip", LIMITS) == ("xlsx", False)


def test_a_book_that_counts_days_from_1904_is_known() -> None:
    book = '<workbook><workbookPr date1904="1"/></workbook>'
    assert prescan(crafted("<sheetData/>", **{"xl/workbook.xml": book}), "zip", LIMITS) == ("xlsx", True)


def zipped(*names: str, method: int = zipfile.ZIP_STORED, content: str = "<x/>") -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name in names:
            archive.writestr(name, content)
    return file


@pytest.mark.parametrize(
    ("names", "refusal"),
    [
        (("word/document.xml",), Refusal.DOCUMENT),
        (("ppt/presentation.xml",), Refusal.OTHER_KIND),
        (("liste.xlsx",), Refusal.ARCHIVE),
        ((), Refusal.EMPTY),
    ],
)
def test_other_zip_files_are_named_for_what_they_are(names: tuple[str, ...], refusal: Refusal) -> None:
    assert refusal_of(zipped(*names)) == refusal


@pytest.mark.parametrize(
    ("name", "kind"), [("content.xml", "ods"), ("xl\\workbook.bin", "xlsb"), ("xl/workbook.xml", "xlsx")]
)
def test_workbooks_are_known_by_their_parts(name: str, kind: str) -> None:
    assert prescan(zipped(name), "zip", LIMITS) == (kind, False)


def test_parts_packed_in_a_way_no_spreadsheet_is_are_refused() -> None:
    assert refusal_of(zipped("xl/workbook.xml", method=zipfile.ZIP_LZMA)) == Refusal.HOSTILE


def test_a_zip_with_a_password_is_told_so() -> None:
    content = bytearray(zipped("xl/workbook.xml").getvalue())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    assert refusal_of(io.BytesIO(bytes(content))) == Refusal.ENCRYPTED


def test_an_open_document_with_a_password_is_told_so() -> None:
    manifest = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    assert refusal_of(zipped("content.xml", "META-INF/manifest.xml", content=manifest)) == Refusal.ENCRYPTED


def test_a_zip_without_its_directory_is_damaged() -> None:
    assert refusal_of(io.BytesIO(b"PK\x03\x04" + b"\x00" * 100)) == Refusal.DAMAGED


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
GLOBALS = b"\x09\x08\x10\x00\x00\x06\x05\x00" + b"\x00" * 12


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        ("EncryptedPackage".encode("utf-16-le"), Refusal.ENCRYPTED),
        ("WordDocument".encode("utf-16-le"), Refusal.DOCUMENT),
        (GLOBALS + b"\x42\x00\x02\x00\xb0\x04" + b"\x2f\x00\x36\x00", Refusal.ENCRYPTED),
    ],
)
def test_old_office_files_are_looked_into(content: bytes, refusal: Refusal) -> None:
    assert refusal_of(io.BytesIO(OLE + content), "ole") == refusal


def test_an_old_workbook_without_a_password_may_be_read() -> None:
    assert prescan(io.BytesIO(OLE + GLOBALS + b"\x42\x00\x02\x00\xb0\x04" * 20), "ole", LIMITS) == ("xls", False)
    assert prescan(io.BytesIO(OLE + b"nothing of the kind"), "ole", LIMITS) == ("xls", False)


def test_a_workbook_older_than_its_container_is_known() -> None:
    assert kind_of(b"\x09\x08\x08\x00\x00\x05\x05\x00") == "biff"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="shared/corpora is not beside the project")
@pytest.mark.parametrize("name", ["any_sheets.xlsx", "any_sheets.xls", "any_sheets.ods", "any_sheets.xlsb"])
def test_hidden_sheets_are_told_in_every_format(name: str) -> None:
    file = io.BytesIO((CORPUS / name).read_bytes())
    kind = kind_of(file.getvalue()[:4096])
    hidden = [line["hidden"] for line in answer_of(file, kind) if isinstance(line, dict) and "sheet" in line]
    assert hidden[:3] == [False, True, True]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="shared/corpora is not beside the project")
def test_a_document_that_asks_for_too_many_cells_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        answer_of(io.BytesIO((CORPUS / "issue_594_dos.ods").read_bytes()))
    assert caught.value.refusal in (Refusal.TOO_SPREAD, Refusal.DAMAGED)
