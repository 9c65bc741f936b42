"""Call lists on the web: made, opened by those they were handed to and nobody else, printed, closed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from calling.actions import ListCaller, make_list
from calling.models import Call, CallList
from dues.call_lists import unpaid_members
from dues.models import Claim
from membership.enums import AddressProtection
from membership.models import Branch, Member
from membership.roles import Role
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county(), "Kåfjord")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik")


@pytest.fixture
def caller(kafjord: Branch) -> User:
    return make_officer(kafjord, Role.CALLER, name="Ringe Hjelper")


def unpaid(branch: Branch, first_name: str = "Ane", **fields: Any) -> Member:
    member = make_member(branch, first_name, **fields)
    make_claim(member)
    return member


def hand_out(branch: Branch, by: User, *users: User) -> CallList:
    callers = [ListCaller(user, user.name) for user in users or [by]]
    members = unpaid_members(branch, 2026)
    return make_list(branch, members=members, callers=callers, by=by, now=NOW, year=2026).call_list


def url(name: str, branch: Branch, *args: Any) -> str:
    return reverse(f"dues:{name}", args=[branch.slug, *args])


def make_url(branch: Branch) -> str:
    return url("call_list_make", branch, 2026)


# --- Making ---------------------------------------------------------------------------------------------------------


def test_ring_yourself_is_one_tap(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    member = unpaid(kafjord)
    response = client_for(officer).post(make_url(kafjord), {"myself": "1", "token": str(uuid4())}, follow=True)
    assert list(Call.objects.values_list("member_id", "caller__user_id")) == [(member.pk, officer.pk)]
    page = response.content.decode()
    assert "Ane Fjellvær" in page
    assert f'href="tel:{member.mobile}"' in page
    assert "Angre" in page


def test_a_double_click_makes_one_list(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    unpaid(kafjord)
    client, data = client_for(officer), {"myself": "1", "token": str(uuid4())}
    first, second = client.post(make_url(kafjord), data), client.post(make_url(kafjord), data)
    assert first["Location"] == second["Location"]
    assert CallList.objects.count() == 1


def test_names_are_shared_among_those_ticked_and_those_typed(
    client_for: ClientFor, kafjord: Branch, officer: User, caller: User
) -> None:
    for number in range(6):
        unpaid(kafjord, f"Ane {number}")
    data = {
        "token": str(uuid4()),
        f"caller_{caller.pk}": "on",
        f"caller_{caller.pk}_count": "1",
        f"caller_{officer.pk}": "on",
        "name_1": "  Per på papir ",
        "name_2": "Ingen",
        "name_2_count": "0",
        "finish_by_on": "03122026",
    }
    client_for(officer).post(make_url(kafjord), data)
    made = CallList.objects.get()
    assert [(place.name, place.calls.count()) for place in made.callers.order_by("position")] == [
        ("Kari Nordvik", 3),
        ("Ringe Hjelper", 1),
        ("Per på papir", 2),
    ]
    assert made.finish_by_on is not None
    assert made.finish_by_on.isoformat() == "2026-12-03"


def test_those_left_out_are_counted_for_the_officer(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    unpaid(kafjord)
    unpaid(kafjord, "Uten", mobile_ok=False)
    unpaid(kafjord, "Reservert", no_phone=True)
    page = client_for(officer).post(make_url(kafjord), {"myself": "1"}, follow=True).content.decode()
    assert "1 mangler telefonnummer og er ikke med." in page
    assert "1 skal ikke ringes og er ikke med." in page


def test_only_those_ticked_are_handed_out(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    ticked = unpaid(kafjord, "Ane")
    unpaid(kafjord, "Bo")
    client_for(officer).post(make_url(kafjord), {"myself": "1", "id": [ticked.pk]})
    assert [call.member for call in Call.objects.all()] == [ticked]


def test_the_pages_filters_narrow_the_list_too(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    unpaid(kafjord, "Ane")
    bo = unpaid(kafjord, "Bo")
    client_for(officer).post(make_url(kafjord), {"myself": "1", "navn": "Bo"})
    assert [call.member for call in Call.objects.all()] == [bo]


@pytest.mark.parametrize("tampered", ["foreign", "paid", "nobody", "text", "huge"])
def test_an_id_that_is_not_on_the_list_refuses_it_all(
    client_for: ClientFor, kafjord: Branch, officer: User, tampered: str
) -> None:
    mine = unpaid(kafjord)
    foreign = unpaid(make_branch(kafjord.county, "Lyngen"), "Hemmelig")  # type: ignore[arg-type]
    paid = make_member(kafjord, "Betalt")
    make_claim(paid, outstanding_ore=0)
    ids = {"foreign": foreign.pk, "paid": paid.pk, "nobody": 99999, "text": "1 OR 1", "huge": 10**30}
    response = client_for(officer).post(make_url(kafjord), {"myself": "1", "id": [mine.pk, ids[tampered]]})
    assert response.status_code == 422
    assert "Hemmelig" not in response.content.decode()
    assert not CallList.objects.exists()


def test_what_is_wrong_in_the_form_is_said_and_what_was_typed_is_kept(
    client_for: ClientFor, kafjord: Branch, officer: User, caller: User
) -> None:
    member = unpaid(kafjord)
    client = client_for(officer)
    nobody = client.post(make_url(kafjord), {"token": str(uuid4()), "id": [member.pk], "finish_by_on": "1. desember"})
    assert nobody.status_code == 422
    page = nobody.content.decode()
    assert 'id="id_finish_by_on_error"' in page
    assert f'<input type="hidden" name="id" value="{member.pk}">' in page
    too_many = {"token": str(uuid4()), f"caller_{caller.pk}": "on", f"caller_{caller.pk}_count": "5"}
    page = client.post(make_url(kafjord), too_many).content.decode()
    assert "Det er 1 navn å dele ut, men tallene er til sammen 5." in page
    assert "Velg minst én som ringer" in client.post(make_url(kafjord), {"token": str(uuid4())}).content.decode()
    past = {"token": str(uuid4()), "name_1": "Per", "finish_by_on": "19.11.2026"}
    assert "som ikke er passert" in client.post(make_url(kafjord), past).content.decode()
    assert not CallList.objects.exists()


def test_nobody_to_phone_is_told_in_a_sentence(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    unpaid(kafjord, mobile_ok=False)
    page = client_for(officer).post(make_url(kafjord), {"myself": "1"}).content.decode()
    assert "Det er ingen å ringe. 1 mangler telefonnummer og er ikke med." in page


def test_a_user_from_elsewhere_cannot_be_made_a_caller(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    unpaid(kafjord)
    stranger = make_officer(make_branch(kafjord.county, "Lyngen"))  # type: ignore[arg-type]
    data = {"token": str(uuid4()), f"caller_{stranger.pk}": "on"}
    assert client_for(officer).post(make_url(kafjord), data).status_code == 422
    assert not CallList.objects.exists()


def test_the_form_offers_callers_from_above_and_officers_of_the_branch_alone(
    client_for: ClientFor, kafjord: Branch, officer: User
) -> None:
    county = kafjord.county
    assert county is not None
    from dues.call_forms import call_list_form

    def offered() -> list[str]:
        form = call_list_form(kafjord, user=officer, today=TODAY)
        return [caller.user.name for caller in form.possible]

    assert offered() == ["Kari Nordvik"]
    assert call_list_form(kafjord, user=officer, today=TODAY).alone
    make_officer(county, Role.COUNTY_SECRETARY, name="Fylkes Sekretær")
    make_officer(county, Role.CALLER, name="Fylkets Ringehjelper")
    make_officer(kafjord, Role.TREASURER, name="Kasserer")
    make_officer(kafjord, Role.BRANCH_LEADER, name="Leder")
    make_officer(kafjord, Role.CALLER, name="Borte", is_active=False)
    make_officer(make_branch(kafjord, "Birtavarre"), Role.CALLER, name="Under")
    assert offered() == ["Kari Nordvik", "Fylkets Ringehjelper", "Kasserer"]


# --- Opening --------------------------------------------------------------------------------------------------------


def test_a_caller_sees_the_own_names_and_no_others(
    client_for: ClientFor, kafjord: Branch, officer: User, caller: User
) -> None:
    for name in ("Ane", "Bo"):
        unpaid(kafjord, name, note="Hemmelig notat", email=f"{name}@example.no")
    made = hand_out(kafjord, officer, caller, officer)
    page = client_for(caller).get(url("call_list", kafjord, made.pk)).content.decode()
    assert "Ane Fjellvær" in page
    for hidden in ("Bo Fjellvær", "Hemmelig", "@example.no", "Excel", "Hvem ringer hvem", "Lukk lista"):
        assert hidden not in page


def test_an_officer_sees_everyones_names(client_for: ClientFor, kafjord: Branch, officer: User, caller: User) -> None:
    unpaid(kafjord, "Ane")
    unpaid(kafjord, "Bo")
    made = hand_out(kafjord, officer, caller, officer)
    page = client_for(officer).get(url("call_list", kafjord, made.pk)).content.decode()
    assert "Ane Fjellvær" in page
    assert "Bo Fjellvær" in page
    assert "Hvem ringer hvem" in page


def test_who_has_paid_meanwhile_is_struck_off(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    ane, bo = unpaid(kafjord, "Ane"), unpaid(kafjord, "Bo")
    made = hand_out(kafjord, officer)
    Claim.objects.filter(member=ane).update(outstanding_ore=0)
    Member.objects.filter(pk=bo.pk).update(no_phone=True)
    page = client_for(officer).get(url("call_list", kafjord, made.pk)).content.decode()
    assert "<s>Ane Fjellvær</s>" in page
    assert "Betalt" in page
    assert "<s>Bo Fjellvær</s>" in page
    assert "tel:" not in page


@pytest.mark.parametrize(
    "change", [{"address_protection": AddressProtection.STRICT}, {"status": "resigned"}, {"no_phone": True}]
)
def test_who_is_not_to_be_phoned_any_more_has_no_number(
    client_for: ClientFor, kafjord: Branch, officer: User, change: dict[str, Any]
) -> None:
    member = unpaid(kafjord)
    made = hand_out(kafjord, officer)
    Member.objects.filter(pk=member.pk).update(**change)
    page = client_for(officer).get(url("call_list", kafjord, made.pk)).content.decode()
    assert "tel:" not in page
    assert "Skal ikke ringes" in page


def test_a_member_who_has_moved_away_is_not_to_be_phoned(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    member = unpaid(kafjord)
    made = hand_out(kafjord, officer)
    lyngen = make_branch(kafjord.county, "Lyngen")  # type: ignore[arg-type]
    Claim.objects.filter(member=member).update(branch=lyngen, municipal=lyngen)
    assert "tel:" not in client_for(officer).get(url("call_list", kafjord, made.pk)).content.decode()


def test_a_caller_finds_no_other_callers_list_sheet_or_file(
    client_for: ClientFor, kafjord: Branch, officer: User, caller: User
) -> None:
    unpaid(kafjord, "Ane")
    unpaid(kafjord, "Bo")
    shared, own = hand_out(kafjord, officer, caller, officer), caller
    other = make_officer(kafjord, Role.CALLER)
    unpaid(kafjord, "Cato")
    elsewhere = hand_out(kafjord, officer, other)
    client = client_for(own)
    mine, officers = shared.callers.get(user=own), shared.callers.get(user=officer)
    assert client.get(url("call_list_print", kafjord, shared.pk, mine.pk)).status_code == 200
    assert client.get(url("call_list_print", kafjord, shared.pk, officers.pk)).status_code == 404
    assert client.get(url("call_list", kafjord, elsewhere.pk)).status_code == 404
    assert client.get(url("call_list_print", kafjord, elsewhere.pk, mine.pk)).status_code == 404
    assert client.post(url("call_list_export", kafjord, shared.pk)).status_code == 404
    assert client.post(url("call_list_close", kafjord, shared.pk)).status_code == 404
    assert client.post(make_url(kafjord), {"myself": "1"}).status_code == 404
    page = client.get(url("call_lists", kafjord)).content.decode()
    assert url("call_list", kafjord, shared.pk) in page
    assert url("call_list", kafjord, elsewhere.pk) not in page
    assert "1 av 1 har ikke betalt" in page
    assert AuditEvent.objects.filter(verb=Verb.ACCESS_DENIED, actor_id=own.pk).count() == 6


def test_a_closed_list_is_gone_for_its_callers(
    client_for: ClientFor, kafjord: Branch, officer: User, caller: User
) -> None:
    unpaid(kafjord)
    made = hand_out(kafjord, officer, caller)
    client_for(officer).post(url("call_list_close", kafjord, made.pk))
    assert client_for(caller).get(url("call_list", kafjord, made.pk)).status_code == 404
    page = client_for(officer).get(url("call_list", kafjord, made.pk)).content.decode()
    assert "Lukket 20.11.2026" in page
    assert "Lukk lista" not in page
    assert (
        url("call_list", kafjord, made.pk) not in client_for(officer).get(url("call_lists", kafjord)).content.decode()
    )


def test_another_branchs_officer_finds_nothing(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    unpaid(kafjord)
    made = hand_out(kafjord, officer)
    place = made.callers.get()
    lyngen = make_branch(kafjord.county, "Lyngen")  # type: ignore[arg-type]
    client = client_for(make_officer(lyngen))
    for branch in (kafjord, lyngen):
        assert client.get(url("call_list", branch, made.pk)).status_code == 404
        assert client.get(url("call_list_print", branch, made.pk, place.pk)).status_code == 404
        assert client.post(url("call_list_export", branch, made.pk)).status_code == 404
        assert client.post(url("call_list_close", branch, made.pk)).status_code == 404
    made.refresh_from_db()
    assert made.closed_at is None


def test_the_county_finds_the_lists_of_its_branches(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    unpaid(kafjord)
    made = hand_out(kafjord, officer)
    county = kafjord.county
    assert county is not None
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    assert url("call_list", county, made.pk) in client.get(url("call_lists", county)).content.decode()
    assert client.get(url("call_list", county, made.pk)).status_code == 200


def test_a_list_can_be_regretted_only_where_it_was_just_made(
    client_for: ClientFor, kafjord: Branch, officer: User
) -> None:
    unpaid(kafjord)
    made = hand_out(kafjord, officer)
    client = client_for(officer)
    assert "Angre" in client.get(url("call_list", kafjord, made.pk)).content.decode()
    CallList.objects.filter(pk=made.pk).update(created_at=NOW - timedelta(minutes=11))
    page = client.get(url("call_list", kafjord, made.pk)).content.decode()
    assert "Angre" not in page
    assert "Lukk lista" in page


def test_empty_pages_say_what_to_do(client_for: ClientFor, kafjord: Branch, officer: User, caller: User) -> None:
    assert "Lag en fra lista over dem som ikke har betalt" in (
        client_for(officer).get(url("call_lists", kafjord)).content.decode()
    )
    assert "Ingen liste er gitt til deg" in client_for(caller).get(url("call_lists", kafjord)).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_index_costs_the_same_number_of_queries_at_any_length(
    client_for: ClientFor,
    kafjord: Branch,
    officer: User,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(number):
        unpaid(kafjord)
        hand_out(kafjord, officer)
    client = client_for(officer)
    client.get(url("call_lists", kafjord))
    with django_assert_num_queries(9):
        client.get(url("call_lists", kafjord))


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_costs_the_same_number_of_queries_at_any_length(
    client_for: ClientFor,
    kafjord: Branch,
    officer: User,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(number):
        unpaid(kafjord)
    made = hand_out(kafjord, officer)
    client = client_for(officer)
    with django_assert_num_queries(9):
        client.get(url("call_list", kafjord, made.pk))


# --- On paper -------------------------------------------------------------------------------------------------------


def test_a_sheet_has_names_numbers_and_the_eight_results(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    paid = unpaid(kafjord, "Betalt")
    unpaid(kafjord, "Ane")
    made = hand_out(kafjord, officer)
    Claim.objects.filter(member=paid).update(outstanding_ore=0)
    page = client_for(officer).get(url("call_list_print", kafjord, made.pk, made.callers.get().pk)).content.decode()
    assert "Ane Fjellvær" in page
    assert "Betalt Fjellvær" not in page
    assert "Skrevet ut av Kari Nordvik" in page
    assert "makuler arket" in page
    boxes = page.partition('class="boxes"')[2].partition("</div>")[0]
    assert boxes.count("<span>") == 8
    event = AuditEvent.objects.get(verb=Verb.CALL_LIST_PRINTED)
    assert (event.count, event.object_id) == (1, str(made.pk))


def test_the_whole_unpaid_list_can_be_printed(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    unpaid(kafjord, "Ane")
    unpaid(kafjord, "Bo", no_phone=True)
    unpaid(kafjord, "Streng", address_protection=AddressProtection.STRICT)
    client = client_for(officer)
    page = client.get(url("unpaid_print", kafjord, 2026)).content.decode()
    assert "Ane Fjellvær" in page
    assert "Bo Fjellvær<br>" in page
    assert "Skal ikke ringes" in page
    assert "Streng" not in page
    assert AuditEvent.objects.get(verb=Verb.CALL_LIST_PRINTED).count == 2
    only_bo = client.get(url("unpaid_print", kafjord, 2026), {"navn": "Bo"}).content.decode()
    assert "Ane" not in only_bo
    assert "Bo Fjellvær" in only_bo


def test_a_list_too_long_for_paper_says_so(
    client_for: ClientFor, kafjord: Branch, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dues.call_lists.MAX_PRINTED", 1)
    monkeypatch.setattr("dues.views.exports.MAX_PRINTED", 1)
    unpaid(kafjord, "Ane")
    unpaid(kafjord, "Bo")
    page = client_for(officer).get(url("unpaid_print", kafjord, 2026)).content.decode()
    assert "For lang til å skrive ut" in page
    assert "Ane" not in page


@pytest.mark.parametrize("role", [Role.BRANCH_LEADER, Role.CALLER, Role.RECRUITMENT_OFFICER])
def test_whoever_may_not_export_may_not_print_the_whole_list(
    client_for: ClientFor, kafjord: Branch, role: Role
) -> None:
    unpaid(kafjord)
    assert client_for(make_officer(kafjord, role)).get(url("unpaid_print", kafjord, 2026)).status_code == 404
