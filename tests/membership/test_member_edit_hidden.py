"""What the form hides: a protected address, and the internal note."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from membership.enums import AddressProtection
from membership.models import Branch, Member, MemberChange
from membership.roles import Role
from tests.factories import make_branch, make_county, make_member, make_officer
from tests.membership.page_forms import address, form_of, save, send, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def user(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik")


@pytest.fixture
def officer(user: User, client_for: Callable[..., Client]) -> Client:
    return client_for(user)


SECRET = {"care_of": "Vertskap", "street": "Hemmeligveien 3", "postal_code": "9144", "city": "Skjultby"}


def test_a_protected_members_form_neither_shows_nor_wipes_the_address(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, address_protection=AddressProtection.STRICT, **SECRET)
    text = officer.get(address(member)).text
    assert not any(word in text for word in SECRET.values())
    assert 'value="strict" selected' not in text
    saved = save(officer, member, skills="Stand")
    assert (saved.street, saved.city, saved.address_protection) == ("Hemmeligveien 3", "Skjultby", "strict")
    assert told(member) == {"skills"}


def test_a_new_protected_address_takes_the_old_ones_place_whole(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, address_protection=AddressProtection.STRICT, **SECRET)
    saved = save(officer, member, street="Ny vei 1", postal_code="9000")
    assert (saved.care_of, saved.street, saved.postal_code, saved.city) == ("", "Ny vei 1", "9000", "")
    assert saved.household_key == ""


def test_an_officer_sets_protection_and_household_and_pages_follow(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, **SECRET)
    assert member.household_key
    saved = save(officer, member, protection="strict")
    assert (saved.address_protection, saved.household_key, saved.street) == ("strict", "", "Hemmeligveien 3")
    page = officer.get(reverse("membership:member_detail", args=["kafjord", member.pk])).text
    assert "Adressen er sperret" in page
    assert not any(word in page for word in SECRET.values())


def test_only_those_who_may_open_addresses_take_protection_away(
    kafjord: Branch, officer: Client, client_for: Callable[..., Client]
) -> None:
    member = make_member(kafjord, address_protection=AddressProtection.CONFIDENTIAL, **SECRET)
    answer = send(officer, member, form_of(officer, member), protection="none")
    assert answer.status_code == 422
    assert "Hemmeligveien" not in answer.text
    secretary = client_for(make_officer(kafjord, Role.COUNTY_SECRETARY))
    assert save(secretary, member, protection="none").address_protection == ""
    assert Member.objects.get(pk=member.pk).street == "Hemmeligveien 3"


def test_protection_set_while_the_form_was_open_does_not_let_the_address_out(
    kafjord: Branch, officer: Client, client_for: Callable[..., Client]
) -> None:
    member = make_member(kafjord, skills="a", **SECRET)
    mine = form_of(officer, member)
    other = client_for(make_officer(kafjord))
    save(other, member, protection="confidential", skills="b", street="Nytt Hemmested 9")
    answer = send(officer, member, mine, skills="c")
    assert answer.status_code == 422
    assert not any(word in answer.text for word in [*SECRET.values(), "Hemmested"])
    # And the form made before, sent with other changes, leaves the new address alone.
    assert send(officer, member, mine, gender="K").status_code == 302
    assert Member.objects.get(pk=member.pk).street == "Nytt Hemmested 9"


def test_a_form_made_while_it_was_protected_does_not_empty_an_address_that_no_longer_is(
    kafjord: Branch, officer: Client, client_for: Callable[..., Client]
) -> None:
    member = make_member(kafjord, address_protection=AddressProtection.CONFIDENTIAL, **SECRET)
    mine = form_of(officer, member)
    save(client_for(make_officer(kafjord, Role.COUNTY_SECRETARY)), member, protection="none")
    send(officer, member, mine, skills="x")
    assert Member.objects.get(pk=member.pk).street == "Hemmeligveien 3"


# --- The note --------------------------------------------------------------------------------------------------------


def test_the_history_keeps_of_a_note_only_that_it_was_changed(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, note="Gammelt")
    save(officer, member, note="Nytt")
    change = MemberChange.objects.get(member=member, field="note")
    assert (change.before, change.after) == (None, None)


def test_without_the_right_the_note_is_neither_shown_nor_changed(
    kafjord: Branch, client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from membership import roles

    rights = {**roles.PERMISSIONS, Role.TREASURER: roles.PERMISSIONS[Role.TREASURER] | {roles.Permission.EDIT_MEMBERS}}
    monkeypatch.setattr(roles, "PERMISSIONS", rights)
    member = make_member(kafjord, note="Bare for noen")
    client = client_for(make_officer(kafjord, Role.TREASURER))
    form = form_of(client, member)
    assert not {"note", "note_was"} & form.keys()
    saved = save(client, member, city="X", note="overskrevet", note_was="")
    assert (saved.note, saved.city) == ("Bare for noen", "X")
