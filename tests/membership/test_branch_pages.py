"""The county's pages about the tree: new branches, mergers, splits, undo; and what becomes of the old addresses."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from membership.enums import AddressProtection
from membership.models import Branch, ChangeBatch, Member
from membership.roles import Role
from tests.factories import make_branch, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]
FOUR = ("Berg", "Lenvik", "Torsken", "Tranøy")


@pytest.fixture
def troms() -> Branch:
    county = make_county()
    for place in FOUR:
        make_member(make_branch(county, place), place, postal_code="9380")
    return county


@pytest.fixture
def client(troms: Branch, client_for: ClientFor) -> Client:
    return client_for(make_officer(troms, Role.COUNTY_SECRETARY, name="Solfrid Myrland"))


def find(slug: str) -> Branch:
    return Branch.objects.get(slug=slug)


def url(name: str, slug: str = "troms", *args: Any) -> str:
    return reverse(f"membership:{name}", args=[slug, *args])


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def ids(*places: str) -> list[int]:
    return list(Branch.objects.filter(place__in=places).values_list("pk", flat=True))


def make_senja(client: Client, **more: Any) -> Any:
    data = {"id": ids(*FOUR), "name": "Senja Arbeiderparti", "place": "Senja", "number": "5530", "on": "01.11.2026"}
    return client.post(url("branch_merge"), {**data, **more}, follow=True)


def test_the_tree_lists_branches_with_members(client: Client) -> None:
    page = text(client.get(url("branches")))
    assert all(f"{place} Arbeiderparti" in page for place in FOUR)


def test_a_new_branch_is_made_under_the_county(client: Client, troms: Branch) -> None:
    answer = client.post(url("branch_new"), {"name": "Lyngen Arbeiderparti", "place": "Lyngen"}, follow=True)
    assert "Lyngen Arbeiderparti er laget." in text(answer)
    assert find("lyngen").parent == troms
    client.post(url("branch_new"), {"name": "Lyngen Arbeiderparti", "place": "Lyngen"})
    assert Branch.objects.filter(slug="lyngen-troms").exists()
    wrong = client.post(url("branch_new"), {"name": "", "place": "!!"})
    assert wrong.status_code == 422
    assert "Skriv et navn." in text(wrong)
    assert "Skriv et sted." in text(wrong)


def test_what_a_merger_means_is_told_before(client: Client) -> None:
    make_officer(find("berg"))
    page = text(client.get(url("branch_merge"), {"id": ids(*FOUR)}))
    assert "4 personer i registeret følger med." in page
    assert "1 med tilgang får samme rolle i det nye og mister den gamle." in page
    assert "Tall fra før datoen blir stående." in page
    assert not ChangeBatch.objects.exists()


def test_four_are_merged_and_undone_with_two_buttons(client: Client) -> None:
    page = text(make_senja(client))
    assert "4 medlemmer er flyttet." in page
    assert "Berg, Lenvik, Torsken og Tranøy ble Senja" in page
    assert find("senja").members.count() == 4
    batch = ChangeBatch.objects.get()
    detail = text(client.get(url("reform_detail", "troms", batch.pk)))
    assert "Gjelder fra 1. november 2026." in detail
    assert "Gjør den om" in detail
    undone = client.post(url("reform_undo", "troms", batch.pk), follow=True)
    assert "Angret. Alt er som før." in text(undone)
    assert find("berg").members.count() == 1
    assert "Det kan ikke lenger angres." in text(client.post(url("reform_undo", "troms", batch.pk), follow=True))


def test_later_newcomers_refuse_the_undo_in_words(client: Client) -> None:
    make_senja(client)
    make_member(find("senja"), "Ny")
    batch = ChangeBatch.objects.get()
    detail = text(client.get(url("reform_detail", "troms", batch.pk)))
    assert "1 medlem har kommet til det nye siden." in detail
    assert "Gjør den om" not in detail
    answer = client.post(url("reform_undo", "troms", batch.pk), follow=True)
    assert "Det kan ikke angres. 1 medlem har kommet til det nye siden. Flytt det først." in text(answer)
    assert find("senja").members.count() == 5


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"name": ""}, "Skriv et navn."),
        ({"on": "01.01.2030"}, "Datoen har ikke vært ennå."),
        ({"on": "snart"}, "Skriv datoen med dag, måned og år"),
        ({"number": "12"}, "Skriv nummeret med fire sifre."),
        ({"into": "bodo"}, "Become"),
    ],
)
def test_a_merger_that_cannot_be_is_answered_and_kept(client: Client, data: dict[str, str], sentence: str) -> None:
    answer = make_senja(client, **data)
    assert answer.status_code == 422
    assert sentence in text(answer) or "into" in data
    assert 'value="Senja"' in text(answer)
    assert not ChangeBatch.objects.exists()


def test_foreign_branches_are_not_merged(client: Client) -> None:
    other = make_branch(make_county("Nordland"), "Bodø")
    page = text(make_senja(client, id=[*ids("Berg", "Lenvik"), other.pk]))
    assert "Lista er endret" in page
    assert "Bodø" not in page
    assert "Kryss av minst to" in text(make_senja(client, id=ids("Berg")))
    assert "Lista er endret" in text(make_senja(client, id=["x"]))
    assert not ChangeBatch.objects.exists()


def test_anothers_reform_is_not_there(client: Client, client_for: ClientFor) -> None:
    make_senja(client)
    nordland = make_county("Nordland")
    stranger = client_for(make_officer(nordland, Role.COUNTY_SECRETARY))
    batch = ChangeBatch.objects.get()
    assert stranger.post(url("reform_undo", "nordland", batch.pk)).status_code == 404
    assert client.post(url("reform_undo", "berg", batch.pk)).status_code == 404


def test_old_addresses_lead_former_officers_on_and_nobody_else(client: Client, client_for: ClientFor) -> None:
    officer, leader = make_officer(find("berg")), make_officer(find("berg"), Role.BRANCH_LEADER)
    stranger = make_officer(make_branch(find("troms"), "Målselv"))
    member = find("berg").members.get()
    make_senja(client)
    old, new = url("member_detail", "berg", member.pk), url("member_detail", "senja", member.pk)
    for user in (officer, leader):
        answer = client_for(user).get(old)
        assert (answer.status_code, answer["Location"]) == (302, new)
        assert client_for(user).get(new).status_code == 200
    assert client_for(stranger).get(old).status_code == 404
    assert client_for(leader).get(url("import_upload", "berg")).status_code == 404
    assert client_for(officer).post(url("member_list", "berg"), {"q": "x"}).status_code == 404
    # The county still opens the old branch, in which nobody is.
    assert client.get(url("member_list", "berg")).status_code == 200
    assert client.get("/lag/berg/").status_code == 200


def split(client: Client, slug: str, **data: Any) -> Any:
    return client.post(url("branch_split", slug), {"on": "01.11.2026", "rest": "", **data}, follow=True)


def test_a_branch_is_split_by_postal_code_and_by_number(client: Client) -> None:
    berg = find("berg")
    make_member(berg, "Nord", postal_code="9385")
    by_number = make_member(berg, "Syd", postal_code="9380")
    hidden = make_member(berg, "Skjult", postal_code="9385", address_protection=AddressProtection.CONFIDENTIAL)
    part = {"d1-name": "Nordberg", "d1-place": "Nordberg", "d1-codes": "9384–9389, 9390"}
    part["d1-numbers"] = by_number.member_number

    shown = text(split(client, "berg", handling="vis", **part))
    assert '<span>Nordberg</span><span class="num">2 medlemmer</span>' in shown
    assert '<span>Alle andre</span><span class="num">2 medlemmer</span>' in shown
    assert not ChangeBatch.objects.exists()

    done = text(split(client, "berg", handling="utfor", **part))
    assert "2 medlemmer er flyttet." in done
    assert "Berg ble delt: Nordberg" in done
    assert set(find("nordberg").members.values_list("first_name", flat=True)) == {"Nord", "Syd"}
    hidden.refresh_from_db()
    assert hidden.branch == berg


def test_the_rest_can_go_to_the_first_part(client: Client) -> None:
    make_member(find("berg"), "Nord", postal_code="9385")
    parts = {"d1-name": "Sør", "d1-place": "Sør", "d2-name": "Nord", "d2-place": "Nord", "d2-codes": "9385"}
    split(client, "berg", handling="utfor", **{**parts, "rest": "0"})
    berg = find("berg")
    assert berg.valid_to is not None
    assert (find("sor").members.count(), find("nord").members.count()) == (1, 1)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Skriv et navn."),
        ({"d1-name": "Nord", "d1-place": "Nord", "d1-codes": "93 80"}, "«93» er ikke et postnummer på fire sifre."),
        ({"d1-name": "Nord", "d1-place": "Nord", "d1-numbers": "999"}, "1 av medlemsnumrene hører ikke til her."),
        ({"d1-name": "Nord", "d1-place": "Nord", "d1-numbers": "<b>"}, "1 av medlemsnumrene hører ikke til her."),
        (
            {"d1-name": "A", "d1-place": "A", "d1-codes": "9380", "d2-name": "B", "d2-place": "B", "d2-codes": "9380"},
            "Postnummer 9380 står i to deler.",
        ),
        ({"d1-name": "Lenvik", "d1-place": "Lenvik", "d1-codes": "9380"}, "Det stedet er i bruk allerede."),
    ],
)
def test_a_split_that_cannot_be_is_answered_in_words(client: Client, data: dict[str, str], sentence: str) -> None:
    answer = split(client, "berg", handling="utfor", **data)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not ChangeBatch.objects.exists()


def test_a_county_is_not_split(client: Client) -> None:
    assert "Et fylkesparti deles ikke her" in text(client.get(url("branch_split")))
    assert split(client, "troms", handling="utfor").status_code == 422


@pytest.mark.parametrize("more", [1, 3])
def test_the_tree_asks_as_often_for_many_branches(
    client: Client, troms: Branch, django_assert_num_queries: DjangoAssertNumQueries, more: int
) -> None:
    for number in range(more):
        make_branch(troms, f"Sted {number}")
    make_senja(client)
    client.get(url("branches"))
    with django_assert_num_queries(12):
        client.get(url("branches"))
    assert Member.objects.count() == 4
