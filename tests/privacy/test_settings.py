"""The county's rules: who changes them, within what, and what is written down of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.models import Branch
from membership.roles import Role
from privacy.actions.settings import NotACounty, change_settings
from privacy.models import PrivacySettings
from privacy.rules import rules_of
from privacy.statements import unanswered_for
from tests.factories import NOW, TODAY, make_branch, make_county, make_officer

ClientFor = Callable[[User], Client]
pytestmark = pytest.mark.django_db

TYPED = {
    "correction_days": "3",
    "unpaid_from": "due_date",
    "unpaid_months": "2",
    "notice_days": "21",
    "controller": "Troms Arbeiderparti, org.nr. 000 000 000",
    "controller_address": "Storgata 1, 9008 Tromsø",
    "contact_email": "personvern@example.no",
    "contact_phone": "",
    "protection_officer_email": "",
    "accessibility_email": "",
}


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def secretary(county: Branch) -> User:
    return make_officer(county, Role.COUNTY_SECRETARY)


def url(branch: Branch) -> str:
    return reverse("privacy:settings", args=[branch.slug])


def test_a_county_saves_its_rules(county: Branch, secretary: User, client_for: ClientFor) -> None:
    client = client_for(secretary)
    assert client.post(url(county), TYPED)["Location"] == url(county)
    row = PrivacySettings.objects.get()
    assert (row.correction_days, row.unpaid_from, row.unpaid_months, row.notice_days) == (3, "due_date", 2, 21)
    assert (row.controller, row.changed_by, row.changed_at) == (TYPED["controller"], secretary, NOW)
    page = client.get(url(county)).content.decode()
    assert "Innstillingene er lagret." in page
    assert TYPED["controller_address"] in page


def test_the_log_has_the_fields_and_none_of_the_words(county: Branch, secretary: User, client_for: ClientFor) -> None:
    client_for(secretary).post(url(county), TYPED)
    event = AuditEvent.objects.get(verb=Verb.PRIVACY_SETTINGS_CHANGED)
    assert event.branch_id == county.pk
    assert set(event.details["fields"].split(",")) == {
        *("correction_days", "unpaid_from", "unpaid_months", "notice_days"),
        *("controller", "controller_address", "contact_email"),
    }
    assert "example.no" not in str(event.details)


def test_the_same_again_changes_and_logs_nothing(county: Branch, secretary: User, client_for: ClientFor) -> None:
    client = client_for(secretary)
    client.post(url(county), TYPED)
    client.post(url(county), TYPED)
    assert AuditEvent.objects.filter(verb=Verb.PRIVACY_SETTINGS_CHANGED).count() == 1
    assert "Ingenting ble endret." in client.get(url(county)).content.decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("correction_days", value) for value in ("15", "-1", "", "x")],
        *[("unpaid_months", value) for value in ("0", "7")],
        *[("notice_days", value) for value in ("13", "91")],
        ("unpaid_from", "someday"),
        ("contact_email", "ikke en adresse"),
        ("controller", "x" * 161),
    ],
)
def test_what_is_out_of_bounds_is_refused(
    county: Branch, secretary: User, client_for: ClientFor, name: str, value: str
) -> None:
    answer = client_for(secretary).post(url(county), TYPED | {name: value})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'href="#id_{name}"' in page
    # What was typed stands.
    assert TYPED["controller_address"] in page
    assert not PrivacySettings.objects.exists()


def test_there_is_none_below_the_county(county: Branch, secretary: User, client_for: ClientFor) -> None:
    kafjord = make_branch(county)
    assert client_for(secretary).get(url(kafjord)).status_code == 404
    assert client_for(secretary).post(url(kafjord), TYPED).status_code == 404
    home = client_for(secretary).get(reverse("privacy:home", args=[kafjord.slug])).content.decode()
    assert "innstillinger" not in home
    with pytest.raises(NotACounty):
        change_settings(kafjord, values={"correction_days": 3}, by=secretary, now=NOW)


def test_the_action_itself_refuses_what_the_table_cannot_hold(county: Branch, secretary: User) -> None:
    with pytest.raises(ValidationError):
        change_settings(county, values={"correction_days": 15}, by=secretary, now=NOW)
    assert not PrivacySettings.objects.exists()


def test_of_two_the_last_one_stands(county: Branch, secretary: User) -> None:
    change_settings(county, values={"correction_days": 3}, by=secretary, now=NOW)
    later = NOW + timedelta(minutes=1)
    assert change_settings(county, values={"correction_days": 5, "notice_days": 30}, by=secretary, now=later) == [
        "correction_days"
    ]
    assert (rules_of(county).correction_days, rules_of(county).changed_at) == (5, later)


def test_one_county_chooses_nothing_for_another(county: Branch, secretary: User, client_for: ClientFor) -> None:
    other = make_county("Finnmark")
    assert client_for(secretary).post(url(other), TYPED).status_code == 404
    assert rules_of(other).correction_days == 7


def test_the_county_is_asked_to_say_who_answers(county: Branch, secretary: User) -> None:
    (todo,) = unanswered_for(county, secretary, TODAY)
    assert str(todo.title) == "Skriv hvem som svarer for opplysningene"
    assert todo.url == url(county)
    assert unanswered_for(make_branch(county), secretary, TODAY) == []
    values: dict[str, Any] = {"controller": "Troms Arbeiderparti", "contact_phone": "77 00 00 00"}
    change_settings(county, values=values, by=secretary, now=NOW)
    assert unanswered_for(county, secretary, TODAY) == []
