"""Callers' sheets in the workbook, and what anybody typed."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from common.spreadsheet.reading import read_sheets
from common.spreadsheet.writing import sheet_text
from dues import export
from dues.models import Claim
from membership.importing.source import open_source
from membership.models import Branch, Member
from tests.factories import NOW, hand_out, make_branch, make_county, make_officer, make_unpaid

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]
CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
HEADINGS = [
    "Medlemsnr",
    "Etternavn",
    "Fornavn",
    "Kommuneparti",
    "Mobil",
    "Annen telefon",
    "E-post",
    "Krav",
    "Ikke betalt",
    "Forfall",
    "Ringehjelper",
    "Resultat",
    "Dato",
    "Notat",
]


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county(), "Kåfjord")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari & Co")


def write(branch: Branch, user: User, **more: Any) -> Workbook:
    file = io.BytesIO()
    export.write_unpaid(branch, 2026, file=file, by=export.Exporter(user, NOW), **more)
    return load_workbook(file)


def rows_of(book: Workbook, sheet: str = "Alle") -> list[list[Any]]:
    """The rows under the heading, whose place is found by its first word."""
    rows = [[cell.value for cell in row] for row in book[sheet].iter_rows()]
    head = next(place for place, row in enumerate(rows) if row[0] == "Medlemsnr")
    assert rows[head] == HEADINGS
    return rows[head + 1 :]


def url(name: str, branch: Branch, *args: Any) -> str:
    return reverse(f"dues:{name}", args=[branch.slug, *args])


def test_each_caller_of_the_newest_open_list_has_a_sheet(kafjord: Branch, officer: User) -> None:
    ane, bo, cato = (make_unpaid(kafjord, name) for name in ("Ane", "Bo", "Cato"))
    hand_out(kafjord, officer, "Per: én/to", "PER: én/to")
    make_unpaid(kafjord, "Uten liste")
    Claim.objects.filter(member=cato).update(outstanding_ore=0)
    book = write(kafjord, officer)
    assert book.sheetnames == ["Alle", "Per  én to", "PER  én to 2"]
    assert [(row[2], row[10]) for row in rows_of(book)] == [
        ("Ane", "Per: én/to"),
        ("Bo", "Per: én/to"),
        ("Uten liste", None),
    ]
    assert [row[0] for row in rows_of(book, "Per  én to")] == [ane.member_number, bo.member_number]
    assert rows_of(book, "PER  én to 2") == []


def test_a_call_lists_file_has_its_own_names_alone(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    ane = make_unpaid(kafjord, "Ane")
    first = hand_out(kafjord, officer, "Per", "Kari")
    make_unpaid(kafjord, "Bo")
    second = hand_out(kafjord, officer, "Ola")
    # On two lists: a sheet must neither lose nor double a name for it.
    second.calls.create(caller=second.callers.get(), member=ane, position=9)
    response = client_for(officer).post(url("call_list_export", kafjord, first.pk))
    assert response["Content-Disposition"] == (
        f'attachment; filename="ringeliste-kafjord-2026-{first.pk}-2026-11-20.xlsx"'
    )
    book = load_workbook(io.BytesIO(response.content))
    assert book.sheetnames == ["Alle", "Per"]
    assert [row[2] for row in rows_of(book)] == ["Ane"]
    assert [row[2] for row in rows_of(book, "Per")] == ["Ane"]
    event = AuditEvent.objects.get(verb=Verb.UNPAID_EXPORTED)
    assert (event.count, event.object_id) == (1, str(first.pk))


def test_who_is_not_to_be_phoned_any_more_is_on_no_callers_sheet(kafjord: Branch, officer: User) -> None:
    member = make_unpaid(kafjord, "Ane")
    make_unpaid(kafjord, "Bo")
    hand_out(kafjord, officer, "Per")
    Member.objects.filter(pk=member.pk).update(no_phone=True)
    book = write(kafjord, officer)
    assert [row[2] for row in rows_of(book, "Per")] == ["Bo"]
    assert [row[2] for row in rows_of(book)] == ["Ane", "Bo"]


def hostile() -> list[str]:
    if not CORPORA.exists():
        pytest.skip("the corpora of others are not beside the project (../shared/corpora)")
    texts = json.loads((CORPORA / "naughty-strings" / "blns.json").read_text())
    texts += (CORPORA / "payloadbox-csv" / "csv-payload.txt").read_text().splitlines()
    return [text[:120] for text in texts if sheet_text(text[:120])]


def test_nothing_anybody_typed_becomes_a_formula(kafjord: Branch, officer: User) -> None:
    texts = hostile()
    member = make_unpaid(kafjord)
    claim = Claim.objects.get()
    made = [
        Member(
            member_number=f"={number}",
            branch_id=member.branch_id,
            municipal_id=member.municipal_id,
            county_id=member.county_id,
            first_name=text.replace("\x00", ""),
            last_name="=cmd|' /C calc'!A0",
            email="@SUM(1+1)*cmd|' /C calc'!A0",
            mobile="+47=1+1",
            sort_key=f"{number:05d}",
        )
        for number, text in enumerate(texts)
    ]
    Member.objects.bulk_create(made)
    Claim.objects.bulk_create(
        Claim(
            member=one,
            branch_id=one.branch_id,
            municipal_id=one.municipal_id,
            county_id=one.county_id,
            sort_key=one.sort_key,
            year=2026,
            amount_ore=1,
            outstanding_ore=1,
            kid=f"x{number}",
            original_due_on=claim.original_due_on,
            final_due_on=claim.final_due_on,
            created_at=NOW,
        )
        for number, one in enumerate(made)
    )
    officer.name = '=HYPERLINK("http://example.no")'
    kafjord.name = "=1+1"
    book = write(kafjord, officer)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert len(cells) > 5 * len(texts)
    assert {cell.data_type for cell in cells} == {"s"}
    assert [row[2] for row in rows_of(book)][: len(texts)] == [sheet_text(one.first_name) for one in made]


def test_our_own_file_can_be_read_back(kafjord: Branch, officer: User, tmp_path: Path) -> None:
    make_unpaid(kafjord, "=1+1", last_name="-Å")
    make_unpaid(kafjord, "Bo", email="+bo@example.no")
    path = tmp_path / "list.xlsx"
    with path.open("wb") as file:
        export.write_unpaid(kafjord, 2026, file=file, by=export.Exporter(officer, NOW))
    guessed = open_source(path, path.name, year=2026)
    fields = {str(column.header): column.field for column in guessed.guess.columns}
    sheet = read_sheets(path, path.name).sheets[0]
    assert sheet.rows[3].cells == HEADINGS
    assert [row.cells[1:3] for row in sheet.rows[4:]] == [["Fjellvær", "Bo"], ["-Å", "=1+1"]]
    known = {heading: str(field) for heading, field in fields.items() if field}
    assert known == {
        "Medlemsnr": "member_number",
        "Etternavn": "last_name",
        "Fornavn": "first_name",
        "Kommuneparti": "branch",
        "Mobil": "mobile",
        "Annen telefon": "phone2",
        "E-post": "email",
        "Notat": "note",
    }
