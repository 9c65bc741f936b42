"""Whom a message is for: the list of choices, names that are searched for, those ticked in the register."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEvent, User
from membership.enums import AddressProtection
from membership.models import Branch, Member, SavedView
from membership.roles import Role
from messaging.models import Message
from tests.factories import make_branch, make_member, make_officer
from tests.messaging.writing_steps import draft, filled, new, text, url

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


# --- To whom, how many, why not --------------------------------------------------------------------------------------


def test_a_new_message_is_to_everybody_and_says_how_many_get_it(
    client: Client, kafjord: Branch, members: list[Member]
) -> None:
    page = text(client.get(new(kafjord)))
    assert "Alle medlemmer i Kåfjord Arbeiderparti (3)" in page
    assert re.search(r'reach__n" role="status">2 <small>får meldingen', page)
    assert "1 får den ikke" in page
    assert Message.objects.count() == 0


def test_the_tiles_tell_how_many_each_way_reaches(client: Client, kafjord: Branch, members: list[Member]) -> None:
    page = text(client.get(new(kafjord)))
    assert re.search(r'id="tall-email">2, gratis', page)
    assert re.search(r'id="tall-sms">3, fra 1,17\xa0kr', page)
    assert re.search(r'id="tall-both">3, fra 0,39\xa0kr', page)


def test_each_reason_has_its_list(client: Client, kafjord: Branch, officer: User, members: list[Member]) -> None:
    message = draft(kafjord, officer)
    page = text(client.get(url("message_edit", message)))
    where = url("message_left_out", message, "no_address")
    assert where in page
    listed = text(client.get(where))
    assert "Uten, Per" in listed
    assert "Berg, Ane" not in listed
    assert AuditEvent.objects.filter(verb="recipients.listed", count=1).count() == 1


def test_who_is_shielded_is_told_by_number_alone(
    client: Client, client_for: ClientFor, county: Branch, kafjord: Branch, officer: User
) -> None:
    make_member(kafjord, "Skjult", "Person", address_protection=AddressProtection.STRICT)
    message = draft(kafjord, officer)
    where = url("message_left_out", message, "protected")
    page = text(client.get(url("message_edit", message)))
    assert "1 får den ikke" in page
    assert where not in page
    assert client.get(where).status_code == 404
    secretary = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    assert "Person, Skjult" in text(secretary.get(where))


@pytest.mark.parametrize("reason", ["tull", "leftover", "%20"])
def test_a_reason_that_is_none_is_not_found(client: Client, kafjord: Branch, officer: User, reason: str) -> None:
    where = reverse("messaging:message_left_out", args=[kafjord.slug, draft(kafjord, officer).pk, reason])
    assert client.get(where).status_code == 404


def test_a_list_of_those_left_out_costs_the_same_for_one_and_many(
    client: Client,
    kafjord: Branch,
    officer: User,
    members: list[Member],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    where = url("message_left_out", draft(kafjord, officer), "no_address")
    with django_assert_num_queries(7):
        client.get(where)
    make_member(kafjord, "Pål", email="")
    make_member(kafjord, "Siv", email="")
    with django_assert_num_queries(7):
        assert "Siv" in text(client.get(where))


def test_a_draft_whose_audience_is_gone_has_nobody(client: Client, kafjord: Branch, officer: User) -> None:
    message = draft(kafjord, officer, audience={"kind": "gone"})
    assert "Ingen ville fått den" in text(client.get(url("message_edit", message)))
    assert client.get(url("message_left_out", message, "no_address")).status_code == 404


def test_people_are_found_by_name_and_added_and_taken_away(
    client: Client, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    ane, nils, _per = members
    message = draft(kafjord, officer)
    found = text(client.post(url("message_edit", message), filled(message, handling="finn", q="nils")))
    assert "Nils-Áslak Valkeapää" in found.split("Kryss av")[1].split("Legg til")[0]
    assert "nils" not in found.split("<title>")[1].split("</title>")[0]
    message.refresh_from_db()
    client.post(url("message_edit", message), filled(message, handling="legg_til", pick=[ane.pk, nils.pk]))
    message.refresh_from_db()
    assert message.audience == {"kind": "people", "ids": sorted([ane.pk, nils.pk])}
    assert message.audience_label == "2 utvalgte medlemmer"
    page = text(client.get(url("message_edit", message)))
    assert "Valgte personer (2)" in page
    client.post(url("message_edit", message), filled(message, to="personer", handling="", fjern=ane.pk))
    message.refresh_from_db()
    assert message.audience["ids"] == [nils.pk]


def test_those_who_are_chosen_are_not_among_the_hits(
    client: Client, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    message = draft(kafjord, officer, audience={"kind": "people", "ids": [members[0].pk]})
    data = filled(message, to="personer", handling="finn", q="ane")
    assert "blir funnet med «ane»" in text(client.post(url("message_edit", message), data))


def test_nobody_from_elsewhere_is_added(client: Client, county: Branch, kafjord: Branch, officer: User) -> None:
    foreign = make_member(make_branch(county, "Lyngen"))
    message = draft(kafjord, officer)
    for pick in (foreign.pk, "x", "9" * 30):
        answer = client.post(url("message_edit", message), filled(message, handling="legg_til", pick=pick))
        assert answer.status_code == 404
    message.refresh_from_db()
    assert message.audience["kind"] == "members"


def test_choosing_people_before_anybody_is_found_says_what_to_do(
    client: Client, kafjord: Branch, members: list[Member]
) -> None:
    page = text(client.post(new(kafjord), filled(to="personer", handling="vis"), follow=True))
    assert "Ingen er valgt ennå" in page
    assert Message.objects.get().audience == {"kind": "people", "ids": []}


def test_officers_are_written_to_as_such(client: Client, kafjord: Branch, officer: User) -> None:
    client.post(new(kafjord), filled(to="verv-membership_officer"))
    message = Message.objects.get()
    assert message.audience["kind"] == "officers"
    page = text(client.get(url("message_edit", message)))
    assert "Send til 1 tillitsvalgt" in page
    assert "Hei Kari!" in page
    assert "far-ikke" not in page


def test_a_saved_view_can_be_written_to(client: Client, kafjord: Branch, officer: User, members: list[Member]) -> None:
    view = SavedView.objects.create(branch=kafjord, owner=officer, name="Uten e-post", params={"epost": "uten"})
    page = text(client.get(new(kafjord)))
    if f"visning-{view.pk}" in page:
        client.post(new(kafjord), filled(to=f"visning-{view.pk}"))
        assert Message.objects.get().audience_label == "Uten e-post"


# --- From the register -----------------------------------------------------------------------------------------------


def test_a_filtered_list_leads_to_a_message_to_it(client: Client, kafjord: Branch, members: list[Member]) -> None:
    listed = text(client.get(reverse("membership:member_list", args=[kafjord.slug]), {"fra": "01.01.2020"}))
    assert f"{new(kafjord)}?fra=01.01.2020&" in listed
    page = text(client.get(new(kafjord), {"fra": "01.01.2020"}))
    assert re.search(r'<option value="valgt" selected>', page)
    assert "3" not in Message.objects.values_list("audience", flat=True)


def test_a_list_that_is_not_understood_is_to_nobody_rather_than_everybody(
    client: Client, kafjord: Branch, members: list[Member]
) -> None:
    for query in ({"tull": "1"}, {"fra": "i fjor"}, {"sok": "abc"}):
        page = text(client.get(new(kafjord), query))
        assert "Du kan ikke skrive til den lista" in page
        assert "Ingen er valgt ennå" in page


def test_a_search_gives_no_way_to_write_to_what_was_searched(
    client: Client, kafjord: Branch, members: list[Member]
) -> None:
    listing = reverse("membership:member_list", args=[kafjord.slug])
    assert "Skriv til disse" in text(client.get(listing))
    assert "Skriv til disse" not in text(client.post(listing, {"q": "ane"}, follow=True))


def test_those_ticked_in_the_register_get_a_draft(client: Client, kafjord: Branch, members: list[Member]) -> None:
    assert "Skriv til dem" in text(client.get(reverse("membership:member_list", args=[kafjord.slug])))
    answer = client.post(new(kafjord), {"handling": "skriv", "id": [members[0].pk, members[1].pk]})
    message = Message.objects.get()
    assert answer["Location"] == url("message_edit", message)
    assert message.audience == {"kind": "people", "ids": sorted([members[0].pk, members[1].pk])}


def test_all_of_a_list_is_the_list(client: Client, kafjord: Branch, members: list[Member]) -> None:
    client.post(f"{new(kafjord)}?fra=01.01.2020", {"handling": "skriv", "alle": "1"})
    assert Message.objects.get().audience == {"kind": "members", "params": {"fra": "01.01.2020"}}


@pytest.mark.parametrize("ids", [[], ["x"], ["99999999"]])
def test_a_list_that_has_changed_makes_no_draft(client: Client, kafjord: Branch, ids: list[str]) -> None:
    answer = client.post(f"{new(kafjord)}?fra=01.01.2020", {"handling": "skriv", "id": ids}, follow=True)
    assert answer.redirect_chain[0][0].endswith("medlemmer/?fra=01.01.2020")
    assert Message.objects.count() == 0
