"""The state of the register: whom each check finds, where it is put right, and what the page costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent
from membership.enums import MemberStatus
from membership.extensions import QualityCheck, registry
from membership.models import Branch, Member
from membership.quality import CHECKS, checks, fix_url, found_by, states_of, urgent_count
from membership.roles import Role
from tests.factories import TODAY, make_branch, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db
FINE: dict[str, Any] = {"birth_year": 1980, "checked_on": TODAY, "street": "Storgata 1", "postal_code": "9146"}
WRONG: dict[str, dict[str, Any]] = {
    "epost-retur": {"email_bounced_on": TODAY},
    "telefon-uleselig": {"mobile": "se notat", "mobile_ok": False},
    "samtykke-mangler": {"birth_year": None, "birth_on": date(2013, 1, 1)},
    "epost-mangler": {"email": ""},
    "telefon-mangler": {"mobile": "", "mobile_ok": False},
    "postnummer-mangler": {"postal_code": ""},
    "fodt-mangler": {"birth_year": None},
    "ikke-sjekket": {"checked_on": date(2024, 11, 19)},
}


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def client(kafjord: Branch, client_for: Callable[..., Client]) -> Client:
    return client_for(make_officer(kafjord))


def page(client: Client, slug: str = "kafjord", check: str = "") -> Any:
    return client.get(reverse("membership:quality", args=[slug]), {"sjekk": check} if check else {})


def test_each_check_finds_the_one_who_has_it_and_nobody_else(county: Branch, kafjord: Branch, client: Client) -> None:
    make_member(kafjord, "Helt", "Fin", **FINE)
    made = {key: make_member(kafjord, "A", key, **{**FINE, **wrong}) for key, wrong in WRONG.items()}
    alone = make_member(county, "Uten", "Parti", **FINE)
    # Consent given, a protected address, one who wants no email, one who has left: nothing is wrong.
    make_member(kafjord, **{**FINE, "birth_on": date(2013, 1, 1), "guardian_consent_on": TODAY})
    make_member(kafjord, **{**FINE, "postal_code": "", "address_protection": "confidential"})
    make_member(kafjord, **{**FINE, "email": "", "no_email": True})
    make_member(kafjord, **{**FINE, "email": "", "status": MemberStatus.RESIGNED})
    found = {check.key: [m.pk for m in found_by(check, county)] for check in CHECKS}
    assert found == {"uten-parti": [alone.pk], **{key: [member.pk] for key, member in made.items()}}
    for key in WRONG:
        answer = page(client, check=key)
        assert [row["pk"] for row in answer.context["rows"]] == [made[key].pk]
    assert {state.check.key: str(state.total) for state in states_of(county, checks())} == {
        check.key: "1" if check.key in found else "0" for check in checks()
    }


def test_each_has_its_fix_one_click_away(kafjord: Branch, client: Client) -> None:
    member = make_member(kafjord, "Ane", "Fjell", email="", **FINE)
    check = next(check for check in CHECKS if check.key == "epost-mangler")
    fix = fix_url(check, kafjord, member)
    assert fix.startswith(f"/lag/kafjord/medlemmer/{member.pk}/")
    assert f'href="{fix}"' in page(client, check="epost-mangler").text
    missing = QualityCheck("x", "X", "x", lambda members: members, 1, fix="membership:not_built")
    assert fix_url(missing, kafjord, member) == f"/lag/kafjord/medlemmer/{member.pk}/"


def test_one_who_may_only_read_gets_no_fix(kafjord: Branch, client_for: Callable[..., Client]) -> None:
    make_member(kafjord, email="")
    answer = page(client_for(make_officer(kafjord, Role.BRANCH_LEADER)), check="epost-mangler")
    assert answer.status_code == 200
    assert "Rett opp" not in answer.text


def test_all_in_order_says_so(kafjord: Branch, client: Client) -> None:
    make_member(kafjord, **FINE)
    assert "Alt i orden" in page(client).text
    assert "Ingen igjen her" in page(client, check="epost-mangler").text


def test_it_is_logged_with_what_was_looked_for_and_how_many(kafjord: Branch, client: Client) -> None:
    make_member(kafjord, email="")
    page(client, check="epost-mangler")
    event = AuditEvent.objects.get(verb=Verb.QUALITY_OPENED)
    assert (event.count, event.details, event.branch_id) == (1, {"check": "epost-mangler"}, kafjord.pk)


@pytest.mark.parametrize("check", ["finnes-ikke", "<script>", "email__contains", "x" * 500])
def test_a_check_that_there_is_not_is_not_found(client: Client, check: str) -> None:
    assert page(client, check=check).status_code == 404


def test_only_ones_own_are_found(county: Branch, kafjord: Branch, client: Client) -> None:
    make_member(make_branch(county, "Lyngen"), "Ragna", "Qvilvik", email="")
    assert "Qvilvik" not in page(client, check="epost-mangler").text
    assert page(client, "lyngen").status_code == 404
    assert page(client, "troms").status_code == 404


@pytest.mark.parametrize("n", [1, 3])
def test_it_costs_the_same_however_many(
    kafjord: Branch, client: Client, n: int, django_assert_num_queries: Any
) -> None:
    for _ in range(n):
        make_member(kafjord, email="")
    with django_assert_num_queries(7):
        page(client)
    with django_assert_num_queries(7):
        page(client, check="epost-mangler")


def test_where_there_are_too_many_one_chooses_a_branch(
    county: Branch, kafjord: Branch, client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("membership.quality.LOOKED_AT", 1)
    make_member(kafjord, "Ane", "Fjell", email="")
    make_member(county, email="")
    secretary = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    for answer in (page(secretary, "troms"), page(secretary, "troms", "epost-mangler")):
        assert reverse("membership:quality", args=["kafjord"]) in answer.text
        assert "Fjell" not in answer.text
    assert "Fjell" in page(secretary, "kafjord", "epost-mangler").text
    assert urgent_count(county, members=2) == 0


def test_counts_stop_at_a_thousand(kafjord: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("common.listing.COUNT_CAP", 2)
    for _ in range(4):
        make_member(kafjord, email="")
    found = {state.check.key: str(state.total) for state in states_of(kafjord, checks())}
    assert found["epost-mangler"] == "2+"


def test_another_app_can_add_a_check(kafjord: Branch, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    added = QualityCheck("testet", "Testet", "Av en test.", lambda members: members.filter(first_name="Ane"), 5)
    monkeypatch.setattr(registry, "quality", [*registry.quality, added])
    make_member(kafjord, "Ane", "Fjell", **FINE)
    assert "Testet: " in page(client).text
    assert [row["name"] for row in page(client, check="testet").context["rows"]] == ["Fjell, Ane"]
    assert Member.objects.count() == 1
