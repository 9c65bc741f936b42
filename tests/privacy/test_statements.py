"""The public pages: plain words, filled from the settings, honest where nothing is filled in, and of no member."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common.policy import policy
from membership.models import Branch
from privacy.models import PrivacySettings
from tests.factories import NOW, make_branch, make_county, make_member

pytestmark = pytest.mark.django_db

PAGES = ("privacy:statement", "privacy:accessibility")


@pytest.fixture
def county() -> Branch:
    return make_county()


def fill(county: Branch, **values: Any) -> None:
    given = {"controller": "Troms Arbeiderparti", "contact_email": "personvern@example.no", "changed_at": NOW}
    PrivacySettings.objects.create(county=county, **(given | values))


def read(client: Client, name: str, *args: str) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_one_county_s_statement_is_shown_at_once(county: Branch, client: Client) -> None:
    fill(county, controller_address="Storgata 1", protection_officer_email="ombud@example.no", correction_days=3)
    page = read(client, "privacy:statement")
    for words in (
        "Troms Arbeiderparti",
        "Storgata 1",
        "personvern@example.no",
        "ombud@example.no",
        "20. november 2026",
    ):
        assert words in page
    for words in ("artikkel 9 nr. 2 bokstav d", "bokstav b", "bokstav f", "Datatilsynet", "Informasjonskapsler"):
        assert words in page
    assert "Her: 3 dager." in page


def test_how_long_is_told_from_the_policy_itself(county: Branch, client: Client) -> None:
    page = read(client, "privacy:statement")
    for rule in policy().rules.values():
        assert rule.name in page
        assert rule.until[1:] in page


def test_of_several_counties_one_chooses(county: Branch, client: Client) -> None:
    finnmark = make_county("Finnmark")
    fill(finnmark, controller="Finnmark Arbeiderparti, org.nr. 000 000 000")
    for name in PAGES:
        page = read(client, name)
        assert reverse(f"{name}_of", args=[county.slug]) in page
        assert reverse(f"{name}_of", args=[finnmark.slug]) in page
        assert "personvern@example.no" not in page
        assert "personvern@example.no" in read(client, f"{name}_of", finnmark.slug)
        assert "personvern@example.no" not in read(client, f"{name}_of", county.slug)


def test_a_branch_and_a_county_that_has_ended_have_no_page(county: Branch, client: Client) -> None:
    kafjord = make_branch(county)
    old = make_county("Finnmark")
    Branch.objects.filter(pk=old.pk).update(valid_to=date(2026, 1, 1))
    for name in PAGES:
        for slug in (kafjord.slug, old.slug, "finnes-ikke"):
            assert client.get(reverse(f"{name}_of", args=[slug])).status_code == 404


def test_an_empty_house_says_so(client: Client) -> None:
    for name in PAGES:
        assert "Ingen partier bruker disse sidene ennå." in read(client, name)


def test_where_nothing_is_filled_in_the_page_says_so(county: Branch, client: Client) -> None:
    page = read(client, "privacy:statement")
    assert "har ikke fylt ut hvem som svarer" in page
    assert "Spør lederen i laget ditt" in page
    assert "har ikke fylt ut hvor du skal skrive" in read(client, "privacy:accessibility")
    county.email = "troms@example.no"
    county.save()
    for name in PAGES:
        page = read(client, name)
        assert 'href="mailto:troms@example.no"' in page
        assert "Spør lederen i laget ditt" not in page


def test_barriers_have_an_address_of_their_own(county: Branch, client: Client) -> None:
    fill(county, accessibility_email="hjelp@example.no")
    page = read(client, "privacy:accessibility")
    assert "hjelp@example.no" in page
    assert "WCAG 2.2" in page


def test_strangers_learn_nothing_of_members_and_get_no_cookie(county: Branch, client: Client) -> None:
    member = make_member(make_branch(county), "Solfrid", "Myrland")
    for name in PAGES:
        answer = client.get(reverse(name))
        page = answer.content.decode()
        assert member.last_name not in page
        assert member.email not in page
        assert not answer.cookies
        assert "<script" not in page
        assert client.post(reverse(name)).status_code == 405


def test_what_a_county_writes_is_text(county: Branch, client: Client) -> None:
    fill(county, controller="<script>alert(1)</script>")
    assert "<script" not in read(client, "privacy:statement")


@pytest.mark.parametrize("name", ["account_login", "account_request_login_code", "account_reset_password", *PAGES])
def test_every_open_page_leads_to_both(county: Branch, client: Client, name: str) -> None:
    page = read(client, name)
    for target in PAGES:
        assert f'href="{reverse(target)}"' in page


def test_a_link_that_is_gone_leads_to_both(client: Client) -> None:
    page = client.get(reverse("messaging:unsubscribe", args=["x"])).content.decode()
    assert 'href="/personvern/"' in page
    assert 'href="/tilgjengelighet/"' in page
