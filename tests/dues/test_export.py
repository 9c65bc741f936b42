"""The unpaid list as Excel: what stands in it, what never does, who may have it, and how much memory it takes."""

import io
import json
import os
import stat
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from calling.actions import ListCaller, make_list
from common.spreadsheet.reading import read_sheets
from common.spreadsheet.writing import MAX_CHOICES, sheet_text
from dues import export
from dues.call_lists import unpaid_members
from dues.models import Claim
from jobs.models import Job
from membership.enums import AddressProtection
from membership.importing.source import open_source
from membership.models import Branch, Member
from membership.roles import Role
from tests.factories import NOW, make_branch, make_claim, make_county, make_member, make_officer

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


def unpaid(branch: Branch, first_name: str = "Ane", *, outstanding_ore: int | None = None, **fields: Any) -> Member:
    member = make_member(branch, first_name, **fields)
    make_claim(member, outstanding_ore=outstanding_ore)
    return member


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


# --- What stands in the file ----------------------------------------------------------------------------------------


def test_a_row_has_the_fourteen_cells(kafjord: Branch, officer: User) -> None:
    member = unpaid(
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
    unpaid(kafjord)
    sheet = write(kafjord, officer)["Alle"]
    lines = [sheet.cell(row, 1).value for row in (1, 2, 3)]
    assert lines == [
        "Ikke betalt 2026, Kåfjord Arbeiderparti",
        "Hentet ut av Kari & Co 20. november 2026 kl. 19.00.",
        "Taushetsbelagt. Slett fila og makuler utskrifter etter bruk.",
    ]
    assert "Kari && Co" in sheet.oddFooter.left.text
    assert sheet.print_title_rows == "$4:$4"
    assert sheet.freeze_panes == "A5"


def test_the_result_is_chosen_from_the_eight(kafjord: Branch, officer: User) -> None:
    unpaid(kafjord)
    (choice,) = write(kafjord, officer)["Alle"].data_validations.dataValidation
    words = choice.formula1.strip('"').split(",")
    assert len(words) == 8
    assert "Vil melde seg ut" in words
    assert str(choice.sqref) == "L5"
    assert len(choice.formula1) <= MAX_CHOICES


def test_no_address_and_nobody_strictly_protected_is_in_the_file(kafjord: Branch, officer: User) -> None:
    place = {"street": "Hemmelig vei 1", "postal_code": "9146", "city": "Olderdalen"}
    unpaid(kafjord, "Ane", **place)
    unpaid(kafjord, "Skjult", address_protection=AddressProtection.CONFIDENTIAL, **place)
    unpaid(kafjord, "Streng", address_protection=AddressProtection.STRICT, **place)
    book = write(kafjord, officer)
    assert [row[2] for row in rows_of(book)] == ["Ane", "Skjult"]
    text = json.dumps([[str(cell.value) for cell in row] for sheet in book for row in sheet.iter_rows()])
    for hidden in ("Hemmelig", "9146", "Olderdalen", "Streng"):
        assert hidden not in text
    assert "1 er ikke med i fila." in [cell.value for cell in book["Alle"]["A"]]


def test_the_paid_and_other_years_and_branches_are_not_in_it(kafjord: Branch, officer: User) -> None:
    unpaid(kafjord, "Ane")
    unpaid(kafjord, "Betalt", outstanding_ore=0)
    make_claim(make_member(kafjord, "Fjoråret"), year=2025)
    unpaid(make_branch(kafjord.county, "Lyngen"), "Nabo")  # type: ignore[arg-type]
    gone = unpaid(kafjord, "Slettet")
    Claim.objects.filter(member=gone).update(member=None)
    assert [row[2] for row in rows_of(write(kafjord, officer))] == ["Ane"]


def test_a_county_has_its_branches_by_name_in_norwegian_order(kafjord: Branch, officer: User) -> None:
    county = kafjord.county
    assert county is not None
    lyngen = make_branch(county, "Lyngen")
    for branch, name in [(lyngen, "Ås"), (kafjord, "Ørn"), (lyngen, "Zak"), (kafjord, "Aas"), (county, "Bo")]:
        unpaid(branch, last_name=name)
    rows = rows_of(write(county, officer))
    assert [row[1] for row in rows] == ["Bo", "Zak", "Ørn", *sorted(("Ås", "Aas"), key=["Ås", "Aas"].index)]
    assert [row[3] for row in rows] == ["Troms", "Lyngen", "Kåfjord", "Lyngen", "Kåfjord"]


def test_rows_are_fetched_in_chunks_and_none_is_lost_or_doubled(
    kafjord: Branch, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "CHUNK", 2)
    for number in range(7):
        # Namesakes: their order within a name is by number, across the edge of a chunk too.
        unpaid(kafjord, "Ane" if number < 5 else "Bo")
    told: list[int] = []
    rows = rows_of(write(kafjord, officer, progress=told.append))
    assert [row[0] for row in rows] == list(
        Claim.objects.order_by("sort_key", "id").values_list("member__member_number", flat=True)
    )
    assert told[:4] == [2, 4, 6, 7]
    assert set(told[4:]) == {7}


def test_filters_narrow_the_file_and_it_says_so(kafjord: Branch, officer: User) -> None:
    unpaid(kafjord, "Ane")
    unpaid(kafjord, "Bo", outstanding_ore=100)
    book = write(kafjord, officer, filters={"status": "delvis"})
    assert [row[2] for row in rows_of(book)] == ["Bo"]
    assert "Et utvalg av lista, ikke alle." in [cell.value for cell in book["Alle"]["A"]]


def test_an_empty_list_is_a_file_with_a_heading(kafjord: Branch, officer: User) -> None:
    assert rows_of(write(kafjord, officer)) == []


# --- Callers --------------------------------------------------------------------------------------------------------


def hand_out(branch: Branch, by: User, *names: str) -> Any:
    return make_list(
        branch,
        members=unpaid_members(branch, 2026),
        callers=[ListCaller(None, name) for name in names],
        by=by,
        now=NOW,
        year=2026,
    ).call_list


def test_each_caller_of_the_newest_open_list_has_a_sheet(kafjord: Branch, officer: User) -> None:
    ane, bo, cato = (unpaid(kafjord, name) for name in ("Ane", "Bo", "Cato"))
    hand_out(kafjord, officer, "Per: én/to", "PER: én/to")
    unpaid(kafjord, "Uten liste")
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
    ane = unpaid(kafjord, "Ane")
    first = hand_out(kafjord, officer, "Per", "Kari")
    unpaid(kafjord, "Bo")
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
    member = unpaid(kafjord, "Ane")
    unpaid(kafjord, "Bo")
    hand_out(kafjord, officer, "Per")
    Member.objects.filter(pk=member.pk).update(no_phone=True)
    book = write(kafjord, officer)
    assert [row[2] for row in rows_of(book, "Per")] == ["Bo"]
    assert [row[2] for row in rows_of(book)] == ["Ane", "Bo"]


# --- Hostile text ---------------------------------------------------------------------------------------------------


def hostile() -> list[str]:
    if not CORPORA.exists():
        pytest.skip("the corpora of others are not beside the project (../shared/corpora)")
    texts = json.loads((CORPORA / "naughty-strings" / "blns.json").read_text())
    texts += (CORPORA / "payloadbox-csv" / "csv-payload.txt").read_text().splitlines()
    return [text[:120] for text in texts if sheet_text(text[:120])]


def test_nothing_anybody_typed_becomes_a_formula(kafjord: Branch, officer: User) -> None:
    texts = hostile()
    member = unpaid(kafjord)
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
    unpaid(kafjord, "=1+1", last_name="-Å")
    unpaid(kafjord, "Bo", email="+bo@example.no")
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


# --- Who may have it ------------------------------------------------------------------------------------------------


def test_a_short_list_comes_at_once(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    unpaid(kafjord)
    response = client_for(officer).post(url("unpaid_export", kafjord, 2026))
    assert response["Content-Disposition"] == 'attachment; filename="ikke-betalt-kafjord-2026-2026-11-20.xlsx"'
    assert response["Cache-Control"] == "no-store"
    assert len(rows_of(load_workbook(io.BytesIO(response.content)))) == 1
    event = AuditEvent.objects.get(verb=Verb.UNPAID_EXPORTED)
    assert (event.actor_id, event.branch_id, event.count) == (officer.pk, kafjord.pk, 1)
    assert event.details == {"year": 2026}


@pytest.mark.parametrize("role", [Role.BRANCH_LEADER, Role.CALLER, Role.RECRUITMENT_OFFICER, Role.COMMITTEE_READER])
def test_without_the_right_there_is_no_file_and_a_line_in_the_log(
    client_for: ClientFor, kafjord: Branch, role: Role
) -> None:
    unpaid(kafjord)
    user = make_officer(kafjord, role)
    response = client_for(user).post(url("unpaid_export", kafjord, 2026))
    assert response.status_code == 404
    assert "Content-Disposition" not in response
    assert AuditEvent.objects.filter(verb=Verb.ACCESS_DENIED, actor_id=user.pk).count() == 1
    assert not AuditEvent.objects.filter(verb=Verb.UNPAID_EXPORTED).exists()


def test_another_branchs_officer_gets_nothing(client_for: ClientFor, kafjord: Branch) -> None:
    stranger = make_officer(make_branch(kafjord.county, "Lyngen"))  # type: ignore[arg-type]
    assert client_for(stranger).post(url("unpaid_export", kafjord, 2026)).status_code == 404


def test_a_file_is_never_fetched_by_a_link(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    assert client_for(officer).get(url("unpaid_export", kafjord, 2026)).status_code == 405


# --- A long list is a job -------------------------------------------------------------------------------------------


def test_a_long_list_is_a_job_with_a_file_of_its_own(
    client_for: ClientFor,
    kafjord: Branch,
    officer: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr(export, "ROWS_AT_ONCE", 1)
    unpaid(kafjord, "Ane")
    unpaid(kafjord, "Bo")
    client = client_for(officer)
    with django_capture_on_commit_callbacks(execute=True):
        started = client.post(url("unpaid_export", kafjord, 2026), {"navn": "", "lag": ""})
    job = Job.objects.get()
    assert started["Location"] == reverse("membership:job", args=["kafjord", job.pk])
    page = client.get(started["Location"]).content.decode()
    file_url = reverse("membership:job_file", args=["kafjord", job.pk])
    assert file_url in page
    response = client.get(file_url)
    assert response["Content-Disposition"] == 'attachment; filename="ikke-betalt-kafjord-2026-2026-11-20.xlsx"'
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    assert [row[2] for row in rows_of(book)] == ["Ane", "Bo"]
    assert AuditEvent.objects.get(verb=Verb.UNPAID_EXPORTED).count == 2
    assert AuditEvent.objects.filter(verb=Verb.FILE_FETCHED, object_id=str(job.pk)).count() == 1


def test_a_second_tap_leads_to_the_job_that_is_going(
    client_for: ClientFor, kafjord: Branch, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "ROWS_AT_ONCE", 0)
    unpaid(kafjord)
    client = client_for(officer)
    first = client.post(url("unpaid_export", kafjord, 2026))
    assert client.post(url("unpaid_export", kafjord, 2026))["Location"] == first["Location"]
    assert client.post(url("unpaid_export", kafjord, 2026), {"navn": "Ane"})["Location"] != first["Location"]
    assert Job.objects.count() == 2


def test_the_worker_asks_for_the_right_again(
    client_for: ClientFor,
    kafjord: Branch,
    officer: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr(export, "ROWS_AT_ONCE", 0)
    unpaid(kafjord)
    with django_capture_on_commit_callbacks() as callbacks:
        client_for(officer).post(url("unpaid_export", kafjord, 2026))
    officer.grants.update(ends_on=date(2026, 11, 20))
    callbacks[0]()
    job = Job.objects.get()
    assert (job.state, job.file.name) == ("failed", "")
    assert "Kåfjord" in job.problem
    assert not AuditEvent.objects.filter(verb=Verb.UNPAID_EXPORTED).exists()


# --- The command ----------------------------------------------------------------------------------------------------


def command(branch: str, by: str, output: Path, year: int = 2026) -> str:
    out = io.StringIO()
    call_command("export_unpaid", branch=branch, year=year, output=output, by=by, stdout=out)
    return out.getvalue()


def test_the_command_writes_the_same_file(kafjord: Branch, officer: User, tmp_path: Path) -> None:
    unpaid(kafjord)
    output = tmp_path / "list.xlsx"
    said = command("kafjord", str(officer.email).upper(), output)
    assert said == f"Wrote 1 names to {output}.\n"
    assert len(rows_of(load_workbook(output))) == 1
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["list.xlsx"]  # noqa: PTH208  # names are compared
    event = AuditEvent.objects.get(verb=Verb.UNPAID_EXPORTED)
    assert (event.actor_id, event.count, event.details) == (officer.pk, 1, {"year": 2026, "way": "command"})


def test_the_command_refuses_whoever_may_not(kafjord: Branch, officer: User, tmp_path: Path) -> None:
    leader = make_officer(kafjord, Role.BRANCH_LEADER)
    make_branch(kafjord.county, "Lyngen")  # type: ignore[arg-type]
    refusals = [
        ("kafjord", str(leader.email)),
        ("lyngen", str(officer.email)),
        ("kafjord", "nobody@demo.example"),
        ("nowhere", str(officer.email)),
    ]
    for branch, by in refusals:
        with pytest.raises(CommandError, match="no right for that user"):
            command(branch, by, tmp_path / "list.xlsx")
    assert not list(tmp_path.iterdir())
    assert AuditEvent.objects.filter(verb=Verb.ACCESS_DENIED).count() == 4


def test_the_command_says_what_is_wrong(kafjord: Branch, officer: User, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="1850 is no dues year"):
        command("kafjord", str(officer.email), tmp_path / "list.xlsx", year=1850)
    with pytest.raises(CommandError, match="No such file or directory"):
        command("kafjord", str(officer.email), tmp_path / "nowhere" / "list.xlsx")


def test_a_command_that_breaks_leaves_the_old_file(
    kafjord: Branch, officer: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpaid(kafjord)
    output = tmp_path / "list.xlsx"
    output.write_text("the old one")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setattr(export, "_kroner", lambda ore: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        command("kafjord", str(officer.email), output)
    assert output.read_text() == "the old one"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["list.xlsx", "scratch"]
