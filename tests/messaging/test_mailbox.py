"""The demo's mailbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Verb
from accounts.models import AuditEvent
from messaging import tasks
from messaging.actions.outbox import queue_email
from messaging.enums import Channel, MessageState, Purpose
from messaging.models import Delivery, Recipient
from tests.access_mail import make_message
from tests.accounts.people import ask_for_code
from tests.factories import make_county, make_member, make_officer, make_user
from tests.messaging.way_out import wait_for

pytestmark = pytest.mark.django_db


def queue(**fields: Any) -> None:
    queue_email(now=timezone.now(), **fields)


def mailbox(client: Client) -> str:
    answer = client.get(reverse("demo:mailbox"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_mailbox_says_how_it_is_filled(client: Client) -> None:
    assert "Ingenting her ennå" in mailbox(client)


def test_it_shows_what_the_demo_sent_and_says_that_nothing_is(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    make_user(email="kari@demo.example")
    with django_capture_on_commit_callbacks(execute=True):
        ask_for_code(client, "kari@demo.example")
        ask_for_code(Client(), "ingen@demo.example")
    page = mailbox(client)
    assert "Ingenting blir sendt fra demoen" in page
    assert "Til kari@demo.example kl. 19.00" in page
    assert "Koden din til Medlemsboka" in page
    assert page.count("<article") == 1
    assert AuditEvent.objects.get(verb=Verb.MAILBOX_OPENED).actor_id is None


def test_a_letter_stands_for_a_day_and_its_text_no_longer(client: Client, clock: Any) -> None:
    queue(key="k", purpose=Purpose.SIGN_IN, address="a@demo.example", subject="Kode", body="123456")
    tasks.sweep()
    clock.shift(timedelta(hours=23))
    tasks.sweep()
    assert "123456" in mailbox(client)
    clock.shift(timedelta(hours=1))
    tasks.sweep()
    assert "123456" not in mailbox(client)


def test_what_a_letter_says_is_text_and_its_links_open(client: Client) -> None:
    queue(key="k", purpose=Purpose.NOTICE, address="a@demo.example", subject="<b>", body="<script> http://x.example/a")
    tasks.sweep()
    page = mailbox(client)
    assert "&lt;b&gt;" in page
    assert "<script> " not in page
    assert 'href="http://x.example/a"' in page


@pytest.mark.parametrize("letters", [1, 3])
def test_it_costs_the_same_queries_at_any_size(client: Client, django_assert_num_queries: Any, letters: int) -> None:
    for number in range(letters):
        queue(key=f"k{number}", purpose=Purpose.NOTICE, address="a@demo.example", subject="Hei", body="Hei")
    tasks.sweep()
    # The line in the log, and the letters.
    with django_assert_num_queries(2):
        assert mailbox(client).count("<article") == letters


def test_a_message_to_many_is_written_out_for_each(client: Client) -> None:
    county = make_county()
    message = make_message(county, make_officer(county), MessageState.SENDING)
    message.texts.update(sms="Hei {{ fornavn }}, vel møtt!")
    for name in ("Ane", "Bo"):
        wait_for(message, make_member(county, name))
    wait_for(message, make_member(county, "Cai"), channel=Channel.SMS)
    tasks.sweep()
    page = mailbox(client)
    for text in ("Hei Ane!", "Hei Bo!", "Hei Cai, vel møtt!", "Fra Troms Arbeiderparti", "Troms Ap", "SMS til +47"):
        assert text in page
    assert page.count("<article") == 3
    assert set(Delivery.objects.values_list("body", flat=True)) == {""}


def test_a_message_whose_reader_is_erased_is_not_shown(client: Client) -> None:
    county = make_county()
    message = make_message(county, make_officer(county), MessageState.SENDING)
    wait_for(message, make_member(county))
    tasks.sweep()
    Recipient.objects.all().delete()
    assert "<article" not in mailbox(client)


@pytest.mark.parametrize("copies", [1, 3])
def test_a_message_costs_the_same_however_many_copies_are_shown(
    client: Client, django_assert_num_queries: Any, copies: int
) -> None:
    county = make_county()
    message = make_message(county, make_officer(county), MessageState.SENDING)
    for _ in range(copies):
        wait_for(message, make_member(county))
    tasks.sweep()
    # The line in the log, the letters, their readers, and the message's settings and texts.
    with django_assert_num_queries(5):
        assert mailbox(client).count("<article") == copies


def test_production_has_no_such_page(client: Client, settings: Any) -> None:
    settings.DEMO = False
    assert client.get(reverse("demo:mailbox")).status_code == 404
