"""The page of a job and its file: for its owner alone, while the right is held and the result is kept."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from jobs import actions
from jobs.enums import JobState
from jobs.models import Job
from membership.models import Branch
from membership.roles import Permission, Role
from tests.factories import make_branch, make_county, make_officer

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county(), "Kåfjord")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord)


def make_job(branch: Branch, owner: User, *, params: dict[str, Any] | None = None, **fields: Any) -> Job:
    job = actions.start(
        "test", by=owner, branch_id=branch.pk, permission=Permission.EXPORT_MEMBERS, params=params or {}
    )
    Job.objects.filter(pk=job.pk).update(**fields)
    job.refresh_from_db()
    return job


def done(branch: Branch, owner: User, **more: Any) -> Job:
    job = make_job(branch, owner, state=JobState.RUNNING, attempts=1, **more)
    actions.keep_result(job, io.BytesIO(b"content"), name="ikke-betalt-kafjord-2026.xlsx")
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE)
    return job


def page(branch: Branch, job: Job) -> str:
    return reverse("membership:job", args=[branch.slug, job.pk])


def file(branch: Branch, job: Job) -> str:
    return reverse("membership:job_file", args=[branch.slug, job.pk])


def test_a_job_under_way_says_how_far_it_has_come_and_asks_again(
    client_for: ClientFor, kafjord: Branch, officer: User
) -> None:
    job = make_job(kafjord, officer, state=JobState.RUNNING, done=1500, total=2000, params={"title": "Til Excel"})
    text = client_for(officer).get(page(kafjord, job)).content.decode()
    assert '<h1 class="t-1">Til Excel</h1>' in text
    assert "75&nbsp;%" in text
    assert "1\u00a0500 av 2\u00a0000 rader" in text
    assert f'hx-get="{page(kafjord, job)}" hx-trigger="every 1s"' in text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in text
    assert AuditEvent.objects.filter(verb=Verb.JOB_OPENED, object_id=str(job.pk)).count() == 1


@pytest.mark.parametrize(
    ("state", "word"), [(JobState.QUEUED, "Venter på tur"), (JobState.RUNNING, "Har begynt"), (JobState.DONE, "Ferdig")]
)
def test_each_state_has_its_words(
    client_for: ClientFor, kafjord: Branch, officer: User, state: JobState, word: str
) -> None:
    job = make_job(kafjord, officer, state=state)
    text = client_for(officer).get(page(kafjord, job)).content.decode()
    assert word in text
    assert ("every 1s" in text) == (state != JobState.DONE)


def test_a_job_that_stopped_says_why(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    job = make_job(kafjord, officer, state=JobState.FAILED, problem="Fila er <tom>.", params={"back": "/lag/kafjord/"})
    text = client_for(officer).get(page(kafjord, job)).content.decode()
    assert "Fila er &lt;tom&gt;." in text
    assert 'href="/lag/kafjord/">Tilbake</a>' in text
    assert "every 1s" not in text


def test_the_part_that_moves_is_part_of_the_page(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    job = make_job(kafjord, officer, state=JobState.RUNNING, done=1, total=2)
    client = client_for(officer)
    whole = client.get(page(kafjord, job)).content.decode()
    part = client.get(page(kafjord, job), headers={"HX-Request": "true"}).content.decode()
    assert part.strip() in whole
    assert "<html" not in part
    # Asked for each second, it is not written in the log each time.
    assert AuditEvent.objects.filter(verb=Verb.JOB_OPENED).count() == 1


def test_a_job_with_a_next_page_goes_on_when_it_is_done(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    job = make_job(kafjord, officer, params={"next": "/lag/kafjord/medlemmer/"})
    client = client_for(officer)
    assert client.get(page(kafjord, job)).status_code == 200
    Job.objects.update(state=JobState.DONE)
    assert client.get(page(kafjord, job))["Location"] == "/lag/kafjord/medlemmer/"
    part = client.get(page(kafjord, job), headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"], part.content) == (200, "/lag/kafjord/medlemmer/", b"")


def test_a_job_with_a_next_page_that_stopped_stays(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    job = make_job(kafjord, officer, state=JobState.FAILED, problem="Nei.", params={"next": "/lag/kafjord/medlemmer/"})
    text = client_for(officer).get(page(kafjord, job)).content.decode()
    assert "Nei." in text
    assert 'href="/lag/kafjord/medlemmer/">Fortsett</a>' in text


def test_the_owner_fetches_the_file(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    job = done(kafjord, officer)
    response = client_for(officer).get(file(kafjord, job))
    assert b"".join(response.streaming_content) == b"content"  # type: ignore[attr-defined]
    assert response["Content-Disposition"] == 'attachment; filename="ikke-betalt-kafjord-2026.xlsx"'
    assert response["Cache-Control"] == "no-store"
    assert AuditEvent.objects.filter(verb=Verb.FILE_FETCHED, actor_id=officer.pk).count() == 1


@pytest.mark.parametrize("address", [page, file])
def test_nobody_else_finds_it(
    client_for: ClientFor, kafjord: Branch, officer: User, address: Callable[[Branch, Job], str]
) -> None:
    job = done(kafjord, officer)
    county = kafjord.county
    assert county is not None
    for other in (make_officer(kafjord), make_officer(county, Role.COUNTY_SECRETARY)):
        assert client_for(other).get(address(kafjord, job)).status_code == 404
        assert AuditEvent.objects.filter(verb=Verb.ACCESS_DENIED, actor_id=other.pk).count() == 1


@pytest.mark.parametrize("address", [page, file])
def test_it_is_found_in_no_other_branch(
    client_for: ClientFor, kafjord: Branch, officer: User, address: Callable[[Branch, Job], str]
) -> None:
    job = done(kafjord, officer)
    lyngen = make_branch(kafjord.county, "Lyngen")  # type: ignore[arg-type]
    officer.grants.create(branch=lyngen, role=Role.MEMBERSHIP_OFFICER, starts_on=date(2026, 1, 1))
    assert client_for(officer).get(address(lyngen, job)).status_code == 404


@pytest.mark.parametrize("address", [page, file])
def test_it_is_gone_when_the_right_is(
    client_for: ClientFor, kafjord: Branch, officer: User, address: Callable[[Branch, Job], str]
) -> None:
    job = done(kafjord, officer)
    officer.grants.update(role=Role.BRANCH_LEADER)
    assert client_for(officer).get(address(kafjord, job)).status_code == 404


@pytest.mark.parametrize("address", [page, file])
def test_it_is_gone_after_a_day(
    client_for: ClientFor, kafjord: Branch, officer: User, address: Callable[[Branch, Job], str]
) -> None:
    job = done(kafjord, officer)
    Job.objects.update(expires_at=timezone.now() + timedelta(seconds=1))
    client = client_for(officer)
    response = client.get(address(kafjord, job))
    assert b"".join(response)
    assert response.status_code == 200
    Job.objects.update(expires_at=timezone.now())
    assert client.get(address(kafjord, job)).status_code == 404


def test_a_file_that_is_not_there_is_404(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    client = client_for(officer)
    assert client.get(file(kafjord, make_job(kafjord, officer, state=JobState.RUNNING))).status_code == 404
    assert client.get(file(kafjord, make_job(kafjord, officer, state=JobState.DONE))).status_code == 404
    lost = done(kafjord, officer)
    Job.objects.get(pk=lost.pk).file.storage.delete(str(lost.file.name))
    assert client.get(file(kafjord, lost)).status_code == 404
