"""What a message costs and how it looks before it is sent, and the test to oneself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import AuditEvent, User
from membership.models import Branch, Member
from messaging.enums import Channel, Purpose, Way
from messaging.models import Delivery, Message, MessageText, MessagingSettings
from tests.factories import make_branch, make_member, make_officer
from tests.messaging.writing_steps import draft, filled, new, text, url

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


# --- The SMS counter -------------------------------------------------------------------------------------------------


DASH = "Hei {{ fornavn }}! Medlemsmøte i morgen kl. 18 – ta med en venn. Hilsen {{ kommuneparti }}"


def test_the_counter_finds_the_dearest_and_names_the_character(
    client: Client, kafjord: Branch, members: list[Member]
) -> None:
    client.post(new(kafjord), filled(way="sms", sms_nb=DASH))
    page = text(client.get(url("message_edit", Message.objects.get())))
    assert "2 SMS til hver" in page
    assert "2 × 3 × 0,39\xa0kr" in page
    assert "Tankestreken «–» gjør meldingen dyrere." in page
    assert "Med vanlige tegn: 1 SMS til 2, 2 SMS til 1, 1,56\xa0kr." in page
    assert "<mark>–</mark>" in page
    assert "(lengste SMS)" in page


def test_a_press_swaps_what_was_typed_and_no_name(client: Client, kafjord: Branch, members: list[Member]) -> None:
    client.post(new(kafjord), filled(way="sms", sms_nb=DASH, handling="bytt"))
    message = Message.objects.get()
    assert message.texts.get().sms == DASH.replace("–", "-")
    page = text(client.get(url("message_edit", message)))
    assert "1 har navn med bokstaver (Á)" in page
    assert "<mark>Á</mark>" in page
    assert "1 SMS til 2, 2 SMS til 1" in page


def test_an_emoji_has_no_look_alike(client: Client, kafjord: Branch, members: list[Member]) -> None:
    client.post(new(kafjord), filled(way="sms", sms_nb="Hei 😀"))
    page = text(client.get(url("message_edit", Message.objects.get())))
    assert "Tegnet «😀» gjør meldingen dyrere." in page
    assert 'value="bytt"' not in page


def test_two_who_share_a_number_are_one_sms(client: Client, kafjord: Branch, members: list[Member]) -> None:
    make_member(kafjord, "Siv", mobile=members[0].mobile)
    client.post(new(kafjord), filled(way="sms", sms_nb="Hei!"))
    page = text(client.get(url("message_edit", Message.objects.get())))
    assert "1 × 3 × 0,39\xa0kr" in page
    assert "Send til 4 i Kåfjord" in page
    assert "1 deler adresse med en annen" in page
    listed = text(client.get(url("message_left_out", Message.objects.get(), "shared")))
    assert "Hvem som deler adresse" in listed
    assert "Berg, Ane" in listed
    assert "Fjellvær, Siv" in listed


def test_an_officers_sms_is_counted_by_their_own_name(client: Client, kafjord: Branch, officer: User) -> None:
    client.post(new(kafjord), filled(to="verv-membership_officer", way="sms", sms_nb="Hei {{ navn }}"))
    page = text(client.get(url("message_edit", Message.objects.get())))
    assert "Regnet for Kari Nordvik." in page
    assert "1 × 1 × 0,39\xa0kr" in page


def test_an_audience_of_officers_that_is_gone_is_nobody(client: Client, kafjord: Branch, officer: User) -> None:
    message = draft(kafjord, officer, audience={"kind": "officers", "roles": ["gone"]}, way=Way.SMS)
    assert client.get(url("message_edit", message)).status_code == 200


def test_the_months_sum_is_told_and_the_budget_stops_the_sending(
    client: Client, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    MessagingSettings.objects.create(branch=kafjord, sms_budget_ore=100)
    message = draft(kafjord, officer, way=Way.SMS)
    page = text(client.get(url("message_edit", message)))
    assert "SMS denne måneden: 0\xa0kr av 1\xa0kr, 1\xa0kr igjen." in page
    assert "koster mer enn det som er igjen" in page


# --- How it looks ----------------------------------------------------------------------------------------------------


def test_it_is_shown_as_the_one_who_is_chosen(
    client: Client, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    message = draft(kafjord, officer)
    data = filled(message, handling="vis", shown_as=f"m{members[1].pk}")
    answer = client.post(url("message_edit", message), data)
    assert answer["Location"].endswith(f"?som=m{members[1].pk}#visning")
    assert "<p>Hei Nils-Áslak!</p>" in text(client.get(answer["Location"]))
    message.refresh_from_db()
    named = client.post(url("message_edit", message), filled(message, handling="vis", find_as="berg"), follow=True)
    assert "<p>Hei Ane!</p>" in text(named)


def test_it_is_shown_as_nobody_who_does_not_get_it(
    client: Client, county: Branch, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    foreign = make_member(make_branch(county, "Lyngen"), "Fremmed")
    message = draft(kafjord, officer)
    for key in (f"m{foreign.pk}", f"m{members[2].pk}", "mx", "m" + "9" * 40, f"u{officer.pk}"):
        page = text(client.get(url("message_edit", message), {"som": key}))
        assert "Hei Fremmed" not in page
        assert "Hei Per" not in page
    missed = client.post(
        url("message_edit", message), filled(message, find_as="fremmed"), headers={"HX-Request": "true"}
    )
    assert "Ingen som får den" in text(missed)


def test_htmx_gets_the_same_page_and_saves_nothing(
    client: Client, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    message = draft(kafjord, officer)
    before = message.changed_at
    data = filled(message, handling="vis", body_nb="Bare *nå*", way="sms", sms_nb="Hei!")
    page = text(client.post(url("message_edit", message), data, headers={"HX-Request": "true"}))
    assert "1 SMS til hver" in page
    message.refresh_from_db()
    assert (message.changed_at, message.way, message.texts.get().body) == (before, "email", "Hei {{ fornavn }}!")


def test_markup_in_a_name_is_plain_text(client: Client, kafjord: Branch, officer: User) -> None:
    make_member(kafjord, "<b>{{ medlemsnummer }}</b>", "**Berg**")
    message = draft(kafjord, officer)
    MessageText.objects.filter(message=message).update(body="Hei {{ navn }}", sms="Hei {{ navn }}")
    raw = client.get(url("message_edit", message)).content.decode()
    assert "Hei &lt;b&gt;{{ medlemsnummer }}&lt;/b&gt; **Berg**" in raw
    assert "<b>{{" not in raw


def test_a_heavy_text_is_told_in_plain_words(client: Client, kafjord: Branch, officer: User) -> None:
    message = draft(kafjord, officer)
    MessageText.objects.filter(message=message).update(body="Dette er en setning som aldri slutter " + "og " * 30)
    page = text(client.get(url("message_edit", message)))
    assert "Teksten er" in page
    assert "Sett punktum før" in page
    assert "Dette er en setning som aldri …" in page


# --- A test to oneself -----------------------------------------------------------------------------------------------


def test_a_test_goes_to_the_writer_alone_and_once(
    client: Client, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    message = draft(kafjord, officer, way=Way.BOTH)
    data = filled(
        message, way="both", sms_nb="Hei {{ fornavn }}!", handling="test", press="abc", shown_as=f"m{members[1].pk}"
    )
    page = text(client.post(url("message_edit", message), data, follow=True))
    assert "kari@demo.example" in page
    message.refresh_from_db()
    client.post(url("message_edit", message), {**data, "seen": message.changed_at.isoformat()})
    email, sms = Delivery.objects.order_by("channel")
    assert (email.channel, email.address, email.subject) == (Channel.EMAIL, "kari@demo.example", "Test: Møte")
    assert email.body == "Hei Nils-Áslak!\n"
    assert email.body_html == "<p>Hei Nils-Áslak!</p>\n"
    assert (sms.channel, sms.address, sms.body, sms.parts, sms.price_ore) == (
        Channel.SMS,
        "+4799900001",
        "Hei Nils-Áslak!",
        1,
        39,
    )
    assert {email.purpose, sms.purpose} == {Purpose.TEST}
    assert AuditEvent.objects.filter(verb="message.tested").exists()


def test_a_test_without_words_or_address_says_so(
    client: Client, client_for: ClientFor, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    empty = draft(kafjord, officer)
    empty.texts.all().delete()
    assert "ikke noe å teste" in text(client.post(url("message_test", empty), follow=True))
    poor = client_for(make_officer(kafjord, name="Uten Telefon"))
    message = draft(kafjord, officer, way=Way.SMS)
    assert "ikke noe å teste" in text(poor.post(url("message_test", message), follow=True))
    nobody = draft(kafjord, officer, audience={"kind": "people", "ids": []})
    assert "Velg mottakere først" in text(client.post(url("message_test", nobody), follow=True))
    assert Delivery.objects.count() == 0


def test_a_test_sms_costs_too(client: Client, kafjord: Branch, officer: User, members: list[Member]) -> None:
    MessagingSettings.objects.create(branch=kafjord, sms_budget_ore=0)
    message = draft(kafjord, officer, way=Way.SMS)
    client.post(url("message_test", message))
    assert Delivery.objects.count() == 0
