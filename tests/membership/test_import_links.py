"""What a file's row points to: groups, who recruited, and what a file never takes back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from membership.enums import ChangeSource
from membership.models import MemberChange, Tag
from tests.factories import make_branch, make_county, make_member, make_officer
from tests.membership.test_import_applying import Office

pytestmark = pytest.mark.django_db

HEADER = "Medlemsnr;Fornavn;Etternavn;{}"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_groups_are_set_by_name_and_unknown_ones_are_pointed_out(office: Office) -> None:
    women, youth = (Tag.objects.create(county=office.county, name=name) for name in ("Kvinner", "Ungdom"))
    member = make_member(office.branch, "Ane", "Fjellvær", member_number="1001")
    header = HEADER.format("Grupper i partiet")
    done = office.run('1001;Ane;Fjellvær;"Kvinner; Pensjonister"', "1002;Bo;Ny;Ungdom", header=header)
    assert (done["created"], done["updated"], len(done["problems"])) == (1, 1, 1)
    assert "Pensjonister" in done["problems"][0]["reason"]
    assert list(member.tags.all()) == [women]
    assert list(youth.members.values_list("member_number", flat=True)) == ["1002"]
    change = MemberChange.objects.get(member=member)
    assert (change.field, change.before, change.after, change.source) == ("tags", [], [women.pk], ChangeSource.IMPORT)
    again = office.run("1001;Ane;Fjellvær;Kvinner", "1002;Bo;Ny;Ungdom", header=header)
    assert (again["unchanged"], again["problems"]) == (2, [])


def test_another_countys_group_is_not_known(office: Office) -> None:
    other = Tag.objects.create(county=make_county("Nordland"), name="Andres")
    done = office.run("1001;Ane;Fjellvær;Andres", header=HEADER.format("Grupper i partiet"))
    assert len(done["problems"]) == 1
    assert not other.members.exists()


def test_who_recruited_is_found_by_number_within_the_officers_branches_only(office: Office) -> None:
    recruiter = make_member(office.branch, member_number="500")
    make_member(make_branch(office.county, "Skjervøy"), member_number="600")
    member = make_member(office.branch, "Ane", "Fjellvær", member_number="1001")
    header = HEADER.format("Ververs medlemsnummer")
    done = office.run("1001;Ane;Fjellvær;500", header=header)
    member.refresh_from_db()
    assert (done["updated"], member.recruited_by) == (1, recruiter)
    foreign, missing = (office.run(f"1001;Ane;Fjellvær;{number}", header=header) for number in ("600", "99999"))
    assert foreign["problems"] == missing["problems"] != []
    member.refresh_from_db()
    assert member.recruited_by == recruiter


def test_the_branch_is_found_by_its_code_though_two_have_the_same_name(office: Office) -> None:
    first, second = (
        make_branch(make_branch(office.county, place), "Sentrum", slug=f"sentrum-{place.lower()}")
        for place in ("Alfa", "Beta")
    )
    assert first.name == second.name
    header = HEADER.format("Partilag;Partilagskode")
    member = make_member(second, "Ane", "Fjellvær", member_number="1001")
    officer = make_officer(office.county)
    done = office.run(f"1001;Ane;Fjellvær;{second.name};{second.slug}", header=header, branch=office.county, by=officer)
    assert (done["unchanged"], done["problems"]) == (1, [])
    member.refresh_from_db()
    assert member.branch == second


@pytest.mark.parametrize("heading", ["Ikke nyhetsbrev", "Ikke invitasjoner", "Ikke undersøkelser", "Ikke verving"])
def test_a_reservation_per_purpose_is_set_by_a_file_and_never_lifted(office: Office, heading: str) -> None:
    member = make_member(office.branch, "Ane", "Fjellvær", member_number="1001")
    header = HEADER.format(heading)
    assert office.run("1001;Ane;Fjellvær;Ja", header=header)["updated"] == 1
    assert office.run("1001;Ane;Fjellvær;Nei", header=header)["unchanged"] == 1
    member.refresh_from_db()
    reserved = (member.no_newsletter, member.no_meetings, member.no_surveys, member.no_recruitment)
    assert reserved.count(True) == 1


def test_a_consent_that_is_not_here_is_not_brought_back_by_a_file(office: Office) -> None:
    member = make_member(office.branch, "Ane", "Fjellvær", member_number="1001")
    header = HEADER.format("Samtykke til pengeinnsamling")
    done = office.run("1001;Ane;Fjellvær;01.02.2024", "1002;Bo;Ny;01.02.2024", header=header)
    assert (done["unchanged"], done["created"]) == (1, 1)
    member.refresh_from_db()
    assert member.fundraising_consent_on is None
    new = office.branch.members.get(member_number="1002")
    assert new.fundraising_consent_on == date(2024, 2, 1)


def test_an_older_check_does_not_replace_a_later_one(office: Office) -> None:
    member = make_member(office.branch, "Ane", "Fjellvær", member_number="1001", checked_on=date(2026, 3, 1))
    header = HEADER.format("Opplysninger kontrollert")
    assert office.run("1001;Ane;Fjellvær;01.02.2026", header=header)["unchanged"] == 1
    assert office.run("1001;Ane;Fjellvær;01.04.2026", header=header)["updated"] == 1
    member.refresh_from_db()
    assert member.checked_on == date(2026, 4, 1)
