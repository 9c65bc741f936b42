"""The rarer filters: whom each finds, what they cost, and that none of them is a way to anything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from membership.enums import Category, MemberSource
from membership.models import Branch
from membership.roles import Role
from tests.factories import TODAY, make_branch, make_county, make_member, make_officer, make_tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def client(county: Branch, client_for: Callable[..., Client]) -> Client:
    """The county secretary's."""
    return client_for(make_officer(county, Role.COUNTY_SECRETARY))


def names(client: Client, query: str, slug: str = "troms") -> str:
    response = client.get(f"/lag/{slug}/medlemmer/{query}")
    assert response.status_code == 200
    return "".join(row["name"][-1] for row in response.context["rows"])


BORN_15_TODAY = date(TODAY.year - 15, TODAY.month, TODAY.day)
PEOPLE: dict[str, dict[str, Any]] = {
    "A": {},
    "B": {"email": ""},
    "C": {"email_bounced_on": TODAY},
    "D": {"mobile": "ring meg", "mobile_ok": False},
    "E": {"mobile": "", "mobile_ok": False},
    "F": {"birth_on": BORN_15_TODAY},
    "G": {"birth_on": BORN_15_TODAY.replace(day=BORN_15_TODAY.day + 1)},
    "H": {"birth_year": TODAY.year - 70},
    "I": {"category": Category.YOUTH},
    "J": {"language": "se"},
    "K": {"source": MemberSource.STAND},
    "L": {"no_sms": True},
    "M": {"checked_on": date(2026, 5, 1)},
    "N": {"skills": "Baker kaker, snekker"},
}
ALL = "".join(PEOPLE)
WANTED = {
    "?epost=mangler": "B",
    "?epost=retur": "C",
    "?epost=har": ALL.replace("B", ""),
    "?telefon=uleselig": "D",
    "?telefon=mangler": "E",
    "?alder=0-14": "G",
    "?alder=15-17": "F",
    "?alder=67": "H",
    "?alder=ukjent": "".join(c for c in ALL if c not in "FGH"),
    "?kategori=youth": "I",
    "?sprak=se": "J",
    "?sprak=ukjent": ALL.replace("J", ""),
    "?kilde=stand": "K",
    "?reservert=sms": "L",
    "?sjekket=02.05.2026": ALL,
    "?sjekket=01.05.2026": ALL.replace("M", ""),
    "?kan=snekker": "N",
    "?kan=kak": "N",
    "?epost=har&kategori=youth": "I",
    "?epost=mangler&kategori=youth": "",
}


def test_each_filter_finds_whom_it_should(kafjord: Branch, client: Client) -> None:
    for letter, fields in PEOPLE.items():
        make_member(kafjord, letter, "Fjell", **fields)
    assert {query: names(client, query) for query in WANTED} == WANTED


def test_a_group_is_the_countys_and_found_in_each_branch(county: Branch, kafjord: Branch, client: Client) -> None:
    ane, bo = make_member(kafjord, "A", "Fjell"), make_member(make_branch(county, "Lyngen"), "B", "Fjell")
    make_member(kafjord, "C", "Fjell")
    tag = make_tag(county, "Ungdom", ane, bo)
    foreign = make_tag(make_county("Nordland"), "Deres", ane)
    assert names(client, f"?gruppe={tag.pk}") == "AB"
    assert names(client, f"?gruppe={tag.pk}", "kafjord") == "A"
    answer = client.get(f"/lag/kafjord/medlemmer/?gruppe={foreign.pk}")
    assert len(answer.context["rows"]) == 2
    assert "ds-validation-message" in answer.text
    assert "Deres" not in answer.text


def test_a_renamed_group_is_known_by_its_new_name_at_once(
    county: Branch, kafjord: Branch, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    tag = make_tag(county, "Ungdom", make_member(kafjord))
    assert "Gruppe: Ungdom" in client.get(f"/lag/troms/medlemmer/?gruppe={tag.pk}").text
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("membership:tag_rename", args=["troms", tag.pk]), {"name": "AUF"})
    assert "Gruppe: AUF" in client.get(f"/lag/troms/medlemmer/?gruppe={tag.pk}").text


ODD = ("x", "-1", "1 OR 1=1", "9" * 40, "%", "_", "\\", "'; DROP TABLE", "<script>alert(1)</script>", "{pk}", "1__gt")


@pytest.mark.parametrize("name", ["gruppe", "epost", "telefon", "reservert", "alder", "kategori", "sprak", "kilde"])
def test_a_choice_that_is_none_says_so_and_narrows_nothing(kafjord: Branch, client: Client, name: str) -> None:
    make_member(kafjord)
    for value in ODD:
        answer = client.get("/lag/troms/medlemmer/", {name: value})
        assert len(answer.context["rows"]) == 1, value
        assert "aria-invalid" in answer.text
        assert "<script>alert" not in answer.text
        assert name not in answer.context["query"]


def test_what_can_be_contributed_is_text_and_no_pattern(kafjord: Branch, client: Client) -> None:
    make_member(kafjord, skills="kaker")
    assert [names(client, f"?kan={value}") for value in ("%25", "_____", "k%25r")] == ["", "", ""]
    assert "<script>alert" not in client.get("/lag/troms/medlemmer/", {"kan": ODD[-3]}).text


@pytest.mark.parametrize(
    "query",
    [
        "?tags__name=Ungdom",
        "?gruppe__in=1",
        "?note__contains=x",
        "?epost__startswith=a",
        "?skills=x",
        "?owner__password=x",
        "?alder__gte=3",
    ],
)
def test_no_other_name_reaches_the_register(kafjord: Branch, client: Client, query: str) -> None:
    make_member(kafjord)
    answer = client.get(f"/lag/troms/medlemmer/{query}")
    assert (len(answer.context["rows"]), answer.context["query"]) == (1, "")
    assert client.get(f"/lag/troms/medlemmer/filtre/{query}").status_code == 200


def test_among_very_many_a_branch_is_chosen_first(
    county: Branch, kafjord: Branch, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("membership.more_filters.LOOKED_AT", 2)
    tag = make_tag(county, "Ungdom", make_member(kafjord, "A", "Fjell", email=""))
    make_member(make_branch(county, "Lyngen"), "B", "Fjell")
    make_member(county, "C", "Fjell")
    answer = client.get("/lag/troms/medlemmer/?epost=mangler")
    assert len(answer.context["rows"]) == 3
    assert "Velg et kommuneparti først" in answer.text
    assert names(client, "?epost=mangler&lag=kafjord") == "A"
    assert names(client, f"?gruppe={tag.pk}") == "A"
    refused = client.post("/lag/troms/medlemmer/valgte/?epost=mangler", {"handling": "check", "alle": "1"})
    assert refused.status_code == 422


@pytest.mark.parametrize("query", ["?epost=har", "?alder=ukjent&sjekket=01.01.2027", "?gruppe={tag}"])
def test_the_list_still_costs_ten_queries(county: Branch, kafjord: Branch, client: Client, query: str) -> None:
    members = [make_member(kafjord) for _ in range(3)]
    address = "/lag/troms/medlemmer/" + query.format(tag=make_tag(county, "Ungdom", *members[:1]).pk)
    client.get(address)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return sum(not entry["sql"].startswith(("BEGIN", "SAVEPOINT", "RELEASE")) for entry in queries)

    assert cost() == 10
    make_tag(county, "Ungdom", *members)
    assert cost() == 10


def test_the_page_of_all_filters_shows_what_is_chosen_and_keeps_the_rest(county: Branch, client: Client) -> None:
    tag = make_tag(county, "Ungdom")
    page = client.get(f"/lag/troms/medlemmer/filtre/?gruppe={tag.pk}&fra=01.01.2020&sorter=-navn&kan=kaker").text
    assert f'<option value="{tag.pk}" selected>Ungdom</option>' in page
    for kept in ('value="01.01.2020"', 'name="sorter" value="-navn"', 'value="kaker"'):
        assert kept in page
    listed = client.get(f"/lag/troms/medlemmer/?gruppe={tag.pk}").text
    assert f'<input type="hidden" name="gruppe" value="{tag.pk}">' in listed
