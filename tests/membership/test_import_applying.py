"""A register file let in: what is made, changed, left alone and refused."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.actions import members as member_actions
from membership.enums import MemberStatus
from membership.models import Branch, BranchSummary, Member
from membership.roles import Role
from tests.factories import make_branch, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db

HEADER = "Medlemsnr;Fornavn;Etternavn;Mobil;E-post;Adresse;Postnr;Poststed"


class Office:
    """One officer with one branch, and files to import."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.county = make_county()
        self.branch = make_branch(self.county, "Kåfjord")
        self.officer: User = make_officer(self.branch)

    def run(
        self,
        *lines: str,
        header: str = HEADER,
        branch: Branch | None = None,
        by: User | None = None,
        **options: object,
    ) -> dict[str, Any]:
        """Import the lines through the command; the JSON it prints."""
        path = self.folder / "register.csv"
        path.write_text("\n".join((header, *lines)), encoding="utf-8")
        out = StringIO()
        by = by or self.officer
        slug = (branch or self.branch).slug
        call_command(
            "import_register", str(path), branch=slug, year=2026, by=by.email, json=True, stdout=out, **options
        )
        return dict(json.loads(out.getvalue()))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An officer in Kåfjord."""
    return Office(tmp_path)


def test_new_rows_become_members_with_keys_placement_and_counts(office: Office) -> None:
    result = office.run("1001;Áile;Somby;000 00 142;aile@example.no;Sjøveien 14;9144;Samuelsberg")
    assert result == {"rows": 1, "created": 1, "updated": 0, "unchanged": 0, "problems": []}
    member = Member.objects.get(member_number="1001")
    assert (member.full_name, member.mobile, member.mobile_ok) == ("Áile Somby", "+4700000142", True)
    assert (member.branch, member.municipal, member.county) == (office.branch, office.branch, office.county)
    assert member.status == MemberStatus.MEMBER
    assert " somby" in member.search_text
    assert member.placements.get().to_on is None
    assert BranchSummary.objects.get(branch=office.branch).members == 1


def test_the_same_file_twice_changes_nothing(office: Office) -> None:
    lines = ("1001;Ane;Berg;000 00 142;ane@example.no;Veien 1;9144;Kåfjord", "1002;Ola;Å;;;;;")
    office.run(*lines)
    before = list(Member.objects.order_by("id").values())
    assert office.run(*lines) == {"rows": 2, "created": 0, "updated": 0, "unchanged": 2, "problems": []}
    assert list(Member.objects.order_by("id").values()) == before


def test_an_empty_cell_wipes_nothing(office: Office) -> None:
    office.run("1001;Ane;Berg;000 00 142;ane@example.no;Veien 1;9144;Kåfjord")
    assert office.run("1001;Ane;Berg;;;;;")["unchanged"] == 1
    assert Member.objects.get().email == "ane@example.no"


def test_a_changed_field_is_written_and_logged_by_its_name_only(office: Office) -> None:
    office.run("1001;Ane;Berg;;ane@example.no;;;")
    assert office.run("1001;Ane;Dahl;;ane@example.no;;;")["updated"] == 1
    member = Member.objects.get()
    assert member.last_name == "Dahl"
    assert member.sort_key.startswith("dahl")
    event = AuditEvent.objects.get(verb=Verb.MEMBER_CHANGED)
    assert event.details == {"fields": "last_name"}
    assert event.object_id == str(member.pk)


def test_a_dry_run_counts_the_same_and_writes_nothing(office: Office) -> None:
    office.run("1001;Ane;Berg;;;;;")
    result = office.run("1001;Ane;Dahl;;;;;", "1002;Ola;Nes;;;;;", dry_run=True)
    assert (result["created"], result["updated"]) == (1, 1)
    assert list(Member.objects.values_list("last_name", flat=True)) == ["Berg"]


def test_a_number_of_another_branch_is_refused_and_says_nothing_of_it(office: Office) -> None:
    other = make_branch(office.county, "Tromsø")
    stranger = make_member(other, "Siri", "Fremmed", member_number="7777")
    result = office.run("7777;Siri;Fremmed;;ny@example.no;;;", "1001;Ane;Berg;;;;;")
    assert (result["created"], result["updated"]) == (1, 0)
    [problem] = result["problems"]
    assert problem["row"] == 2
    assert "Tromsø" not in problem["reason"]
    assert "Siri" not in problem["reason"]
    stranger.refresh_from_db()
    assert stranger.branch == other
    assert stranger.email != "ny@example.no"


def test_a_branch_column_places_and_moves_within_the_officers_own(office: Office) -> None:
    secretary = make_officer(office.county, Role.COUNTY_SECRETARY)
    tromso = make_branch(office.county, "Tromsø")
    mover = make_member(office.branch, "Ane", "Berg", member_number="1001")
    header = "Medlemsnr;Fornavn;Etternavn;Kommuneparti"
    result = office.run(
        "1001;Ane;Berg;Tromsø", "1002;Ola;Nes;Tromsø Arbeiderparti", header=header, branch=office.county, by=secretary
    )
    assert (result["created"], result["updated"]) == (1, 1)
    mover.refresh_from_db()
    assert mover.branch == tromso
    assert [(p.branch, p.to_on) for p in mover.placements.order_by("id")] == [
        (office.branch, date(2026, 11, 20)),
        (tromso, None),
    ]
    assert Member.objects.get(member_number="1002").branch == tromso
    counts = dict(BranchSummary.objects.values_list("branch__slug", "members"))
    assert (counts["kafjord"], counts["tromso"]) == (0, 2)


def test_a_branch_column_that_names_anothers_branch_is_refused(office: Office) -> None:
    make_branch(office.county, "Tromsø")
    result = office.run("1002;Ola;Nes;Tromsø", header="Medlemsnr;Fornavn;Etternavn;Kommuneparti")
    assert result["created"] == 0
    assert len(result["problems"]) == 1
    assert not Member.objects.exists()


def test_an_unknown_branch_name_keeps_the_member_and_says_so(office: Office) -> None:
    result = office.run("1002;Ola;Nes;Atlantis", header="Medlemsnr;Fornavn;Etternavn;Kommuneparti")
    assert result["created"] == 1
    assert "Atlantis" in result["problems"][0]["reason"]
    assert Member.objects.get().branch == office.branch


def test_one_who_resigned_here_does_not_come_back_with_a_file_without_status(office: Office) -> None:
    make_member(office.branch, "Ane", "Berg", member_number="1001", status=MemberStatus.RESIGNED)
    office.run("1001;Ane;Berg;;;;;")
    assert Member.objects.get().status == MemberStatus.RESIGNED


def test_one_whom_the_file_calls_resigned_is_not_made_a_member(office: Office) -> None:
    result = office.run("1001;Ane;Berg;Utmeldt", header="Medlemsnr;Fornavn;Etternavn;Medlemsstatus")
    assert result["created"] == 0
    assert not Member.objects.exists()


def test_a_reservation_made_here_survives_a_file_that_has_none(office: Office) -> None:
    make_member(office.branch, "Ane", "Berg", member_number="1001", no_phone=True)
    office.run("1001;Ane;Berg;nei", header="Medlemsnr;Fornavn;Etternavn;Reservert telefon")
    assert Member.objects.get().no_phone


def test_members_not_in_the_file_stay(office: Office) -> None:
    make_member(office.branch, "Per", "Blir", member_number="9")
    office.run("1001;Ane;Berg;;;;;")
    assert Member.objects.get(member_number="9").status == MemberStatus.MEMBER


def test_a_file_where_most_names_differ_stops_and_asks(office: Office) -> None:
    for number in range(6):
        make_member(office.branch, f"For{number}", f"Etter{number}", member_number=f"{number}")
    lines = [f"{number};Helt;Annen;;;;;" for number in range(6)]
    with pytest.raises(CommandError):
        office.run(*lines)
    assert not Member.objects.filter(last_name="Annen").exists()
    assert office.run(*lines, right_file=True)["updated"] == 6


def test_rows_that_are_fine_go_in_though_others_are_not(office: Office) -> None:
    result = office.run("1001;Ane;Berg;;;;;", ";Uten;Nummer;;;;;", "1003;;;;;;;")
    assert result["created"] == 1
    assert {problem["row"] for problem in result["problems"]} == {3, 4}


def test_one_without_the_right_imports_nothing(office: Office) -> None:
    leader = make_officer(office.branch, Role.BRANCH_LEADER)
    with pytest.raises(CommandError):
        office.run("1001;Ane;Berg;;;;;", by=leader)
    stranger = make_officer(make_branch(office.county, "Tromsø"))
    with pytest.raises(CommandError):
        office.run("1001;Ane;Berg;;;;;", by=stranger)
    assert not Member.objects.exists()


def test_a_file_that_is_no_list_gives_one_sentence(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "bilde.xlsx"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 100)
    with pytest.raises(CommandError):
        call_command("import_register", str(path), branch="kafjord", year=2026, by=office.officer.email)


def test_a_birth_year_that_contradicts_the_date_replaces_it(office: Office) -> None:
    make_member(office.branch, "Ane", "Berg", member_number="1", birth_on=date(1970, 5, 1), birth_year=1970)
    office.run("1;Ane;Berg;1971", header="Medlemsnr;Fornavn;Etternavn;Fødselsår")
    member = Member.objects.get()
    assert (member.birth_on, member.birth_year) == (None, 1971)
    office.run("1;Ane;Berg;03.04.1971", header="Medlemsnr;Fornavn;Etternavn;Fødselsdato")
    member.refresh_from_db()
    assert (member.birth_on, member.birth_year) == (date(1971, 4, 3), 1971)


def test_an_address_that_is_protected_makes_no_household(office: Office) -> None:
    member = make_member(office.branch, "Ane", "Berg", street="Veien 1", postal_code="9144")
    assert member.household_key
    member.address_protection = "strict"
    assert member_actions.household_key(member) == ""
