"""What the register keeps of the erased beside their records: thrown away where they may stand."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from jobs import actions as jobs
from jobs.enums import JobState
from jobs.models import Job
from membership.actions.erasure import erase
from membership.actions.stores import wipe
from membership.enums import ImportState
from membership.models import Branch, Member, MemberChange, RegisterImport, SavedView
from membership.roles import Permission
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db(transaction=True)

ClientFor = Callable[[User], Client]


@pytest.fixture
def county(tmp_path: Path, settings: Any) -> Branch:
    settings.MEDIA_ROOT = tmp_path
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def lyngen(county: Branch) -> Branch:
    return make_branch(county, "Lyngen")


@pytest.fixture
def officer(county: Branch) -> User:
    return make_officer(county)


def gone(member: Member) -> None:
    erase(member, by=None, now=NOW, today=TODAY)


def export(branch: Branch, by: User, state: JobState = JobState.DONE) -> Job:
    job = jobs.start(
        "members", by=by, branch_id=branch.pk, permission=Permission.EXPORT_MEMBERS, params={"back": "/lag/?q=Ane"}
    )
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempts=1)
    job.refresh_from_db()
    jobs.keep_result(job, io.BytesIO(b"Ane"), name="medlemmer.csv")
    Job.objects.filter(pk=job.pk).update(state=state)
    job.refresh_from_db()
    return job


def uploaded(branch: Branch, by: User, state: ImportState) -> RegisterImport:
    made = RegisterImport(
        branch=branch, county_id=branch.root_id, started_by=by, state=state, file_name="ane.csv", preview={"rows": []}
    )
    if state == ImportState.APPLIED:
        made.result = {"problems": ["Ane"], "created": 3}
        made.applied_at = NOW
        made.result_file.save("r.xlsx", ContentFile(b"Ane"), save=False)
    else:
        made.file.save("f.bin", ContentFile(b"Ane"), save=False)
    made.save()
    return made


def test_files_that_may_hold_them_are_withdrawn(
    county: Branch, kafjord: Branch, lyngen: Branch, officer: User, tmp_path: Path, client_for: ClientFor
) -> None:
    above, own, other = (export(branch, officer) for branch in (county, kafjord, lyngen))
    gone(make_member(kafjord))
    for job in (above, own, other):
        job.refresh_from_db()
    assert [(bool(job.file), job.state) for job in (above, own, other)] == [
        (False, JobState.FAILED),
        (False, JobState.FAILED),
        (True, JobState.DONE),
    ]
    assert own.params == {"back": "/lag/"}
    assert [path.read_bytes() for path in tmp_path.rglob("*.bin")] == [b"Ane"]
    page = client_for(officer).get(reverse("membership:job", args=[kafjord.slug, own.pk])).content.decode()
    assert "En person som kan stå i fila, er slettet siden" in page


@pytest.mark.parametrize("state", [ImportState.UPLOADED, ImportState.READ, ImportState.FAILED])
def test_a_file_that_nobody_confirmed_is_thrown_away(
    kafjord: Branch, lyngen: Branch, officer: User, tmp_path: Path, client_for: ClientFor, state: ImportState
) -> None:
    made, other = uploaded(kafjord, officer, state), uploaded(lyngen, officer, state)
    gone(make_member(kafjord))
    made.refresh_from_db()
    other.refresh_from_db()
    assert (made.state, bool(made.file), made.preview, made.file_name) == (ImportState.FAILED, False, {}, "")
    assert (other.state, bool(other.file)) == (state, True)
    assert len([path for path in tmp_path.rglob("*") if path.is_file() and path.suffix == ".bin"]) == 1
    page = client_for(officer).get(reverse("membership:import_detail", args=[kafjord.slug, made.pk])).content.decode()
    assert "Last opp fila på nytt" in page
    assert "Fila er borte" in page


def test_a_result_is_thrown_away_and_its_counts_stay(kafjord: Branch, officer: User, tmp_path: Path) -> None:
    made = uploaded(kafjord, officer, ImportState.APPLIED)
    gone(make_member(kafjord))
    made.refresh_from_db()
    assert (made.state, bool(made.result_file), made.result) == (ImportState.APPLIED, False, {"created": 3})
    assert "rad for rad" in made.problem
    assert not list(tmp_path.rglob("*.xlsx"))


def test_others_no_longer_say_who_recruited_them(county: Branch, kafjord: Branch, lyngen: Branch) -> None:
    ane = make_member(kafjord, member_number="77")
    texts = ["Ane (77)", "Ane ( 77 )", "Bo (177)", "Ane 77", "Ane"]
    members = [make_member(lyngen, recruited_by_text=text, recruited_by=ane) for text in texts]
    for member in members:
        MemberChange.objects.create(
            member=member,
            field="recruited_by_text",
            before=member.recruited_by_text,
            after="",
            source="officer",
            at=NOW,
        )
    merged = MemberChange.objects.create(member=members[0], field="merged", after="77", source="merge", at=NOW)
    other = MemberChange.objects.create(member=members[0], field="merged", after="78", source="merge", at=NOW)
    gone(ane)
    found = list(Member.objects.order_by("pk").values_list("recruited_by_text", "recruited_by"))
    assert found == [("", None), ("", None), ("Bo (177)", None), ("Ane 77", None), ("Ane", None)]
    kept = MemberChange.objects.filter(field="recruited_by_text").order_by("pk").values_list("before", flat=True)
    assert list(kept) == [None, None, "Bo (177)", "Ane 77", "Ane"]
    merged.refresh_from_db()
    other.refresh_from_db()
    assert (merged.after, other.after) == (None, "78")


def test_a_saved_search_for_them_goes(county: Branch, kafjord: Branch, officer: User) -> None:
    ane = make_member(kafjord, "Ane", "Sagatun", member_number="77")
    for name, words in (("Nummer", "77"), ("Navn", "ane SAGATUN"), ("Andre", "ane"), ("Sted", "177")):
        SavedView.objects.create(branch=kafjord, owner=officer, name=name, params={"q": words})
    gone(ane)
    assert set(SavedView.objects.values_list("name", flat=True)) == {"Andre", "Sted"}


def test_many_cost_no_more_queries_than_one(county: Branch, kafjord: Branch, officer: User) -> None:
    members = [make_member(kafjord) for _number in range(21)]

    def cost(some: list[Member]) -> int:
        with CaptureQueriesContext(connection) as queries:
            wipe(some, NOW)
        return len(queries)

    assert cost(members[:1]) == cost(members[1:])
