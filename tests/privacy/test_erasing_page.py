from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from config.schedule import SCHEDULE
from jobs.models import PeriodicRun
from membership.models import Branch, Member
from privacy.actions.departures import leave
from privacy.enums import LeaveWay
from privacy.erasing_page import JOB, by_day
from tests.factories import NOW, TODAY, make_branch, make_member, make_officer
from tests.privacy.keeping import make_hold, make_list, make_overdue

ClientFor = Callable[[User], Client]
pytestmark = pytest.mark.django_db


def gone(branch: Branch, name: str = "Ragna", *, days_ago: int = 0) -> Member:
    member = make_member(branch, name, "Qvilnes")
    day = TODAY - timedelta(days=days_ago)
    leave(member, way=LeaveWay.LETTER, left_on=day, by=None, now=NOW, today=day)
    return member


def page(client: Client, branch: Branch) -> str:
    answer = client.get(reverse("privacy:erasing", args=[branch.slug]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_by_the_day_they_go_and_who_is_held_by_the_day_that_ends(kafjord: Branch) -> None:
    first, second, held = gone(kafjord, days_ago=3), gone(kafjord), gone(kafjord, days_ago=5)
    make_hold(held, until_on=TODAY + timedelta(days=30))
    rows = [(row.member, getattr(row, "day", None)) for row in by_day(kafjord, TODAY)]
    assert rows == [
        (first, TODAY + timedelta(days=4)),
        (second, TODAY + timedelta(days=7)),
        (held, TODAY + timedelta(days=30)),
    ]


def test_the_officer_sees_own_branch_the_county_all(
    county: Branch, kafjord: Branch, secretary: User, client_for: ClientFor
) -> None:
    gone(kafjord, "Ragna")
    gone(make_branch(county, "Lyngen"), "Solfrid")
    make_overdue(kafjord)
    make_list(county, by=secretary)
    mine = page(client_for(make_officer(kafjord)), kafjord)
    assert "Ragna" in mine
    assert "27. november 2026" in mine
    assert "Solfrid" not in mine
    assert "Lenge ubetalt" not in mine
    assert "utsett/" not in mine
    all_of_it = page(client_for(secretary), county)
    assert "Solfrid" in all_of_it
    assert "Lista for 2025 er laget" in all_of_it
    assert "utsett/" in all_of_it
    assert AuditEvent.objects.filter(verb=Verb.ERASING_OPENED, branch_id=kafjord.pk).get().count == 1


def test_when_it_last_ran_is_told_under_the_timetables_name(kafjord: Branch, client_for: ClientFor) -> None:
    assert JOB in {line.name for line in SCHEDULE}
    client = client_for(make_officer(kafjord))
    assert "ikke kjørt ennå" in page(client, kafjord)
    PeriodicRun.objects.create(name=JOB, started_at=timezone.now(), succeeded_at=timezone.now())
    assert "20. november 2026 kl. 19.00" in page(client, kafjord)
    PeriodicRun.objects.update(problem="OperationalError")
    assert "avbrutt" in page(client, kafjord)


def test_one_who_has_not_left_is_not_there(kafjord: Branch, client_for: ClientFor) -> None:
    make_member(kafjord, "Solfrid", "Qvilvik")
    assert "Qvilvik" not in page(client_for(make_officer(kafjord)), kafjord)


def test_it_costs_the_same_for_one_and_three(
    county: Branch, kafjord: Branch, secretary: User, client_for: ClientFor
) -> None:
    client = client_for(secretary)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            page(client, county)
        return len(seen)

    make_hold(gone(kafjord), until_on=date(2027, 1, 1))
    queries()
    one = queries()
    gone(kafjord)
    gone(make_branch(county, "Lyngen"))
    assert queries() == one
