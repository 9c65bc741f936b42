"""Drafts: each press saves, two who write one are told, what cannot be read stays on the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from membership.models import Branch, Member
from membership.roles import Role
from messaging.enums import DeliveryState, MessageState, Purpose, Way
from messaging.models import Delivery, Message, MessageTemplate
from tests.factories import NOW, make_branch, make_member, make_officer
from tests.messaging.writing_steps import draft, filled, hidden, new, send, text, url

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


# --- The draft -------------------------------------------------------------------------------------------------------


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
    client.post(new(kafjord), filled(subject_nb="Mø\x07te\r\nBcc: x@x.example", body_nb="a\x00b\r\n  - c\x1b"))
    kept = Message.objects.get().texts.get()
    assert (kept.subject, kept.body) == ("Møte Bcc: x@x.example", "ab\n  - c")


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


# --- Texts -----------------------------------------------------------------------------------------------------------


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


# --- Who may ---------------------------------------------------------------------------------------------------------


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


PAGE_QUERIES = 19


def test_nothing_is_sent_by_looking(client: Client, kafjord: Branch, officer: User, members: list[Member]) -> None:
    message = draft(kafjord, officer)
    client.get(url("message_edit", message))
    client.get(new(kafjord))
    assert not Delivery.objects.filter(state=DeliveryState.QUEUED).exists()
    assert Message.objects.count() == 1
