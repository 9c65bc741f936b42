"""Searching from the page: by POST, remembered in the session, and never in an address or the log."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent
from membership.enums import MemberStatus
from membership.models import Branch
from membership.roles import Role
from membership.search_memory import KEPT
from tests.factories import make_branch, make_claim, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def officer(county: Branch, client_for: Callable[..., Client]) -> Client:
    """The county secretary's browser."""
    return client_for(make_officer(county, Role.COUNTY_SECRETARY))


def url(branch: Branch, query: str = "") -> str:
    return reverse("membership:member_list", args=[branch.slug]) + query


def names(client: Client, address: str) -> list[str]:
    """The names on a page, in the order of its rows."""
    response = client.get(address)
    assert response.status_code == 200
    return [row["name"] for row in response.context["rows"]]


def search(client: Client, branch: Branch, q: str, query: str = "") -> list[str]:
    """Search as a browser without scripts does."""
    response = client.post(url(branch, query), {"q": q})
    assert response.status_code == 302
    return names(client, response["Location"])


def test_a_search_goes_by_post_and_leaves_no_name_in_any_address(
    county: Branch, kafjord: Branch, officer: Client
) -> None:
    make_member(kafjord, "Áile", "Somby")
    make_member(kafjord, "Per", "Somby")
    response = officer.post(url(county, "?lag=kafjord&side=4"), {"q": "aile"})
    address = response["Location"]
    assert address.startswith(url(county, "?lag=kafjord&sok="))
    assert "aile" not in address.lower()
    page = officer.get(address)
    assert [row["name"] for row in page.context["rows"]] == ["Somby, Áile"]
    links = re.findall(r'(?:href|action|hx-get|hx-post)="([^"]*)"', page.text)
    assert not any("aile" in link.lower() for link in links)
    assert 'value="aile"' in page.text
    assert names(officer, f"{address}&sorter=-navn") == ["Somby, Áile"]


def test_the_log_has_the_number_found_and_never_what_was_looked_for(
    county: Branch, kafjord: Branch, officer: Client
) -> None:
    make_member(kafjord, "Áile", "Somby")
    search(officer, county, "somby")
    event = AuditEvent.objects.get(verb=Verb.MEMBERS_SEARCHED)
    assert (event.count, event.branch_id, event.details, event.object_id) == (1, county.pk, {}, "")
    assert not AuditEvent.objects.filter(verb=Verb.MEMBERS_LISTED).exists()
    officer.get(url(county))
    assert AuditEvent.objects.get(verb=Verb.MEMBERS_LISTED).count == 1


def test_a_search_finds_nobody_in_another_branch(
    county: Branch, kafjord: Branch, client_for: Callable[..., Client]
) -> None:
    make_member(make_branch(county, "Tromsø"), "Áile", "Somby", member_number="T-1")
    client = client_for(make_officer(kafjord))
    for q in ("somby", "Áile", "T-1"):
        assert search(client, kafjord, q) == []
    page = client.post(url(kafjord), {"q": "somby"}, follow=True)
    assert "Du ser bare dem som hører til Kåfjord Arbeiderparti" in page.text


def test_those_who_were_expelled_are_found_by_their_status_only(kafjord: Branch, officer: Client) -> None:
    make_member(kafjord, "Tor", "Gått", status=MemberStatus.EXPELLED)
    assert search(officer, kafjord, "gått") == []
    assert search(officer, kafjord, "gått", "?status=expelled") == ["Gått, Tor"]


@pytest.mark.parametrize("read", [0, 2_500])
def test_those_who_have_left_are_not_found(
    kafjord: Branch, officer: Client, monkeypatch: pytest.MonkeyPatch, read: int
) -> None:
    monkeypatch.setattr("membership.search.READ", read)
    for status in (MemberStatus.RESIGNED, MemberStatus.DECEASED):
        make_member(kafjord, "Tor", "Gått", status=status)
        assert search(officer, kafjord, "gått", f"?status={status}") == []
    assert search(officer, kafjord, "gått") == []


def test_an_empty_search_shows_everyone(kafjord: Branch, officer: Client) -> None:
    make_member(kafjord)
    assert officer.post(url(kafjord), {"q": "  "})["Location"] == url(kafjord)


def test_a_search_of_another_session_is_not_shown(
    county: Branch, kafjord: Branch, officer: Client, client_for: Callable[..., Client]
) -> None:
    make_member(kafjord)
    address = officer.post(url(county), {"q": "somby"})["Location"]
    other = client_for(make_officer(county, Role.COUNTY_SECRETARY)).get(address)
    assert "somby" not in other.text
    assert "Vi husker ikke lenger hva det ble søkt etter" in other.text


def test_only_the_latest_searches_are_remembered(kafjord: Branch, officer: Client) -> None:
    addresses = [officer.post(url(kafjord), {"q": f"navn{n}"})["Location"] for n in range(KEPT + 1)]
    assert not officer.get(addresses[1]).context["forgotten"]
    assert officer.get(addresses[0]).context["forgotten"]
    assert officer.post(url(kafjord), {"q": "navn5"})["Location"] == addresses[5]


@pytest.mark.parametrize("q", ["x" * 100_000, "1" * 100_000, "a@" * 500_000])
def test_a_monstrous_search_is_refused_at_once(kafjord: Branch, officer: Client, q: str) -> None:
    response = officer.post(url(kafjord), {"q": q})
    assert response.status_code == 400
    assert "Skriv noe kortere å søke etter." in response.text
    assert q not in response.text


def test_single_letters_among_very_many_say_that_the_answer_is_partial(
    kafjord: Branch, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_member(kafjord)
    monkeypatch.setattr("membership.search.READ", 0)
    monkeypatch.setattr("membership.search.WALKED", 0)
    page = officer.post(url(kafjord), {"q": "a"}, follow=True)
    assert ("Skriv minst to bokstaver" in page.text) is (connection.vendor == "sqlite")


def test_a_search_costs_as_much_as_the_list(county: Branch, kafjord: Branch, officer: Client) -> None:
    costs = []
    for _n in range(2):
        make_claim(make_member(kafjord, "Ane"))
        address = officer.post(url(county), {"q": "ane"})["Location"]
        with CaptureQueriesContext(connection) as queries:
            officer.get(address)
        costs.append(len(queries))
    assert costs == [10, 10]
