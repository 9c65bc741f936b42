from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from calling.enums import Outcome, Purpose
from calling.models import Call, CallList, CallListCaller
from dues.actions.claims import raise_claims
from dues.actions.rates import Terms
from dues.actions.summaries import recount
from dues.enums import PaymentSource
from dues.filters import UnpaidFilter
from dues.models import Claim, PaymentBatch
from membership.models import Branch, Member
from membership.roles import Role
from tests.factories import NOW, make_branch, make_claim, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county)


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord)


def unpaid(branch: Branch, *names: str, **fields: Any) -> list[Member]:
    """Members with these last names and nothing paid."""
    members = [make_member(branch, last_name=name, **fields) for name in names]
    for member in members:
        make_claim(member)
    recount()
    return members


def url(branch: Branch, year: int = 2026, query: str = "") -> str:
    return f"/lag/{branch.slug}/kontingent/{year}/ubetalt/{query}"


def page(client: Client, branch: Branch, query: str = "", year: int = 2026) -> str:
    answer = client.get(url(branch, year, query))
    assert answer.status_code == 200
    return answer.content.decode()


def order(html: str, *words: str) -> list[str]:
    return sorted((word for word in words if word in html), key=html.index)


def test_the_list_has_who_has_not_paid_by_name_and_no_address(
    client_for: ClientFor, kafjord: Branch, officer: User
) -> None:
    unpaid(kafjord, "Åsen", "Berg", "Aa", street="Sjøveien 14", postal_code="9144")
    paid = make_member(kafjord, last_name="Betalt")
    make_claim(paid, outstanding_ore=0)
    recount()

    html = page(client_for(officer), kafjord)

    assert order(html, "Ane Åsen", "Ane Berg", "Ane Aa") == ["Ane Berg", "Ane Aa", "Ane Åsen"]
    assert "Ane Betalt" not in html
    assert "Sjøveien" not in html
    assert "3 medlemmer i Kåfjord Arbeiderparti har ikke betalt 1\u00a0350\u00a0kr." in html
    assert "250 dager" in html
    event = AuditEvent.objects.get(verb=Verb.UNPAID_LISTED)
    assert (event.actor_id, event.branch_id, event.count, event.details) == (officer.pk, kafjord.pk, 3, {"year": 2026})


def test_a_row_tells_what_one_must_know_before_phoning(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    home = {"street": "Sjøveien 14", "postal_code": "9144"}
    make_claim(make_member(kafjord, first_name="Håkon", **home))
    make_claim(make_member(kafjord, first_name="Eira", **home))
    make_claim(make_member(kafjord, last_name="Stum", mobile_ok=False))
    make_claim(make_member(kafjord, last_name="Taus", no_phone=True))
    make_claim(make_member(kafjord, last_name="Delvis"), outstanding_ore=12550)
    recount()
    html = page(client_for(officer), kafjord)
    assert "Bor med Eira" in html
    assert "Bor med Håkon" in html
    assert html.count("Mangler telefonnummer") == html.count("Vil ikke bli ringt") == 1
    assert "125,50\u00a0kr" in html
    assert "av 450\u00a0kr" in html
    assert "1 har betalt en del." in html


def test_names_are_escaped(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    make_claim(make_member(kafjord, first_name="<script>alert(1)</script>", last_name="{pay_url} 'x\""))
    recount()
    html = page(client_for(officer), kafjord)
    assert "<script>alert" not in html
    assert "{pay_url} &#x27;x&quot;" in html


def test_a_page_costs_ten_queries_however_long(
    client_for: ClientFor, county: Branch, kafjord: Branch, django_assert_num_queries: Any
) -> None:
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    unpaid(kafjord, "Berg")
    for branch in (kafjord, county):
        page(client, branch)
        with django_assert_num_queries(10):
            page(client, branch)
    unpaid(kafjord, "Dal", "Eng")
    for branch in (kafjord, county):
        with django_assert_num_queries(10):
            page(client, branch)


def test_there_are_fifty_on_a_page(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    for number in range(51):
        make_member(kafjord, last_name=f"Berg {number:02d}")
    raise_claims(kafjord, terms=Terms(2026, 45000, date(2026, 3, 15)), by=None, now=NOW)
    client = client_for(officer)
    first, second, beyond = (page(client, kafjord, f"?side={number}") for number in (1, 2, 99))
    assert "Berg 49" in first
    assert "Berg 50" not in first
    assert "Berg 50" in second
    assert "Berg 50" in beyond
    assert "Viser 1–50 av 51" in first


# --- Whose list


def test_a_county_sees_all_its_branches_and_which_they_are(
    client_for: ClientFor, county: Branch, kafjord: Branch
) -> None:
    unpaid(kafjord, "Berg")
    unpaid(county, "Uplassert")
    unpaid(make_branch(make_county("Nordland"), "Bodø"), "Fremmed")
    html = page(client_for(make_officer(county, Role.COUNTY_SECRETARY)), county)
    assert order(html, "Ane Berg", "Ane Uplassert") == ["Ane Berg", "Ane Uplassert"]
    assert '<span class="hus">Kåfjord</span>' in html
    assert "Ane Fremmed" not in html


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_branchs_officer_finds_nothing(
    client_for: ClientFor, county: Branch, kafjord: Branch, method: str
) -> None:
    client = client_for(make_officer(make_branch(county, "Harstad")))
    assert getattr(client, method)(url(kafjord)).status_code == 404


@pytest.mark.parametrize(("year", "status"), [(1989, 404), (1990, 200), (2027, 200), (2028, 404)])
def test_years_without_sense_are_not_found(
    client_for: ClientFor, kafjord: Branch, officer: User, year: int, status: int
) -> None:
    assert client_for(officer).get(url(kafjord, year)).status_code == status


def test_one_sees_only_what_one_may_do(client_for: ClientFor, kafjord: Branch) -> None:
    unpaid(kafjord, "Berg")
    html = page(client_for(make_officer(kafjord, Role.BRANCH_LEADER)), kafjord)
    assert "Ane Berg" in html
    for hidden in ("/excel/", "/betaling/", "/ringeliste/", 'type="checkbox"'):
        assert hidden not in html
    html = page(client_for(make_officer(kafjord, Role.TREASURER)), kafjord)
    for shown in ("/excel/", "/betaling/", "/ringeliste/", 'type="checkbox"'):
        assert shown in html


def test_callers_have_no_list(client_for: ClientFor, kafjord: Branch) -> None:
    assert client_for(make_officer(kafjord, Role.CALLER)).get(url(kafjord)).status_code == 404


# --- Empty


def test_when_all_have_paid_the_page_says_so(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    make_claim(make_member(kafjord), outstanding_ore=0)
    recount()
    html = page(client_for(officer), kafjord)
    assert "Alle i Kåfjord Arbeiderparti har betalt." in html
    assert "1 medlem fikk krav, og alt er betalt." in html


def test_a_year_without_claims_says_where_they_come_from(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    html = page(client_for(officer), kafjord)
    assert "Ingen i Kåfjord Arbeiderparti har krav for 2026." in html
    assert "/medlemmer/importer/" in html
    html = page(client_for(make_officer(kafjord, Role.BRANCH_LEADER)), kafjord)
    assert "/medlemmer/importer/" not in html


def test_other_years_are_one_tap_away(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    (member,) = unpaid(kafjord, "Berg")
    make_claim(member, year=2024)
    recount()
    html = page(client_for(officer), kafjord)
    assert f'href="{url(kafjord, 2024)}"' in html
    assert f'href="{url(kafjord, 2025)}"' not in html


# --- Narrowing


def search(client: Client, branch: Branch, **fields: str) -> str:
    answer = client.post(url(branch), fields, follow=True)
    (address, _status) = answer.redirect_chain[-1]
    assert fields.get("navn", "–") not in address
    return answer.content.decode()


def test_a_name_is_searched_for_without_standing_in_the_address(
    client_for: ClientFor, kafjord: Branch, officer: User
) -> None:
    unpaid(kafjord, "Bergersen", "Dal")
    html = search(client_for(officer), kafjord, navn="gers")
    assert "Ane Bergersen" in html
    assert "Ane Dal" not in html
    assert "1 treff" in html
    # The call list and the workbook are made of what is seen.
    assert html.count('<input type="hidden" name="navn" value="gers">') == 2
    assert "/utskrift/" not in html
    assert AuditEvent.objects.get(verb=Verb.UNPAID_LISTED).details == {"year": 2026, "searched": True}


def test_a_single_letter_finds_all_it_begins_in_a_large_county(county: Branch, kafjord: Branch) -> None:
    unpaid(kafjord, "Quist", "Dal")
    asked = QueryDict("navn=q")
    claims = UnpaidFilter(asked, queryset=Claim.objects.of(county), branch=county, people=100_000).qs
    assert [claim.member.last_name for claim in claims if claim.member] == ["Quist"]


def test_nobody_found_is_said_with_a_way_back(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    unpaid(kafjord, "Dal")
    html = search(client_for(officer), kafjord, navn="xyz")
    assert "Ingen treff" in html
    assert f'href="{url(kafjord)}"' in html


def test_a_search_of_another_session_is_forgotten(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    unpaid(kafjord, "Dal")
    assert "Ane Dal" in page(client_for(officer), kafjord, "?sok=abcdefgh&navn=xyz")


def test_partly_paid_and_nothing_paid(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    unpaid(kafjord, "Ingenting")
    make_claim(make_member(kafjord, last_name="Delvis"), outstanding_ore=100)
    recount()
    client = client_for(officer)
    partly, nothing = page(client, kafjord, "?status=delvis"), page(client, kafjord, "?status=ingenting")
    assert "Ane Delvis" in partly
    assert "Ane Ingenting" not in partly
    assert "Ane Delvis" not in nothing
    assert "Ane Ingenting" in nothing
    assert "Ane Delvis" in page(client, kafjord, "?status=tull")


def test_one_branch_of_many_by_slug_or_by_the_beginning_of_its_place(
    client_for: ClientFor, county: Branch, kafjord: Branch
) -> None:
    tromso = make_branch(county, "Tromsø")
    unpaid(kafjord, "Berg")
    unpaid(make_branch(tromso, "Tromsøya"), "Dal")
    unpaid(make_branch(make_county("Nordland"), "Tromvik"), "Fremmed")
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    assert '<option value="tromso">Tromsø</option>' in page(client, county)
    for value in ("tromso", "tromsø", "Tro"):
        html = page(client, county, f"?lag={value}")
        assert "Ane Dal" in html
        assert "Ane Berg" not in html
    for value in ("nordland", "tromvik", "…"):
        assert "Ingen treff" in page(client, county, f"?lag={value}")


def test_very_many_branches_are_typed_not_listed(client_for: ClientFor, county: Branch) -> None:
    for number in range(41):
        make_branch(county, f"Sted {number}")
    unpaid(county, "Berg")
    html = page(client_for(make_officer(county, Role.COUNTY_SECRETARY)), county)
    assert 'id="f-branch" name="lag" maxlength' in html
    assert '<option value="sted-1"' not in html


# --- How fresh, and who was phoned


def deliver(branch: Branch, as_of_on: date, source: str = PaymentSource.REGISTER, year: int | None = 2026) -> None:
    PaymentBatch.objects.create(branch=branch, source=source, as_of_on=as_of_on, year=year, created_at=NOW)


@pytest.mark.parametrize(("day", "stale"), [(10, False), (9, True)])
def test_old_figures_are_warned_of(
    client_for: ClientFor, kafjord: Branch, officer: User, day: int, stale: bool
) -> None:
    unpaid(kafjord, "Berg")
    deliver(kafjord, date(2026, 11, day))
    html = page(client_for(officer), kafjord)
    assert ("Tallene er 11 dager gamle" in html) == stale
    assert (f"Betalt per {day}. november 2026." in html) != stale


def test_paid_as_of_is_the_newest_delivery_that_covers_the_branch(
    client_for: ClientFor, county: Branch, kafjord: Branch, officer: User
) -> None:
    unpaid(kafjord, "Berg")
    client = client_for(officer)
    assert "Ingen fil har fortalt hvem som har betalt for 2026." in page(client, kafjord)
    deliver(kafjord, date(2026, 11, 19), PaymentSource.MANUAL)
    deliver(kafjord, date(2026, 11, 18), year=2025)
    deliver(make_branch(county, "Harstad"), date(2026, 11, 17))
    assert "Ingen fil har fortalt" in page(client, kafjord)
    deliver(kafjord, date(2026, 11, 12))
    deliver(county, date(2026, 11, 14), PaymentSource.OCR, year=None)
    assert "Betalt per 14. november 2026." in page(client, kafjord)


def test_a_county_says_when_only_some_branches_have_delivered(
    client_for: ClientFor, county: Branch, kafjord: Branch
) -> None:
    unpaid(kafjord, "Berg")
    deliver(kafjord, date(2026, 11, 12))
    html = page(client_for(make_officer(county, Role.COUNTY_SECRETARY)), county)
    assert "Betalinger er bare levert for noen kommunepartier, sist 12. november 2026." in html


def test_many_later_deliveries_of_branches_do_not_hide_the_countys(
    client_for: ClientFor, county: Branch, kafjord: Branch
) -> None:
    unpaid(kafjord, "Berg")
    deliver(county, date(2026, 11, 11))
    for _ in range(25):
        deliver(kafjord, date(2026, 11, 15))
    html = page(client_for(make_officer(county, Role.COUNTY_SECRETARY)), county)
    assert "Betalt per 11. november 2026." in html


def test_the_last_call_about_the_year_is_told(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    called, listed, never = unpaid(kafjord, "Ringt", "Delt", "Aldri")
    call_list = CallList.objects.create(
        branch=kafjord, purpose=Purpose.DUES, year=2026, made_by=officer, created_at=NOW
    )
    caller = CallListCaller.objects.create(call_list=call_list, name="Siri Dahl", position=1)
    for position, member in enumerate((called, listed)):
        Call.objects.create(call_list=call_list, caller=caller, member=member, position=position)
    Call.objects.filter(member=called).update(outcome=Outcome.NO_ANSWER, outcome_at=NOW)
    html = page(client_for(officer), kafjord)
    assert "20.11.2026, " in html
    assert html.count("På lista til Siri Dahl") == 1
    assert html.count(">Aldri</td>") == 1
    CallList.objects.update(closed_at=NOW)
    assert "På lista til Siri Dahl" not in page(client_for(officer), kafjord)
    assert never.pk


def test_claims_of_the_year_only(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    unpaid(kafjord, "Berg")
    Claim.objects.update(year=2025)
    recount()
    assert "Ane Berg" not in page(client_for(officer), kafjord)
    assert "Ane Berg" in page(client_for(officer), kafjord, year=2025)
