from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from accounts.models import User
from jobs import actions as jobs
from jobs.models import Job
from membership.models import Branch
from membership.roles import Role
from messaging.models import Delivery
from privacy import unpaid_jobs
from privacy.actions import unpaid_striking as striking
from privacy.enums import RoundState
from privacy.models import Departure, UnpaidRound
from tests.factories import NOW, TODAY, make_branch, make_county, make_officer
from tests.privacy.keeping import make_file, make_list, make_overdue, notify

ClientFor = Callable[[User], Client]
pytestmark = pytest.mark.django_db
AFTER = date(2026, 12, 21)


@pytest.fixture
def client(secretary: User, client_for: ClientFor) -> Client:
    return client_for(secretary)


def at(name: str, county: Branch, *args: Any) -> str:
    return reverse(f"privacy:{name}", args=[county.slug, *args])


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_many_are_a_job_that_another_worker_goes_on_with(
    county: Branch,
    kafjord: Branch,
    client: Client,
    secretary: User,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unpaid_jobs, "AT_ONCE", 2)
    monkeypatch.setattr(striking, "CHUNK", 2)
    for _ in range(5):
        make_overdue(kafjord)
    unpaid = make_list(county, by=secretary)
    answer = client.post(at("unpaid_notify", county, unpaid.pk))
    notice = Job.objects.get()
    assert answer["Location"] == reverse("membership:job", args=[county.slug, notice.pk])
    jobs.run(notice.pk)
    assert Delivery.objects.count() == 5
    clock.move_to(NOW + timedelta(days=31))
    client.force_login(secretary)
    make_file(county, AFTER)
    client.post(at("unpaid_approve", county, unpaid.pk), {"count": "5"})
    job = Job.objects.get(kind=unpaid_jobs.STRIKE)
    # A worker that dies after the first two.
    strike_some = striking.strike_some

    def dies(*args: Any, **kwargs: Any) -> int:
        if Departure.objects.exists():
            raise KeyboardInterrupt
        return strike_some(*args, **kwargs)

    monkeypatch.setattr(striking, "strike_some", dies)
    with pytest.raises(KeyboardInterrupt):
        jobs.run(job.pk)
    assert Departure.objects.count() == 2
    monkeypatch.setattr(striking, "strike_some", strike_some)
    Job.objects.update(state="queued")
    jobs.run(job.pk)
    unpaid.refresh_from_db()
    assert (unpaid.struck, Departure.objects.count()) == (5, 5)
    job.refresh_from_db()
    assert job.state == "done"


def test_a_job_stops_where_its_officer_has_lost_the_right(
    county: Branch, kafjord: Branch, secretary: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpaid_jobs, "AT_ONCE", 0)
    make_overdue(kafjord)
    unpaid = make_list(county, by=secretary)
    job = unpaid_jobs.do_or_begin(unpaid_jobs.NOTICE, unpaid, by=secretary)
    assert job is not None
    secretary.grants.update(ends_on=TODAY - timedelta(days=1))
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert not Delivery.objects.exists()


def test_what_was_broken_off_is_gone_on_with_from_the_page(
    county: Branch, kafjord: Branch, client: Client, secretary: User
) -> None:
    make_overdue(kafjord)
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    UnpaidRound.objects.filter(pk=unpaid.pk).update(state=RoundState.APPROVED, approved_at=NOW)
    page = at("unpaid_round", county, unpaid.pk)
    assert "Det ble avbrutt" in text_of(client, page)
    client.post(at("unpaid_approve", county, unpaid.pk), {"fortsett": "1"})
    assert Departure.objects.count() == 1
    assert "Det ble avbrutt" not in text_of(client, page)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_at_once_one_does() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    county = make_county()
    kafjord = make_branch(county)
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    for _ in range(6):
        make_overdue(kafjord)
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    make_file(county, AFTER)
    both_ready, told = threading.Barrier(2), []

    def attempt() -> None:
        try:
            both_ready.wait()
            approved = striking.approve(unpaid, count=6, by=secretary, now=NOW, today=AFTER)
            told.append("approved")
            striking.strike_all(approved, by=secretary, now=NOW, today=AFTER)
        except striking.NotNotified:
            told.append("refused")
            striking.strike_all(unpaid, by=secretary, now=NOW, today=AFTER)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["approved", "refused"]
    unpaid.refresh_from_db()
    assert (unpaid.struck, Departure.objects.count()) == (6, 6)
