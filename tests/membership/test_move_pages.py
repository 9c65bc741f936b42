"""The pages on which members are moved, asked for, taken in and refused."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from membership.actions import moves
from membership.enums import MoveState
from membership.models import Branch, Member, MoveRequest, SavedView
from membership.roles import Role
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]
THEIR_OWN = {"street": "Havneveien 7", "postal_code": "9144", "note": "Fint notat", "email": "ane@example.no"}


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def lyngen(county: Branch) -> Branch:
    return make_branch(county, "Lyngen")


@pytest.fixture
def manndalen(kafjord: Branch) -> Branch:
    return make_branch(kafjord, "Manndalen")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik")


@pytest.fixture
def theirs(lyngen: Branch) -> User:
    return make_officer(lyngen, name="Lars Lyng")


def url(name: str, branch: Branch, *args: Any) -> str:
    return reverse(f"membership:{name}", args=[branch.slug, *args])


def post_move(client: Client, branch: Branch, member: Member, **data: str) -> Any:
    return client.post(url("member_move", branch, member.pk), {"on": "20.11.2026", **data}, follow=True)


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def ask(member: Member, to: Branch, by: User) -> MoveRequest:
    return moves.request_move(member, to=to, by=by, now=NOW, today=TODAY)


def test_within_ones_own_branches_one_moves_at_once_and_can_undo(
    client_for: ClientFor, kafjord: Branch, manndalen: Branch, officer: User
) -> None:
    member, client = make_member(kafjord), client_for(officer)
    page = text(post_move(client, kafjord, member, to="manndalen"))
    assert "Medlemmet er flyttet til Manndalen Arbeiderparti." in page
    assert f'href="{url("member_move", kafjord, member.pk)}#angre">Angre</a>' in page
    member.refresh_from_db()
    assert member.branch_id == manndalen.pk

    assert "Angre flyttingen" in text(client.get(url("member_move", kafjord, member.pk)))
    client.post(url("member_move", kafjord, member.pk), {"handling": "angre"})
    member.refresh_from_db()
    assert member.branch_id == kafjord.pk
    again = client.post(url("member_move", kafjord, member.pk), {"handling": "angre"}, follow=True)
    assert "Flyttingen kan ikke lenger angres" in text(again)


def test_to_anothers_branch_it_is_a_request(
    client_for: ClientFor, kafjord: Branch, lyngen: Branch, officer: User
) -> None:
    member = make_member(kafjord)
    page = text(post_move(client_for(officer), kafjord, member, to="lyngen", by_member="on"))
    assert "Ønsket er sendt." in page
    member.refresh_from_db()
    request = MoveRequest.objects.get()
    assert (member.branch_id, request.to_branch, request.by_member) == (kafjord.pk, lyngen, True)
    waiting = text(client_for(officer).get(url("member_move", kafjord, member.pk)))
    assert "Venter på Lyngen Arbeiderparti" in waiting
    assert "Flytt medlemmet" not in waiting


def test_who_has_both_branches_moves_at_once(
    client_for: ClientFor, kafjord: Branch, lyngen: Branch, officer: User
) -> None:
    from membership.actions.grants import give

    give(officer, role=Role.MEMBERSHIP_OFFICER, branch=lyngen, by=None, starts_on=TODAY)
    member = make_member(kafjord)
    answer = post_move(client_for(officer), kafjord, member, to="lyngen")
    member.refresh_from_db()
    assert member.branch_id == lyngen.pk
    assert answer.redirect_chain[-1][0] == url("member_list", kafjord)


def test_the_county_moves_anybody_anywhere_at_once(
    client_for: ClientFor, county: Branch, kafjord: Branch, lyngen: Branch
) -> None:
    member = make_member(kafjord)
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    assert "Må si ja først" not in text(client.get(url("member_move", county, member.pk)))
    post_move(client, county, member, to="lyngen")
    member.refresh_from_db()
    assert member.branch_id == lyngen.pk


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"to": ""}, "Velg et kommuneparti eller partilag."),
        ({"to": "bodo"}, "Velg fra lista."),
        ({"to": "'; drop table"}, "Velg fra lista."),
        ({"to": "lyngen", "on": "i går"}, "Skriv datoen med dag, måned og år"),
        ({"to": "manndalen", "on": "21.11.2026"}, "Datoen har ikke vært ennå."),
        ({"to": "manndalen", "on": "01.01.2019"}, "Medlemmet kom dit det er nå, etter den dagen."),
    ],
)
def test_what_cannot_be_is_answered_in_words_and_kept(
    client_for: ClientFor,
    kafjord: Branch,
    lyngen: Branch,
    manndalen: Branch,
    officer: User,
    data: dict[str, str],
    sentence: str,
) -> None:
    make_branch(make_county("Nordland"), "Bodø")
    member = make_member(kafjord)
    answer = post_move(client_for(officer), kafjord, member, **data)
    assert answer.status_code == 422
    assert sentence in text(answer)
    if "on" in data:
        assert f'value="{data["on"]}"' in text(answer)
    member.refresh_from_db()
    assert member.branch_id == kafjord.pk
    assert not MoveRequest.objects.exists()


def test_the_postal_code_suggests_and_does_nothing_by_itself(
    client_for: ClientFor, county: Branch, kafjord: Branch, lyngen: Branch
) -> None:
    for name in ("Bo", "Siv", "Tor"):
        make_member(kafjord, name, postal_code="9144")
    member = make_member(lyngen, postal_code="9144")
    page = text(client_for(make_officer(lyngen)).get(url("member_move", lyngen, member.pk)))
    assert "Postnummer 9144 hører oftest til Kåfjord." in page
    assert '<option value="kafjord" selected>' in page
    Member.objects.filter(pk=member.pk).update(address_protection="confidential")
    hidden = text(client_for(make_officer(lyngen)).get(url("member_move", lyngen, member.pk)))
    assert "9144" not in hidden
    assert '<option value="kafjord" selected>' not in hidden


def test_the_receiving_branch_sees_no_more_than_it_must_and_takes_the_member_in(
    client_for: ClientFor, kafjord: Branch, lyngen: Branch, officer: User, theirs: User
) -> None:
    member = make_member(kafjord, birth_year=1975, mobile="+4798765432", **THEIR_OWN)
    request = ask(member, lyngen, officer)
    client = client_for(theirs)

    page = text(client.get(url("moves", lyngen)))
    for told in ("Ane Fjellvær", "Født 1975.", "Fra Kåfjord Arbeiderparti", "Kari Nordvik spurte 20.11.2026."):
        assert told in page
    for hidden in (*THEIR_OWN.values(), "98765432", member.member_number):
        assert hidden not in page
    assert client.get(url("member_detail", lyngen, member.pk)).status_code == 404

    done = client.post(url("move_answer", lyngen, request.pk), {"handling": "ja"}, follow=True)
    assert "Medlemmet hører til Lyngen Arbeiderparti nå." in text(done)
    assert client.get(url("member_detail", lyngen, member.pk)).status_code == 200
    assert client_for(officer).get(url("member_detail", kafjord, member.pk)).status_code == 404


def test_a_refusal_needs_a_reason_and_the_asker_reads_it(
    client_for: ClientFor, kafjord: Branch, lyngen: Branch, officer: User, theirs: User
) -> None:
    request = ask(make_member(kafjord), lyngen, officer)
    address = url("move_answer", lyngen, request.pk)
    answer = client_for(theirs).post(address, {"handling": "nei", "reason": " "})
    assert answer.status_code == 422
    assert "Skriv hvorfor" in text(answer)
    client_for(theirs).post(address, {"handling": "nei", "reason": "Bor i <b>Storfjord</b>"})
    page = client_for(officer).get(url("moves", kafjord)).content.decode()
    assert "Bor i &lt;b&gt;Storfjord&lt;/b&gt;" in page
    assert "Avslått" in page
    assert "Ane Fjellvær" in page


def test_the_asking_side_withdraws_and_only_it(
    client_for: ClientFor, kafjord: Branch, lyngen: Branch, officer: User, theirs: User
) -> None:
    request = ask(make_member(kafjord), lyngen, officer)
    assert client_for(theirs).post(url("move_answer", lyngen, request.pk), {"handling": "trekk"}).status_code == 404
    # Who asks cannot say yes for the other.
    assert client_for(officer).post(url("move_answer", kafjord, request.pk), {"handling": "ja"}).status_code == 404
    client_for(officer).post(url("move_answer", kafjord, request.pk), {"handling": "trekk"})
    request.refresh_from_db()
    assert request.state == MoveState.WITHDRAWN


def test_the_second_of_two_is_told_that_it_is_answered(
    client_for: ClientFor, kafjord: Branch, lyngen: Branch, officer: User, theirs: User
) -> None:
    request = ask(make_member(kafjord), lyngen, officer)
    client, address = client_for(theirs), url("move_answer", lyngen, request.pk)
    client.post(address, {"handling": "ja"})
    again = client.post(address, {"handling": "nei", "reason": "For sent"}, follow=True)
    assert "Ønsket er alt besvart eller trukket." in text(again)
    request.refresh_from_db()
    assert (request.state, request.reason) == (MoveState.ACCEPTED, "")


def test_a_lapsed_request_says_so(
    client_for: ClientFor, county: Branch, kafjord: Branch, lyngen: Branch, officer: User, theirs: User
) -> None:
    member = make_member(kafjord)
    request = ask(member, lyngen, officer)
    Member.objects.filter(pk=member.pk).update(branch=county, municipal=None)
    client = client_for(theirs)
    assert "Ane Fjellvær" not in text(client.get(url("moves", lyngen)))
    answer = client.post(url("move_answer", lyngen, request.pk), {"handling": "ja"}, follow=True)
    assert "Ønsket har falt bort" in text(answer)
    assert "Falt bort" in text(client.get(url("moves", lyngen)))


def test_who_has_moved_away_is_not_named_to_the_old_branch(
    client_for: ClientFor, kafjord: Branch, lyngen: Branch, officer: User, theirs: User
) -> None:
    member = make_member(kafjord)
    moves.accept(ask(member, lyngen, officer), by=theirs, now=NOW, today=TODAY)
    page = text(client_for(officer).get(url("moves", kafjord)))
    assert "Et medlem" in page
    assert "Ane" not in page
    assert "Ane Fjellvær" in text(client_for(theirs).get(url("moves", lyngen)))


def test_the_old_branch_loses_lists_searches_views_and_the_page_at_once(
    client_for: ClientFor, kafjord: Branch, lyngen: Branch, officer: User
) -> None:
    member, client = make_member(kafjord, joined_on=TODAY), client_for(officer)
    SavedView.objects.create(branch=kafjord, owner=officer, name="Nye", params={"fra": "01.11.2026"})
    lists = [url("member_list", kafjord), url("member_list", kafjord) + "?fra=01.11.2026"]
    assert all("Fjellvær" in text(client.get(address)) for address in lists)
    moves.move(member, to=lyngen, by=officer, now=NOW, today=TODAY)
    for address in lists:
        assert "Fjellvær" not in text(client.get(address))
    found = client.post(url("member_list", kafjord), {"q": "Fjellvær"}, follow=True)
    assert member.member_number not in text(found)
    for name in ("member_detail", "member_move"):
        assert client.get(url(name, kafjord, member.pk)).status_code == 404


def test_what_waits_stands_on_the_first_page(
    client_for: ClientFor, kafjord: Branch, lyngen: Branch, officer: User, theirs: User
) -> None:
    ask(make_member(kafjord, "Ane"), lyngen, officer)
    ask(make_member(kafjord, "Bo"), lyngen, officer)
    page = text(client_for(theirs).get("/lag/lyngen/"))
    assert "2 vil flytte hit" in page
    assert "vil flytte hit" not in text(client_for(officer).get("/lag/kafjord/"))
    assert "vil flytte hit" not in text(client_for(make_officer(lyngen, Role.BRANCH_LEADER)).get("/lag/lyngen/"))


@pytest.mark.parametrize("requests", [1, 3])
def test_the_page_asks_as_often_for_many_requests(
    client_for: ClientFor,
    django_assert_num_queries: DjangoAssertNumQueries,
    kafjord: Branch,
    lyngen: Branch,
    officer: User,
    theirs: User,
    requests: int,
) -> None:
    for number in range(requests):
        ask(make_member(kafjord, f"Inn{number}"), lyngen, officer)
        ask(make_member(lyngen, f"Ut{number}"), kafjord, theirs)
        moves.withdraw(ask(make_member(kafjord), lyngen, officer), by=officer, now=NOW)
    client = client_for(theirs)
    client.get(url("moves", lyngen))
    with django_assert_num_queries(8):
        client.get(url("moves", lyngen))


def test_a_page_without_requests_says_what_it_is_for(client_for: ClientFor, lyngen: Branch, theirs: User) -> None:
    assert "Ingen flytteønsker" in text(client_for(theirs).get(url("moves", lyngen)))
