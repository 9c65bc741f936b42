"""Giving access, ending it, giving it again: within one's own tree, and never to oneself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.actions.grants import (
    CallerNeedsEnd,
    EndPassed,
    GivenToOneself,
    LastKey,
    RoleElsewhere,
    end,
    end_by_hand,
    give,
    give_again,
    set_end,
)
from membership.actions.users import NameMissing, UserInactive, invite_again, let_in
from membership.models import Branch, Grant
from membership.roles import Role, roles_at
from messaging.models import Delivery
from tests.factories import TODAY, make_branch, make_county, make_officer, make_user

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def secretary(county: Branch) -> User:
    return make_officer(county, Role.COUNTY_SECRETARY, name="Torunn Elvemoen")


@pytest.fixture
def client(secretary: User, client_for: ClientFor) -> Client:
    return client_for(secretary)


def at(name: str, *args: Any, slug: str = "troms") -> str:
    return reverse(f"membership:{name}", args=[slug, *args])


def give_to(
    client: Client, email: str = "ny@demo.example", *, slug: str = "troms", query: str = "", **more: Any
) -> Any:
    data = {"email": email, "name": "Ny Bruker", "role": "membership_officer", "branch": "kafjord", "ends_on": ""}
    return client.post(at("access_give", slug=slug) + query, data | more)


# --- Giving -----------------------------------------------------------------------------------------------------------


def test_whoever_is_new_gets_a_link_by_email_and_nobody_else_sees_it(
    kafjord: Branch, secretary: User, client: Client
) -> None:
    answer = client.post(
        at("access_give"),
        {"email": "Ny@Demo.example", "name": "Ny Bruker", "role": "membership_officer", "branch": "kafjord"},
        follow=True,
    )
    grant = Grant.objects.get(user__email="ny@demo.example")
    assert (grant.branch, grant.role, grant.starts_on, grant.ends_on) == (kafjord, "membership_officer", TODAY, None)
    assert grant.granted_by == secretary
    letter = Delivery.objects.get(purpose="invitation")
    assert letter.address == "ny@demo.example"
    link = next(word for word in letter.body.split() if "/konto/invitasjon/" in word)
    assert link.startswith("http")
    assert "/konto/invitasjon/" not in answer.text
    assert "Kåfjord Arbeiderparti" in letter.body
    events = AuditEvent.objects.filter(
        verb__in=[Verb.USER_CREATED, Verb.GRANT_GIVEN, Verb.INVITED], actor_id=secretary.pk
    )
    assert events.count() == 3
    assert not any("Ny Bruker" in str(event.details) or "ny@" in str(event.details) for event in events)


def test_the_link_lets_them_choose_a_password(kafjord: Branch, client: Client) -> None:
    give_to(client)
    link = next(word for word in Delivery.objects.get().body.split() if "/konto/invitasjon/" in word)
    assert Client().get(link.partition("/konto")[1] + link.partition("/konto")[2]).status_code == 200


def test_whoever_has_a_password_gets_no_link_and_the_same_again_is_nothing(kafjord: Branch, client: Client) -> None:
    user = make_user(email="kjent@demo.example")
    for _time in range(2):
        assert give_to(client, "KJENT@demo.example").status_code == 302
    assert Grant.objects.filter(user=user).count() == 1
    assert not Delivery.objects.exists()
    assert User.objects.get(pk=user.pk).name == "Kari Nordvik", "what was typed renames nobody"


def test_nobody_lets_themselves_in(kafjord: Branch, county: Branch, client_for: ClientFor) -> None:
    administrator = make_officer(county, Role.ADMINISTRATOR, email="admin@demo.example")
    answer = give_to(client_for(administrator), "Admin@demo.example ", role="county_secretary", branch="troms")
    assert answer.status_code == 422
    assert Grant.objects.filter(user=administrator).count() == 1


def test_an_administrator_lets_the_secretary_in(county: Branch, client_for: ClientFor) -> None:
    client = client_for(make_officer(county, Role.ADMINISTRATOR))
    assert give_to(client, role="county_secretary", branch="troms").status_code == 302
    assert Grant.objects.filter(role="county_secretary", branch=county).exists()


@pytest.mark.parametrize(
    ("role", "branch"),
    [
        ("county_secretary", "kafjord"),
        ("county_membership_officer", "kafjord"),
        ("administrator", "kafjord"),
        ("committee_reader", "kafjord"),
        ("membership_officer", "troms"),
        ("king", "kafjord"),
    ],
)
def test_a_role_is_given_where_it_belongs(role: str, branch: str, kafjord: Branch, client: Client) -> None:
    assert give_to(client, role=role, branch=branch).status_code == 422
    assert Grant.objects.count() == 1


def test_only_within_ones_own_tree(county: Branch, kafjord: Branch, client_for: ClientFor) -> None:
    lyngen = make_branch(county, "Lyngen")
    nordland = make_county("Nordland")
    client = client_for(make_officer(kafjord, Role.COUNTY_SECRETARY))
    for branch in (lyngen, nordland, county):
        answer = give_to(client, slug="kafjord", branch=branch.slug, role="treasurer", branch_id=branch.pk)
        assert answer.status_code == 422
    assert give_to(client, slug="lyngen").status_code == 404
    assert Grant.objects.count() == 1


def test_extra_fields_are_not_read(kafjord: Branch, secretary: User, client: Client) -> None:
    other = make_user()
    give_to(client, starts_on="01.01.2020", granted_by=other.pk, user=secretary.pk, stands_in_for=secretary.pk)
    grant = Grant.objects.get(user__email="ny@demo.example")
    assert (grant.starts_on, grant.granted_by, grant.stands_in_for) == (TODAY, secretary, None)


def test_a_callers_access_always_ends(kafjord: Branch, client: Client) -> None:
    assert give_to(client, role="caller").status_code == 422
    assert give_to(client, role="caller", ends_on="19.11.2026").status_code == 422
    assert give_to(client, role="caller", ends_on="20.11.2026").status_code == 302
    assert Grant.objects.get(role="caller").ends_on == TOMORROW


def test_one_who_is_new_has_a_name_and_one_shut_out_stays_out(kafjord: Branch, secretary: User, client: Client) -> None:
    answer = give_to(client, name=" ")
    assert answer.status_code == 422
    assert "name" in answer.context["form"].errors
    make_user(email="ute@demo.example", is_active=False)
    assert give_to(client, "ute@demo.example").status_code == 422
    common: dict[str, Any] = {"role": Role.TREASURER, "branch": kafjord, "by": secretary, "today": TODAY}
    with pytest.raises(NameMissing):
        let_in("ny@demo.example", name="", **common)
    with pytest.raises(UserInactive):
        let_in("ute@demo.example", name="x", **common)
    with pytest.raises(RoleElsewhere):
        let_in("ny@demo.example", name="x", **common | {"role": Role.ADMINISTRATOR})
    assert Grant.objects.count() == 1


def test_a_substitute_has_the_same_role_until_a_day(county: Branch, kafjord: Branch, client: Client) -> None:
    officer = make_officer(kafjord, name="Áile Bergmark")
    grant = officer.grants.get()
    query = f"?vikar={grant.pk}"
    page = client.get(at("access_give") + query)
    assert "Vikar for Áile Bergmark" in page.text
    assert "Bergmark" not in page.text.partition("<title>")[2].partition("</title>")[0]
    assert give_to(client, query=query).status_code == 422, "it ends"
    assert give_to(client, query=query, role="administrator", branch="troms", ends_on="31.12.2026").status_code == 302
    made = Grant.objects.get(user__email="ny@demo.example")
    assert (made.role, made.branch, made.stands_in_for) == ("membership_officer", kafjord, officer)
    assert made.ends_on == date(2027, 1, 1)


def test_nobody_stands_in_for_one_out_of_reach(county: Branch, kafjord: Branch, client_for: ClientFor) -> None:
    grant = make_officer(make_branch(county, "Lyngen")).grants.get()
    client = client_for(make_officer(kafjord, Role.COUNTY_SECRETARY))
    for value in (grant.pk, "x", "", "9" * 30, "²"):
        assert client.get(at("access_give", slug="kafjord") + f"?vikar={value}").status_code == 404


# --- Ending -----------------------------------------------------------------------------------------------------------


def test_ending_access_stops_an_open_session_at_its_next_request(
    kafjord: Branch, client: Client, client_for: ClientFor
) -> None:
    officer = make_officer(kafjord)
    open_session = client_for(officer)
    members = at("member_list", slug="kafjord")
    assert open_session.get(members).status_code == 200
    assert client.post(at("access_detail", officer.grants.get().pk), {"end": "1"}).status_code == 302
    assert open_session.get(members).status_code == 404
    assert AuditEvent.objects.filter(verb=Verb.GRANT_ENDED, branch_id=kafjord.pk).count() == 1


def test_a_term_that_runs_out_stops_an_open_session(
    kafjord: Branch, client: Client, client_for: ClientFor, clock: Any
) -> None:
    officer = make_officer(kafjord)
    grant = officer.grants.get()
    assert client.post(at("access_detail", grant.pk), {"ends_on": "20.11.2026"}).status_code == 302
    open_session = client_for(officer)
    members = at("member_list", slug="kafjord")
    assert open_session.get(members).status_code == 200
    clock.move_to(datetime(2026, 11, 21, 6, tzinfo=UTC))
    assert open_session.get(members).status_code in {302, 404}
    open_session.force_login(officer)
    assert open_session.get(members).status_code == 404


def test_ending_twice_is_ending_once_and_one_to_come_never_begins(kafjord: Branch, secretary: User) -> None:
    grant = make_officer(kafjord).grants.get()
    assert end(grant, by=secretary, on=TODAY)
    assert not end(grant, by=secretary, on=TODAY)
    coming = give(make_user(), role=Role.TREASURER, branch=kafjord, by=secretary, starts_on=TOMORROW)
    assert end(coming, by=secretary, on=TODAY)
    assert not Grant.objects.in_force(TOMORROW).filter(pk=coming.pk).exists()
    assert AuditEvent.objects.filter(verb=Verb.GRANT_ENDED).count() == 2


def test_nobody_shuts_themselves_out_of_giving_access(county: Branch, secretary: User, client: Client) -> None:
    grant = secretary.grants.get()
    client.post(at("access_detail", grant.pk), {"end": "1"})
    assert client.post(at("access_detail", grant.pk), {"ends_on": "31.12.2026"}).status_code == 422
    assert Grant.objects.get(pk=grant.pk).ends_on is None
    with pytest.raises(LastKey):
        end_by_hand(grant, by=secretary, on=TODAY)
    with pytest.raises(LastKey):
        set_end(grant, ends_on=TOMORROW, by=secretary, today=TODAY)
    give(secretary, role=Role.ADMINISTRATOR, branch=county, by=None, starts_on=TODAY)
    assert end_by_hand(grant, by=secretary, on=TODAY)


def test_another_one_who_gives_access_can_end_it(county: Branch, secretary: User, client_for: ClientFor) -> None:
    other = client_for(make_officer(county, Role.ADMINISTRATOR))
    other.post(at("access_detail", secretary.grants.get().pk), {"end": "1"})
    assert Grant.objects.get(user=secretary).ends_on == TODAY


def test_a_last_day_is_changed_and_taken_away_but_not_a_callers(kafjord: Branch, secretary: User) -> None:
    grant = make_officer(kafjord).grants.get()
    assert set_end(grant, ends_on=TOMORROW, by=secretary, today=TODAY)
    assert set_end(grant, ends_on=None, by=secretary, today=TODAY)
    with pytest.raises(EndPassed):
        set_end(grant, ends_on=TODAY, by=secretary, today=TODAY)
    caller = make_officer(kafjord, Role.CALLER).grants.get()
    with pytest.raises(CallerNeedsEnd):
        set_end(caller, ends_on=None, by=secretary, today=TODAY)
    end(grant, by=secretary, on=TODAY)
    assert not set_end(grant, ends_on=None, by=secretary, today=TODAY), "what has ended is given again, not prolonged"


def test_access_that_ended_is_given_again(kafjord: Branch, secretary: User, client: Client) -> None:
    officer = make_officer(kafjord)
    grant = officer.grants.get()
    client.post(at("access_detail", grant.pk), {"end": "1"})
    assert "Gi tilgangen på nytt" in client.get(at("access_detail", grant.pk)).text
    for _time in range(2):
        client.post(at("access_detail", grant.pk), {"again": "1", "ends_on": "31.12.2026"})
    made = Grant.objects.in_force(TODAY).get(user=officer)
    assert (made.role, made.branch, made.ends_on) == ("membership_officer", kafjord, date(2027, 1, 1))


def test_not_to_oneself_again_and_not_without_an_end_for_a_caller(
    county: Branch, kafjord: Branch, secretary: User
) -> None:
    mine = give(secretary, role=Role.TREASURER, branch=county, by=None, starts_on=date(2026, 1, 1), ends_on=TODAY)
    with pytest.raises(GivenToOneself):
        give_again(mine, ends_on=None, by=secretary, today=TODAY)
    caller = make_officer(kafjord, Role.CALLER).grants.get()
    end(caller, by=secretary, on=TODAY)
    with pytest.raises(CallerNeedsEnd):
        give_again(caller, ends_on=None, by=secretary, today=TODAY)
    with pytest.raises(EndPassed):
        give_again(caller, ends_on=TODAY, by=secretary, today=TODAY)


def test_an_invitation_is_sent_again_to_one_without_a_password(
    kafjord: Branch, secretary: User, client: Client
) -> None:
    give_to(client)
    new = User.objects.get(email="ny@demo.example")
    client.post(at("access_detail", new.grants.get().pk), {"invite": "1"})
    assert Delivery.objects.filter(address="ny@demo.example").count() == 2
    assert not invite_again(secretary, branch=kafjord, by=secretary)


# --- The list ---------------------------------------------------------------------------------------------------------


def people(client: Client, query: str = "", slug: str = "troms") -> list[str]:
    answer = client.get(at("access_list", slug=slug) + query)
    assert answer.status_code == 200
    return [grant.user.name for grant in answer.context["listing"].rows]


def test_the_list_tells_who_where_since_when_and_by_whom(
    county: Branch, kafjord: Branch, secretary: User, client: Client
) -> None:
    officer = make_user("Áile Bergmark", last_login=datetime(2026, 11, 2, 12, tzinfo=UTC))
    give(officer, role=Role.MEMBERSHIP_OFFICER, branch=kafjord, by=secretary, starts_on=date(2026, 3, 1))
    ended = make_officer(kafjord, name="Forrige Mann")
    ended.grants.update(ends_on=TODAY)
    text = client.get(at("access_list")).text
    for told in ("Áile Bergmark", "Medlemsansvarlig, Kåfjord", "Siden 01.03.2026", "gitt av Torunn Elvemoen"):
        assert told in text
    assert "Sist innlogget 02.11.2026." in text
    assert people(client) == ["Torunn Elvemoen", "Áile Bergmark"]
    assert people(client, "?vis=avsluttet") == ["Forrige Mann"]
    assert people(client, "?rolle=membership_officer") == ["Áile Bergmark"]
    assert people(client, "?q=kåf") == ["Áile Bergmark"]
    assert people(client, "?q=nordkapp&rolle=%3Cscript%3E") == []
    assert people(client, slug="kafjord") == ["Áile Bergmark"]


@pytest.mark.parametrize("officers", [1, 60])
def test_any_number_takes_the_same_queries(
    officers: int, county: Branch, kafjord: Branch, secretary: User, client: Client, django_assert_num_queries: Any
) -> None:
    for number in range(officers):
        user = make_user(f"Bruker {number}")
        give(user, role=Role.TREASURER, branch=kafjord, by=secretary, starts_on=TODAY)
    client.get(at("access_list"))
    with django_assert_num_queries(6):
        client.get(at("access_list"))


@pytest.mark.parametrize(
    "role", [Role.MEMBERSHIP_OFFICER, Role.COUNTY_MEMBERSHIP_OFFICER, Role.TREASURER, Role.BRANCH_LEADER]
)
def test_others_do_not_find_any_of_it(role: Role, county: Branch, kafjord: Branch, client_for: ClientFor) -> None:
    grant = make_officer(kafjord).grants.get()
    client = client_for(make_officer(county, role))
    for url in (at("access_list"), at("access_give"), at("access_detail", grant.pk), at("handover")):
        assert client.get(url).status_code == 404
        assert client.post(url, {"end": "1"}).status_code in {404, 405}
    assert Grant.objects.get(pk=grant.pk).ends_on is None


def test_a_foreign_grant_is_not_found(county: Branch, kafjord: Branch, client_for: ClientFor) -> None:
    foreign = make_officer(make_branch(county, "Lyngen")).grants.get()
    client = client_for(make_officer(kafjord, Role.COUNTY_SECRETARY))
    above = make_officer(county, Role.TREASURER).grants.get()
    for grant in (foreign, above):
        assert client.post(at("access_detail", grant.pk, slug="kafjord"), {"end": "1"}).status_code == 404
        assert Grant.objects.get(pk=grant.pk).ends_on is None


def test_every_role_has_a_level() -> None:
    assert {*roles_at(county=True), *roles_at(county=False)} == set(Role)


def test_naughty_names_are_inert(kafjord: Branch, client: Client) -> None:
    grant = make_officer(kafjord, name='"><script>alert(1)</script>').grants.get()
    for url in (at("access_list"), at("access_detail", grant.pk), at("access_give") + f"?vikar={grant.pk}"):
        assert "<script>alert" not in client.get(url).text
