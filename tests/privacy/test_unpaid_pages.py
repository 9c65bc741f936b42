from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from membership.models import Branch
from membership.roles import Role
from messaging.models import Delivery
from privacy.actions import unpaid as actions
from privacy.enums import LeaveWay, RoundState
from privacy.models import Departure, StayAgreement, UnpaidRound
from privacy.unpaid_todo import unpaid_todos
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer
from tests.privacy.keeping import YEAR, make_file, make_list, make_overdue, notify, pay

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


def test_from_the_first_page_to_struck_off(
    county: Branch, kafjord: Branch, client: Client, secretary: User, clock: time_machine.Traveller
) -> None:
    for _ in range(100):
        make_member(kafjord)
    make_overdue(kafjord, "Ragna", last_name="Qvilnes")
    first = at("unpaid", county)
    assert "Les inn en" in text_of(client, first)
    made = client.post(at("unpaid_make", county), {"year": "2025"})
    assert made["Location"] == first
    assert not UnpaidRound.objects.exists()
    make_file(county)
    assert "1 har ikke betalt for 2025" in text_of(client, first)
    page = client.post(at("unpaid_make", county), {"year": "2025"})["Location"]
    assert "Qvilnes" in text_of(client, page)
    unpaid = UnpaidRound.objects.get()
    assert client.post(at("unpaid_notify", county, unpaid.pk)).status_code == 302
    assert Delivery.objects.count() == 1
    told = text_of(client, page)
    assert "20. desember 2026" in told
    assert "Godkjenn og stryk" not in told
    clock.move_to(NOW + timedelta(days=31))
    client.force_login(secretary)
    assert "Les inn en ny betalingsfil" in text_of(client, page)
    make_file(county, AFTER)
    assert "Godkjenn og stryk" in text_of(client, page)
    assert client.post(at("unpaid_approve", county, unpaid.pk), {"count": "1"})["Location"] == page
    assert Departure.objects.get().way == LeaveWay.UNPAID
    assert "1 medlem ble strøket" in text_of(client, page)
    # Whoever has left is named nowhere.
    assert "Qvilnes" not in text_of(client, page)
    assert "1 strøket" in text_of(client, first)


def test_where_it_stops_the_page_names_the_branches_and_asks_for_the_number(
    county: Branch, kafjord: Branch, client: Client, secretary: User, clock: time_machine.Traveller
) -> None:
    for _ in range(6):
        make_overdue(kafjord)
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    clock.move_to(NOW + timedelta(days=31))
    client.force_login(secretary)
    make_file(county, AFTER)
    page = text_of(client, at("unpaid_round", county, unpaid.pk))
    assert "Kåfjord Arbeiderparti: 6" in page
    assert "mer enn 2 %" in page
    assert 'type="hidden" name="count"' not in page
    address = at("unpaid_approve", county, unpaid.pk)
    for typed in ("", "5", "seks"):
        refused = client.post(address, {"count": typed})
        assert refused.status_code == 422
        assert f'value="{typed}"' in refused.content.decode() or not typed
        assert "Feil: " in refused.content.decode()
    assert not Departure.objects.exists()
    client.post(address, {"count": "6"})
    assert Departure.objects.count() == 6


def test_a_payment_meanwhile_takes_the_name_off_at_the_next_look(
    county: Branch, kafjord: Branch, client: Client, secretary: User
) -> None:
    member = make_overdue(kafjord, "Ragna", last_name="Qvilnes")
    make_overdue(kafjord)
    unpaid = make_list(county, by=secretary)
    page = at("unpaid_round", county, unpaid.pk)
    assert "Qvilnes" in text_of(client, page)
    pay(member)
    assert "Qvilnes" not in text_of(client, page)
    off = text_of(client, f"{page}?vis=av")
    assert "Qvilnes" in off
    assert "Har betalt" in off


def test_one_is_taken_off_or_stays_by_a_press(county: Branch, kafjord: Branch, client: Client, secretary: User) -> None:
    make_overdue(kafjord, "En")
    make_overdue(kafjord, "To")
    unpaid = make_list(county, by=secretary)
    one, two = unpaid.cases.order_by("id")
    address = at("unpaid_case", county, unpaid.pk)
    client.post(address, {"navn": one.pk, "handling": "av"})
    client.post(address, {"navn": two.pk, "handling": "blir"})
    for nonsense in ("", "x", "9" * 30, str(one.pk)):
        assert client.post(address, {"navn": nonsense}).status_code == 302
    assert sorted(unpaid.cases.values_list("state", flat=True)) == ["spared", "stays"]
    assert StayAgreement.objects.get().recorded_by == secretary


def test_letters_are_made_and_marked(county: Branch, kafjord: Branch, client: Client, secretary: User) -> None:
    address: dict[str, Any] = {"email": "", "mobile": "", "mobile_ok": False, "postal_code": "9146"}
    member = make_overdue(kafjord, "Ragna", street="#set text(red) Veien 1", **address)
    make_overdue(kafjord, "Uten", **address)
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    page = text_of(client, at("unpaid_round", county, unpaid.pk))
    assert "2 kan ikke nås med e-post eller SMS" in page
    ids = re.findall(r'name="ids" value="([\d,]*)"', page)
    assert ids == [str(member.pk)] * 2
    made = client.post(at("unpaid_letters", county, unpaid.pk), {"ids": ids[0]})
    assert made["Content-Type"] == "application/pdf"
    assert made.content.startswith(b"%PDF")
    assert client.post(at("unpaid_posted", county, unpaid.pk), {"ids": ids[0]}).status_code == 302
    assert unpaid.cases.get(member=member).state == "notified"
    again = client.post(at("unpaid_letters", county, unpaid.pk), {"ids": ids[0]})
    assert again.status_code == 302


def test_below_the_county_there_is_nothing_to_decide(county: Branch, kafjord: Branch, client: Client) -> None:
    make_overdue(kafjord, "Ragna", last_name="Qvilnes")
    make_file(county)
    assert client.get(at("unpaid", kafjord)).status_code == 404
    assert client.post(at("unpaid_make", kafjord), {"year": "2025"}).status_code == 404
    assert not UnpaidRound.objects.exists()


def test_another_countys_list_is_not_there(client: Client, county: Branch) -> None:
    nordland = make_county("Nordland")
    make_overdue(nordland, "Ragna", last_name="Qvilvik")
    unpaid = make_list(nordland, by=make_officer(nordland, Role.COUNTY_SECRETARY))
    assert client.get(at("unpaid_round", county, unpaid.pk)).status_code == 404
    for name in ("notify", "case", "letters", "posted", "approve", "drop"):
        assert client.post(at(f"unpaid_{name}", county, unpaid.pk)).status_code == 404
    unpaid.refresh_from_db()
    assert unpaid.state == RoundState.LISTED
    assert "Qvilvik" not in text_of(client, at("unpaid", county))


def test_the_pages_cost_the_same_for_one_and_three(
    county: Branch, kafjord: Branch, client: Client, secretary: User
) -> None:
    make_overdue(kafjord)
    unpaid = make_list(county, by=secretary)
    pages = [at("unpaid_round", county, unpaid.pk), at("unpaid", county)]

    def queries() -> list[int]:
        counts = []
        for page in pages:
            with CaptureQueriesContext(connection) as seen:
                text_of(client, page)
            counts.append(len(seen))
        return counts

    queries()
    one = queries()
    for place in (kafjord, make_branch(county, "Lyngen")):
        unpaid.cases.create(member=make_overdue(place))
    assert queries() == one
    notify(unpaid, by=secretary)
    told = queries()
    unpaid.cases.create(member=make_overdue(kafjord), state="notified", notified_at=NOW)
    assert queries() == told


def titles(branch: Branch, user: User, today: date = TODAY) -> list[str]:
    return [str(todo.title) for todo in unpaid_todos(branch, user, today)]


def test_the_first_page_says_it_only_when_something_can_be_done(
    county: Branch, kafjord: Branch, secretary: User
) -> None:
    assert titles(county, secretary) == []
    make_overdue(kafjord)
    # Nothing is known of who has paid lately.
    assert titles(county, secretary) == []
    make_file(county)
    assert titles(county, secretary) == ["1 har ikke betalt for 2025"]
    assert titles(kafjord, secretary) == []
    unpaid = actions.make_round(county, year=YEAR, by=secretary, now=NOW, today=TODAY)
    assert titles(county, secretary) == ["1 har ikke betalt for 2025"]
    notify(unpaid, by=secretary)
    assert titles(county, secretary, date(2026, 12, 20)) == []
    assert titles(county, secretary, AFTER) == ["1 har ikke betalt for 2025"]
    pay(unpaid.cases.get().member)
    assert titles(county, secretary, AFTER) == []


def test_the_first_page_says_that_letters_wait(county: Branch, kafjord: Branch, secretary: User) -> None:
    make_overdue(kafjord, email="", mobile="", mobile_ok=False, street="Fjordveien 1", postal_code="9146")
    notify(make_list(county, by=secretary), by=secretary)
    assert titles(county, secretary) == ["1 varsel skal postlegges"]
