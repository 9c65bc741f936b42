"""The pages of targets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEvent, User
from membership.actions.summaries import recount
from membership.models import Branch
from membership.roles import Role
from recruitment.models import ElectionResult, Target
from tests.factories import TODAY, make_branch, make_county, make_member, make_officer
from tests.recruitment.test_figures import make_result, make_round

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


@pytest.fixture
def county() -> Branch:
    """Troms with Tromsø, Kåfjord and Dyrøy, one member without a branch, and a round of this year and of 2018."""
    county = make_county()
    this_year, old = make_round(county), make_round(county, 2018)
    for place, members, votes, recruit, total in (
        ("Tromsø", 3, 50, 2, 9),
        ("Kåfjord", 2, 20, 1, 4),
        ("Dyrøy", 1, 30, None, None),
    ):
        branch = make_branch(county, place)
        for _number in range(members):
            make_member(branch)
        make_result(branch, votes)
        Target.objects.create(round=this_year, branch=branch, recruit_target=recruit, total_target=total)
        Target.objects.create(round=old, branch=branch, recruit_target=77)
    make_member(county)
    make_result(county, 22093, 3280, kind="fy", year=2015)
    recount(today=TODAY)
    return county


def rows_of(page: str) -> list[str]:
    """The text of the table's rows, without marks."""
    body = page.split("<tbody")[1].split("</tfoot>", maxsplit=1)[0]
    return [" ".join(_text(row).split()) for row in body.split("<tr")[1:]]


def _text(html: str) -> str:
    out, inside = [], True
    for letter in html:
        if letter in "<>":
            inside = letter == "<"
            out.append(" ")
        elif not inside:
            out.append(letter)
    return "".join(out)


def test_the_county_sees_all_branches_those_without_one_and_the_sum(county: Branch, client_for: ClientFor) -> None:
    response = client_for(make_officer(county, Role.COUNTY_SECRETARY)).get("/lag/troms/verving/mal/")

    page = response.content.decode()
    assert rows_of(page) == [
        "Dyrøy 30 30,0\u00a0% – – 1 3,3 – –".replace("\u00a0", " "),
        "Kåfjord 20 30,0 % – – 2 10,0 4 1",
        "Tromsø 50 30,0 % – – 3 6,0 9 2",
        "Uten kommuneparti Hører bare til fylket – – 1 – – –",
        "Hele Troms Fylkestingsvalget 2015: 32,8 %, 22 093 stemmer 100 – 7 7,0 13 3",
    ]
    assert "Kommunevalget 2023" in page
    assert "Medlemmer per 100 stemmer i 2023" in page
    assert "Vervemål 2026" in page
    assert "Totalmål 2028" in page
    assert AuditEvent.objects.filter(verb="targets.opened", branch_id=county.pk).count() == 1


def test_an_older_round_can_be_chosen(county: Branch, client_for: ClientFor) -> None:
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))

    old = client.get("/lag/troms/verving/mal/?runde=2018").content.decode()

    assert "Mål for 2018" in old
    assert "Vervemål 2018" in old
    assert rows_of(old)[-1].endswith("231")
    assert "Mål for 2026" in client.get("/lag/troms/verving/mal/?runde=1999").content.decode()


@pytest.mark.parametrize(
    ("sorter", "first"),
    [
        ("navn", "Dyrøy"),
        ("-navn", "Tromsø"),
        ("-andel", "Kåfjord"),
        ("stemmer", "Kåfjord"),
        ("vervemal", "Kåfjord"),
        ("password", "Dyrøy"),
    ],
)
def test_headings_sort_by_listed_names_only(county: Branch, client_for: ClientFor, sorter: str, first: str) -> None:
    page = client_for(make_officer(county, Role.COUNTY_SECRETARY)).get("/lag/troms/verving/mal/", {"sorter": sorter})
    assert rows_of(page.content.decode())[0].startswith(first)


def test_a_branch_sees_its_own_numbers_beside_its_equals(county: Branch, client_for: ClientFor) -> None:
    kafjord = Branch.objects.get(slug="kafjord")
    page = client_for(make_officer(kafjord, Role.RECRUITMENT_OFFICER)).get("/lag/kafjord/verving/mal/").content.decode()

    assert "Mål for Kåfjord" in page
    assert "Dere ligger lengst framme" in page
    assert "Kommunepartier med mellom 20 og 50 stemmer. Hele Troms: 7,0." in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0]


def test_a_branch_with_more_to_gain_is_told_how_much(county: Branch, client_for: ClientFor) -> None:
    tromso = Branch.objects.get(slug="tromso")
    page = client_for(make_officer(tromso, Role.RECRUITMENT_OFFICER)).get("/lag/tromso/verving/mal/").content.decode()
    assert "Dere har mer å gå på" in page
    assert "Når dere er kommet like langt som Kåfjord, er dere 5." in page


def test_a_local_branch_has_no_votes_of_its_own(county: Branch, client_for: ClientFor) -> None:
    local = make_branch(Branch.objects.get(slug="tromso"), "Kvaløya")
    page = client_for(make_officer(local)).get("/lag/kvaloya/verving/mal/").content.decode()
    assert "Stemmer telles per kommune, så de står hos Tromsø." in page


@pytest.mark.parametrize("path", ["/lag/troms/verving/mal/", "/lag/tromso/verving/mal/", "/lag/nowhere/verving/mal/"])
def test_what_one_may_not_see_is_not_there(county: Branch, client_for: ClientFor, path: str) -> None:
    client = client_for(make_officer(Branch.objects.get(slug="kafjord")))
    assert client.get(path).status_code == 404


def test_a_caller_sees_no_targets(county: Branch, client_for: ClientFor) -> None:
    client = client_for(make_officer(county, Role.CALLER))
    assert client.get("/lag/troms/verving/mal/").status_code == 404


def test_without_a_round_votes_and_members_are_shown_all_the_same(client_for: ClientFor) -> None:
    county = make_county()
    branch = make_branch(county)
    make_member(branch)
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))

    page = client.get("/lag/troms/verving/mal/").content.decode()

    assert "Det er ikke åpnet noen målrunde ennå." in page
    assert rows_of(page)[0] == "Kåfjord – – – – 1 – – –"
    assert client.get("/lag/kafjord/verving/mal/").status_code == 200


@pytest.mark.parametrize("branches", [1, 3])
def test_the_number_of_queries_is_the_same_at_any_size(
    client_for: ClientFor, django_assert_num_queries: DjangoAssertNumQueries, branches: int
) -> None:
    county = make_county()
    made = make_round(county)
    for number in range(branches):
        branch = make_branch(county, f"Sted {number}")
        Target.objects.create(round=made, branch=branch, recruit_target=number)
        make_result(branch, 100 + number)
    assert ElectionResult.objects.count() == branches
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    client.get("/lag/troms/verving/mal/")

    # Session, user, branch, grants, the log (and its savepoint's two lines), rounds, targets, members, results.
    with django_assert_num_queries(9):
        client.get("/lag/troms/verving/mal/")
