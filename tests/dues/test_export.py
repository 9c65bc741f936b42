"""What stands in the unpaid list as Excel, and what never does."""

import io
import json
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from accounts.models import User
from common.spreadsheet.writing import MAX_CHOICES
from dues import export
from dues.models import Claim
from membership.enums import AddressProtection
from membership.models import Branch
from tests.factories import NOW, make_branch, make_claim, make_county, make_member, make_officer, make_unpaid

pytestmark = pytest.mark.django_db

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


def test_a_row_has_the_fourteen_cells(kafjord: Branch, officer: User) -> None:
    member = make_unpaid(
        kafjord,
        "Áile",
        last_name="Kvammen",
        outstanding_ore=22550,
        mobile="+4700000396",
        phone="77 00 ??",
        email="aile@example.no",
        street="Hemmelig vei 1",
        postal_code="9146",
        city="Olderdalen",
        note="Hemmelig notat",
    )
    (row,) = rows_of(write(kafjord, officer))
    assert row[:9] == [
        member.member_number,
        "Kvammen",
        "Áile",
        "Kåfjord",
        "000 00 396",
        "77 00 ??",
        "aile@example.no",
        450,
        225.5,
    ]
    assert row[9].date() == date(2026, 3, 15)
    assert row[10:] == [None, None, None, None]
    assert all(isinstance(value, str) for value in row[:7])


def test_the_file_says_what_it_is_who_took_it_out_and_when(kafjord: Branch, officer: User) -> None:
    make_unpaid(kafjord)
    sheet = write(kafjord, officer)["Alle"]
    lines = [sheet.cell(row, 1).value for row in (1, 2, 3)]
    assert lines == [
        "Ikke betalt 2026, Kåfjord Arbeiderparti",
        "Hentet ut av Kari & Co 20. november 2026 kl. 19.00.",
        "Taushetsbelagt. Slett fila og makuler utskrifter etter bruk.",
    ]
    footer: Any = sheet.oddFooter
    assert "Kari && Co" in footer.left.text
    assert sheet.print_title_rows == "$4:$4"
    assert sheet.freeze_panes == "A5"


def test_the_result_is_chosen_from_the_eight(kafjord: Branch, officer: User) -> None:
    make_unpaid(kafjord)
    (choice,) = write(kafjord, officer)["Alle"].data_validations.dataValidation
    words = choice.formula1.strip('"').split(",")
    assert len(words) == 8
    assert "Vil melde seg ut" in words
    assert str(choice.sqref) == "L5"
    assert len(choice.formula1) <= MAX_CHOICES


def test_no_address_and_nobody_strictly_protected_is_in_the_file(kafjord: Branch, officer: User) -> None:
    place: dict[str, Any] = {"street": "Hemmelig vei 1", "postal_code": "9146", "city": "Olderdalen"}
    make_unpaid(kafjord, "Ane", **place)
    make_unpaid(kafjord, "Skjult", address_protection=AddressProtection.CONFIDENTIAL, **place)
    make_unpaid(kafjord, "Streng", address_protection=AddressProtection.STRICT, **place)
    book = write(kafjord, officer)
    assert [row[2] for row in rows_of(book)] == ["Ane", "Skjult"]
    text = json.dumps([[str(cell.value) for cell in row] for sheet in book for row in sheet.iter_rows()])
    for hidden in ("Hemmelig", "9146", "Olderdalen", "Streng"):
        assert hidden not in text
    assert "1 er ikke med i fila." in [cell.value for cell in book["Alle"]["A"]]


def test_the_paid_and_other_years_and_branches_are_not_in_it(kafjord: Branch, officer: User) -> None:
    make_unpaid(kafjord, "Ane")
    make_unpaid(kafjord, "Betalt", outstanding_ore=0)
    make_claim(make_member(kafjord, "Fjoråret"), year=2025)
    make_unpaid(make_branch(kafjord.county, "Lyngen"), "Nabo")  # type: ignore[arg-type]
    gone = make_unpaid(kafjord, "Slettet")
    Claim.objects.filter(member=gone).update(member=None)
    assert [row[2] for row in rows_of(write(kafjord, officer))] == ["Ane"]


def test_a_county_has_its_branches_by_name_in_norwegian_order(kafjord: Branch, officer: User) -> None:
    county = kafjord.county
    assert county is not None
    lyngen = make_branch(county, "Lyngen")
    for branch, name in [(lyngen, "Ås"), (kafjord, "Ørn"), (lyngen, "Zak"), (kafjord, "Aas"), (county, "Bo")]:
        make_unpaid(branch, last_name=name)
    rows = rows_of(write(county, officer))
    assert [row[1] for row in rows] == ["Bo", "Zak", "Ørn", *sorted(("Ås", "Aas"), key=["Ås", "Aas"].index)]
    assert [row[3] for row in rows] == ["Troms", "Lyngen", "Kåfjord", "Lyngen", "Kåfjord"]


def test_rows_are_fetched_in_chunks_and_none_is_lost_or_doubled(
    kafjord: Branch, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "CHUNK", 2)
    for number in range(7):
        # Namesakes: their order within a name is by number, across the edge of a chunk too.
        make_unpaid(kafjord, "Ane" if number < 5 else "Bo")
    told: list[int] = []
    rows = rows_of(write(kafjord, officer, progress=told.append))
    assert [row[0] for row in rows] == list(
        Claim.objects.order_by("sort_key", "id").values_list("member__member_number", flat=True)
    )
    assert told[:4] == [2, 4, 6, 7]
    assert set(told[4:]) == {7}


def test_filters_narrow_the_file_and_it_says_so(kafjord: Branch, officer: User) -> None:
    make_unpaid(kafjord, "Ane")
    make_unpaid(kafjord, "Bo", outstanding_ore=100)
    book = write(kafjord, officer, filters={"status": "delvis"})
    assert [row[2] for row in rows_of(book)] == ["Bo"]
    assert "Et utvalg av lista, ikke alle." in [cell.value for cell in book["Alle"]["A"]]


def test_an_empty_list_is_a_file_with_a_heading(kafjord: Branch, officer: User) -> None:
    assert rows_of(write(kafjord, officer)) == []
