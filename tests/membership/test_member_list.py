"""The register list: what it shows, to whom, in which order, and at what cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dues.actions.summaries import rebuild
from membership.enums import MemberStatus
from membership.models import Branch, Member
from membership.roles import Role
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


# --- Who is listed ---------------------------------------------------------------------------------------------------


def test_current_members_of_the_branch_and_those_under_it_are_listed_by_last_name(
    county: Branch, kafjord: Branch, officer: Client
) -> None:
    for last in ("Ås", "Zahl", "Ærø", "Øvre", "Aas", "Berg"):
        make_member(kafjord, "Ola", last)
    make_member(county, "Uten", "Kommune")
    make_member(kafjord, "Gone", "Gone", status=MemberStatus.RESIGNED)
    in_order = ["Berg", "Kommune", "Zahl", "Ærø", "Øvre"]
    assert [name.partition(",")[0] for name in names(officer, url(county))][:5] == in_order
    assert len(names(officer, url(county))) == 7
    assert len(names(officer, url(kafjord))) == 6


def test_the_heading_counts_from_summaries_and_shows_those_without_a_branch(
    county: Branch, kafjord: Branch, officer: Client
) -> None:
    make_member(kafjord)
    make_member(kafjord)
    make_member(county)
    assert officer.get(url(county)).context["lead"] == "3 medlemmer: 2 i 1 kommuneparti, 1 uten"
    assert officer.get(url(kafjord)).context["lead"] == "2 medlemmer"


def test_nobody_yet_says_what_to_do(county: Branch, officer: Client) -> None:
    response = officer.get(url(county))
    assert "Ingen er i registeret ennå" in response.text
    assert reverse("membership:import_upload", args=[county.slug]) in response.text


def test_the_page_names_nobody_in_its_title(county: Branch, kafjord: Branch, officer: Client) -> None:
    make_member(kafjord, "Ane", "Fjellvær")
    title = officer.get(url(county)).text.partition("<title>")[2].partition("</title>")[0]
    assert title == "Medlemmer – Demo, Medlemsboka"


def test_a_member_who_wants_no_calls_has_no_number_on_the_list(kafjord: Branch, officer: Client) -> None:
    make_member(kafjord, mobile="+4700111222", no_phone=True)
    page = officer.get(url(kafjord)).text
    assert "111" not in page
    assert "Vil ikke bli ringt" in page


def test_a_protected_address_is_nowhere_on_the_list(kafjord: Branch, officer: Client) -> None:
    make_member(
        kafjord, street="Hemmeligveien 3", postal_code="9146", city="Skjultby", address_protection="confidential"
    )
    page = officer.get(url(kafjord)).text
    assert not any(word in page for word in ("Hemmeligveien", "9146", "Skjultby", "confidential"))


# --- Filters ---------------------------------------------------------------------------------------------------------


def test_each_filter_narrows_the_list(county: Branch, kafjord: Branch, officer: Client) -> None:
    tromso = make_branch(county, "Tromsø")
    island = make_branch(tromso, "Tromsøya")
    make_member(kafjord, "Old", "Old", joined_on=date(1999, 5, 1))
    make_member(tromso, "New", "New", joined_on=date(2026, 2, 1))
    make_member(island, "Isle", "Isle", joined_on=date(2020, 1, 1))
    make_member(county, "Free", "Free", joined_on=None)
    make_member(kafjord, "Left", "Left", status=MemberStatus.RESIGNED)
    make_member(kafjord, "Dead", "Dead", status=MemberStatus.DECEASED)
    make_member(kafjord, "Out", "Out", status=MemberStatus.EXPELLED)
    expected = {
        "?lag=kafjord": ["Old, Old"],
        "?lag=tromso": ["Isle, Isle", "New, New"],
        "?lag=tromsoya": ["Isle, Isle"],
        "?lag=troms": ["Free, Free"],
        "?fra=01.02.2026": ["New, New"],
        "?fra=1.1.20&til=31.01.2026": ["Isle, Isle"],
        "?til=010599": ["Old, Old"],
        "?status=expelled": ["Out, Out"],
        "?status=resigned": [],
        "?status=deceased": [],
        "?status=applied": [],
        "?lag=tromso&fra=01.01.2021": ["New, New"],
    }
    assert {query: names(officer, url(county, query)) for query in expected} == expected
    assert names(officer, url(tromso, "?lag=tromso")) == ["New, New"]


def test_those_who_have_left_cannot_be_chosen_and_an_old_view_of_them_finds_nobody(
    county: Branch, kafjord: Branch, officer: Client
) -> None:
    make_member(kafjord, "Left", "Left", status=MemberStatus.RESIGNED)
    make_member(kafjord)
    assert not {'value="resigned"', 'value="deceased"'} & set(officer.get(url(county)).text.split())
    page = officer.get(url(county, "?status=resigned"))
    assert page.status_code == 200
    assert list(page.context["rows"]) == []
    assert "ds-validation-message" not in page.text


def test_the_dues_filter_and_column_tell_who_has_paid(county: Branch, kafjord: Branch, officer: Client) -> None:
    make_claim(make_member(kafjord, "Ane", "Betalt"), outstanding_ore=0)
    make_claim(make_member(kafjord, "Bo", "Venter"))
    make_claim(make_member(kafjord, "Cato", "Ifjor"), year=2025)
    rebuild(None)
    assert names(officer, url(county, "?kontingent=2026-ubetalt")) == ["Venter, Bo"]
    assert names(officer, url(county, "?kontingent=2026-betalt")) == ["Betalt, Ane"]
    response = officer.get(url(county))
    assert [str(tab.count) for tab in response.context["tabs"]] == ["3", "1", "None"]
    assert "Ikke betalt</span>" in response.text


@pytest.mark.parametrize("query", ["?fra=31.02.2026", "?status=owner", "?kontingent=2026-x", "?fra=" + "9" * 3_000])
def test_a_filter_that_cannot_be_read_says_so_and_narrows_nothing(
    county: Branch, kafjord: Branch, officer: Client, query: str
) -> None:
    make_member(kafjord)
    response = officer.get(url(county, query))
    assert (response.status_code, len(response.context["rows"])) == (200, 1)
    assert "ds-validation-message" in response.text
    assert "aria-invalid" in response.text


def test_the_tab_that_fits_is_marked(county: Branch, kafjord: Branch, officer: Client) -> None:
    make_member(kafjord)

    def current(query: str) -> list[str]:
        return [str(tab.label) for tab in officer.get(url(county, query)).context["tabs"] if tab.current]

    assert current("") == ["Alle"]
    assert current("?fra=01.01.2026&sorter=-innmeldt") == ["Nye i år"]
    assert current("?fra=&til=&status=member&lag=&kontingent=") == ["Alle"]
    assert current("?lag=kafjord") == []


@pytest.mark.parametrize(
    "query",
    ["?user__password__startswith=a", "?note__contains=x", "?branch__name=x", "?pk__in=1", "?q=Ane", "?county=1"],
)
def test_no_other_parameter_reaches_the_register(kafjord: Branch, officer: Client, query: str) -> None:
    make_member(kafjord)
    make_member(kafjord)
    response = officer.get(url(kafjord, query))
    assert len(response.context["rows"]) == 2
    assert response.context["query"] == ""


def test_what_is_typed_comes_back_as_text(kafjord: Branch, officer: Client) -> None:
    attack = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    for name in ("fra", "status", "kontingent", "sorter", "side", "sok"):
        assert "<script>alert" not in officer.get(url(kafjord, f"?{name}={attack}")).text
    response = officer.post(url(kafjord), {"q": '"><script>alert(1)</script>'}, follow=True)
    assert "<script>alert" not in response.text
    assert "&lt;script&gt;alert(1)" in response.text


# --- Order -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def three(county: Branch, kafjord: Branch) -> None:
    """Three members whose three orders differ."""
    make_member(make_branch(county, "Aust"), "C", "Carlsen", joined_on=date(2001, 1, 1))
    make_member(kafjord, "A", "Andersen", joined_on=date(2003, 1, 1))
    make_member(make_branch(county, "Østre"), "B", "Berg", joined_on=None)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("sort", "order", "column", "aria"),
    [
        ("navn", "ABC", "Navn", "ascending"),
        ("-navn", "CBA", "Navn", "descending"),
        ("lag", "CAB", "Kommuneparti", "ascending"),
        ("-lag", "BAC", "Kommuneparti", "descending"),
        ("innmeldt", "CAB", "Innmeldt", "ascending"),
        ("-innmeldt", "ACB", "Innmeldt", "descending"),
        *(
            (word, "ABC", "Navn", "ascending")
            for word in ("", "telefon", "note", "-", "--navn", "member_number", "1;--")
        ),
    ],
)
def test_each_order_and_no_other(
    county: Branch, officer: Client, sort: str, order: str, column: str, aria: str
) -> None:
    response = officer.get(url(county), {"sorter": sort})
    assert "".join(row["name"][0] for row in response.context["rows"]) == order
    assert {str(head.label): head.aria for head in response.context["heads"] if head.aria not in ("", "none")} == {
        column: aria
    }


@pytest.mark.usefixtures("three")
def test_among_very_many_only_orders_that_an_index_carries_are_offered(
    county: Branch, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("membership.tables.SORTED_IN_MEMORY", 2)
    heads = {str(head.label): head.aria for head in officer.get(url(county, "?sorter=lag")).context["heads"]}
    assert heads == {"Navn": "ascending", "Kommuneparti": "", "Telefon": "", "Innmeldt": "", "Kontingent i år": ""}
    assert names(officer, url(county, "?fra=01.01.2000&sorter=-innmeldt")) == ["Andersen, A", "Carlsen, C"]


# --- Cost ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?lag=kafjord", "?kontingent=2026-ubetalt", "?fra=01.01.2019&sorter=-innmeldt"])
def test_the_list_costs_ten_queries_however_long_it_is(
    county: Branch, kafjord: Branch, officer: Client, query: str
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert officer.get(url(county, query)).status_code == 200
        return sum(not entry["sql"].startswith(("BEGIN", "SAVEPOINT", "RELEASE")) for entry in queries)

    for n in range(3):
        make_claim(make_member(kafjord))
        if n == 0:
            assert cost() == 10
    assert cost() == 10


def test_pages_hold_fifty(kafjord: Branch, officer: Client) -> None:
    for n in range(52):
        make_member(kafjord, f"N{n:02d}")
    assert len(names(officer, url(kafjord))) == 50
    assert names(officer, url(kafjord, "?side=2")) == ["Fjellvær, N50", "Fjellvær, N51"]
    assert names(officer, url(kafjord, "?side=9")) == ["Fjellvær, N50", "Fjellvær, N51"]
    page = officer.get(url(kafjord, "?status=member&fra=&sorter=-navn")).text
    assert 'href="?sorter=-navn&amp;side=2"' in page
    assert "Viser 1–50 av 52" in page


# --- htmx ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def quiet_tokens(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same CSRF token in two answers, so that they can be compared."""
    monkeypatch.setattr("django.middleware.csrf._mask_cipher_secret", lambda secret: secret)
    return iter(())


@pytest.mark.usefixtures("three", "quiet_tokens")
@pytest.mark.parametrize("query", ["", "?fra=01.01.2001&sorter=-innmeldt", "?lag=kafjord", "?status=resigned"])
def test_the_fragment_is_part_of_the_full_page(county: Branch, officer: Client, query: str) -> None:
    whole = officer.get(url(county, query))
    part = officer.get(url(county, query), headers={"HX-Request": "true"})
    assert part.text.strip() in whole.text
    assert part.text.strip().startswith('<div id="resultat">')
    assert part["HX-Push-Url"] == url(county, query)


@pytest.mark.usefixtures("three")
def test_the_address_that_htmx_shows_holds_only_what_was_chosen(county: Branch, officer: Client) -> None:
    part = officer.get(url(county, "?lag=&fra=&til=&status=member&sorter=navn&x=1"), headers={"HX-Request": "true"})
    assert part["HX-Push-Url"] == url(county)


@pytest.mark.usefixtures("three")
def test_going_back_in_history_loads_the_full_page(county: Branch, officer: Client) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in officer.get(url(county), headers=headers).text


# --- Other branches --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?lag=tromso"])
def test_another_branch_is_not_found(
    county: Branch, kafjord: Branch, client_for: Callable[..., Client], query: str
) -> None:
    tromso = make_branch(county, "Tromsø")
    make_member(tromso, "Áile", "Somby")
    client = client_for(make_officer(kafjord))
    for response in (client.get(url(tromso)), client.post(url(tromso), {"q": "somby"}), client.get(url(county))):
        assert response.status_code == 404
        assert "Somby" not in response.text
    assert client.get(url(kafjord, "?lag=tromso")).status_code == 404
    assert client.get(url(kafjord, "?lag=troms")).status_code == 404


def test_options_and_counts_hold_only_ones_own_branches(
    county: Branch, kafjord: Branch, client_for: Callable[..., Client]
) -> None:
    make_member(make_branch(county, "Tromsø"))
    make_member(make_branch(kafjord, "Birtavarre"))
    page = client_for(make_officer(kafjord)).get(url(kafjord))
    assert "Birtavarre" in page.text
    assert "Tromsø" not in page.text
    assert page.context["tabs"][0].count == Member.objects.count() - 1
