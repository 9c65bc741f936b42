"""Corrections made here, on their way to the central register."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from common.clock import machine_time
from common.spreadsheet.reading import read_sheets
from jobs.actions import run
from jobs.enums import JobState
from jobs.models import Job
from membership.actions.corrections import NothingNew, NotTheLast, report_corrections, take_back
from membership.actions.editing import Edit, Pen, write
from membership.corrections import REPORTED, Correction, Span, corrections, span_of
from membership.enums import AddressProtection, ChangeSource, MemberStatus
from membership.models import Branch, CorrectionsReport, Member, MemberChange
from membership.roles import Role
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer
from tests.membership.round_trip import fill

pytestmark = pytest.mark.django_db

# Only ours: docs/register-files.md says the same.
ONLY_OURS = {
    "id": "the database's own",
    "member_number": "given by the central register",
    "municipal": "follows from the branch",
    "county": "follows from the branch",
    "sort_key": "derived",
    "search_text": "derived",
    "household_key": "derived",
    "mobile_ok": "told by the number",
    "phone_ok": "told by the number",
    "address_protection": "which of the two it is, is never shown",
    "source": "how somebody came to us",
    "recruited_by": "between members here",
    "recruited_by_text": "between members here",
    "skills": "for work in the branch",
    "guardian_name": "the paper is kept here",
    "guardian_consent_on": "the paper is kept here",
    "email_bounced_on": "told by our own mail",
    "checked_on": "our own work",
    "number_is_local": "our own mark",
    "note": "internal",
    "created_in": "our own history",
    "created_at": "our own history",
    "updated_at": "our own history",
}


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county())


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik")


def change(member: Member, by: User | None, source: str = ChangeSource.OFFICER, **values: Any) -> None:
    branch = values.pop("branch", None)
    member.refresh_from_db()
    write([Edit(member, values, branch)], pen=Pen(by, ChangeSource(source), NOW, TODAY))


def told(branch: Branch, span: Span | None = None) -> list[tuple[str, str, str]]:
    """Field, before and after."""
    return [(one.field, one.before, one.after) for one in corrections(branch, span or Span())]


def test_every_column_is_reported_or_is_only_ours() -> None:
    columns = {column.name for column in Member._meta.concrete_fields}
    assert columns - set(REPORTED) == set(ONLY_OURS)
    assert set(REPORTED) - columns == {"merged"}


def test_a_correction_is_told_with_who_and_when(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord, "Ane", "Berg", member_number="007", city="Alta")
    change(member, officer, city="Kåfjord")
    (line,) = corrections(kafjord, Span())
    assert line == Correction(member.pk, "007", "Berg", "Ane", line.field, "Alta", "Kåfjord", NOW, "Kari Nordvik")


def test_several_changes_of_one_field_are_one_and_what_came_back_is_none(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord, city="A", email="a@example.no")
    for city in ("B", "C"):
        change(member, officer, city=city)
    change(member, officer, email="b@example.no")
    change(member, officer, email="a@example.no")
    assert [(before, after) for _field, before, after in told(kafjord)] == [("A", "C")]


def test_a_later_import_of_the_field_supersedes(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord, city="A", street="Vei 1")
    change(member, officer, city="B", street="Vei 2")
    change(member, officer, ChangeSource.IMPORT, city="C")
    assert [(before, after) for _field, before, after in told(kafjord)] == [("Vei 1", "Vei 2")]
    change(member, officer, city="D")
    assert ("C", "D") in [(before, after) for _field, before, after in told(kafjord)]


def test_an_import_that_was_undone_here_is_a_correction(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord, city="A")
    change(member, officer, ChangeSource.IMPORT, city="B")
    change(member, officer, ChangeSource.UNDO, city="A")
    assert [(before, after) for _field, before, after in told(kafjord)] == [("B", "A")]


def test_what_is_only_ours_is_not_told_but_reservations_are(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord)
    ours: dict[str, Any] = {
        "note": "x",
        "skills": "y",
        "checked_on": TODAY,
        "guardian_name": "z",
        "recruited_by_text": "å",
    }
    change(member, officer, **ours)
    assert told(kafjord) == []
    change(member, officer, no_phone=True, no_recruitment=True)
    assert len(told(kafjord)) == 2


def test_who_left_and_who_moved_are_told_in_words(kafjord: Branch, officer: User) -> None:
    assert kafjord.parent
    lyngen = make_branch(kafjord.parent, "Lyngen")
    gone, moved = make_member(kafjord, "Ane", "A"), make_member(kafjord, "Bo", "B")
    change(gone, officer, status=MemberStatus.DECEASED, left_on=date(2026, 3, 1))
    change(moved, officer, branch=lyngen)
    lines = told(kafjord.parent)
    assert [after for _field, _before, after in lines] == [
        str(MemberStatus.DECEASED.label), "01.03.2026", lyngen.name,
    ]  # fmt: skip
    # Of whoever is gone the number alone, and that.
    assert {line.name for line in corrections(kafjord, Span())} == {gone.member_number}
    # The branch that was left does not see them any more.
    assert len(told(kafjord)) == 2
    assert [line[2] for line in told(lyngen)] == [lyngen.name]


def test_each_record_folded_in_is_told_by_its_number(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord)
    steps = [(None, "501"), (None, "502"), ("501", None), (None, "503")]
    MemberChange.objects.bulk_create(
        MemberChange(
            member=member, field="merged", before=before, after=after, source=ChangeSource.MERGE, by=officer, at=NOW
        )
        for before, after in steps
    )
    assert [after for _field, _before, after in told(kafjord)] == ["502", "503"]


def test_a_birth_day_says_the_year_too(kafjord: Branch, officer: User) -> None:
    whole, year = make_member(kafjord, "Ane", "A"), make_member(kafjord, "Bo", "B")
    change(whole, officer, birth_on=date(1980, 2, 1), birth_year=1980)
    change(year, officer, birth_year=1981)
    assert [after for _field, _before, after in told(kafjord)] == ["01.02.1980", "1981"]


def test_protected_addresses_are_never_told_and_strict_ones_wholly_silent(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord, street="Hemmelig vei 1", city="Gjemt")
    change(member, officer, street="Hemmelig vei 2", city="Skjult", email="ny@example.no")
    change(member, officer, address_protection=AddressProtection.CONFIDENTIAL)
    assert [after for _field, _before, after in told(kafjord)] == ["ny@example.no"]
    change(member, officer, address_protection=AddressProtection.STRICT)
    assert told(kafjord) == []


def test_a_member_registered_here_is_told_as_new_with_all_there_is(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord, "Ane", "Berg", number_is_local=True, email="ane@example.no", mobile="")
    change(member, officer, email="ane.berg@example.no")
    lines = told(kafjord)
    assert lines[0][1] == ""
    assert "ane.berg@example.no" in [after for _field, _before, after in lines]
    assert "ane@example.no" not in [before for _field, before, _after in lines]
    report = report_corrections(kafjord, after=0, by=officer, now=machine_time())
    assert told(kafjord, span_of(None, report)) == []
    assert told(kafjord, span_of(report, None)) == lines
    change(member, officer, city="Olderdalen")
    assert [after for _field, _before, after in told(kafjord, span_of(None, report))] == ["Olderdalen"]


def test_a_report_ends_one_span_and_begins_the_next(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord, city="A")
    change(member, officer, city="B")
    first = report_corrections(kafjord, after=0, by=officer, now=NOW)
    change(member, officer, city="C")
    assert [line[1:] for line in told(kafjord, span_of(None, first))] == [("B", "C")]
    second = report_corrections(kafjord, after=first.pk, by=officer, now=NOW)
    assert told(kafjord, span_of(None, second)) == []
    assert [line[1:] for line in told(kafjord, span_of(first, None))] == [("A", "B")]
    assert [line[1:] for line in told(kafjord, span_of(second, first))] == [("B", "C")]


def test_of_two_who_fetch_at_once_one_makes_the_report(kafjord: Branch, officer: User) -> None:
    change(make_member(kafjord, city="A"), officer, city="B")
    report_corrections(kafjord, after=0, by=officer, now=NOW)
    with pytest.raises(NothingNew):
        report_corrections(kafjord, after=0, by=officer, now=NOW)
    assert CorrectionsReport.objects.count() == 1


def test_only_the_last_report_is_taken_back_and_once(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord, city="A")
    change(member, officer, city="B")
    first = report_corrections(kafjord, after=0, by=officer, now=NOW)
    change(member, officer, city="C")
    second = report_corrections(kafjord, after=first.pk, by=officer, now=NOW)
    with pytest.raises(NotTheLast):
        take_back(kafjord, pk=first.pk, by=officer)
    take_back(kafjord, pk=second.pk, by=officer)
    assert AuditEvent.objects.get(verb=Verb.CORRECTIONS_RECALLED).details == {"report": second.pk}
    with pytest.raises(NotTheLast):
        take_back(kafjord, pk=second.pk, by=officer)
    assert [line[1:] for line in told(kafjord, span_of(None, first))] == [("B", "C")]


# --- The page ---------------------------------------------------------------------------------------------------------


def address(name: str, branch: Branch, *args: int) -> str:
    return reverse(f"membership:{name}", args=[branch.slug, *args])


def rows_of(answer: Any) -> list[list[Any]]:
    (sheet,) = read_sheets(io.BytesIO(answer.content), "ut.xlsx").sheets
    start = next(place for place, row in enumerate(sheet.rows) if len(row.cells) == 8)
    return [row.cells for row in sheet.rows[start + 1 :]]


def test_the_page_lists_and_the_button_fetches_and_marks(kafjord: Branch, officer: User, client: Client) -> None:
    change(make_member(kafjord, "Ane", "Berg", city="A"), officer, city="=B")
    client.force_login(officer)
    page = client.get(address("corrections", kafjord)).content.decode()
    assert "Berg, Ane" in page
    answer = client.post(address("corrections", kafjord), {"sist": "0"})
    assert f'filename="endringer-kafjord-{TODAY.isoformat()}.xlsx"' in answer["Content-Disposition"]
    (row,) = rows_of(answer)
    assert row[1:3] == ["Berg", "Ane"]
    assert row[4:6] == ["A", "=B"]
    assert row[7] == "Kari Nordvik"
    report = CorrectionsReport.objects.get()
    assert (report.branch, report.by, report.count) == (kafjord, officer, 1)
    event = AuditEvent.objects.get(verb=Verb.CORRECTIONS_EXPORTED)
    assert (event.count, event.object_id) == (1, str(report.pk))
    after = client.get(address("corrections", kafjord)).content.decode()
    assert "Berg, Ane" not in after
    again = client.post(address("corrections_file", kafjord, report.pk))
    assert rows_of(again) == [row]
    client.post(address("corrections_undo", kafjord, report.pk))
    assert "Berg, Ane" in client.get(address("corrections", kafjord)).content.decode()


@pytest.mark.parametrize("seen", ["", "x", "9" * 40, "1"])
def test_a_form_that_is_out_of_date_marks_nothing(kafjord: Branch, officer: User, client: Client, seen: str) -> None:
    change(make_member(kafjord, city="A"), officer, city="B")
    client.force_login(officer)
    assert client.post(address("corrections", kafjord), {"sist": seen}).status_code == 302
    assert not CorrectionsReport.objects.exists()


def test_nothing_to_tell_marks_nothing(kafjord: Branch, officer: User, client: Client) -> None:
    client.force_login(officer)
    assert client.get(address("corrections", kafjord)).status_code == 200
    assert client.post(address("corrections", kafjord), {"sist": "0"}).status_code == 302
    assert not CorrectionsReport.objects.exists()


def test_another_branchs_reports_are_not_there(kafjord: Branch, officer: User, client: Client) -> None:
    assert kafjord.parent
    secretary = make_officer(kafjord.parent, Role.COUNTY_SECRETARY)
    change(make_member(kafjord, city="A"), officer, city="B")
    report = report_corrections(kafjord.parent, after=0, by=secretary, now=NOW)
    client.force_login(officer)
    for name in ("corrections_file", "corrections_undo"):
        assert client.post(address(name, kafjord, report.pk)).status_code == 404
        assert client.post(address(name, kafjord.parent, report.pk)).status_code == 404
    assert CorrectionsReport.objects.exists()


@pytest.mark.parametrize("role", [Role.CALLER, Role.BRANCH_LEADER, Role.COMMITTEE_READER])
def test_without_the_right_to_export_there_is_no_page(kafjord: Branch, client: Client, role: Role) -> None:
    client.force_login(make_officer(kafjord, role))
    assert client.get(address("corrections", kafjord)).status_code == 404
    assert client.post(address("corrections", kafjord)).status_code == 404


def test_the_page_asks_the_same_whether_one_or_fifty_are_listed(
    kafjord: Branch, officer: User, client: Client, django_assert_num_queries: Any
) -> None:
    client.force_login(officer)
    change(make_member(kafjord, city="A"), officer, city="B")
    client.get(address("corrections", kafjord))
    with django_assert_num_queries(_QUERIES):
        client.get(address("corrections", kafjord))
    for _number in range(4):
        change(make_member(kafjord, city="A"), officer, city="B")
    with django_assert_num_queries(_QUERIES):
        client.get(address("corrections", kafjord))


_QUERIES = 9


def test_many_lines_are_made_by_a_worker(kafjord: Branch, officer: User, client: Client) -> None:
    members = fill(kafjord, ({"last_name": f"{number:04d}", "city": "A"} for number in range(2001)))
    MemberChange.objects.bulk_create(
        MemberChange(member=member, field="city", before="A", after="B", source=ChangeSource.BULK, by=officer, at=NOW)
        for member in members
    )
    client.force_login(officer)
    answer = client.post(address("corrections", kafjord), {"sist": "0"})
    assert answer.status_code == 302
    job = Job.objects.get()
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.problem, job.done) == (JobState.DONE, "", 2001)
    assert CorrectionsReport.objects.get().count == 2001
    assert AuditEvent.objects.get(verb=Verb.CORRECTIONS_EXPORTED).count == 2001
