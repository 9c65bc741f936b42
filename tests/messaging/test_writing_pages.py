"""The page on which a message is written, and the presses on it: as plain posts, the way they work without a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEvent, User
from common.clock import machine_time
from membership.enums import AddressProtection
from membership.models import Branch, Member, SavedView
from membership.roles import Role
from messaging.enums import Channel, DeliveryState, MessageState, Purpose, Way
from messaging.extensions import StaleWarning, registry
from messaging.models import Delivery, Message, MessageTemplate, MessageText, MessagingSettings
from tests.access_mail import make_message
from tests.factories import NOW, make_branch, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik", email="kari@demo.example", phone="+4799900001")


@pytest.fixture
def client(client_for: ClientFor, officer: User) -> Client:
    return client_for(officer)


@pytest.fixture
def members(kafjord: Branch) -> list[Member]:
    return [
        make_member(kafjord, "Ane", "Berg"),
        make_member(kafjord, "Nils-Áslak", "Valkeapää"),
        make_member(kafjord, "Per", "Uten", email=""),
    ]


def new(branch: Branch) -> str:
    return reverse("messaging:message_new", args=[branch.slug])


def url(name: str, message: Message, *args: Any) -> str:
    return reverse(f"messaging:{name}", args=[message.branch.slug, message.pk, *args])


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def hidden(answer: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    assert found, name
    return found[1]


def draft(branch: Branch, by: User, **fields: Any) -> Message:
    return make_message(branch, by, **fields)


def filled(message: Message | None = None, **fields: Any) -> dict[str, Any]:
    """What a browser would send: everybody, by email."""
    return {
        "to": "alle",
        "way": "email",
        "purpose": "newsletter",
        "when": "now",
        "subject_nb": "Møte",
        "body_nb": "Hei {{ fornavn }}!",
        "sms_nb": "",
        "handling": "utkast",
        "seen": message.changed_at.isoformat() if message else "",
        **fields,
    }


# --- To whom, how many, why not ---------------------------------------------------------------------------------------


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


# --- From the register ------------------------------------------------------------------------------------------------


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


# --- The draft --------------------------------------------------------------------------------------------------------


def test_a_press_saves_everything(client: Client, kafjord: Branch, members: list[Member]) -> None:
    data = filled(
        way="both",
        purpose="meetings",
        with_letters="on",
        sms_nb="Hei!",
        when="later",
        send_on="03122026",
        send_time="1700",
        until_on="4.12.2026",
        subject_se="Čoahkkin",
        body_se="Bures",
    )
    answer = client.post(new(kafjord), data)
    message = Message.objects.get()
    assert answer["Location"] == url("message_edit", message)
    assert (message.way, message.purpose, message.with_letters) == (Way.BOTH, Purpose.MEETINGS, True)
    assert message.send_at is not None
    assert message.expires_at is not None
    assert message.send_at.isoformat() == "2026-12-03T16:00:00+00:00"
    assert message.expires_at.isoformat() == "2026-12-04T22:59:00+00:00"
    assert {text.language: text.subject for text in message.texts.all()} == {"nb": "Møte", "se": "Čoahkkin"}
    page = text(client.get(url("message_edit", message)))
    for value in ("03.12.2026", "17.00", "04.12.2026", "23.59", "Čoahkkin", "Nordsamisk"):
        assert value in page
    assert "Sett i kø til 3 i Kåfjord" in page


def test_the_same_form_sent_twice_makes_one_draft(client: Client, kafjord: Branch) -> None:
    token = hidden(client.get(new(kafjord)), "form_token")
    for subject in ("Møte", "Møte", "Årsmøte"):
        client.post(new(kafjord), filled(form_token=token, subject_nb=subject))
    assert Message.objects.get().texts.get().subject == "Årsmøte"


def test_somebody_elses_form_token_leads_nowhere(
    client: Client, client_for: ClientFor, kafjord: Branch, county: Branch
) -> None:
    token = uuid4()
    client.post(new(kafjord), filled(form_token=token))
    other = client_for(make_officer(kafjord, name="Per Annen"))
    assert other.post(new(kafjord), filled(form_token=token)).status_code == 404
    assert Message.objects.count() == 1


def test_two_who_write_one_draft_are_told_and_nothing_typed_is_lost(
    client: Client, client_for: ClientFor, kafjord: Branch, officer: User, clock: time_machine.Traveller
) -> None:
    other = client_for(make_officer(kafjord, name="Per Annen"))
    message = draft(kafjord, officer)
    theirs = filled(message, body_nb="Pers ord")
    mine = filled(message, body_nb="Mine ord")
    clock.shift(60)
    assert other.post(url("message_edit", message), theirs).status_code == 302
    answer = client.post(url("message_edit", message), mine)
    assert answer.status_code == 409
    page = text(answer)
    assert "Per Annen har endret" in page
    assert "Mine ord" in page
    assert message.texts.get().body == "Pers ord"
    # Pressed again it is still theirs; over it only by the button that says so.
    assert client.post(url("message_edit", message), mine).status_code == 409
    client.post(url("message_edit", message), {**mine, "handling": "overskriv"})
    assert message.texts.get().body == "Mine ord"


def test_the_same_press_twice_is_no_conflict(client: Client, kafjord: Branch, officer: User) -> None:
    message = draft(kafjord, officer)
    data = filled(message, body_nb="Nye ord")
    assert [client.post(url("message_edit", message), data).status_code for _time in range(2)] == [302, 302]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"when": "later", "send_on": "32.13.2026", "send_time": "17"}, "Skriv datoen"),
        ({"when": "later", "send_on": "3.12.2026", "send_time": "halv seks"}, "Skriv klokkeslettet som timer"),
        ({"when": "later"}, "Skriv datoen den skal sendes"),
        ({"when": "later", "send_on": "3.12.2026"}, "Skriv klokkeslettet også"),
        ({"when": "later", "send_time": "17.00"}, "Skriv datoen også"),
        (
            {"when": "later", "send_on": "3.12.2026", "send_time": "17", "until_on": "3.12.2026", "until_time": "16"},
            "må komme etter",
        ),
        ({"sms_nb": "a" * 1001}, "høyst 1000 tegn"),
        ({"subject_nb": "a" * 151}, "høyst 150 tegn"),
    ],
)
def test_what_cannot_be_read_stays_on_the_page_and_the_rest_is_saved(
    client: Client, kafjord: Branch, fields: dict[str, str], sentence: str
) -> None:
    answer = client.post(new(kafjord), filled() | {"body_nb": "Lang tekst"} | fields)
    page = text(answer)
    assert answer.status_code == 422
    assert sentence in page
    assert "<title>Feil:" in page
    assert all(value in page for name, value in fields.items() if name != "when")
    assert Message.objects.get().texts.get().body == "Lang tekst"
    # The page goes on with the draft that was made.
    assert f'action="{url("message_edit", Message.objects.get())}"' in page


def test_a_date_that_cannot_be_read_leaves_the_one_that_was_there(
    client: Client, kafjord: Branch, officer: User
) -> None:
    at = NOW + timedelta(days=3)
    message = draft(kafjord, officer, send_at=at)
    client.post(url("message_edit", message), filled(message, when="later", send_on="tull", send_time="17"))
    message.refresh_from_db()
    assert message.send_at == at


def test_one_more_language_gets_its_fields_and_an_empty_one_goes(
    client: Client, kafjord: Branch, officer: User
) -> None:
    message = draft(kafjord, officer)
    answer = client.post(url("message_edit", message), filled(message, handling="sprak", add_language="se"))
    assert answer["Location"].endswith("?sprak=se#mer")
    assert 'name="body_se"' in text(client.get(answer["Location"]))
    message.refresh_from_db()
    client.post(url("message_edit", message), filled(message, body_se="Bures"))
    assert set(message.texts.values_list("language", flat=True)) == {"nb", "se"}
    message.refresh_from_db()
    client.post(url("message_edit", message), filled(message, body_se=""))
    assert set(message.texts.values_list("language", flat=True)) == {"nb"}
    # A word that is no language gives no fields.
    assert 'name="body_xx"' not in text(client.get(url("message_edit", message), {"sprak": "xx"}))


def test_control_characters_do_not_get_in(client: Client, kafjord: Branch) -> None:
    client.post(new(kafjord), filled(subject_nb="Mø\x07te\r\nBcc: x@x.no", body_nb="a\x00b\r\n  - c\x1b"))
    kept = Message.objects.get().texts.get()
    assert (kept.subject, kept.body) == ("Møte Bcc: x@x.no", "ab\n  - c")


def test_a_draft_is_deleted_once(client: Client, kafjord: Branch, officer: User) -> None:
    message = draft(kafjord, officer)
    assert client.post(url("message_delete", message))["Location"].endswith("/meldinger/")
    assert client.post(url("message_delete", message)).status_code == 404
    sent = draft(kafjord, officer, state=MessageState.QUEUED)
    client.post(url("message_delete", sent))
    assert Message.objects.filter(pk=sent.pk).exists()


def test_what_is_no_draft_has_a_page_of_its_own(client: Client, kafjord: Branch, officer: User) -> None:
    message = draft(kafjord, officer, state=MessageState.QUEUED)
    to = url("message_detail", message)
    assert client.get(url("message_edit", message))["Location"] == to
    assert client.post(url("message_edit", message), filled(message))["Location"] == to
    assert client.post(url("message_send", message))["Location"] == to
    assert client.post(url("message_test", message))["Location"] == url("message_edit", message)
    assert Delivery.objects.count() == 0


# --- Texts ------------------------------------------------------------------------------------------------------------


def test_a_ready_made_text_fills_what_is_empty_and_loses_nothing(client: Client, kafjord: Branch) -> None:
    data = filled(subject_nb="Mitt emne", body_nb="Mine ord", template="mote", handling="mal")
    assert client.post(new(kafjord), data)["Location"].endswith("#hva")
    kept = Message.objects.get().texts.get()
    assert kept.subject == "Mitt emne"
    assert kept.body.startswith("Mine ord\n\nHei {{ fornavn }}!")
    assert kept.sms


def test_a_text_of_the_countys_can_be_used_and_one_of_anothers_cannot(
    client: Client, county: Branch, kafjord: Branch, officer: User
) -> None:
    lyngen = make_branch(county, "Lyngen")
    values = {"name": "Vårmøte", "body": "Ordene", "purpose": "meetings", "changed_at": NOW}
    ours = MessageTemplate.objects.create(branch=county, **values)
    theirs = MessageTemplate.objects.create(branch=lyngen, **values | {"body": "Fremmed"})
    page = text(client.get(new(kafjord)))
    assert f'value="{ours.pk}"' in page
    assert f'value="{theirs.pk}"' not in page
    client.post(new(kafjord), filled(body_nb="", template=ours.pk, handling="mal"))
    message = Message.objects.get()
    assert (message.texts.get().body, message.purpose) == ("Ordene", "meetings")
    client.post(url("message_edit", message), filled(message, template=theirs.pk, handling="mal"))
    assert "Fremmed" not in message.texts.get().body


def test_the_dues_sms_tells_neither_party_nor_debt_on_a_locked_phone(
    client: Client, kafjord: Branch, members: list[Member]
) -> None:
    client.post(new(kafjord), filled(subject_nb="", body_nb="", way="sms", template="kontingent", handling="mal"))
    message = Message.objects.get()
    assert message.purpose == Purpose.SERVICE
    page = text(client.get(url("message_edit", message)))
    phone = page.split('class="phone"')[1].split("</div>")[0]
    assert "Beskjed" in phone
    for word in ("parti", "Ap", "Kåfjord", "kontingent", "betal", "medlem"):
        assert word.lower() not in phone.lower()


# --- The SMS counter --------------------------------------------------------------------------------------------------


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
    assert "1 av dem deler adresse" in page


def test_the_months_sum_is_told_and_the_budget_stops_the_sending(
    client: Client, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    MessagingSettings.objects.create(branch=kafjord, sms_budget_ore=100)
    message = draft(kafjord, officer, way=Way.SMS)
    page = text(client.get(url("message_edit", message)))
    assert "SMS denne måneden: 0\xa0kr av 1\xa0kr, 1\xa0kr igjen." in page
    assert "koster mer enn det som er igjen" in page


# --- How it looks -----------------------------------------------------------------------------------------------------


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


# --- A test to oneself ------------------------------------------------------------------------------------------------


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


# --- Sending ----------------------------------------------------------------------------------------------------------


def send(client: Client, message: Message, **fields: Any) -> Any:
    """As one does who has looked at the page."""
    page = client.get(url("message_edit", message))
    data = filled(message, handling="send", print=hidden(page, "print"), seen=hidden(page, "seen"))
    for text_row in message.texts.all():
        data |= {f"{part}_{text_row.language}": getattr(text_row, part) for part in ("subject", "body", "sms")}
    return client.post(url("message_edit", message), {**data, "way": message.way, **fields})


def test_send_queues_it_for_those_the_button_named(
    client: Client, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    message = draft(kafjord, officer)
    assert "Send til 2 i Kåfjord" in text(client.get(url("message_edit", message)))
    answer = send(client, message)
    assert answer["Location"] == url("message_detail", message)
    message.refresh_from_db()
    assert (message.state, message.confirmed, message.queued_by) == (MessageState.QUEUED, 2, officer)


def test_send_twice_is_once(client: Client, kafjord: Branch, officer: User, members: list[Member]) -> None:
    token = uuid4()
    page = client.get(new(kafjord))
    saved = client.post(new(kafjord), filled(form_token=token, handling="vis"))
    assert saved.status_code == 302
    message = Message.objects.get()
    shown = hidden(client.get(url("message_edit", message)), "print")
    data = filled(form_token=token, handling="send", print=shown)
    assert [client.post(new(kafjord), data)["Location"] for _time in range(2)] == [url("message_detail", message)] * 2
    assert page.status_code == 200
    assert Message.objects.filter(state=MessageState.QUEUED).count() == 1
    assert AuditEvent.objects.filter(verb="message.queued").count() == 1


def test_the_saved_draft_can_be_sent_by_its_own_address(
    client: Client, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    message = draft(kafjord, officer)
    refused = client.post(url("message_send", message), {"print": "x"})
    assert refused.status_code == 422
    shown = hidden(client.get(url("message_edit", message)), "print")
    assert client.post(url("message_send", message), {"print": shown})["Location"] == url("message_detail", message)


def test_a_page_that_said_something_else_does_not_send(
    client: Client, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    message = draft(kafjord, officer)
    answer = send(client, message, to="nye")
    assert answer.status_code == 422
    assert "ikke slik de sto" in text(answer) or "Ingen ville" in text(answer)
    message.refresh_from_db()
    assert message.is_draft
    shown = hidden(client.get(url("message_edit", message)), "print")
    make_member(kafjord, "Ny")
    assert client.post(url("message_send", message), {"print": shown}).status_code == 422


def test_over_the_limit_one_types_the_number(
    client: Client, county: Branch, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    MessagingSettings.objects.create(branch=county, type_over=1)
    message = draft(kafjord, officer)
    for typed in ("", "3", "to"):
        answer = send(client, message, count=typed)
        assert answer.status_code == 422
        assert "Skriv antall mottakere, 2" in text(answer)
        message.refresh_from_db()
    assert send(client, message, count=" 2 ").status_code == 302


def test_over_a_higher_limit_a_second_person_says_yes(
    client: Client, county: Branch, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    make_officer(kafjord, Role.BRANCH_LEADER, name="Lena Leder")
    MessagingSettings.objects.create(branch=county, approve_over=1, regret_over=1)
    message = draft(kafjord, officer)
    page = text(client.get(url("message_edit", message)))
    assert "Send til godkjenning: 2 i Kåfjord" in page
    assert "en annen må godkjenne" in page
    send(client, message)
    message.refresh_from_db()
    assert message.state == MessageState.APPROVAL


def test_more_than_the_limit_can_be_regretted(
    client: Client, county: Branch, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    MessagingSettings.objects.create(branch=county, regret_over=1)
    assert "Du kan angre i fem minutter" in text(client.get(url("message_edit", draft(kafjord, officer))))


@pytest.mark.parametrize(
    ("way", "texts", "sentence"),
    [
        ("email", {"subject": ""}, "Emnet mangler"),
        ("email", {"body": ""}, "Teksten mangler"),
        ("sms", {"sms": ""}, "SMS-teksten mangler"),
        ("both", {"sms": "{{ fnr }}"}, "Vi kjenner ikke {{ fnr }}"),
        ("email", {"body": "Hei {{ fornavn }!"}, "mangler en klamme"),
        ("email", {"body": "Møte [dag] kl. [klokkeslett]"}, "Fyll ut [dag], [klokkeslett]"),
    ],
)
def test_what_lacks_is_told_and_stops_it(
    client: Client,
    kafjord: Branch,
    officer: User,
    members: list[Member],
    way: str,
    texts: dict[str, str],
    sentence: str,
) -> None:
    message = draft(kafjord, officer, way=way)
    MessageText.objects.filter(message=message).update(**texts)
    assert sentence in text(client.get(url("message_edit", message)))
    answer = send(client, message)
    assert answer.status_code == 422
    assert "Ikke sendt ennå" in text(answer)
    message.refresh_from_db()
    assert message.is_draft


def test_what_the_chosen_way_does_not_use_stops_nothing(
    client: Client, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    message = draft(kafjord, officer)
    MessageText.objects.filter(message=message).update(sms="Møte [dag]")
    assert "Fyll ut" not in text(client.get(url("message_edit", message)))


def test_a_time_that_has_passed_is_told(client: Client, kafjord: Branch, officer: User, members: list[Member]) -> None:
    past = machine_time() - timedelta(hours=1)
    page = text(client.get(url("message_edit", draft(kafjord, officer, send_at=past, expires_at=past))))
    assert "skulle sendes, er passert" in page
    assert "«Ikke etter» er passert" in page


def test_to_all_the_county_the_button_names_the_branches(
    client_for: ClientFor, county: Branch, kafjord: Branch, members: list[Member]
) -> None:
    make_branch(county, "Lyngen")
    secretary = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    assert "Send til 2 medlemmer i alle 2 kommunepartier" in text(secretary.get(new(county)))


@pytest.fixture
def stale() -> Any:
    added = StaleWarning(lambda _message, _branch, today: f"Betalt per {today:%d.%m}.")
    registry.stale_warnings.append(added)
    yield
    registry.stale_warnings.remove(added)


@pytest.mark.usefixtures("stale")
def test_old_payment_data_are_warned_of(client: Client, kafjord: Branch, members: list[Member]) -> None:
    assert "Betalt per 20.11." in text(client.get(new(kafjord)))


# --- Who may ----------------------------------------------------------------------------------------------------------


def test_one_who_may_write_and_not_send_is_told_who_can(
    client_for: ClientFor, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    treasurer = client_for(make_officer(kafjord, Role.TREASURER))
    page = text(treasurer.get(new(kafjord)))
    assert "Disse kan sende den: Kari Nordvik." in page
    assert 'value="send"' not in page
    answer = treasurer.post(new(kafjord), filled(handling="send"))
    assert answer.status_code == 404
    message = Message.objects.get()
    assert message.is_draft
    assert treasurer.post(url("message_send", message)).status_code == 404


def test_one_drafts_and_another_sends(
    client: Client, client_for: ClientFor, kafjord: Branch, members: list[Member]
) -> None:
    treasurer = client_for(make_officer(kafjord, Role.TREASURER))
    treasurer.post(new(kafjord), filled())
    message = Message.objects.get()
    assert send(client, message).status_code == 302
    message.refresh_from_db()
    assert message.state == MessageState.QUEUED


def test_a_foreign_draft_is_not_found(
    client: Client, client_for: ClientFor, county: Branch, kafjord: Branch, officer: User
) -> None:
    lyngen = make_branch(county, "Lyngen")
    foreign = draft(lyngen, make_officer(lyngen))
    for name in ("message_edit", "message_test", "message_delete", "message_send"):
        where = reverse(f"messaging:{name}", args=[kafjord.slug, foreign.pk])
        assert client.post(where, filled()).status_code == 404
    # Nor a branch's own, from the county's page: it is written where it belongs.
    secretary = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    assert secretary.get(reverse("messaging:message_edit", args=[county.slug, foreign.pk])).status_code == 404
    assert secretary.get(url("message_edit", foreign)).status_code == 200


def test_the_page_costs_the_same_for_few_and_many(
    client: Client,
    kafjord: Branch,
    officer: User,
    members: list[Member],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    message = draft(kafjord, officer, way=Way.BOTH)
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(url("message_edit", message))
    for number in range(12):
        make_member(kafjord, f"Nr{number}", f"Navn{number}")
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(url("message_edit", message))


PAGE_QUERIES = 22


def test_nothing_is_sent_by_looking(client: Client, kafjord: Branch, officer: User, members: list[Member]) -> None:
    message = draft(kafjord, officer)
    client.get(url("message_edit", message))
    client.get(new(kafjord))
    assert not Delivery.objects.filter(state=DeliveryState.QUEUED).exists()
    assert Message.objects.count() == 1
