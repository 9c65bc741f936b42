"""Who may take the unpaid list out: at once, as a job, by the command."""

import io
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
from dues import export
from jobs.models import Job
from membership.models import Branch
from membership.roles import Role
from tests.factories import make_branch, make_county, make_officer, make_unpaid

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]
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


def rows_of(book: Workbook, sheet: str = "Alle") -> list[list[Any]]:
    """The rows under the heading, whose place is found by its first word."""
    rows = [[cell.value for cell in row] for row in book[sheet].iter_rows()]
    head = next(place for place, row in enumerate(rows) if row[0] == "Medlemsnr")
    assert rows[head] == HEADINGS
    return rows[head + 1 :]


def url(name: str, branch: Branch, *args: Any) -> str:
    return reverse(f"dues:{name}", args=[branch.slug, *args])


def test_a_short_list_comes_at_once(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    make_unpaid(kafjord)
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
    make_unpaid(kafjord)
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


def test_a_long_list_is_a_job_with_a_file_of_its_own(
    client_for: ClientFor,
    kafjord: Branch,
    officer: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr(export, "ROWS_AT_ONCE", 1)
    make_unpaid(kafjord, "Ane")
    make_unpaid(kafjord, "Bo")
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
    make_unpaid(kafjord)
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
    make_unpaid(kafjord)
    with django_capture_on_commit_callbacks() as callbacks:
        client_for(officer).post(url("unpaid_export", kafjord, 2026))
    officer.grants.update(ends_on=date(2026, 11, 20))
    callbacks[0]()
    job = Job.objects.get()
    assert (job.state, job.file.name) == ("failed", "")
    assert "Kåfjord" in job.problem
    assert not AuditEvent.objects.filter(verb=Verb.UNPAID_EXPORTED).exists()


def command(branch: str, by: str, output: Path, year: int = 2026) -> str:
    out = io.StringIO()
    call_command("export_unpaid", branch=branch, year=year, output=output, by=by, stdout=out)
    return out.getvalue()


def test_the_command_writes_the_same_file(kafjord: Branch, officer: User, tmp_path: Path) -> None:
    make_unpaid(kafjord)
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
    make_unpaid(kafjord)
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
