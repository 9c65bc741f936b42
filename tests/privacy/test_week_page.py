"""The week's page: the email's own numbers, and names of those still here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.models import Branch
from membership.roles import Role
from messaging.models import Delivery
from privacy.actions.weeks import send_week
from privacy.weeks import Figures
from tests.factories import make_branch, make_county, make_member, make_officer
from tests.privacy.weeks import FRIDAY, NOON, OSLO, WEDNESDAY, change, depart

ClientFor = Callable[[User], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def county(clock: Any) -> Branch:
    clock.move_to(datetime(2026, 1, 5, 12, 0, tzinfo=OSLO))
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county)


@pytest.fixture
def lyngen(county: Branch) -> Branch:
    return make_branch(county, "Lyngen")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik", email="kari@example.no")


# --- The page ---------------------------------------------------------------------------------------------------------


def page(client: Client, branch: Branch, *monday: str) -> Any:
    name = "privacy:week" if monday else "privacy:latest_week"
    return client.get(reverse(name, args=[branch.slug, *monday]))


def test_the_page_and_the_email_say_the_same(
    kafjord: Branch, lyngen: Branch, officer: User, client_for: ClientFor, clock: Any
) -> None:
    for _ in range(2):
        leaver, mover = make_member(kafjord), make_member(lyngen)
        clock.move_to(WEDNESDAY)
        depart(leaver)
        change(mover, branch=kafjord)
    clock.move_to(NOON)
    send_week(now=NOON, today=FRIDAY, sent_at=NOON)
    shown = page(client_for(officer), kafjord).context
    body = Delivery.objects.get(key__startswith="week:").body
    for part in shown["parts"]:
        assert f"{part.title}: {part.count}" in body
    assert [part.count for part in shown["parts"]] == [0, 2, 0, 2, 0]


def test_the_page_names_those_still_here_and_says_what_was_changed(
    kafjord: Branch, lyngen: Branch, officer: User, client_for: ClientFor, clock: Any
) -> None:
    changed = make_member(kafjord, "Solfrid", "Myrland")
    gone = make_member(kafjord, "Ragnar", "Storslett")
    away = make_member(kafjord, "Tormod", "Skibotn")
    clock.move_to(WEDNESDAY)
    change(changed, city="Birtavarre", note="Syk", address_protection="strict", no_sms=True)
    change(gone, city="Birtavarre")
    depart(gone)
    change(away, branch=lyngen, city="Birtavarre")
    clock.move_to(NOON)
    answer = page(client_for(officer), kafjord, "2026-11-09")
    text = answer.content.decode()
    assert "Myrland, Solfrid" in text
    (one,) = answer.context["parts"][-1].people
    assert set(one.what.split(", ")) == {"poststed", "ikke SMS", "internt notat"}
    # Of those who have left, and of those who are another branch's now, there is a number and no more.
    for word in ("Storslett", "Skibotn", "Birtavarre", "Syk"):
        assert word not in text
    assert answer.context["figures"] == Figures(new=0, moved_in=0, moved_out=1, left=1, edited=2)
    assert "og 1 til" in text


def test_one_who_may_not_read_notes_is_not_told_of_them(kafjord: Branch, client_for: ClientFor, clock: Any) -> None:
    member = make_member(kafjord)
    leader = make_officer(kafjord, Role.BRANCH_LEADER)
    clock.move_to(WEDNESDAY)
    change(member, note="Syk")
    clock.move_to(NOON)
    answer = page(client_for(leader), kafjord)
    (one,) = answer.context["parts"][-1].people
    assert one.what == ""
    assert "notat" not in answer.content.decode().lower()


def test_looking_is_written_down_and_changes_nothing_else(
    kafjord: Branch, officer: User, client_for: ClientFor, clock: Any
) -> None:
    clock.move_to(NOON)
    assert page(client_for(officer), kafjord).status_code == 200
    event = AuditEvent.objects.get(verb=Verb.WEEK_OPENED)
    assert (event.branch_id, event.actor_id, event.details) == (kafjord.pk, officer.pk, {"week": "2026-11-09"})


@pytest.mark.parametrize("monday", ["2026-11-16", "2026-11-10", "2024-11-11", "uka", "9999-99-99"])
def test_a_week_that_is_none_has_no_page(
    kafjord: Branch, officer: User, client_for: ClientFor, clock: Any, monday: str
) -> None:
    clock.move_to(NOON)
    assert page(client_for(officer), kafjord, monday).status_code == 404


def test_another_branch_s_week_is_not_found(lyngen: Branch, officer: User, client_for: ClientFor, clock: Any) -> None:
    clock.move_to(NOON)
    assert page(client_for(officer), lyngen, "2026-11-09").status_code == 404


def test_the_page_leads_to_the_weeks_beside_it(
    kafjord: Branch, officer: User, client_for: ClientFor, clock: Any
) -> None:
    clock.move_to(NOON)
    client = client_for(officer)
    text = page(client, kafjord, "2026-11-02").content.decode()
    assert reverse("privacy:week", args=[kafjord.slug, "2026-10-26"]) in text
    assert reverse("privacy:week", args=[kafjord.slug, "2026-11-09"]) in text
    assert reverse("privacy:week", args=[kafjord.slug, "2026-11-16"]) not in page(client, kafjord).content.decode()
    first = page(client, kafjord, "2025-11-24")
    assert first.status_code == 200
    assert reverse("privacy:week", args=[kafjord.slug, "2025-11-17"]) not in first.content.decode()


def test_the_page_costs_the_same_for_one_and_for_many(
    kafjord: Branch, lyngen: Branch, officer: User, client_for: ClientFor, clock: Any
) -> None:
    clock.move_to(NOON)
    client = client_for(officer)

    def queries() -> int:
        clock.move_to(NOON)
        with CaptureQueriesContext(connection) as seen:
            assert page(client, kafjord).status_code == 200
        return len(seen)

    def happen() -> None:
        members = [make_member(kafjord), make_member(lyngen), make_member(kafjord)]
        clock.move_to(WEDNESDAY)
        make_member(kafjord, joined_on=date(2026, 11, 8))
        change(members[0], city="A")
        change(members[1], branch=kafjord)
        depart(members[2])

    happen()
    queries()
    one = queries()
    happen()
    happen()
    assert queries() == one
