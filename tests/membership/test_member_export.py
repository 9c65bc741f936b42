"""Members taken out as a file: who, which columns, which members, and what the log says of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from common.spreadsheet.reading import read_sheets
from common.spreadsheet.sheets import Sheet
from jobs.actions import JobFailed, run
from jobs.enums import JobState
from jobs.models import Job
from membership.actions.grants import give
from membership.actions.members import derive
from membership.enums import AddressProtection, MemberStatus
from membership.exporting.columns import chosen_columns
from membership.exporting.jobs import checking
from membership.exporting.writing import Exporter, MemberFile, ids_of
from membership.importing import own
from membership.models import Branch, Grant, Member, Tag
from membership.roles import Permission, Role
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member, make_officer
from tests.membership.round_trip import fill

pytestmark = pytest.mark.django_db


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county())


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik")


def url(branch: Branch, **query: str) -> str:
    return reverse("membership:member_export", args=[branch.slug]) + (f"?{urlencode(query)}" if query else "")


def fetch(client: Client, address: str, *columns: str, kind: str = "csv", **more: Any) -> Any:
    data = {"hent": "1", "format": kind, "kolonner": columns or ["member_number", "last_name"]} | more
    return client.post(address, data)


def lines(answer: HttpResponse) -> list[list[str]]:
    """The heading and the rows under it, of a text file."""
    told = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    start = next(place for place, row in enumerate(told) if row[0] == own.MARKER)
    return told[start + 1 :]


def above(answer: HttpResponse) -> list[str]:
    told = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    return [row[0] for row in told[: [row[0] for row in told].index(own.MARKER)]]


def sheet_of(answer: HttpResponse) -> Sheet:
    (sheet,) = read_sheets(io.BytesIO(answer.content), "ut.xlsx").sheets
    return sheet


def test_the_page_lets_one_choose_and_starts_with_what_most_lists_need(
    kafjord: Branch, officer: User, client: Client
) -> None:
    make_member(kafjord)
    client.force_login(officer)
    page = client.get(url(kafjord)).content.decode()
    assert 'value="last_name" checked' in page
    assert 'value="note"' in page
    assert 'value="note" checked' not in page


def test_the_choice_is_remembered(kafjord: Branch, officer: User, client: Client) -> None:
    make_member(kafjord)
    client.force_login(officer)
    fetch(client, url(kafjord), "city")
    page = client.get(url(kafjord)).content.decode()
    assert 'value="city" checked' in page
    assert 'value="last_name" checked' not in page


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_file_holds_the_chosen_columns_in_the_order_of_the_list(
    kafjord: Branch, officer: User, client: Client, kind: str
) -> None:
    make_member(kafjord, "Bo", "Åsen", member_number="002")
    make_member(kafjord, "Ane", "Berg", member_number="001", joined_on=date(2020, 1, 15))
    client.force_login(officer)
    answer = fetch(client, url(kafjord), "joined", "member_number", "last_name", kind=kind)
    assert answer.status_code == 200
    assert f'filename="medlemmer-kafjord-{TODAY.isoformat()}.{kind}"' in answer["Content-Disposition"]
    if kind == "csv":
        assert lines(answer)[:2] == [["Medlemsnummer", "Etternavn", "Innmeldt"], ["001", "Berg", "15.01.2020"]]
    else:
        rows = [row.cells for row in sheet_of(answer).rows[-2:]]
        assert rows[0] == ["001", "Berg", date(2020, 1, 15)]
        assert rows[1][:2] == ["002", "Åsen"]


def test_filters_and_order_of_the_list_are_run_again(kafjord: Branch, officer: User, client: Client) -> None:
    make_member(kafjord, "Ane", "Berg", joined_on=date(2020, 1, 1))
    make_member(kafjord, "Bo", "Dahl", joined_on=date(2025, 1, 1))
    make_member(kafjord, "Cia", "Eng", joined_on=date(2026, 1, 1))
    make_member(kafjord, "Dag", "Foss", status=MemberStatus.RESIGNED)
    client.force_login(officer)
    answer = fetch(client, url(kafjord, fra="01.01.2024", sorter="-innmeldt"), "last_name")
    assert lines(answer) == [["Etternavn"], ["Eng"], ["Dahl"]]
    told = " ".join(above(answer))
    assert kafjord.name in told
    assert "Kari Nordvik" in told
    assert "01.01.2024" in told
    event = AuditEvent.objects.get(verb=Verb.MEMBERS_EXPORTED)
    assert (event.count, event.details["filters"], event.details["columns"]) == (2, "fra", "last_name")


def test_a_search_narrows_the_file_and_stands_neither_in_it_nor_in_the_log(
    kafjord: Branch, officer: User, client: Client
) -> None:
    make_member(kafjord, "Ane", "Fjellvær")
    make_member(kafjord, "Bo", "Dahl")
    client.force_login(officer)
    found = client.post(reverse("membership:member_list", args=[kafjord.slug]), {"q": "fjellv"})
    query = found["Location"].partition("?")[2]
    answer = fetch(client, f"{url(kafjord)}?{query}", "last_name")
    assert lines(answer) == [["Etternavn"], ["Fjellvær"]]
    assert not any("fjellv" in line.lower() for line in above(answer))
    event = AuditEvent.objects.get(verb=Verb.MEMBERS_EXPORTED)
    assert event.details["filters"] == "sok"
    assert "fjellv" not in str(event.details)


@pytest.mark.parametrize("query", [{"fra": "i fjor"}, {"sok": "glemt"}, {"status": "alle mulige"}])
def test_what_cannot_be_read_lets_nobody_into_a_file(
    kafjord: Branch, officer: User, client: Client, query: dict[str, str]
) -> None:
    make_member(kafjord)
    client.force_login(officer)
    assert client.get(url(kafjord, **query)).status_code == 200
    answer = fetch(client, url(kafjord, **query))
    assert answer.status_code == 422
    assert "Content-Disposition" not in answer
    assert not AuditEvent.objects.filter(verb=Verb.MEMBERS_EXPORTED).exists()


def test_those_ticked_on_the_list_come_by_post_and_alone_stand_in_the_file(
    kafjord: Branch, officer: User, client: Client
) -> None:
    one, _two = make_member(kafjord, "Ane", "Berg"), make_member(kafjord, "Bo", "Dahl")
    client.force_login(officer)
    page = client.post(url(kafjord), {"id": [one.pk]})
    assert page.status_code == 200
    assert f'name="id" value="{one.pk}"' in page.content.decode()
    answer = fetch(client, url(kafjord), "last_name", id=[one.pk])
    assert lines(answer) == [["Etternavn"], ["Berg"]]


@pytest.mark.parametrize("extra", ["foreign", "9" * 30, "x", "0"])
def test_one_ticked_who_is_not_there_refuses_the_whole(
    kafjord: Branch, officer: User, client: Client, extra: str
) -> None:
    assert kafjord.parent
    stranger = make_member(make_branch(kafjord.parent, "Lyngen"), "Liv", "Lie")
    mine = make_member(kafjord)
    client.force_login(officer)
    answer = fetch(client, url(kafjord), id=[mine.pk, stranger.pk if extra == "foreign" else extra])
    assert answer.status_code == 404
    assert "Lie" not in answer.content.decode()


def test_a_branch_in_the_address_that_is_not_under_ones_own_is_not_there(
    kafjord: Branch, officer: User, client: Client
) -> None:
    assert kafjord.parent
    other = make_branch(kafjord.parent, "Lyngen")
    client.force_login(officer)
    assert fetch(client, url(kafjord, lag=other.slug)).status_code == 404


@pytest.mark.parametrize("role", [Role.CALLER, Role.BRANCH_LEADER, Role.COMMITTEE_READER, Role.RECRUITMENT_OFFICER])
def test_without_the_right_the_page_is_not_there(kafjord: Branch, client: Client, role: Role) -> None:
    make_member(kafjord)
    client.force_login(make_officer(kafjord, role))
    assert client.get(url(kafjord)).status_code == 404
    assert fetch(client, url(kafjord)).status_code == 404


def test_protected_addresses_stay_here_and_strict_ones_wholly(kafjord: Branch, officer: User, client: Client) -> None:
    address = {"street": "Hemmelig vei 1", "care_of": "v/ Skjult", "postal_code": "9991", "city": "Gjemt"}
    make_member(kafjord, "Ane", "Berg", address_protection=AddressProtection.CONFIDENTIAL, **address)
    make_member(kafjord, "Usynlig", "Lie", address_protection=AddressProtection.STRICT, **address)
    client.force_login(officer)
    answer = fetch(client, url(kafjord), "last_name", "address", "address2", "postal_code", "city")
    assert lines(answer)[1:] == [["Berg", "", "", "", ""]]
    text = answer.content.decode()
    assert not any(word in text for word in (*address.values(), "Lie"))
    assert any("1" in line for line in above(answer))
    page = client.get(url(kafjord)).content.decode()
    assert "1 er ikke med i fila." in page or "1 is not in the file." in page


def test_the_note_is_offered_and_given_with_its_own_right_only(kafjord: Branch, client: Client) -> None:
    make_member(kafjord, note="Bare for oss")
    client.force_login(make_officer(kafjord, Role.TREASURER))
    assert 'value="note"' not in client.get(url(kafjord)).content.decode()
    answer = fetch(client, url(kafjord), "last_name", "note")
    assert answer.status_code == 422
    assert "Bare for oss" not in answer.content.decode()


def test_nothing_ticked_is_told_and_keeps_the_rest(kafjord: Branch, officer: User, client: Client) -> None:
    make_member(kafjord)
    client.force_login(officer)
    answer = client.post(url(kafjord), {"hent": "1", "format": "csv"})
    assert answer.status_code == 422
    assert 'value="csv" selected' in answer.content.decode()


def test_columns_of_other_apps_are_told_and_never_read_back(kafjord: Branch, officer: User, client: Client) -> None:
    make_claim(make_member(kafjord, "Ane", "Berg"))
    client.force_login(officer)
    page = client.get(url(kafjord)).content.decode()
    assert 'value="app_kontingent"' in page
    heading, row = lines(fetch(client, url(kafjord), "last_name", "app_kontingent"))
    assert heading[1].startswith(own.NOT_READ)
    assert row[1]


def test_groups_recruiters_and_phones_are_written_for_people(kafjord: Branch, officer: User, client: Client) -> None:
    recruiter = make_member(kafjord, "Bo", "Zahl")
    fields: dict[str, Any] = {"mobile": "+4790012345", "phone": "12 34", "phone_ok": False}
    member = make_member(kafjord, "Ane", "Berg", recruited_by=recruiter, no_sms=True, **fields)
    member.tags.set([Tag.objects.create(county_id=kafjord.root_id, name=name) for name in ("Ungdom", "Kvinner")])
    client.force_login(officer)
    row = lines(fetch(client, url(kafjord), "mobile", "phone2", "no_sms", "tags", "recruited_by", "branch"))[1]
    assert row == ["900 12 345", "12 34", kafjord.name, "Bo Zahl", "Ja", "Kvinner; Ungdom"]


def test_what_begins_like_a_formula_is_a_text(kafjord: Branch, officer: User, client: Client) -> None:
    make_member(kafjord, '=HYPERLINK("http://x")', "@SUM(1)")
    client.force_login(officer)
    assert lines(fetch(client, url(kafjord), "last_name"))[1] == ["'@SUM(1)"]
    assert sheet_of(fetch(client, url(kafjord), "last_name", kind="xlsx")).rows[-1].cells == ["@SUM(1)"]


def test_the_number_of_questions_does_not_grow_with_the_members(
    kafjord: Branch, officer: User, client: Client, django_assert_num_queries: Any
) -> None:
    client.force_login(officer)
    columns = ["last_name", "tags", "recruited_by", "app_kontingent", "branch", "municipality"]
    first = make_member(kafjord, "Ane", "Berg")
    make_member(kafjord, "Bo", "Dahl", recruited_by=first)
    fetch(client, url(kafjord), *columns)
    with django_assert_num_queries(_QUERIES):
        fetch(client, url(kafjord), *columns)
    for _number in range(5):
        make_member(kafjord, recruited_by=first)
    with django_assert_num_queries(_QUERIES):
        fetch(client, url(kafjord), *columns)


_QUERIES = 18


# --- A worker ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def long_list(kafjord: Branch) -> Branch:
    fill(kafjord, ({"first_name": "Nr", "last_name": f"{number:04d}"} for number in range(2005)))
    return kafjord


def job_of(answer: HttpResponse) -> Job:
    assert answer.status_code == 302
    return Job.objects.get()


def test_a_long_list_is_made_by_a_worker(long_list: Branch, officer: User, client: Client) -> None:
    client.force_login(officer)
    answer = fetch(client, url(long_list, sorter="-navn"), "last_name")
    assert fetch(client, url(long_list, sorter="-navn"), "last_name")["Location"] == answer["Location"]
    job = job_of(answer)
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.problem) == (JobState.DONE, 2005, "")
    with job.file.open() as file:
        told = list(csv.reader(io.StringIO(file.read().decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in told[-2:]] == ["0001", "0000"]
    assert AuditEvent.objects.get(verb=Verb.MEMBERS_EXPORTED).count == 2005


def file_of(branch: Branch, officer: User, check: Callable[[], None]) -> MemberFile:
    columns = chosen_columns(set(Permission), ["last_name"])
    ids = ids_of(branch.members.in_order())
    return MemberFile(branch, Exporter(officer, NOW, TODAY), columns, ids, "csv", check=check)


def test_who_has_left_the_branch_meanwhile_is_left_out(long_list: Branch, officer: User) -> None:
    assert long_list.parent
    lyngen = make_branch(long_list.parent, "Lyngen")

    def move() -> None:
        member = Member.objects.get(last_name="2004")
        derive(member, lyngen)
        member.save()

    file = io.BytesIO()
    assert file_of(long_list, officer, move).write(file) == 2004
    assert b"\r\n2003" in file.getvalue()
    assert b"\r\n2004" not in file.getvalue()


def test_a_right_that_ends_meanwhile_ends_the_file(long_list: Branch, officer: User, client: Client) -> None:
    client.force_login(officer)
    job = job_of(fetch(client, url(long_list), "last_name"))
    ask, asked = checking(job, long_list, TODAY), count()

    def end_then_ask() -> None:
        if next(asked) == 1:
            Grant.objects.filter(user=officer).delete()
        ask()

    with pytest.raises(JobFailed):
        file_of(long_list, officer, end_then_ask).write(io.BytesIO())
    assert next(asked) == 2


def test_a_long_search_hands_the_worker_ids_and_no_words(long_list: Branch, officer: User, client: Client) -> None:
    client.force_login(officer)
    found = client.post(reverse("membership:member_list", args=[long_list.slug]), {"q": "nr"})
    query = found["Location"].partition("?")[2]
    job = job_of(fetch(client, f"{url(long_list)}?{query}", "last_name"))
    assert len(job.params["ids"]) == 2005
    assert "sok" not in job.params["params"]
    run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_a_right_given_elsewhere_does_not_help(long_list: Branch, officer: User, client: Client) -> None:
    client.force_login(officer)
    job = job_of(fetch(client, url(long_list), "last_name"))
    Grant.objects.filter(user=officer).delete()
    assert long_list.parent
    other = make_branch(long_list.parent, "Lyngen")
    give(officer, role=Role.MEMBERSHIP_OFFICER, branch=other, by=None, starts_on=date(2026, 1, 1), ends_on=None)
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, bool(job.file)) == (JobState.FAILED, False)
